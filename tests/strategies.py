"""Make up values, plans and tools for property tests.

    plans()          a plan as the strict parser returns it: what a plan file can say, in its one representation
    lowered_plans()  a plan as passes leave it: elements, order edges, priorities, origins, any labels and join values
    toolsets()       signatures of a few tools, with types, effects and resources
    programs()       a toolset and a plan that calls it correctly, so that `verify` finds no error
    texts(), scalars(), values(), paths(), names(), tool_names(), types(), json_of(type)   the parts

Texts are chosen to hurt: they hold quotes, dollars, braces, line breaks, invisible characters and whole statements.
All plans keep the invariants that `lcc.grammar.ir` states. Spans are NOWHERE.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache
from typing import NamedTuple, assert_never

from hypothesis import strategies as st

from lcc.grammar.ir import (
    Arg,
    Batched,
    Const,
    DictOf,
    Dropped,
    Element,
    Expanded,
    Folded,
    Format,
    Input,
    InputDecl,
    Join,
    ListOf,
    Merged,
    Origin,
    Plan,
    Ref,
    Task,
    TaskId,
    Value,
    text_of,
)
from lcc.grammar.signatures import (
    ANY,
    BOOL,
    FLOAT,
    INT,
    NULL,
    OUTSIDE,
    STR,
    AnyType,
    BoolType,
    DictType,
    Effect,
    Field,
    FloatType,
    IntType,
    ListType,
    LiteralType,
    NullType,
    Parameter,
    RecordType,
    Resource,
    Signature,
    StrType,
    Tools,
    Type,
    UnionType,
    fits,
    tools_by_name,
    union,
)
from lcc.grammar.values import Json

_HOSTILE = (
    *(
        "$",
        "$$",
        "$1",
        "${1}",
        "$1.name",
        "$5 million",
        "$1,000",
        "$1.50",
        "$city",
        "${",
        "1",
        "a",
        ".",
        ",",
        "_",
        "[0]",
    ),
    *('"', "'", '"""', "\\", "\\n", "\n", "\r", "\r\n", "\t", "\x00", "\x1b[31m", "{", "}", "{{", "%1", "(", ")", "]"),
    *("#", ";", "join()", "\n2. join()", "<END_OF_PLAN>", "Thought: x", "-->", "<b>", "&lt;", "é", "東京", "🙂"),
    *("\u202e", "\u2028", "\u200d", "\x85", "\xa0", " "),
)


@cache
def texts() -> st.SearchStrategy[str]:
    """Any text without surrogates, more often one made of what is special somewhere."""
    hostile = st.lists(st.sampled_from(_HOSTILE), max_size=5).map("".join)
    return hostile | st.text(max_size=8)


@cache
def names() -> st.SearchStrategy[str]:
    """The name of an input, a parameter or a field, never `each`."""
    common = st.sampled_from(("city", "name", "x", "_", "k2", "text", "input", "join", "secret", "after", "f", "True"))
    return common | st.from_regex(r"\A[A-Za-z_][A-Za-z0-9_]{0,6}\Z").filter(lambda name: name != "each")


@cache
def tool_names() -> st.SearchStrategy[str]:
    """The name of a tool."""
    common = st.sampled_from(("search", "math", "mcp.read/file-1", "inputs", "joiner", "f", "after", "each"))
    made = st.from_regex(r"\A[A-Za-z_][A-Za-z0-9_./-]{0,8}\Z").filter(lambda name: name not in ("join", "answer"))
    return common | made


@cache
def scalars() -> st.SearchStrategy[str | int | float | bool | None]:
    """A constant's value: floats are finite, zeros have both signs."""
    numbers = st.sampled_from((0, 1, -1, 0.0, -0.0, 1.0, 1e300, 5e-324, 10**400)) | st.integers()
    return texts() | numbers | st.floats(allow_nan=False, allow_infinity=False) | st.booleans() | st.none()


@cache
def paths() -> st.SearchStrategy[tuple[str | int, ...]]:
    """A path into a result: names, odd keys and indices; empty half of the time."""
    step = names() | texts() | st.integers(-3, 3) | st.integers(-(10**9) + 1, 10**9 - 1)
    return st.just(()) | st.lists(step, max_size=3).map(tuple)


@cache
def _references() -> st.SearchStrategy[Ref | Input]:
    """References by number; `_settle` turns the number into a task or an input that exists."""
    inputs = st.builds(lambda place, path: Input(str(place), path), st.integers(0, 7), paths())
    return st.builds(Ref, st.integers(0, 7), paths()) | inputs


