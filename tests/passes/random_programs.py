"""Make up tools with random effects and resources, and plans that call them with few different arguments.

Few arguments, so that calls repeat, conflict and expand often. Results are dicts with a text `v`, a number `n` and a list `l`,
or lists of texts, as `reference_interpreter.fake_result` makes them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final, NamedTuple

from hypothesis import strategies as st

from lcc.grammar.diagnostics import has_errors
from lcc.grammar.ir import Arg, Const, DictOf, Format, Input, InputDecl, Join, ListOf, Plan, Ref, Task, Value, text_of
from lcc.grammar.ir_text import print_ir
from lcc.grammar.signature import OUTSIDE, Batch, Effect, Parameter, Resource, Signature, Tools
from lcc.grammar.types import ANY, FLOAT, NULL, STR, Field, ListType, LiteralType, RecordType, Type, union
from lcc.grammar.values import Json
from lcc.passes.context import NotEvaluated
from lcc.passes.verify import verify

INPUTS: dict[str, Json] = {"city": "a", "names": ["a", "b"]}
RECORD = RecordType("Result", (Field("v", STR), Field("n", ANY), Field("l", ListType(STR))))
PATTERNS = ("", "r", "s", "f:{x}", "f:{x}/{y}", "f:a", "g:{y}", "f:")
TEXTS = ("a", "b", "a/b")


class Program(NamedTuple):
    """Tools, and a plan that calls them correctly."""

    tools: Tools
    plan: Plan

    def __repr__(self) -> str:
        """Show it as it is read: declarations and the text of the IR."""
        lines = [f"{s}: {s.effect} {[r.pattern for r in s.resources]} {s.batch or ''}" for s in self.tools.values()]
        return "\n".join(["", *lines, print_ir(self.plan)])


@st.composite
def toolsets(draw: st.DrawFn) -> Tools:
    """Draw four to six tools. A pure tool or a read may have a batch form, a pure one may be folded."""
    tools: dict[str, Signature] = {}
    for number in range(draw(st.integers(4, 6))):
        effect = draw(st.sampled_from(list(Effect)))
        patterns = draw(st.lists(st.sampled_from(PATTERNS), min_size=1, max_size=2, unique=True))
        resources = tuple(Resource(pattern or OUTSIDE) for pattern in patterns)
        if effect in (Effect.PURE, Effect.UNDECLARED):
            resources = ()
        result: Type = draw(st.sampled_from([ANY, RECORD, ListType(STR)]))
        name = f"t{number}"
        batch = None
        if effect.may_start_early and draw(st.booleans()):
            batch = Batch(f"{name}_all", draw(st.integers(2, 3)))
            families = tuple(Resource(resource.parts[0]) for resource in resources)
            items = (Parameter("items", ListType(ANY)),)
            tools[batch.tool] = Signature(batch.tool, items, ListType(ANY), effect, families)
        fold = effect is Effect.PURE and draw(st.booleans())
        tools[name] = Signature(name, _parameters(draw), result, effect, resources, fold=fold, batch=batch)
    return tools


def _parameters(draw: st.DrawFn) -> tuple[Parameter, ...]:
    kinds = st.sampled_from([ANY, ANY, STR])
    keyword_only = draw(st.booleans())
    return (
        Parameter("x", draw(kinds)),
        Parameter("y", draw(kinds), required=False, default="a", keyword_only=keyword_only),
        Parameter("z", FLOAT, required=False, default=1, keyword_only=True),
    )


@st.composite
def programs(draw: st.DrawFn, most_tasks: int = 8) -> Program:
    """Draw a program. Ids have gaps; a join of any kind ends it."""
    tools = draw(toolsets())
    callable_tools = [s for s in tools.values() if not s.name.endswith("_all")]
    tasks: list[Task] = []
    results: dict[int, str] = {}
    id = 0
    for _ in range(draw(st.integers(1, most_tasks))):
        id += draw(st.integers(1, 2))
        if tasks and draw(st.integers(0, 2)) == 0:
            earlier = draw(st.sampled_from(tasks))
            signature, args = tools[earlier.tool], _restyled(draw, earlier.args)
        else:
            signature = draw(st.sampled_from(callable_tools))
            args = _arguments(draw, signature, results)
        tasks.append(Task(id, signature.name, args))
        results[id] = _kind(signature, args)
    inputs = (InputDecl("city", "str", Const("a")), InputDecl("names", "list[str]"))
    return Program(tools, Plan(inputs, tuple(tasks), _join(draw, tasks, results)))


@st.composite
def daring_programs(draw: st.DrawFn, most_tasks: int = 8) -> Program:
    """Draw a program that may fail when it runs.

    Tools take a few words only, or lists of them. Calls read any place of any result, and of what a fan-out over a fan-out
    makes: also places that aren't there, if nothing in the plan says so. Most pure tools may be evaluated.
    """
    word = Parameter("x", draw(st.sampled_from([ANY, WORD])))
    tools: dict[str, Signature] = {
        "any": Signature("any", (Parameter("x", ANY),), ANY, Effect.READ),
        "words": Signature("words", (word,), ListType(STR), Effect.PURE, fold=True),
        "text": Signature("text", (word,), STR, Effect.PURE, fold=True),
    }
    for number in range(draw(st.integers(1, 3))):
        effect = draw(st.sampled_from([Effect.PURE, Effect.READ, Effect.WRITE, Effect.UNDECLARED]))
        taken = draw(st.sampled_from([ANY, STR, WORD, WORD, ListType(WORD), FLOAT, union(STR, NULL)]))
        result: Type = draw(st.sampled_from([ANY, STR, RECORD, ListType(STR), FLOAT]))
        name = f"t{number}"
        tools[name] = Signature(name, (Parameter("x", taken),), result, effect, fold=effect is Effect.PURE)
    tasks: tuple[Task, ...] = ()
    for id in range(1, draw(st.integers(2, most_tasks)) + 1):
        calls = [_daring_call(draw, id, sorted(tools)) for _ in range(3)]
        fitting = [call for call in calls if _is_right(tools, (*tasks, call), Const(1))]
        tasks += (fitting[0] if fitting else Task(id, "any", (Arg(None, Const("a")),)),)
    joined = [_daring_value(draw, len(tasks)) for _ in range(draw(st.integers(1, 4)))]
    values = [value for value in joined if _is_right(tools, tasks, value)]
    return Program(tools, Plan((), tasks, Join(tuple(values or [Const(1)]))))


def _is_right(tools: Tools, tasks: tuple[Task, ...], joined: Value) -> bool:
    return not has_errors(verify(Plan((), tasks, Join((joined,))), tools))


def _daring_call(draw: st.DrawFn, id: int, names: list[str]) -> Task:
    spread = draw(st.integers(0, 2)) == 0
    if spread and id > 1 and draw(st.booleans()):
        value: Value = Ref(draw(st.integers(1, id - 1)), draw(st.sampled_from([(), (), ("l",), (0,)])))
    elif spread:
        value = ListOf(tuple(_daring_value(draw, id - 1, 1) for _ in range(draw(st.integers(0, 2)))))
    else:
        value = _daring_value(draw, id - 1)
    return Task(id, draw(st.sampled_from(names)), (Arg(None, value, spread),))


def _daring_value(draw: st.DrawFn, most: int, depth: int = 0) -> Value:
    """Draw a value that may read any place of the results of tasks 1 to `most`."""
    match draw(st.integers(0, 6 if depth else 7)):
        case 0 | 1:
            return Const(draw(st.sampled_from(["a", "b", 1, 2.0, None])))
        case 2 | 3 | 4 | 5 if most:
            path = draw(st.sampled_from([(), (), (), (0,), (1,), (-1,), (5,), (-3,), ("v",), ("l", 4), (0, "v")]))
            ref = Ref(draw(st.integers(1, most)), path)
            if draw(st.integers(0, 2)):
                return ref
            return text_of([draw(st.sampled_from(["", "b"])), ref, draw(st.sampled_from(["", "$", "c"]))])
        case 7:
            return ListOf(tuple(_daring_value(draw, most, depth + 1) for _ in range(draw(st.integers(0, 2)))))
        case _:
            return Const("a")


def any_value(tools: Tools, draw: Callable[..., Json]) -> Callable[[str, Mapping[str, Json]], Json]:
    """Return an evaluator that gives any value of a tool's declared type, or none."""

    def evaluate(tool: str, arguments: Mapping[str, Json]) -> Json:
        value = draw(_RESULTS.get(tools[tool].result, _ODD))
        if value == "fails":
            raise NotEvaluated("it fails")
        return value

    return evaluate


