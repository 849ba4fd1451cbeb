"""Check how diagnostics look on a terminal, to the character, and what programs get."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from lcc.grammar.diagnostics import Diagnostic, Edit, Fix, Label, Severity
from lcc.grammar.diagnostics.render import render, summary, to_json
from lcc.grammar.diagnostics.terminal import escape
from lcc.grammar.source import Source, Span

GOLDEN = Path(__file__).parents[2] / "golden" / "render"


def diagnostic(
    start: int, end: int, *, message: str = "the message", severity: Severity = Severity.ERROR, **more: object
) -> Diagnostic:
    return Diagnostic("P001", severity, message, Span(start, end), **more)  # type: ignore[arg-type]


def marked(text: str, **more: object) -> tuple[Source, Diagnostic]:
    """Return a source and a diagnostic for the part of it between guillemets."""
    start, end = text.index("«"), text.index("»") - 1
    return Source("trip.plan", text.replace("«", "").replace("»", "")), diagnostic(start, end, **more)  # type: ignore[arg-type]


CASES = {
    "one_line": marked('1. search("a")\n2. math("x", [«$5»])\n', help="tasks before it: 1"),
    "wide_and_combining": marked('1. search("日本語", e\u0301, 👍, «$5»)\n'),
    "tabs": marked("\tx\t1. search(«$5»)\n"),
    "escape_sequences": marked('1. search("\x1b[31m\u202e", «$5»)\n', message="bad \x1b[0m", help="a\nb\x07"),
    "several_lines": marked("1. math(\n    «$1,\n\n    $2»\n)\n"),
    "many_lines": marked("«1. math(\n    $1,\n    $2,\n    $3,\n    $4\n)»\n"),
    "end_of_line": marked('1. search("a"«»\n2. join()\n', help="close the parenthesis"),
    "end_of_file": marked('1. search("a")«»'),
    "crlf": marked("1. a()\r\n2. «b»()\r\n"),
    "cut_on_the_right": marked("1. «join»(" + "x" * 300 + ")\n"),
    "cut_on_both_sides": marked("1. join(" + "x" * 4000 + "«yyy»" + "x" * 4000 + ")\n"),
    "cut_in_the_span": marked("1. join(" + "x" * 200 + "«" + "y" * 4000 + "»)\n"),
    "cut_among_wide_characters": marked("1. join(" + "語" * 300 + "«$5»" + "語" * 300 + ")\n"),
    "cut_among_escapes": marked("1. join(" + "\u202e" * 300 + "«$5»" + "\u202e" * 300 + ")\n"),
    "labels": marked(
        "1. a()\n2. b()\n3. c()\n4. d()\n1. «e»()\n",
        labels=(Label(Span(0, 2), "first defined here"), Label(Span(31, 34), "again \x1b")),
    ),
    "label_out_of_view": marked(
        "1. a()  # " + "x" * 500 + "«e»" + "x" * 500 + "z",
        labels=(Label(Span(0, 2), "left"), Label(Span(1011, 1012), "right")),
    ),
    "fix_without_help": marked("1. a(«$5»)\n", fix=Fix("write `$$5`", (Edit(Span(5, 7), "$$5"),))),
    "warning": marked("1. «a»()\n", severity=Severity.WARNING),
    "remark": marked("1. «a»()\n", severity=Severity.REMARK),
    "no_span": (Source("x\x1b.plan", "1. a()"), Diagnostic("V001", Severity.ERROR, "no place")),
    "empty_file": (Source("empty.plan", ""), diagnostic(0, 0)),
}


@pytest.mark.parametrize("name", CASES)
def test_a_diagnostic_looks_as_in_its_golden_file(name: str, request: pytest.FixtureRequest) -> None:
    source, one = CASES[name]
    shown = render([one], source, width=80)
    golden = GOLDEN / f"{name}.txt"
    if request.config.getoption("--bless"):
        golden.write_text(shown, encoding="utf-8")
    assert shown == golden.read_text(encoding="utf-8")


def test_colour_adds_only_escape_sequences() -> None:
    for source, one in CASES.values():
        colored = render([one], source, width=80, color=True)
        assert "\x1b[" in colored
        assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == render([one], source, width=80)


@given(
    st.text(st.characters(exclude_categories=()), max_size=60) | st.text("ab\n\r\t語\x1b", max_size=400),
    st.integers(0, 500),
    st.integers(0, 500),
    st.integers(10, 120),
)
def test_any_span_of_any_text_is_shown_within_the_width(text: str, start: int, length: int, width: int) -> None:
    one = diagnostic(start, start + length, labels=(Label(Span(0, 1), ""),))
    for line in render([one], Source("p", text), width=width).splitlines()[1:]:
        assert escape(line) == line
        assert len(line) <= max(width, 26) + 4


@given(st.text("ab語\t\u202e", min_size=1, max_size=300), st.data())
def test_the_marked_place_is_always_in_view(text: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(text)))
    source = Source("p", f"{text[:at]}@{text[at:]}")
    _, line, marks = render([diagnostic(at, at + 1)], source, width=60).splitlines()
    cells = "".join(char * 2 if char == "語" else char for char in line)
    assert cells[marks.index("^")] == "@"


def test_the_summary_counts_the_worst_first() -> None:
    severities = [Severity.REMARK, Severity.ERROR, Severity.WARNING, Severity.ERROR]
    assert summary(diagnostic(0, 1, severity=s) for s in severities) == "2 errors, 1 warning, 1 remark"
    assert summary([]) == ""


def test_json_holds_lines_columns_labels_and_edits() -> None:
    source = Source("trip.plan", "1. a()\n2. é($5)\n")
    fix = Fix("write `$$5`", (Edit(Span(12, 14), "$$5"),), safe=False)
    one = diagnostic(12, 14, help="h", labels=(Label(Span(0, 2), "here"),), fix=fix)
    [shown] = to_json([one], source)
    place = {"start": 12, "end": 14, "line": 2, "column": 6, "end_line": 2, "end_column": 8}
    assert shown == {
        "path": "trip.plan",
        "code": "P001",
        "severity": "error",
        "message": "the message",
        "span": place,
        "help": "h",
        "labels": [
            {"text": "here", "span": {"start": 0, "end": 2, "line": 1, "column": 1, "end_line": 1, "end_column": 3}}
        ],
        "fix": {"message": "write `$$5`", "safe": False, "edits": [{"text": "$$5", "span": place}]},
    }
    assert json.loads(json.dumps(shown)) == shown


def test_a_diagnostic_without_a_place_has_a_null_span() -> None:
    [shown] = to_json([Diagnostic("V001", Severity.ERROR, "m")], Source("p", ""))
    assert isinstance(shown, dict)
    assert shown["span"] is None
    assert shown["fix"] is None


def test_of_too_many_the_first_errors_are_shown_in_text_order_and_the_rest_is_counted() -> None:
    source = Source("trip.plan", "abcdef")
    found = [diagnostic(at, at + 1, severity=Severity.WARNING if at < 3 else Severity.ERROR) for at in range(6)]
    heads = [line.split("[")[0] for line in render(found, source, most=4).splitlines() if line.startswith("trip")]
    assert heads == [
        "trip.plan:1:1: warning",
        *(f"trip.plan:1:{column}: error" for column in (4, 5, 6)),
        "trip.plan: and 2 more",
    ]
    assert render(found, source, most=6) == render(found, source)
    assert render(found, source, most=0) == "trip.plan: and 6 more\n"