def _containers(values: st.SearchStrategy[Value]) -> st.SearchStrategy[Value]:
    lists = st.lists(values, max_size=3).map(lambda items: ListOf(tuple(items)))
    dicts = st.dictionaries(texts(), values, max_size=3).map(lambda items: DictOf(tuple(items.items())))
    return lists | dicts


@cache
def constants() -> st.SearchStrategy[Value]:
    """A value that refers to nothing."""
    return st.recursive(scalars().map(Const), _containers, max_leaves=4)


@cache
def _loose() -> st.SearchStrategy[Value]:
    """A value whose references wait for `_settle`."""
    formats = st.lists(texts() | _references(), min_size=1, max_size=4).map(text_of)
    return st.recursive(scalars().map(Const) | _references() | formats, _containers, max_leaves=4)


def _settle(value: Value, tasks: Sequence[TaskId], inputs: Sequence[str]) -> Value:
    """Point every reference at one of `tasks` and `inputs`; where there is none, a text stands in its place."""
    match value:
        case Ref(int(place), path):
            return Ref(tasks[place % len(tasks)], path) if tasks else Const("nothing")
        case Input(name, path):
            return Input(inputs[int(name) % len(inputs)], path) if inputs else Const("no input")
        case Format(parts):
            settled = [part if isinstance(part, str) else _settle(part, tasks, inputs) for part in parts]
            return text_of([str(part.value) if isinstance(part, Const) else part for part in settled])  # type: ignore[misc]
        case ListOf(items):
            return ListOf(tuple(_settle(item, tasks, inputs) for item in items))
        case DictOf(pairs):
            return DictOf(tuple((key, _settle(item, tasks, inputs)) for key, item in pairs))
        case Const() | Ref():
            return value
        case _:
            assert_never(value)


def values(tasks: Sequence[TaskId] = (), inputs: Sequence[str] = ()) -> st.SearchStrategy[Value]:
    """A value that reads some of `tasks` and `inputs`."""
    return _loose().map(lambda value: _settle(value, tasks, inputs))


@cache
def thoughts() -> st.SearchStrategy[str]:
    """A thought as the parser returns it: lines without spaces around them and without what a line can't show."""
    line = st.text(st.characters(categories=("L", "N", "P", "Sm", "Zs"), exclude_characters="\xa0"), max_size=12)
    return st.just("") | st.lists(line.map(str.strip).filter(bool), max_size=2).map("\n".join)


@cache
def input_declarations() -> st.SearchStrategy[tuple[InputDecl, ...]]:
    """A few inputs with a type; most have a default that fits it."""
    typed: tuple[tuple[str, st.SearchStrategy[Json]], ...] = (
        ("Any", scalars()),
        ("str", texts()),
        ("int", st.integers()),
        ("float", st.floats(allow_nan=False, allow_infinity=False)),
        ("list[str]", st.lists(texts(), max_size=2)),
        ("dict[str, Any] | None", st.none() | st.dictionaries(texts(), scalars(), max_size=2)),
        ("Literal['a', \"b = c\"]", st.just("b = c")),
    )
    one = st.one_of(
        [st.builds(InputDecl, names(), st.just(type_), st.none() | json.map(constant)) for type_, json in typed]
    )
    secret = st.builds(lambda declared: replace(declared, secret=True), one)
    return st.lists(one | secret, max_size=2, unique_by=lambda declared: declared.name).map(tuple)


def constant(value: Json) -> Value:
    """Return a JSON value as a value of the IR."""
    if isinstance(value, list):
        return ListOf(tuple(constant(item) for item in value))
    if isinstance(value, dict):
        return DictOf(tuple((key, constant(item)) for key, item in value.items()))
    return Const(value)


class _Call(NamedTuple):
    """A task before its references are settled."""

    id: TaskId
    tool: str
    positional: list[Value]
    keywords: list[tuple[str, Value]]
    spread: int
    thought: str
    after: list[int]
    priority: float

    def task(self, before: Sequence[TaskId], inputs: Sequence[str]) -> Task:
        """Return the task that follows `before`; one argument in three calls is an `each`."""
        given = [(None, value) for value in self.positional] + self.keywords
        args = tuple(
            Arg(name, _settle(value, before, inputs), each=place == self.spread)
            for place, (name, value) in enumerate(given)
        )
        after = dict.fromkeys(before[place % len(before)] for place in self.after if before)
        return Task(self.id, self.tool, args, tuple(after), self.priority, self.thought)


