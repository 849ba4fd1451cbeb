"""Make up plans that read places which may not be there, and tools that take a few words only and may be evaluated.

For what the passes may make of a plan whatever its calls give: a plan without errors, that can be written and read again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from hypothesis import strategies as st

from lcc.grammar.diagnostics import has_errors
from lcc.grammar.ir import Arg, Const, Join, ListOf, Plan, Ref, Task, Value, text_of
from lcc.grammar.ir.text_form import print_ir
from lcc.grammar.signatures import (
    ANY,
    FLOAT,
    NULL,
    STR,
    Effect,
    Field,
    ListType,
    LiteralType,
    Parameter,
    RecordType,
    Signature,
    Tools,
    Type,
    union,
)
from lcc.grammar.values import Json
from lcc.passes.context import NotEvaluated
from lcc.passes.verify import verify

RECORD: Final = RecordType("Result", (Field("v", STR), Field("n", ANY), Field("l", ListType(STR))))
WORD: Final = LiteralType(("a", "b", "ab"))


@dataclass(frozen=True)
class Daring:
    """Tools, and a plan without errors that calls them, and may fail when it runs."""

    tools: Tools
    plan: Plan

    def __repr__(self) -> str:
        """Show it as it is read."""
        return "\n".join(["", *map(str, self.tools.values()), print_ir(self.plan)])


@st.composite
def daring_programs(draw: st.DrawFn, most_tasks: int = 12) -> Daring:
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
    return Daring(tools, Plan((), tasks, Join(tuple(values or [Const(1)]))))


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
