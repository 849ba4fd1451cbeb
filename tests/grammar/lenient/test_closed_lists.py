"""Only what is in a closed list is an aside, a label, a number, a key or an end: with anything else in its place no call is made."""

from __future__ import annotations

import json

import pytest
from test_forms import TOOLS, read

from lcc.grammar.front_ends import parse
from lcc.grammar.ir.blocks import calls_of
from lcc.grammar.signatures import tools_by_name
from lcc.grammar.signatures.stubs import read_stub

WRITE = 'post_notice("quay", "gale")'


def tools_of(text: str) -> list[str] | None:
    """Return the tools that a text calls; None if it is refused with a place."""
    parsed = read(text)
    if parsed.ok:
        return [call.tool for call in calls_of(parsed.plan)]
    assert any(one.is_error and one.span is not None for one in parsed.diagnostics)
    return None


@pytest.mark.parametrize("label", ["Skip", "Cancelled", "Nicht", "annulé", "Later"])
@pytest.mark.parametrize("fence", ["{}", "```python\n{}\n```"])
def test_a_label_before_a_statement_of_a_program_is_no_annotation(label: str, fence: str) -> None:
    for statement in (f"n = {WRITE}", WRITE):
        assert tools_of(fence.format(f"t = clock()\n{label}: {statement}")) is None
        assert tools_of(fence.format(f"{label}: {statement}")) is None


@pytest.mark.parametrize("kind", ["str", "list[str]", "dict[str, int] | None", "typing.Any", "string"])
def test_an_annotation_of_known_types_is_read(kind: str) -> None:
    assert tools_of(f"import typing\nt: {kind} = tide('Brest')\nprint(t)") == ["tide"]


def test_a_label_before_an_assignment_in_a_plan_refuses_it() -> None:
    assert tools_of(f"1. Skip: n = {WRITE}\n2. join()\n") is None
    assert tools_of(f"1. n: str = {WRITE}\n2. join()\n") == ["post_notice"]


@pytest.mark.parametrize(
    "text", ["x: tide('Brest')\n", "def f(x: clock()):\n    return x\nf(1)\n", "x: [clock()] = 1\n"]
)
def test_a_program_calls_nothing_in_an_annotation(text: str) -> None:
    assert "a call in an annotation is never made" in [one.message for one in parse(text, "python").diagnostics]


@pytest.mark.parametrize(
    "text",
    [
        "def tidy():\n    {}\n",
        "async def tidy():\n    await {}\n",
        "```python\ndef main():\n    return {}\n```\n",
        "def tidy():\n    {}\nclock()\n",
        "def a():\n    b()\n    {}\ndef b():\n    a()\n",
    ],
)
def test_a_function_that_nothing_calls_refuses_a_text(text: str) -> None:
    assert tools_of(text.format(WRITE)) is None


def test_a_function_that_is_called_is_read() -> None:
    assert tools_of(f'def main():\n    {WRITE}\nif __name__ == "__main__":\n    main()\n') == ["post_notice"]
    assert tools_of('def f(p):\n    return tide(p)\nprint(f("Brest"))\n') == ["tide"]


@pytest.mark.parametrize("cell", ["❌ 2", "skip", "2 (optional)", "not 2", "[x] 1", "~~2~~", "later"])
def test_a_column_of_numbers_holds_numbers(cell: str) -> None:
    assert tools_of(f"| # | Call |\n|---|---|\n| 1 | clock() |\n| {cell} | {WRITE} |\n") is None
    assert tools_of(f"| Step | Tool | Args |\n|---|---|---|\n| {cell} | tide | port='Brest' |\n") is None


@pytest.mark.parametrize("cell", ["2", "#2", "**2**", "Step 2", "2.", "E2", "b"])
def test_a_column_of_numbers_has_them_in_many_forms(cell: str) -> None:
    assert tools_of(f"| # | Call |\n|---|---|\n| 1 | clock() |\n| {cell} | {WRITE} |\n") == ["clock", "post_notice"]


