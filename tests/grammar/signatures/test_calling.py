"""Which argument is which parameter: parameters that a tool takes by position only, by every way in which calls are written."""

from __future__ import annotations

import json
from pathlib import Path

import anyio
import pytest

import lcc
from lcc.ask.strategies.call_text import read_call, read_json_call
from lcc.cli.main import dispatch
from lcc.grammar.constrain.plan_grammar import plan_grammar
from lcc.grammar.constrain.syntaxes import gbnf, lark_text
from lcc.grammar.front_ends import parse
from lcc.grammar.ir import Task
from lcc.grammar.ir.json_form import from_json, to_json
from lcc.grammar.ir.text_form import parse_ir, print_ir
from lcc.grammar.signatures import INT, MISSING, CallLimits, Parameter, Signature, tools_by_name
from lcc.grammar.signatures.calling import Calling, accepts, as_called
from lcc.grammar.signatures.stubs import read_stub
from lcc.grammar.signatures.tool_text import tools_text
from lcc.grammar.syntax.print_plan import print_plan
from lcc.passes.verify import verify
from lcc.python_tools.function import tool_of
from lcc.runtime.binding import Binding
from lcc.runtime.graph.arguments import Lookup, fill
from lcc.runtime.tool import ArgumentError

STUB = """
@tool(effect="pure")
def power(base: int, exponent: int = 2, /, offset: int = 0, *, factor: int = 1) -> int: ...
@tool(effect="pure")
def half(number: int, /) -> int: ...
"""
TOOLS = tools_by_name(read_stub(STUB).signatures)
POWER = TOOLS["power"]


@lcc.tool(effect="pure")
def power(base: int, exponent: int = 2, /, offset: int = 0, *, factor: int = 1) -> int:
    return (int(base**exponent) + offset) * factor


def calls(*arguments: object) -> str:
    """Return tool calls as endpoints of OpenAI's form return them."""
    return json.dumps(
        [{"type": "function", "function": {"name": "power", "arguments": json.dumps(one)}} for one in arguments]
    )


def written(task: Task) -> str:
    return print_plan(lcc.parse("1. x()\n2. join()").plan.__class__((), (task,), None)).strip()


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ({"base": 3}, "power(3)"),
        ({"exponent": 3, "base": 2}, "power(2, 3)"),
        ({"offset": 1, "base": 2, "exponent": 5}, "power(2, 5, offset=1)"),
        ({"factor": 7, "base": 2}, "power(2, factor=7)"),
    ],
)
def test_json_names_every_parameter_and_the_plan_gives_each_its_place(given: dict[str, int], shown: str) -> None:
    parsed = parse(calls(given), "openai", tools=TOOLS)
    (task,) = parsed.plan.tasks
    assert written(task) == f"1. {shown}"
    assert not verify(parsed.plan, TOOLS)


@pytest.mark.parametrize(
    ("call", "shown", "codes"),
    [
        ("power(base=2, exponent=5)", "power(2, 5)", ["R027"]),
        ("power(exponent=5, base=2, factor=3)", "power(2, 5, factor=3)", ["R027"]),
        ("power(exponent=5, 2)", "power(2, 5)", ["R027"]),
        ("power(2, exponent=5)", "power(2, 5)", ["R027"]),
        ('power({"base": 2, "exponent": 5, "offset": 1})', "power(2, 5, offset=1)", ["R032"]),
        ('{"name": "power", "arguments": {"exponent": 5, "base": 2}}', "power(2, 5)", ["R007"]),
        ("power(2, 5, offset=1)", "power(2, 5, offset=1)", []),
        ("half(number=4)", "half(4)", ["R027"]),
        ("half(number: 4)", "half(4)", ["R017", "R027"]),
    ],
)
def test_model_text_that_names_them_is_mended(call: str, shown: str, codes: list[str]) -> None:
    parsed = parse(f"1. {call}\n2. join()\n", "model", tools=TOOLS)
    assert written(parsed.plan.tasks[0]) == f"1. {shown}"
    assert sorted(d.code for d in parsed.diagnostics) == codes
    assert not verify(parsed.plan, TOOLS)
    again = parse(print_plan(parsed.plan), "plan", tools=TOOLS)
    assert (again.plan.tasks, again.diagnostics) == (parsed.plan.tasks, ())
    assert parse_ir(print_ir(parsed.plan)) == from_json(to_json(parsed.plan)) == parsed.plan


def test_a_fix_writes_the_argument_without_its_name() -> None:
    parsed = parse("1. power(base=2, exponent=5)\n2. join()\n", "model", tools=TOOLS)
    (found,) = parsed.diagnostics
    assert found.message == "the tool takes an argument by position only"
    assert found.fix is not None
    assert [edit.text for edit in found.fix.edits] == ["2, 5"]