def _deep(depth: int) -> Json:
    return [_deep(depth - 1)] if depth else []


WORD: Final = LiteralType(("a", "b", "ab"))
_TEXT: Final = st.sampled_from(["a", "b", "z", "", "$1", 'q"\\\n', "fails"])
_LISTS: Final = st.lists(_TEXT, max_size=3)
_ODD: Final = st.one_of(
    _TEXT, _LISTS, st.sampled_from([None, 0, -1.5, 1e300, 10**1_200, {}, {"v": [], "each": 1}, _deep(63), _deep(150)])
)
_RESULTS: Final[Mapping[Type, st.SearchStrategy[Any]]] = {
    STR: _TEXT,
    FLOAT: st.sampled_from([0, -1.5, 1e300, 10**1_200]),
    ListType(STR): _LISTS,
    RECORD: st.fixed_dictionaries({"v": _TEXT, "n": _ODD, "l": _LISTS}),
}


def _kind(signature: Signature, args: tuple[Arg, ...]) -> str:
    single = "list" if isinstance(signature.result, ListType) else "dict"
    spread = next((arg for arg in args if arg.each), None)
    if spread is None:
        return single
    length = len(spread.value.items) if isinstance(spread.value, ListOf) else -1
    return f"each {single} {length}"


def _arguments(draw: st.DrawFn, signature: Signature, results: dict[int, str]) -> tuple[Arg, ...]:
    _, y, _ = signature.parameters
    fan_out = draw(st.integers(0, 3)) == 0
    first = _spread(draw, results) if fan_out else _value(draw, results)
    args = [Arg(draw(st.sampled_from([None, "x"])), first, fan_out)]
    if draw(st.booleans()):
        positional = args[0].name is None and not y.keyword_only and draw(st.booleans())
        args.append(Arg(None if positional else "y", _value(draw, results)))
    if draw(st.integers(0, 3)) == 0:
        args.append(Arg("z", _number(draw, results)))
    return tuple(args)


