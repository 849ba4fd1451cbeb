"""The text for a planner: place, fact and remedy of the worst findings, in few words."""

from __future__ import annotations

from lcc.grammar.diagnostics import Diagnostic, Severity
from lcc.grammar.diagnostics.feedback import FINDINGS, for_model
from lcc.grammar.lenient import parse_model
from lcc.grammar.source import Source, Span
from lcc.grammar.syntax.parser import parse_plan


def test_an_error_is_told_with_its_line_and_its_remedy() -> None:
    parsed = parse_plan('1. search("a")\n2. search("b"\n3. join()\n')
    assert for_model(parsed.diagnostics, parsed.source) == (
        "The plan can't be run:\n"
        '- line 2, `2. search("b"`: this `(` is not closed; close it with `)`\n'
        "Write the whole plan again, corrected.\n"
        "Write calls as `1. tool(argument, name=value)`, one a line, with texts in double quotes; `$1` is the result of call 1. "
        "End with `join()` and `<END_OF_PLAN>`. Write the plan only."
    )


def test_errors_come_before_warnings_and_nothing_is_said_about_a_clean_plan() -> None:
    parsed = parse_model('Sure.\n\n1. search("a")\n2. math("$1 / $9")\n')
    text = for_model(parsed.diagnostics, parsed.source)
    assert "`$9` refers to no task" in text
    assert "prose" not in text
    repaired = parse_model("1) search(1)\n2. join()\n")
    assert for_model(repaired.diagnostics, repaired.source).startswith(
        "The plan was read with repairs:\n- line 1, `1) search(1)`: "
    )
    assert not for_model((), Source("x", ""))


def test_many_findings_are_counted_not_listed() -> None:
    parsed = parse_plan("nonsense\n" * 30)
    text = for_model(parsed.diagnostics, parsed.source)
    assert text.count("\n- line") == FINDINGS
    assert "- and 22 more" in text
    assert "- and 29 more" in for_model(parsed.diagnostics, parsed.source, limit=1)


def test_hostile_text_can_t_act() -> None:
    source = Source("x", "1. f(\x1b[31m`)\u202e\n")
    found = Diagnostic("P002", Severity.ERROR, "bad \x1b[0m", Span(5, 6), "help \u202e")
    text = for_model([found], source)
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_a_finding_without_a_place_is_told_without_one() -> None:
    found = Diagnostic("V003", Severity.ERROR, "the plan has no join", None, "end with `join()`")
    assert "\n- the plan has no join; end with `join()`\n" in for_model([found], Source("x", "text"))