def test_each_keeps_its_place() -> None:
    parsed = parse("1. half(number=each [2, 4])\n2. join()\n", "model", tools=TOOLS)
    assert written(parsed.plan.tasks[0]) == "1. half(each [2, 4])"


def test_other_notations_name_them_too() -> None:
    parsed = parse("#E1 = power[base=2, exponent=5]", "rewoo", tools=TOOLS)
    assert written(parsed.plan.tasks[0]) == "1. power(2, 5)"
    expand = tools_by_name(read_stub("def expand(point: str, index: int, /, skeleton: str) -> str: ...").signatures)
    parsed = parse("1. Tides.\n", "skeleton", tools=expand)
    assert written(parsed.plan.tasks[0]) == '1. expand("Tides.", 1, skeleton="1. Tides.")'
    assert not verify(parsed.plan, expand)


def test_agents_call_them_by_json_and_by_text() -> None:
    for call in (
        read_json_call("power", '{"exponent": 5, "base": 2}', TOOLS),
        read_call("power(base=2, exponent=5)", TOOLS),
    ):
        assert written(call.task) == "1. power(2, 5)"


def test_a_plan_file_that_names_one_is_told_so_once() -> None:
    found = verify(parse("1. power(base=2)\n2. join()\n").plan, TOOLS)
    assert [(d.code, d.message) for d in found] == [("V007", "`power` takes `base` by position only")]
    assert "base: int, exponent: int = 2, /, offset" in str(found[0].help)


@pytest.mark.parametrize("front_end", ["openai", "model"])
def test_the_python_function_is_called_with_them(front_end: str) -> None:
    text = calls({"offset": 1, "exponent": 5, "base": 2}, {"base": 3})
    if front_end == "model":
        text = "1. power(offset=1, exponent=5, base=2)\n2. power(base=3)\n3. join($1, $2)\n"
    plan = lcc.compile(text, [power], front_end=front_end).plan
    result = anyio.run(lcc.execute, plan, [power])
    assert [result.tasks[id].value for id in (1, 2)] == [33, 9]


def test_a_call_that_was_not_checked_never_gives_one_the_place_of_another() -> None:
    task = parse("1. power(exponent=5)").plan.tasks[0]
    with pytest.raises(ArgumentError, match="`power` takes `exponent` by position only"):
        fill(task.args, None, Binding(tool_of(power), CallLimits()), _Nothing())


def test_a_slash_is_shown_wherever_a_signature_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shown = "power(base: int, exponent: int = 2, /, offset: int = 0, *, factor: int = 1) -> int"
    assert str(POWER) == tools_text([POWER]) == shown
    assert str(tool_of(power).signature) == shown
    assert str(TOOLS["half"]) == "half(number: int, /) -> int"
    (tmp_path / "tools.pyi").write_text(STUB)
    assert dispatch(["tools", "--tools", str(tmp_path / "tools.pyi")]) == (0, False)
    assert shown in capsys.readouterr().out
    assert read_stub(f"def {shown}: ...").signatures[0].parameters == POWER.parameters


def test_constrained_grammars_offer_them_by_place_only() -> None:
    text = lark_text(plan_grammar(TOOLS)) + gbnf(plan_grammar(TOOLS))
    assert "offset=" in text
    assert not any(f"{name}=" in text for name in ("base", "exponent", "number"))


class _Nothing(Lookup):
    """Where no reference leads."""


A, B = (Parameter(name, INT, False, default, positional_only=True) for name, default in (("a", 1), ("b", MISSING)))
C = Parameter("c", INT, False, 3, positional_only=True)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([("b", 20)], [(None, -1), (None, 20)]),
        ([("c", 30)], [("c", 30)]),
        ([("c", 30), ("b", 20)], [(None, -1), (None, 20), (None, 30)]),
        ([(None, 10), ("b", 20)], [(None, 10), (None, 20)]),
        ([("a", 10), ("a", 11)], [("a", 10), ("a", 11)]),
        ([(None, 10), ("a", 11)], [(None, 10), ("a", 11)]),
        ([("x", 0), ("a", 10)], [(None, 10), ("x", 0)]),
    ],
)
def test_what_is_left_out_gets_its_default_and_what_does_not_fit_stays(
    given: list[tuple[str | None, int]], expected: list[tuple[str | None, int]]
) -> None:
    assert list(as_called(Signature("f", (A, B, C)), given, lambda default: -1)) == expected


def test_a_call_fits_its_tool_or_not() -> None:
    calling = Calling.of(POWER)
    assert [p.name for p in calling.by_place] == ["base", "exponent", "offset"]
    assert list(calling.by_name) == ["offset", "factor"]
    assert accepts(POWER, [None, "factor"])
    assert accepts(POWER, ["offset", None])
    for names in (
        ["base"],
        [None, None, None, "offset"],
        [None] * 4,
        ["offset"],
        [None, "x"],
        [None, "factor", "factor"],
    ):
        assert not accepts(POWER, names)