def _restyled(draw: st.DrawFn, args: tuple[Arg, ...]) -> tuple[Arg, ...]:
    """Return the same arguments, now all by keyword, or with the default of `z` written out."""
    if draw(st.booleans()):
        args = tuple(replace(arg, name=arg.name or "xy"[place]) for place, arg in enumerate(args))
    if draw(st.booleans()) and all(arg.name != "z" for arg in args):
        args = (*args, Arg("z", Const(draw(st.sampled_from([1, 1.0])))))
    return args


def _number(draw: st.DrawFn, results: dict[int, str]) -> Value:
    choices: list[Value] = [Const(1), Const(1.0), Const(2)]
    choices += [Ref(id, ("n",)) for id, kind in results.items() if kind == "dict"]
    return draw(st.sampled_from(choices))


def _value(draw: st.DrawFn, results: dict[int, str], depth: int = 0) -> Value:
    match draw(st.integers(0, 5 if depth else 7)):
        case 0 | 1:
            return Const(draw(st.sampled_from([*TEXTS, *TEXTS, 1, 1.0, True, None])))
        case 2 | 3 | 4:
            return _place(draw, results)
        case 5:
            parts = draw(st.lists(st.integers(0, 2), min_size=1, max_size=3))
            return text_of([" " if part == 0 else _place_or_text(draw, results) for part in parts])
        case 6:
            return ListOf(tuple(_value(draw, results, depth + 1) for _ in range(draw(st.integers(0, 2)))))
        case _:
            return DictOf((("k", _value(draw, results, depth + 1)),))


def _place_or_text(draw: st.DrawFn, results: dict[int, str]) -> str | Ref | Input:
    place = _place(draw, results)
    return place if isinstance(place, Ref | Input) else "a"


def _place(draw: st.DrawFn, results: dict[int, str]) -> Value:
    choices: list[Value] = [Const("a"), Input("city")]
    for id, kind in results.items():
        choices += [Ref(id, path) for path in _paths(kind)]
    return draw(st.sampled_from(choices[-12:]))


def _paths(kind: str) -> list[tuple[str | int, ...]]:
    match kind.split():
        case ["dict"]:
            return [(), ("v",), ("n",), ("l", 0), ("l",)]
        case ["each", single, length]:
            places = [] if int(length) < 1 else [int(length) - 1, -1, 0]
            inner: list[tuple[str | int, ...]] = [(), ("v",)] if single == "dict" else [()]
            return [(), *((place, *path) for place in places for path in inner)]
        case _:
            return [()]


def _spread(draw: st.DrawFn, results: dict[int, str]) -> Value:
    """Draw what a fan-out may run over: a literal list, a list that a task returns, a fan-out, an input."""
    choices: list[Value] = [Input("names")]
    for id, kind in results.items():
        if kind == "dict":
            choices.append(Ref(id, ("l",)))
        else:
            choices.append(Ref(id))
    if draw(st.booleans()):
        return ListOf(tuple(_value(draw, results, 1) for _ in range(draw(st.integers(0, 3)))))
    return draw(st.sampled_from(choices))


def _join(draw: st.DrawFn, tasks: list[Task], results: dict[int, str]) -> Join:
    match draw(st.integers(0, 3)):
        case 0 | 1:
            ids = tuple(task.id for task in tasks if isinstance(task.id, int))
            return Join(tuple(Ref(id) for id in ids), ids)
        case 2:
            return Join(tuple(_value(draw, results) for _ in range(draw(st.integers(1, 3)))))
        case _:
            return Join((_value(draw, results),), direct=True)


__all__ = ["INPUTS", "Format", "Program", "any_value", "daring_programs", "programs", "toolsets"]