class _End(NamedTuple):
    """A join before its references are settled."""

    kind: str
    values: list[Value]
    labels: list[int]
    id: int | None
    thought: str

    def join(self, tasks: Sequence[TaskId], inputs: Sequence[str]) -> Join:
        """Return the join of a plan of these tasks; `all` is what a bare `join()` means."""
        id = None if self.id in tasks else self.id
        read = tuple(_settle(value, tasks, inputs) for value in self.values)
        if self.kind == "answer":
            return Join(read[:1], direct=True, id=id, thought=self.thought)
        if self.kind == "list":
            return Join(read, id=id, thought=self.thought)
        ids = [task for task in tasks if isinstance(task, int)]
        if self.kind == "all" or not ids:
            return Join(tuple(Ref(id) for id in ids), tuple(ids), id=id, thought=self.thought)
        labels = tuple(dict.fromkeys(ids[place % len(ids)] for place in self.labels))[: len(read)]
        return Join(read[: len(labels)], labels, id=id, thought=self.thought)


def _calls(ids: st.SearchStrategy[TaskId], lowered: bool, size: int) -> st.SearchStrategy[list[_Call]]:
    keyword = st.tuples(names() | texts().filter(lambda name: name != "each"), _loose())
    call = st.builds(
        _Call,
        ids,
        tool_names(),
        st.lists(_loose(), max_size=2),
        st.lists(keyword, max_size=2, unique_by=lambda pair: pair[0]),
        st.integers(0, 8),
        thoughts() | texts() if lowered else thoughts(),
        st.lists(st.integers(0, 7), max_size=3) if lowered else st.just([]),
        st.floats(0, 1e9) if lowered else st.just(0.0),
    )
    return st.lists(call, max_size=size, unique_by=lambda made: made.id)


@cache
def _ends(lowered: bool) -> st.SearchStrategy[_End]:
    return st.builds(
        _End,
        st.sampled_from(("all", "labels", "list", "answer")),
        st.lists(_loose(), min_size=1, max_size=3),
        st.lists(st.integers(0, 7), min_size=1, max_size=3),
        st.none() | st.integers(1, 10**6),
        thoughts() | texts() if lowered else thoughts(),
    )


def _plan(inputs: tuple[InputDecl, ...], calls: list[_Call], end: _End | None, origins: Iterable[Origin] = ()) -> Plan:
    known = [declared.name for declared in inputs]
    ids = [call.id for call in calls]
    tasks = tuple(call.task(ids[:place], known) for place, call in enumerate(calls))
    return Plan(inputs, tasks, None if end is None else end.join(ids, known), tuple(origins))


@cache
def plans(max_tasks: int = 6) -> st.SearchStrategy[Plan]:
    """A plan as the strict parser returns it: integer ids in any order, a join, no `after`, priorities or origins."""
    calls = _calls(st.integers(1, 12) | st.integers(1, 10**9 - 1), False, max_tasks)
    return st.builds(_plan, input_declarations(), calls, _ends(False))


@cache
def lowered_plans(max_tasks: int = 6) -> st.SearchStrategy[Plan]:
    """A plan as passes leave it: ids may be elements, tasks have order edges and priorities, a join may be missing."""
    calls = _calls(task_ids(), True, max_tasks)
    end = st.none() | _ends(True)
    return st.builds(_plan, input_declarations(), calls, end, st.lists(origins(), max_size=3))


@cache
def task_ids() -> st.SearchStrategy[TaskId]:
    """An id, of a task or of an element of a fan-out."""
    return st.integers(1, 10**6) | st.builds(Element, st.integers(1, 10**6), st.integers(0, 10**6), st.just(()))


@cache
def origins() -> st.SearchStrategy[Origin]:
    """A record of what became of a task."""
    return st.one_of(
        st.builds(Merged, task_ids(), task_ids()),
        st.builds(Expanded, st.integers(1, 99), st.integers(0, 99)),
        st.builds(Dropped, task_ids()),
        st.builds(Folded, task_ids(), constants()),
        st.builds(Batched, task_ids(), task_ids()),
    )


@cache
def types() -> st.SearchStrategy[Type]:
    """A type as tools declare them."""
    simple: st.SearchStrategy[Type] = st.sampled_from(
        (ANY, BOOL, INT, FLOAT, STR, STR, LiteralType(("a", "b")), LiteralType((1, True, None)))
    )
    fields = st.builds(Field, st.sampled_from(("name", "size", "place")), simple, st.booleans())
    records = st.builds(
        lambda fields, closed: RecordType("Record", tuple(fields), closed),
        st.lists(fields, min_size=1, max_size=2, unique_by=lambda field: field.name),
        st.booleans(),
    )
    optional = simple.map(lambda type_: union(type_, NULL))
    item: st.SearchStrategy[Type] = simple | records | optional
    return item | item.map(ListType) | item.map(DictType)


