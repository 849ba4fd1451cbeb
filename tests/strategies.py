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

from collections.abc import Sequence
from typing import Any, assert_never

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
from lcc.grammar.signature import OUTSIDE, Effect, Parameter, Resource, Signature, Tools, tools_by_name
from lcc.grammar.types import (
    ANY,
    BOOL,
    FLOAT,
    INT,
    NULL,
    STR,
    AnyType,
    BoolType,
    DictType,
    Field,
    FloatType,
    IntType,
    ListType,
    LiteralType,
    NullType,
    RecordType,
    StrType,
    Type,
    UnionType,
    fits,
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


def texts() -> st.SearchStrategy[str]:
    """Any text without surrogates, more often one made of what is special somewhere."""
    hostile = st.lists(st.sampled_from(_HOSTILE), max_size=5).map("".join)
    return hostile | st.text(max_size=8)


def names() -> st.SearchStrategy[str]:
    """The name of an input, a parameter or a field, never `each`."""
    common = st.sampled_from(("city", "name", "x", "_", "k2", "text", "input", "join", "secret", "after", "f", "True"))
    return common | st.from_regex(r"\A[A-Za-z_][A-Za-z0-9_]{0,6}\Z").filter(lambda name: name != "each")


def tool_names() -> st.SearchStrategy[str]:
    """The name of a tool."""
    common = st.sampled_from(("search", "math", "mcp.read/file-1", "inputs", "joiner", "f", "after", "each"))
    made = st.from_regex(r"\A[A-Za-z_][A-Za-z0-9_./-]{0,8}\Z").filter(lambda name: name not in ("join", "answer"))
    return common | made


def scalars() -> st.SearchStrategy[str | int | float | bool | None]:
    """A constant's value: floats are finite, zeros have both signs."""
    numbers = st.sampled_from((0, 1, -1, 0.0, -0.0, 1.0, 1e300, 5e-324, 10**400)) | st.integers()
    return texts() | numbers | st.floats(allow_nan=False, allow_infinity=False) | st.booleans() | st.none()


def paths() -> st.SearchStrategy[tuple[str | int, ...]]:
    """A path into a result: names, odd keys and indices; empty half of the time."""
    step = names() | texts() | st.integers(-3, 10**12)
    return st.just(()) | st.lists(step, max_size=3).map(tuple)


def _references() -> st.SearchStrategy[Ref | Input]:
    """References by number; `_settle` turns the number into a task or an input that exists."""
    return st.builds(Ref, st.integers(0, 7), paths()) | st.builds(
        lambda place, path: Input(str(place), path), st.integers(0, 7), paths()
    )


def _formats() -> st.SearchStrategy[Value]:
    return st.lists(texts() | _references(), min_size=1, max_size=4).map(text_of)


def _containers(values: st.SearchStrategy[Value]) -> st.SearchStrategy[Value]:
    lists = st.lists(values, max_size=3).map(lambda items: ListOf(tuple(items)))
    dicts = st.dictionaries(texts(), values, max_size=3).map(lambda items: DictOf(tuple(items.items())))
    return lists | dicts


def constants() -> st.SearchStrategy[Value]:
    """A value that refers to nothing."""
    return st.recursive(scalars().map(Const), _containers, max_leaves=4)


_LOOSE = st.recursive(scalars().map(Const) | _references() | _formats(), _containers, max_leaves=4)


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
    return _LOOSE.map(lambda value: _settle(value, tasks, inputs))


def thoughts() -> st.SearchStrategy[str]:
    """A thought as the parser returns it: lines without spaces around them and without what a line can't show."""
    line = st.text(st.characters(categories=("L", "N", "P", "Sm", "Zs"), exclude_characters="\xa0"), max_size=12)
    return st.just("") | st.lists(line.map(str.strip).filter(bool), max_size=2).map("\n".join)


_TYPES_WITH_DEFAULTS: tuple[tuple[str, st.SearchStrategy[Json]], ...] = (
    ("Any", scalars()),
    ("str", texts()),
    ("int", st.integers()),
    ("float", st.floats(allow_nan=False, allow_infinity=False)),
    ("list[str]", st.lists(texts(), max_size=2)),
    ("dict[str, Any] | None", st.none() | st.dictionaries(texts(), scalars(), max_size=2)),
    ("Literal['a', \"b = c\"]", st.just("b = c")),
)


@st.composite
def input_declarations(draw: st.DrawFn) -> tuple[InputDecl, ...]:
    """A few inputs with a type; half of them have a default that fits it."""
    declared = []
    for name in draw(st.lists(names(), max_size=2, unique=True)):
        type_, defaults = draw(st.sampled_from(_TYPES_WITH_DEFAULTS))
        default = constant(draw(defaults)) if draw(st.booleans()) else None
        declared.append(InputDecl(name, type_, default, secret=draw(st.booleans())))
    return tuple(declared)


def constant(value: Json) -> Value:
    """Return a JSON value as a value of the IR."""
    if isinstance(value, list):
        return ListOf(tuple(constant(item) for item in value))
    if isinstance(value, dict):
        return DictOf(tuple((key, constant(item)) for key, item in value.items()))
    return Const(value)


@st.composite
def _arguments(draw: st.DrawFn, tasks: Sequence[TaskId], inputs: Sequence[str]) -> tuple[Arg, ...]:
    positional = [Arg(None, value) for value in draw(st.lists(values(tasks, inputs), max_size=2))]
    keywords = draw(st.lists(names() | texts().filter(lambda name: name != "each"), max_size=2, unique=True))
    args = positional + [Arg(name, draw(values(tasks, inputs))) for name in keywords]
    spread = draw(st.integers(0, 3 * len(args))) if args else 0
    return tuple(Arg(arg.name, arg.value, each=place + 1 == spread) for place, arg in enumerate(args))


@st.composite
def plans(draw: st.DrawFn, max_tasks: int = 6) -> Plan:
    """A plan as the strict parser returns it: integer ids in any order, a join, no `after`, priorities or origins."""
    inputs = draw(input_declarations())
    known = [declared.name for declared in inputs]
    ids = draw(st.lists(st.integers(1, 12) | st.integers(1, 10**9), max_size=max_tasks, unique=True))
    tasks: list[Task] = []
    for place, id in enumerate(ids):
        args = draw(_arguments(ids[:place], known))
        tasks.append(Task(id, draw(tool_names()), args, thought=draw(thoughts())))
    return Plan(inputs, tuple(tasks), draw(_joins(ids, values(ids, known))))


@st.composite
def _joins(draw: st.DrawFn, ids: list[int], read: st.SearchStrategy[Value]) -> Join:
    id = draw(st.none() | st.integers(1, 10**6).filter(lambda number: number not in ids))
    thought = draw(thoughts())
    kind = draw(st.sampled_from(("all", "labels", "list", "answer")))
    if kind == "answer":
        return Join((draw(read),), direct=True, id=id, thought=thought)
    if kind == "list":
        return Join(tuple(draw(st.lists(read, min_size=1, max_size=3))), id=id, thought=thought)
    if kind == "labels" and ids:
        labels = draw(st.lists(st.sampled_from(ids), min_size=1, max_size=3, unique=True))
        return Join(tuple(draw(read) for _ in labels), tuple(labels), id=id, thought=thought)
    return Join(tuple(Ref(id) for id in ids), tuple(ids), id=id, thought=thought)


def task_ids() -> st.SearchStrategy[TaskId]:
    """An id, of a task or of an element of a fan-out."""
    return st.integers(1, 10**6) | st.builds(Element, st.integers(1, 10**6), st.integers(0, 10**6))


def origins() -> st.SearchStrategy[Origin]:
    """A record of what became of a task."""
    return st.one_of(
        st.builds(Merged, task_ids(), task_ids()),
        st.builds(Expanded, st.integers(1, 99), st.integers(0, 99)),
        st.builds(Dropped, task_ids()),
        st.builds(Folded, task_ids(), constants()),
        st.builds(Batched, task_ids(), task_ids(), st.integers(0, 99)),
    )


@st.composite
def lowered_plans(draw: st.DrawFn, max_tasks: int = 6) -> Plan:
    """A plan as passes leave it: ids may be elements, tasks have order edges and priorities, a join may be missing."""
    inputs = draw(input_declarations())
    known = [declared.name for declared in inputs]
    ids = draw(st.lists(task_ids(), max_size=max_tasks, unique=True))
    tasks: list[Task] = []
    for place, id in enumerate(ids):
        before = st.lists(st.sampled_from(ids[:place]), max_size=3, unique=True) if place else st.just([])
        args = draw(_arguments(ids[:place], known))
        rank = draw(st.floats(0, 1e9))
        tasks.append(Task(id, draw(tool_names()), args, tuple(draw(before)), rank, draw(thoughts() | texts())))
    join = draw(st.none() | _lowered_joins(ids, known))
    return Plan(inputs, tuple(tasks), join, tuple(draw(st.lists(origins(), max_size=3))))


@st.composite
def _lowered_joins(draw: st.DrawFn, ids: Sequence[TaskId], inputs: Sequence[str]) -> Join:
    id = draw(st.none() | st.integers(10**7, 10**8))
    read = tuple(draw(st.lists(values(ids, inputs), min_size=1, max_size=4)))
    kind = draw(st.sampled_from(("labels", "list", "answer")))
    if kind == "answer":
        return Join(read[:1], direct=True, id=id, thought=draw(texts()))
    labels = tuple(draw(st.lists(st.integers(1, 99), min_size=len(read), max_size=len(read), unique=True)))
    return Join(read, labels if kind == "labels" else None, id=id, thought=draw(texts()))


def types() -> st.SearchStrategy[Type]:
    """A type as tools declare them."""
    simple = st.sampled_from((ANY, BOOL, INT, FLOAT, STR, STR, LiteralType(("a", "b")), LiteralType((1, True, None))))
    fields = st.builds(Field, st.sampled_from(("name", "size", "place")), simple, st.booleans())
    records = st.builds(
        lambda fields, closed: RecordType("Record", tuple(fields), closed),
        st.lists(fields, min_size=1, max_size=2, unique_by=lambda field: field.name),
        st.booleans(),
    )
    optional = simple.map(lambda type_: union(type_, NULL))
    item = simple | records | optional
    return item | item.map(ListType) | item.map(DictType)


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


@st.composite
def signatures(draw: st.DrawFn, name: str) -> Signature:
    """The declaration of one tool: required parameters first, an effect, and for declared effects some resources."""
    parameters: list[Parameter] = []
    for parameter in draw(st.lists(names(), max_size=3, unique=True)):
        type_ = draw(types())
        required = draw(st.booleans()) if all(p.required for p in parameters) else False
        default: dict[str, Any] = {} if required else {"default": draw(json_of(type_))}
        parameters.append(Parameter(parameter, type_, required, **default))
    effect = draw(st.sampled_from(Effect))
    resources: tuple[Resource, ...] = ()
    if effect not in (Effect.PURE, Effect.UNDECLARED):
        patterns = [OUTSIDE, "mail", "file:a", *(f"file:{{{p.name}}}" for p in parameters)]
        resources = tuple(
            Resource(p) for p in draw(st.lists(st.sampled_from(patterns), min_size=1, max_size=2, unique=True))
        )
    idempotent = effect is Effect.WRITE and draw(st.booleans())
    return Signature(name, tuple(parameters), draw(types()), effect, resources, idempotent)


@st.composite
def toolsets(draw: st.DrawFn, max_tools: int = 4) -> Tools:
    """At least one tool, by name."""
    return tools_by_name(
        draw(signatures(name)) for name in draw(st.lists(tool_names(), min_size=1, max_size=max_tools, unique=True))
    )


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
    given = [p for p in signature.parameters if p.required or draw(st.booleans())]
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
    ids = list(results)
    whole = st.sampled_from([Ref(id) for id in ids]) if ids else constants()
    return Plan((), tuple(tasks), draw(_joins(ids, whole))), tools
