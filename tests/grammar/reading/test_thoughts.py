"""What a model only thought is told from what it said, alike in plans that are read as a whole and in replies."""

from __future__ import annotations

import pytest

from lcc.grammar.front_ends import parse
from lcc.grammar.reading.loose_values import NotUnderstood
from lcc.grammar.reading.thoughts import blanked, channels, holds_thought, spoken
from lcc.grammar.signatures import tools_by_name
from lcc.grammar.signatures.stubs import read_stub

TOOLS = tools_by_name(read_stub('@tool(effect="read")\ndef tide(port: str) -> str: ...\n', "tools.pyi").signatures)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<think>Perhaps 41.</think>Finish(42)<|im_end|>\nrest", "Finish(42)"),
        ("It's <think>don't</think>Finish(42)", "It's Finish(42)"),
        ("<think>a<think>b</think>Finish(42)", "Finish(42)"),
        ("Perhaps 41.</think>Finish(42)", "Finish(42)"),
        ("Finish(42)</think>", "Finish(42)"),
        ("Finish(42)\n<think>and then", "Finish(42)"),
        ("Write <think> before it", "Write <think> before it"),
        ('Finish("a <think> is a tag")', 'Finish("a <think> is a tag")'),
        ("Finish(the tag <think> opens it)", "Finish(the tag <think> opens it)"),
        ("`<think>` opens it, `</think>` closes it", "`<think>` opens it, `</think>` closes it"),
        ("Sum of {#E1} and {#E2}", "Sum of {#E1} and {#E2}"),
        ("Finish(42){# no more #}", "Finish(42)"),
        ("<|channel|>analysis<|message|>41?<|end|><|start|>assistant<|channel|>final<|message|>42<|return|>", "42"),
        ("analysis 41? assistantfinal 42", "42"),
        ("<|start|>assistant\n42", "42"),
    ],
)
def test_a_reply_is_what_is_no_thought_comment_or_mark(text: str, said: str) -> None:
    assert spoken(text) == said
    assert blanked(text).split() == said.split()
    assert len(blanked(text)) == len(text)


def test_what_a_tool_is_told_stays_with_its_header() -> None:
    told = '<|channel|>commentary to=functions.tide <|message|>{"port": "Brest"}'
    assert spoken(f"<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant{told}<|call|>").endswith(told)


@pytest.mark.parametrize("text", ["<|start|>user<|message|>tide<|end|>", "<|start|>system<|message|>tide"])
def test_a_turn_of_somebody_else_is_no_plan(text: str) -> None:
    with pytest.raises(NotUnderstood, match="not the assistant's"):
        list(channels(text))


@pytest.mark.parametrize("mark", ["</think>", "</reasoning>", "[/THINK]"])
def test_data_before_a_thought_ends_that_never_began_is_thought_of_and_not_called(mark: str) -> None:
    call = '[{{"name": "tide", "arguments": {{"port": "{}"}}}}]'
    parsed = parse(f"{call.format('Brest')}\n{mark}\n{call.format('Nantes')}", "model", tools=TOOLS)
    assert parsed.ok, parsed.diagnostics
    assert [task.args[0].value.value for task in parsed.plan.tasks] == ["Nantes"]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "mark", ["(</think>", "`</think>`", 'Note "</think>" is a tag.', "{# </think>", "\n(</think>\n"]
)
def test_what_only_looks_like_the_end_of_a_thought_makes_no_call_that_stands_before_it(mark: str) -> None:
    call = '[{{"name": "tide", "arguments": {{"port": "{}"}}}}]'
    parsed = parse(f"{call.format('Brest')}\n{mark}\n{call.format('Nantes')}", "model", tools=TOOLS)
    assert not parsed.ok
    assert not parsed.plan.tasks


def test_whatever_may_begin_a_thought_holds_a_stream() -> None:
    assert all(map(holds_thought, ["<think>", "<!--", "{/*", "[THINK]", "<|channel|>"]))
    assert not holds_thought("Sum of {#E1}")
