"""ReWOO plans and tool calls in the forms that models write: read, or refused as a whole; nothing beside a step is passed over."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given, strategies as st

from lcc.grammar.front_ends import parse
from lcc.grammar.ir import Arg, Const, Format, Ref
from lcc.grammar.signatures import tools_by_name
from lcc.grammar.signatures.stubs import read_stub
from lcc.grammar.syntax.parser import Parsed

TOOLS = tools_by_name(
    read_stub(
        '@tool(effect="read")\ndef find_book(title: str) -> str: ...\n'
        "def route(start: str, end: str) -> str: ...\ndef clock() -> str: ...\n"
        'def half(n: float) -> float: ...\n@tool(effect="write")\ndef order(item: str) -> str: ...\n',
        "t.pyi",
    ).signatures
)


def tasks(parsed: Parsed) -> list[tuple[str, list[tuple[str | None, Any]]]]:
    return [(t.tool, [(a.name, getattr(a.value, "value", a.value)) for a in t.args]) for t in parsed.plan.tasks]


FAUST = [("find_book", [(None, "Faust")])]
STEPS: dict[str, list[tuple[str, list[tuple[str | None, Any]]]]] = {
    "计划：找书。\n#E1 = find_book[Faust]": FAUST,
    "План: книга.\n#E1 = find_book[Faust]": FAUST,
    "Plan: a\n#E1 = find_book(“Faust”)": FAUST,
    "Plan: a\n#E1 = find_book【Faust】": FAUST,
    "Plan: a\n#E1：find_book[「Faust」]": FAUST,
    "Plan: a\n#E1 := [find_book][Faust]": FAUST,
    "- Plan: a\n- #E1 = find_book[Faust]": FAUST,
    "1. Plan: a\n   #E1 = find_book[Faust];": FAUST,
    "## Plan 1: a\n`#E1 = find_book[Faust]`": FAUST,
    "**Plan 1:** a\n**#E1** = **find_book**[Faust]": FAUST,
    "```\nPlan: a\n#E1 = find_book[Faust]\n```": FAUST,
    "Plan: a #E1 = find_book[Faust]": FAUST,
    "Task: t\nPlan: a\n\n#E1 = Find_Book[Faust]": FAUST,
    "Thought: hm\nPlan: a\n#E1 = find_book[Faust]": FAUST,
    "<think>\n#E9 = order[no]\n</think>\nPlan: a\n#E1 = find_book[Faust]<|im_end|>": FAUST,
    "<!-- #E1 = order[no] -->\nPlan: a\n#E1 = find_book[Faust]": FAUST,
    "Plan: a. #E1 = find_book[x] Plan: b. #E2 = clock[]": [("find_book", [(None, "x")]), ("clock", [])],
    'Plan: a\n#E1 = route[{"start": "Lima", "end": "[x]"}]': [("route", [("start", "Lima"), ("end", "[x]")])],
    "Plan: a\n#E1 = route({'start': 'Lima', 'end': 'x'})": [("route", [("start", "Lima"), ("end", "x")])],
    "Plan: a\n#E1 = clock": [("clock", [])],
    "Plan: a\n#E1 = find_book[don't [x] panic]": [("find_book", [(None, "don't [x] panic")])],
}


@pytest.mark.parametrize("text", STEPS)
def test_a_step_is_read_in_any_markup(text: str) -> None:
    parsed = parse(text, "rewoo", tools=TOOLS)
    assert parsed.diagnostics == ()
    assert tasks(parsed) == STEPS[text]


@pytest.mark.parametrize(
    "text", ["Here is the plan:\nPlan: a\n#E1 = find_book[Faust]", "Sure!\n\nPlan: a\n#E1 = find_book[Faust]\n\nBye."]
)
def test_prose_apart_is_dropped_with_a_warning(text: str) -> None:
    parsed = parse(text, "rewoo", tools=TOOLS)  # a call that reads: beside others no prose is dropped
    assert parsed.ok
    assert {d.code for d in parsed.diagnostics} == {"R037"}
    assert tasks(parsed) == FAUST


REFUSED = [
    "Plan: a\n# **#E1 = find_book[Faust]**\nPlan: b\n#E2 = find_book[Emma]",
    "Plan: a\n#E1 = order[x]\n\nThis was an example.",
    "Plan: a\n#E1 = clock[]\n\nThis was an example.",
    "Do not do this.\n\nPlan: a\n#E1 = order[x]",
    "If the user agrees:\n\nPlan: a\n#E1 = order[x]",
    "如果用户同意：\n\n计划：a\n#E1 = order[x]",
    "Plan: a\n#E1 = order[x] (only if cheap)",
    "Plan: a\n#E1 = order[x]\nBut do not do this.",
    "Not this:\n#E1 = order[x]",
    "Plan: a\n~~#E1 = order[x]~~",
    "Plan: a\n// #E1 = order[x]",
    'Plan: a\n"#E1 = order[x]"',
    "Plan: a\n#E1 = order[x] or order[y]",
    "I would not call order(x).\n\nPlan: a\n#E1 = clock[]",
    "Plan: a\n#E1 = order[x]\nTask: another\nPlan: b\n#E2 = clock[]",
    "Plan: a\n#E1 = order[x]\nPlan: b\n#E1 = clock[]",
    "Plan: a\n#E1 = find_book[x]\n#E2 = find_book[about #S1]",
    "Plan: a\n#E1 = find_book[x]\n#E2 = find_book[about ${E1}]",
    "Plan: a\n#E1 = find_book[x]\n#E2 = find_book[about #E10]",
    "Plan: a\n#E1 = order[x",
    "Plan: a\nE1 = order[x]",
    "<think>\nPlan: a\n#E1 = order[x]\n</think>",
]  # fmt: skip


@pytest.mark.parametrize("text", REFUSED)
def test_what_stands_beside_a_step_is_never_passed_over(text: str) -> None:
    parsed = parse(text, "rewoo", tools=TOOLS)
    assert not parsed.ok
    assert any(d.is_error and d.span is not None for d in parsed.diagnostics)


def test_a_reference_ends_where_its_notation_ends() -> None:
    parsed = parse("#E1 = find_book[x]\n#E2 = find_book[{#E1}'s, (#E1) and #E1.]", "rewoo", tools=TOOLS)
    assert parsed.diagnostics == ()
    assert parsed.plan.tasks[1].args == (Arg(None, Format((Ref(1), "'s, (", Ref(1), ") and ", Ref(1), "."))),)


def test_references_in_an_object_are_references() -> None:
    parsed = parse('#E1 = find_book[x]\n#E2 = route[{"start": "#E1", "end": "near #E1"}]', "rewoo", tools=TOOLS)
    assert [arg.value for arg in parsed.plan.tasks[1].args] == [Format((Ref(1),)), Format(("near ", Ref(1)))]


@given(
    st.sampled_from(["~~", "// ", "not: ", "(", '"', "> no ", "if asked, ", "不要"]),
    st.sampled_from(["order[x]", "[order][x]", "order(x)"]),
)
def test_a_word_before_a_step_is_never_passed_over(before: str, call: str) -> None:
    assert not parse(f"Plan: a\n{before}#E1 = {call}\n#E2 = clock[]", "rewoo", tools=TOOLS).ok


# Tool calls

CLOCK = {"name": "clock", "arguments": {}}
NONE: list[Any] = [None, [], {}, "", "{}", "null", "[]"]


@pytest.mark.parametrize("given_", NONE)
@pytest.mark.parametrize("key", ["arguments", "parameters", "input"])
def test_nothing_is_no_arguments(key: str, given_: Any) -> None:
    if key == "input" and isinstance(given_, str) and given_ == "{}":
        return  # a custom tool's text
    parsed = parse(json.dumps([{"name": "clock", key: given_}]), "openai", tools=TOOLS)
    assert parsed.diagnostics == ()
    assert tasks(parsed) == [("clock", [])]


NO_CALLS: list[Any] = [
    {"role": "tool", "name": "order", "content": "done"},
    {"role": "function", "name": "order", "content": "done"},
    {"role": "user", "name": "order", "content": "hi"},
    {"type": "function_call_output", "call_id": "x", "name": "order", "output": "done"},
    {"type": "tool_result", "tool_use_id": "x", "name": "order", "content": "done"},
    {"type": "mcp_call", "name": "order", "arguments": "{}", "output": "done"},
    {"type": "web_search_call", "name": "order"},
    {"type": "function", "function": {"name": "order", "description": "d", "parameters": {"type": "object", "properties": {}}}},
    {"type": "reasoning", "summary": []},
]  # fmt: skip


def test_a_call_that_the_text_holds_the_result_of_is_made_already() -> None:
    made = {"id": "c1", "type": "function", "function": {"name": "order", "arguments": '{"item": "Faust"}'}}
    told = {"role": "tool", "tool_call_id": "c1", "content": "done"}
    history = [{"role": "assistant", "tool_calls": [made]}, told, {"role": "assistant", "content": "It is ordered."}]
    assert not parse(json.dumps({"messages": history}), "openai", tools=TOOLS).ok
    more = {"role": "assistant", "tool_calls": [{"id": "c2", "function": {"name": "clock", "arguments": "{}"}}]}
    assert tasks(parse(json.dumps([*history, more]), "openai", tools=TOOLS)) == [("clock", [])]
    item = {"type": "function_call", "call_id": "c1", "name": "order", "arguments": '{"item": "Faust"}'}
    output = {"type": "function_call_output", "call_id": "c1", "output": "done"}
    assert not parse(json.dumps([item, output]), "openai", tools=TOOLS).ok


@pytest.mark.parametrize("beside", NO_CALLS)
def test_results_messages_and_declarations_are_no_calls(beside: Any) -> None:
    parsed = parse(json.dumps([beside, CLOCK]), "openai", tools=TOOLS)
    assert parsed.diagnostics == ()
    assert tasks(parsed) == [("clock", [])]
    assert not parse(json.dumps([beside]), "openai", tools=TOOLS).ok


@pytest.mark.parametrize(
    ("call", "value"),
    [
        ({"name": "find_book", "arguments": "Faust"}, "Faust"),
        ({"name": "find_book", "arguments": "{'title': 'Faust'}"}, "Faust"),
        ({"name": "find_book", "arguments": json.dumps(json.dumps({"title": "Faust"}))}, "Faust"),
        ({"id": "a", "type": "tool_use", "name": "find_book", "input": {"title": "Faust"}}, "Faust"),
        (
            {"role": "assistant", "content": [{"type": "tool_use", "name": "find_book", "input": {"title": "Faust"}}]},
            "Faust",
        ),
    ],
)
def test_arguments_are_read_in_every_form(call: Any, value: str) -> None:
    parsed = parse(json.dumps([call]), "openai", tools=TOOLS)
    assert parsed.diagnostics == ()
    assert [arg.value for arg in parsed.plan.tasks[0].args] == [Const(value)]


@pytest.mark.parametrize(
    "document",
    [
        {"choices": [{"message": {"tool_calls": [CLOCK]}}, {"message": {"tool_calls": [CLOCK]}}]},
        [{"type": "function_call", "status": "incomplete", **CLOCK}],
        [{"type": "suggestion", **CLOCK}],
        [{"type": ["x"], "status": ["y"], "name": "clock", "arguments": 3}],
        [{"name": "route", "arguments": "Lima"}],
    ],
)
def test_one_of_several_choices_and_what_is_not_whole_is_refused(document: Any) -> None:
    assert not parse(json.dumps(document), "openai", tools=TOOLS).ok


def test_thoughts_and_a_fence_around_tool_calls_are_aside() -> None:
    text = f'<think>[{{"name": "order"}}]</think>\n```json\n{json.dumps([CLOCK])}\n```'
    assert tasks(parse(text, "openai", tools=TOOLS)) == [("clock", [])]


@pytest.mark.parametrize(
    "piece", ["#E1 = f[", "\n#E1 = f[x]", "plan: a. #E1 = f[x] ", "_", "</think>", "x<think>", "[", '"', " \n"]
)
def test_a_hostile_plan_takes_little_time(piece: str) -> None:
    """What was quadratic took more than five seconds."""
    began = time.process_time()
    parse(piece * (40_000 // len(piece)), "rewoo", tools=TOOLS)
    assert time.process_time() - began < 4