@pytest.mark.parametrize("label", ["Step 1:", "Task 2:", "Then:", "Plan:"])
def test_a_quoted_call_is_none_with_any_label(label: str) -> None:
    assert tools_of(f"> {label} {WRITE}\n\nStep 1: clock()\nStep 2: join()\n") is None


@pytest.mark.parametrize(
    "text",
    [
        "<|start|>user<|message|>1. {}\n2. join()<|end|>",
        "<|start|>system<|message|>1. {}\n2. join()<|end|>",
        "<|start|>user<|message|>{}<|end|><|start|>assistant<|channel|>final<|message|>1. clock()\n2. join()<|return|>",
        "[INST] 1. {}\n2. join() [/INST]",
    ],
)
def test_a_turn_that_is_not_the_assistants_is_never_done(text: str) -> None:
    assert tools_of(text.format(WRITE)) is None


@pytest.mark.parametrize("mark", ["</s>", "<|im_end|>", "<|eot_id|>"])
def test_behind_the_mark_of_the_end_no_call_stands(mark: str) -> None:
    assert tools_of(f"1. clock()\n2. join(){mark}\n") == ["clock"]
    assert tools_of(f"1. clock()\n2. join(){mark}\n3. {WRITE}\n") is None
    assert tools_of(f"1. clock()\n{mark}\n2. {WRITE}\n3. join()\n") is None
    assert tools_of(f"1. clock()\n{mark}2. {WRITE}\n3. join()\n") is None
    assert tools_of(f"<s>1. {WRITE}{mark}\n2. clock()\n3. join()\n") is None


@pytest.mark.parametrize("between", ["### Not yet", "Or, if you prefer", "Dies erst morgen."])
def test_behind_join_and_words_no_call_stands(between: str) -> None:
    assert tools_of(f"1. clock()\n2. join()\n\n{between}\n\n3. {WRITE}\n") is None


@pytest.mark.parametrize("label", ["Here's the plan", "First step", "Sure! Plan", "Then", "Action", "Voici le plan"])
def test_a_label_before_a_call_on_its_line_is_a_known_one(label: str) -> None:
    assert tools_of(f"{label}: clock()\njoin()\n") == ["clock"]
    assert tools_of(f"{label}: 1. clock()\n2. join()\n") == ["clock"]
    for other in (f"Not {label}", f"{label} if asked", "Skip", "Example", "Sinon"):
        assert tools_of(f"{other}: {WRITE}\njoin()\n") is None
        assert tools_of(f"{other}: 1. {WRITE}\n2. join()\n") is None


@pytest.mark.parametrize(
    "join", ["join", "3. join", "Step 3: join.", "**3.** `join`", "3) JOIN # all of them", "- join;"]
)
def test_join_alone_on_its_line_ends_a_plan(join: str) -> None:
    assert tools_of(f'1. clock()\n2. tide("Brest")\n{join}\n') == ["clock", "tide"]
    for more in (" if it is late", " them", ", not yet", " ..."):
        assert tools_of(f"1. clock()\n{join.partition(' #')[0]}{more}\n") is None


@pytest.mark.parametrize("line", ['tide: "Brest"', "Tide： “Brest”", 'I call tide: "Brest".'])
def test_a_call_that_is_spelled_out_without_a_number_is_no_prose(line: str) -> None:
    assert tools_of(f"{line}\n\n1. clock()\n2. join()\n") is None
    assert tools_of(f"1. clock()\n2. join()\n\n{line}\n") is None


@pytest.mark.parametrize("steps", ["1. Look at the clock.\n2. Go on.", "1) Look.\n2) Go on."])
def test_calls_behind_steps_in_words_begin_anew(steps: str) -> None:
    assert tools_of(f"{steps}\n\n1. clock()\n2. join()\n") == ["clock"]
    assert tools_of(f"{steps}\n\n3. clock()\n4. join()\n") is None
    assert tools_of(f"{steps}\n\nclock()\njoin()\n") is None
    assert tools_of(f"{steps}\n\nIf asked:\n\n1. clock()\n2. join()\n") is None


