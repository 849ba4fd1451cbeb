"""Check the one form that each value has."""

from __future__ import annotations

import pytest

from lcc.grammar.ir import Const, Format, Input, InputDecl, Plan, Ref
from lcc.grammar.ir.text_form import parse_ir, print_ir
from lcc.grammar.signatures import NO_TOOLS, Tools, tools_by_name
from lcc.grammar.signatures.stubs import read_stub
from lcc.grammar.syntax.parser import parse_plan
from lcc.grammar.syntax.print_plan import print_plan
from lcc.passes.analysis.calls import Calls
from lcc.passes.bind import bind, bind_input

TOOLS: Tools = tools_by_name(
    read_stub(
        """
from typing import Any, Literal, TypedDict
class Place(TypedDict):
    name: str
    height: float
def text(a: str) -> str: ...
def maybe(a: str | None) -> str | None: ...
def choice(a: Literal["x", "y"]) -> Literal["x", "y"]: ...
def number(a: float, *, b: int = 1, c: float = 2) -> int: ...
def many(a: list[str], b: dict[str, str] = {}, c: str | list[str] = "") -> list[str]: ...
def place(a: Place) -> Place: ...
def anything(a: Any) -> Any: ...
""",
        "tools.pyi",
    ).signatures
)
RESULTS = '1. text("")\n2. maybe(None)\n3. choice("x")\n4. number(1)\n5. many([])\n6. anything(1)\n'


def bound(call: str) -> str:
    """Return the bound form of a call that may read one result of each type."""
    plan = bind(parse_plan(f"input s: str\ninput n: int\n{RESULTS}7. {call}\n8. join()").plan, TOOLS)
    assert bind(plan, TOOLS) == plan
    return print_ir(plan).splitlines()[8].removeprefix("%7 = ")


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("text(42)", 'text("42")'),
        ("text(4.0)", 'text("4.0")'),
        ("text(None)", "text(None)"),
        ("text([1, True])", "text([1, True])"),
        ('text("x")', 'text("x")'),
        ("text($1)", "text(%1)"),
        ('text("$1")', "text(%1)"),
        ("text($3)", "text(%3)"),
        ("text($4)", 'text(f"{%4}")'),
        ('text("$4")', 'text(f"{%4}")'),
        ("text($2)", 'text(f"{%2}")'),
        ("text($6)", 'text(f"{%6}")'),
        ("text($5[0])", "text(%5[0])"),
        ("text($s)", "text($s)"),
        ("text($n)", 'text(f"{$n}")'),
        ("text([$1, 2])", "text([%1, 2])"),
        ("maybe(None)", "maybe(None)"),
        ("maybe(3)", 'maybe("3")'),
        ("maybe($2)", "maybe(%2)"),
        ('maybe("$2")', 'maybe(f"{%2}")'),
        ('maybe("$1")', "maybe(%1)"),
        ("maybe($6)", "maybe(%6)"),
        ('choice("$3")', "choice(%3)"),
        ("choice($6)", 'choice(f"{%6}")'),
        ("number(3)", "number(3.0)"),
        ("number(3, b=3)", "number(3.0, b=3)"),
        ("number(3, b=3.0)", "number(3.0, b=3)"),
        ("number(3, b=-0.0)", "number(3.0, b=0)"),
        ("number(3, b=3.5)", "number(3.0, b=3.5)"),
        ('number("$4")', "number(%4)"),
        ('number("$6", b=$4)', "number(%6, b=%4)"),
        ('many([1, $1, $4, "$4"])', 'many(["1", %1, f"{%4}", f"{%4}"])'),
        ("many([1, 2])", "many([1, 2])"),
        ('many($5, {"k": $4, "l": 1})', 'many(%5, {"k": f"{%4}", "l": "1"})'),
        ("many([], c=[$4])", 'many([], c=[f"{%4}"])'),
        ("many([], c=[4])", "many([], c=[4])"),
        ('many([], c="$4")', "many([], c=%4)"),
        ('place({"name": $4, "height": "$4"})', 'place({"name": f"{%4}", "height": %4})'),
        ('place({"name": "3", "height": 4})', 'place({"name": "3", "height": 4.0})'),
        ('anything("$4")', "anything(%4)"),
        ('anything(["$4", {"k": "$4"}])', 'anything([%4, {"k": %4}])'),
        ('anything("about $4")', 'anything(f"about {%4}")'),
        ("anything(3)", "anything(3)"),
        ('text(each ["x", 1, $4])', 'text(each ["x", "1", f"{%4}"])'),
        ('text(each "$5")', "text(each %5)"),
        ('unknown("$4", k="$1")', "unknown(%4, k=%1)"),
        ('text("$4", "$4")', 'text(f"{%4}", %4)'),
    ],
)
def test_a_value_has_one_form(call: str, expected: str) -> None:
    assert bound(call) == expected


def test_join_values_are_typed_and_inputs_coerced() -> None:
    plan = parse_plan('input n: float = 3\n1. text("x")\n2. join("$1", "a $1", ["$1"])').plan
    after = bind(plan, TOOLS)
    assert print_ir(after).splitlines()[-1] == '%2 = join [%1, f"a {%1}", [%1]]'
    assert after.inputs[0].default == Const(3.0)
    broken = InputDecl("n", "float", Const("x"))
    assert bind_input(broken) is broken


def test_what_is_bound_already_is_the_same_object() -> None:
    plan = bind(parse_plan('1. text("x")\n2. text($1)\n3. join()').plan, TOOLS)
    again = bind(plan, TOOLS)
    assert all(a is b for a, b in zip(plan.tasks, again.tasks, strict=True))


def test_the_authors_choice_of_positional_and_keyword_stays() -> None:
    text = "1. number(c=1.0, a=2.0)\n2. number(3.0, b=4)\n3. join()\n"
    assert print_plan(bind(parse_plan(text).plan, TOOLS)) == text


def test_without_tools_a_text_of_one_reference_is_the_reference() -> None:
    plan = bind(Plan((), parse_plan('1. a("$1", "x $1")\n2. join()').plan.tasks), NO_TOOLS)
    assert [arg.value for arg in plan.tasks[0].args] == [Ref(1), Format(("x ", Ref(1)))]
    assert Input("x") != Ref(1)


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ("number(1)", "number(a=1)", True),
        ("number(1, b=1)", "number(1)", True),
        ("number(1, c=2.0, b=1)", "number(1, b=1, c=2)", True),
        ("number(1, b=2)", "number(1)", False),
        ('many(["x"], {}, "")', 'many(["x"])', True),
        ('many(b={}, a=["x"])', 'many(["x"], {})', True),
        ('many(["x"], {"k": "1"})', 'many(["x"])', False),
        ('text(each ["x"])', 'text(["x"])', False),
        ('text("1")', "text(1)", True),
        ('text("1")', 'anything("1")', False),
        ('unknown("x")', 'unknown("x")', True),
        ('unknown("x")', 'unknown(a="x")', False),
        ('unknown("x", k=1)', 'unknown("x", l=1)', False),
        ('unknown(each ["x"])', 'unknown(["x"])', False),
        ('anything({"a": 1, "b": 2})', 'anything({"b": 2, "a": 1})', False),
    ],
)
def test_equal_calls_have_equal_keys(one: str, other: str, equal: bool) -> None:
    plan = bind(parse_plan(f"1. {one}\n2. {other}\n3. join()").plan, TOOLS)
    calls = Calls(TOOLS)
    first, second = map(calls.key, plan.tasks)
    assert (first == second) == equal
    assert not equal or hash(first) == hash(second)
    assert parse_ir(print_ir(plan)) == plan