@cache
def json_of(type_: Type) -> st.SearchStrategy[Json]:
    """A JSON value of a type."""
    match type_:
        case AnyType():
            return scalars()
        case NullType():
            return st.none()
        case BoolType():
            return st.booleans()
        case IntType():
            return st.integers()
        case FloatType():
            return st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**6), 10**6)
        case StrType():
            return texts()
        case LiteralType(members):
            return st.sampled_from(members)
        case ListType(item):
            return st.lists(json_of(item), max_size=3)
        case DictType(item):
            return st.dictionaries(texts(), json_of(item), max_size=2)
        case RecordType(_, fields):
            return st.fixed_dictionaries(
                {field.name: json_of(field.type) for field in fields if field.required},
                optional={field.name: json_of(field.type) for field in fields if not field.required},
            )
        case UnionType(members):
            return st.one_of([json_of(member) for member in members])
        case _:
            assert_never(type_)


@cache
def _parameters() -> st.SearchStrategy[list[Parameter]]:
    """Parameters of which each second one is optional; `_signature` puts the required ones first."""
    optional = types().flatmap(
        lambda type_: st.builds(Parameter, names(), st.just(type_), st.just(False), json_of(type_))
    )
    return st.lists(st.builds(Parameter, names(), types()) | optional, max_size=3, unique_by=lambda made: made.name)


def _signature(
    name: str, parameters: list[Parameter], result: Type, effect: Effect, places: list[int], idempotent: bool
) -> Signature:
    in_order = tuple(sorted(parameters, key=lambda parameter: not parameter.required))
    patterns = [OUTSIDE, "mail", "file:a", *(f"file:{{{parameter.name}}}" for parameter in in_order)]
    touched = dict.fromkeys(patterns[place % len(patterns)] for place in places)
    declared = effect not in (Effect.PURE, Effect.UNDECLARED)
    resources = tuple(Resource(pattern) for pattern in touched) if declared else ()
    return Signature(name, in_order, result, effect, resources, idempotent and effect is Effect.WRITE)


@cache
def signatures() -> st.SearchStrategy[Signature]:
    """The declaration of one tool: required parameters first, an effect, and resources where it has one to declare."""
    places = st.lists(st.integers(0, 5), min_size=1, max_size=2)
    effect = st.sampled_from(Effect)
    return st.builds(_signature, tool_names(), _parameters(), types(), effect, places, st.booleans())


@cache
def toolsets(max_tools: int = 4) -> st.SearchStrategy[Tools]:
    """At least one tool, by name."""
    return st.lists(signatures(), min_size=1, max_size=max_tools, unique_by=lambda tool: tool.name).map(tools_by_name)


@st.composite
def _fitting(draw: st.DrawFn, type_: Type, results: dict[int, Type]) -> Value:
    """A value for a parameter of a type: a result that fits, a text around any results for `str`, or a constant."""
    readable = [id for id, result in results.items() if fits(result, type_)]
    if readable and draw(st.booleans()):
        return Ref(draw(st.sampled_from(readable)))
    if isinstance(type_, StrType) and results and draw(st.booleans()):
        read = draw(st.sampled_from(sorted(results)))
        return text_of([draw(texts()), Ref(read), draw(texts())])
    return constant(draw(json_of(type_)))


@st.composite
def _correct_calls(draw: st.DrawFn, signature: Signature, results: dict[int, Type]) -> tuple[Arg, ...]:
    given = [p for p in signature.parameters if p.required or draw(st.sampled_from((True, False)))]
    spread = draw(st.sampled_from((None, None, *given)))
    by_place = draw(st.integers(0, len(given)))
    args = []
    for place, parameter in enumerate(given):
        # An optional parameter that is left out ends the positional ones.
        by_name = place >= by_place or signature.parameters[place] is not parameter
        each = parameter is spread
        value = draw(_fitting(ListType(parameter.type) if each else parameter.type, results))
        args.append(Arg(parameter.name if by_name else None, value, each))
    return tuple(args)


@st.composite
def programs(draw: st.DrawFn, max_tasks: int = 6) -> tuple[Plan, Tools]:
    """A toolset and a plan without inputs that calls it correctly: arity, names and types all fit, `each` included."""
    tools = draw(toolsets())
    tasks: list[Task] = []
    results: dict[int, Type] = {}
    for id in draw(st.lists(st.integers(1, 50), max_size=max_tasks, unique=True)):
        signature = tools[draw(st.sampled_from(sorted(tools)))]
        task = Task(id, signature.name, draw(_correct_calls(signature, results)))
        tasks.append(task)
        results[id] = ListType(signature.result) if task.each else signature.result
    end = draw(_ends(False))
    whole = [Ref(place) for place in end.labels]
    return Plan((), tuple(tasks), end._replace(values=list(whole)).join(list(results), ())), tools