@pytest.mark.parametrize("line", ["## Will not be done", "### Nur bei Sturm", "# If the log is empty:", "# Sinon :"])
def test_a_heading_among_calls_is_a_known_one(line: str) -> None:
    assert tools_of(f"1. clock()\n\n{line}\n2. {WRITE}\n3. join()\n") is None
    for known in ("# now the notice", "## Step 2", "# Then:"):
        assert tools_of(f"1. clock()\n\n{known}\n2. {WRITE}\n3. join()\n") == ["clock", "post_notice"]


@pytest.mark.parametrize("key", ["comment", "comments", "description", "note", "status"])
def test_what_a_key_says_about_a_call_is_a_thought_or_not_understood(key: str) -> None:
    call = '[{"tool": "clock", "args": {}, "%s": "rejected"}]'
    assert tools_of(call % key) is None
    assert tools_of(call % "reason") == ["clock"]


@pytest.mark.parametrize("line", ["If the harbour agrees:", "Rejected:", "Only in a storm.", "\nOnly in a storm.\n"])
def test_between_steps_of_evidence_stands_nothing_else(line: str) -> None:
    for text in (
        f"Plan: look\n#E1 = clock[]\n{line}\n#E2 = chart[a]\n",
        f"Plan: look\n#E1 = clock[]\nPlan: go on\n{line}\n#E2 = chart[a]\n",
        "Plan: look\n#E1 = clock[]\n# #E2 = chart[a]\n",
    ):
        assert not parse(text, "rewoo").ok


GAPS = ["...", "…", "<the board>", "<BOARD>", "<le panneau>", "<告示板>"]


@pytest.mark.parametrize("gap", GAPS)
def test_what_only_stands_for_a_value_refuses_a_plan_in_every_form(gap: str) -> None:
    given = f'"{gap}"'
    for text in (
        f"1. clock()\n2. post_notice({given}, $1)\n3. join()\n",
        f"1. chart(area={given})\n2. join()\n",
        f'[{{"name": "post_notice", "arguments": {{"board": {given}, "text": "gale"}}}}]',
        f'<tool_call>{{"name": "chart", "arguments": {{"area": [{given}]}}}}</tool_call>',
        f"```python\npost_notice({given}, 'gale')\n```",
    ):
        assert tools_of(text) is None
    assert not parse(f"Plan: a\n#E1 = chart[{gap}]", "rewoo", tools=TOOLS).ok
    call = {"function": {"name": "post_notice", "arguments": {"board": gap, "text": "gale"}}}
    assert not parse(json.dumps([call]), "openai", tools=TOOLS).ok


def test_an_element_may_be_looked_up_but_not_written() -> None:
    tools = tools_by_name(
        read_stub(
            '@tool(effect="read")\ndef find(what: str) -> str: ...\n@tool(effect="write")\ndef put(what: str) -> str: ...\n',
            "t.pyi",
        ).signatures
    )
    assert parse('1. find("<div>")\n2. join()\n', "model", tools=tools).ok
    assert not parse('1. put("<div>")\n2. join()\n', "model", tools=tools).ok
    assert parse('1. put("<div>none</div>")\n2. put("a ... b")\n3. put("x < y")\n4. join()\n', "model", tools=tools).ok


def test_a_dollar_with_a_number_counts_calls_where_another_one_in_the_text_does() -> None:
    assert tools_of('1. clock()\n2. chart("$1 and $2")\n3. join()\n') is None
    assert tools_of('1. clock()\n# 2. tide("x")\n3. chart("$2; $1")\n4. join()\n') is None
    assert tools_of('1. clock()\n2. chart("at most $2")\n3. join()\n') == ["clock", "chart"]
    assert tools_of('1. clock()\n2. chart("$1 for $250")\n3. join()\n') == ["clock", "chart"]
