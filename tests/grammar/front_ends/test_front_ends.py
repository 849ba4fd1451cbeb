"""The other front ends: ReWOO, OpenAI tool calls, skeletons, and the registry of all of them."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import EntryPoint
from typing import Any

import pytest
from hypothesis import given, strategies as st

from lcc.grammar import front_ends
from lcc.grammar.front_ends import FRONT_ENDS, parse
from lcc.grammar.ir import Arg, Const, DictOf, Format, Join, ListOf, Ref
from lcc.grammar.limits import DEFAULT_LIMITS, TextLimits
from lcc.grammar.signatures import NO_TOOLS, Tools, tools_by_name
from lcc.grammar.signatures.stubs import read_stub
from lcc.grammar.syntax.parser import Parsed


def codes(parsed: Parsed) -> list[str]:
    return [d.code for d in parsed.diagnostics]


def under(parsed: Parsed, code: str) -> str:
    found = next(d for d in parsed.diagnostics if d.code == code)
    assert found.span is not None
    return parsed.source.text[found.span.start : found.span.end]


# ReWOO

REWOO = """Plan: Find the population of Mumbai.
#E1 = search[population of Mumbai]
Plan: Find that of Delhi.
#E2 = search["population of Delhi"]
Plan: Compare.
#E3 = math[#E1 / #E2]
"""


def test_a_step_may_stand_on_the_line_of_its_plan() -> None:
    parsed = parse("Plan: Find it. #E1 = search[tides]\nPlan: Count. #E2 = math[#E1 / 2]\n", "rewoo")
    assert parsed.diagnostics == ()
    assert [(task.tool, task.thought) for task in parsed.plan.tasks] == [("search", "Find it."), ("math", "Count.")]
    assert parsed.source.text[parsed.plan.tasks[1].span.start :].startswith("#E2 = math")


def test_a_plan_that_speaks_of_evidence_is_no_step() -> None:
    parsed = parse("#E1 = f[x]\nPlan: If #E1 = 3 then [see] #E1.\n#E2 = f[y]\n", "rewoo")
    assert [task.id for task in parsed.plan.tasks] == [1, 2]
    assert parsed.plan.tasks[1].thought == "If #E1 = 3 then [see] #E1."


def test_a_tool_that_takes_no_text_is_given_a_literal() -> None:
    tools = tools_by_name(read_stub("def half(n: float) -> float: ...\ndef now() -> str: ...\n").signatures)
    parsed = parse("#E1 = half[5]\n#E2 = half[#E1]\n#E3 = now[]\n", "rewoo", tools=tools)
    assert parsed.diagnostics == ()
    assert [[arg.value for arg in task.args] for task in parsed.plan.tasks] == [[Const(5)], [Ref(1)], []]


def test_a_rewoo_plan_is_thoughts_and_calls() -> None:
    parsed = parse(REWOO, "rewoo")
    assert not parsed.diagnostics
    first, second, third = parsed.plan.tasks
    assert first.thought == "Find the population of Mumbai."
    assert first.args == (Arg(None, Const("population of Mumbai")),)
    assert second.args == (Arg(None, Const("population of Delhi")),)
    assert third.args == (Arg(None, Format((Ref(1), " / ", Ref(2)))),)
    assert parsed.plan.join == Join((Ref(1), Ref(2), Ref(3)), (1, 2, 3))


def test_evidence_ten_is_not_evidence_one_and_a_zero() -> None:
    steps = "".join(f"#E{i} = f[x]\n" for i in range(1, 11))
    parsed = parse(f"{steps}#E11 = f[#E10 and #E1]\n", "rewoo")
    assert parsed.plan.tasks[-1].args[0].value == Format((Ref(10), " and ", Ref(1)))


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("a [b] c", Const("a [b] c")),
        ("C# costs $5", Const("C# costs $5")),
        ("  spaced  ", Const("spaced")),
        ("#E1", Format((Ref(1),))),
        ('"#E1"', Format((Ref(1),))),
        ('say "hi" to #E1', Format(('say "hi" to ', Ref(1)))),
        ("two\nlines", Const("two\nlines")),
        ("", Const("")),
        ("f(x)[0], {y}", Const("f(x)[0], {y}")),
    ],
)
def test_a_step_s_input_is_one_text(written: str, value: Any) -> None:
    parsed = parse(f"#E1 = f[x]\n#E2 = f[{written}]\n", "rewoo")
    assert not parsed.diagnostics
    assert parsed.plan.tasks[1].args == (Arg(None, value),)


def test_quoted_and_named_arguments_are_arguments() -> None:
    parsed = parse('#E1 = f[x]\n#E2 = weather["Oslo", unit="C", near=#E1]\n', "rewoo")
    assert parsed.plan.tasks[1].args == (
        Arg(None, Const("Oslo")),
        Arg("unit", Const("C")),
        Arg("near", Ref(1)),
    )


def test_what_is_wrong_with_a_step_is_said_at_its_place() -> None:
    parsed = parse("Hello!\n#E1 = f[x\n#E2 = f[#E7]\n#E3 = f[#E1] (late)\nBye.\n", "rewoo")
    assert sorted(codes(parsed)) == ["P030", "P031", "P031", "P031", "P031"]
    assert under(parsed, "P030") == "#E7"
    assert parsed.unread == {1}


@pytest.mark.parametrize("text", ["", "nothing", "Plan: only\n", "#E0 = f[x]\n", "#E1 = [x]", "#E1 = f" + "[" * 5000])
def test_a_text_without_steps_is_an_error(text: str) -> None:
    assert not parse(text, "rewoo").ok


# OpenAI

CALL = {"name": "search", "arguments": json.dumps({"query": "tides of $1", "top": 3})}
TOOL_CALL = {"id": "c1", "type": "function", "function": CALL}


@pytest.mark.parametrize(
    "document",
    [
        {"choices": [{"index": 0, "message": {"role": "assistant", "content": None, "tool_calls": [TOOL_CALL]}}]},
        {"role": "assistant", "tool_calls": [TOOL_CALL]},
        [TOOL_CALL],
        TOOL_CALL,
        [CALL],
        {"role": "assistant", "function_call": CALL},
        {"output": [{"type": "reasoning", "summary": []}, {"type": "function_call", "call_id": "c", **CALL}]},
        [{"type": "function_call", **CALL}],
        {"name": "search", "arguments": json.loads(CALL["arguments"])},
        {"recipient_name": "functions.search", "parameters": json.loads(CALL["arguments"])},
        {
            "name": "multi_tool_use.parallel",
            "arguments": json.dumps(
                {"tool_uses": [{"recipient_name": "functions.search", "parameters": json.loads(CALL["arguments"])}]}
            ),
        },
    ],
)
def test_every_shape_of_tool_calls_is_read(document: Any) -> None:
    parsed = parse(json.dumps(document), "openai")
    assert not parsed.diagnostics
    (task,) = parsed.plan.tasks
    assert task.tool == "search"
    assert task.args == (Arg("query", Const("tides of $1")), Arg("top", Const(3)))
    assert parsed.plan.join == Join((Ref(1),), (1,))


@pytest.mark.parametrize(
    "text",
    [
        "[{'name': 'search', 'arguments': {'query': 'tides', 'top': None,}}]",
        '{name: "search", arguments: {query: "tides", top: null}} // the only one',
        "```json\n{“name”: “search”, “arguments”: {“query”: “tides”, “top”: null}}\n```",
    ],
)
def test_literals_of_python_and_javascript_are_json(text: str) -> None:
    parsed = parse(text, "openai")
    assert not parsed.diagnostics
    assert parsed.plan.tasks[0].args == (Arg("query", Const("tides")), Arg("top", Const(None)))


@pytest.mark.parametrize("given", ['{"#E": "1x"}', '{"#E": true}', "{#E1", "x={#E1}}", 'x="#E1'])
def test_an_input_that_looks_like_evidence_as_data_never_raises(given: str) -> None:
    parsed = parse(f"#E1 = f[x]\n#E2 = f[{given}]\n", "rewoo")
    assert len(parsed.plan.tasks) == 2


def test_calls_are_one_parallel_layer_of_constants() -> None:
    parsed = parse(
        json.dumps([{"name": "f", "arguments": {"x": [1, {"y": None}]}}, {"name": "g", "arguments": {}}]), "openai"
    )
    assert [task.id for task in parsed.plan.tasks] == [1, 2]
    assert parsed.plan.tasks[0].args[0].value == ListOf((Const(1), DictOf((("y", Const(None)),))))


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ('[{"name": "f",]', "P032", "]"),
        ("hello", "P032", "hello"),
        ('[{"name": "f", "arguments": "{\\"x\\": }"}]', "P032", '}"'),
        ('[{"name": "f", "arguments": "{x}"}]', "P032", '}"'),
        ('[{"name": "f", "arguments": 3}]', "P033", "3"),
        ('[{"name": 3}]', "P033", "3"),
        ('[{"name": "a b", "arguments": {}}]', "P033", '"a b"'),
        ("[3]", "P033", "3"),
        ("{}", "P033", "{}"),
        ("[]", "P033", "[]"),
        ('[{"name": "f", "arguments": {"x": NaN}}]', "P032", "NaN"),
        ('[{"name": "f", "arguments": {"x": 1, "x": 2}}]', "P032", '"x"'),
        ('[{"name": "f", "arguments": {"x": "\\ud800"}}]', "P009", '"'),
        ("[" * 100, "P013", "["),
        ('{"name": "f", "arguments": "' + "[" * 100 + '"}', "P013", "["),
    ],
)
def test_an_error_in_json_is_reported_at_its_place(text: str, code: str, place: str) -> None:
    parsed = parse(text, "openai")
    assert codes(parsed) == [code]
    assert under(parsed, code) == place


# Skeletons


def test_a_skeleton_s_points_are_expanded_in_parallel_and_joined_in_order() -> None:
    parsed = parse("1. What tides are.\n2. **The moon**:\n   its part\n3) The sun.\n", "skeleton")
    assert not parsed.diagnostics
    assert [task.args for task in parsed.plan.tasks] == [
        (Arg("point", Const("What tides are.")),),
        (Arg("point", Const("**The moon**: its part")),),
        (Arg("point", Const("The sun.")),),
    ]
    assert parsed.plan.join == Join((Ref(1), Ref(2), Ref(3)))


def test_expand_is_given_what_it_asks_for() -> None:
    tools = tools_by_name(
        read_stub("def expand(point: str, index: int, skeleton: str) -> str: ...", "t.pyi").signatures
    )
    parsed = parse("1. a\n2. b\n", "skeleton", tools=tools)
    assert parsed.plan.tasks[1].args == (
        Arg("point", Const("b")),
        Arg("index", Const(2)),
        Arg("skeleton", Const("1. a\n2. b")),
    )


def test_a_gap_in_a_skeleton_is_an_error_and_prose_is_dropped() -> None:
    parsed = parse("Here:\n1. a\n3. b\n", "skeleton")
    assert codes(parsed) == ["R037", "P034"]
    assert under(parsed, "P034") == "3. b"
    assert codes(parse("", "skeleton")) == ["P034"]


# All of them


@pytest.mark.parametrize("name", FRONT_ENDS)
@given(
    st.text(max_size=60)
    | st.lists(st.sampled_from(("#E1 = ", "f[", "]", "{", '"name":', "1. ", "[", ":", ",", "\n", "Plan: "))).map(
        "".join
    )
)
def test_no_text_raises(name: str, text: str) -> None:
    assert isinstance(parse(text, name), Parsed)


@pytest.mark.parametrize("name", FRONT_ENDS)
def test_every_front_end_keeps_the_limits(name: str) -> None:
    assert "P015" in codes(parse("x" * 50, name, limits=TextLimits(size=10)))
    assert codes(parse("\0", name))[0] == "P016"


def test_an_unknown_front_end_is_named() -> None:
    with pytest.raises(ValueError, match="there is no front end `modle`; did you mean `model`"):
        parse("", "modle")


def lines(text: str, *, path: str, tools: Tools, limits: TextLimits) -> Parsed:
    return parse("1. f()\n2. join()\n", "plan", path=path, tools=tools, limits=limits)


def test_an_installed_package_can_offer_a_front_end(monkeypatch: pytest.MonkeyPatch) -> None:
    good = EntryPoint("lines", f"{__name__}:lines", front_ends.GROUP)
    bad = EntryPoint("broken", "no_such_module:parse", front_ends.GROUP)

    def installed(group: str, name: str | None = None) -> list[EntryPoint]:
        assert group == front_ends.GROUP
        return [entry for entry in (good, bad) if name in (None, entry.name)]

    monkeypatch.setattr("importlib.metadata.entry_points", installed)
    assert front_ends.names() == (*FRONT_ENDS, "broken", "lines")
    assert len(front_ends.front_end("lines")("", path="", tools=NO_TOOLS, limits=DEFAULT_LIMITS).plan.tasks) == 1
    with pytest.raises(LookupError, match="`broken` of an installed package can't be loaded"):
        parse("", "broken")


def test_what_authors_need_is_in_one_place_and_naming_a_front_end_imports_no_parser() -> None:
    assert front_ends.Parsed is Parsed
    assert all(hasattr(front_ends, name) for name in front_ends.__all__)
    with pytest.raises(AttributeError, match="no attribute 'Parsd'"):
        front_ends.Parsd  # noqa: B018
    code = "import sys, lcc.grammar.front_ends; sys.exit('lcc.grammar.syntax.parser' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
