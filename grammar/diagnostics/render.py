"""Show diagnostics: text for terminals in the manner of rustc and ruff, and records for programs.

trip.plan:3:12: error[V003]: `$5` names no task
  3 | 3. math("x", [$5])
    |               ^^
  help: tasks before it are 1 and 2
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from lcc.grammar.diagnostics.excerpt import Mark, Paint, excerpt
from lcc.grammar.diagnostics.records import Diagnostic, Edit, Severity
from lcc.grammar.diagnostics.terminal import escape
from lcc.grammar.source import Source, Span
from lcc.grammar.values import Json

DEFAULT_WIDTH: Final = 120
MOST_SHOWN: Final = 200
"""Diagnostics of one text, or of one command, that people are shown."""
_STYLES: Final = {
    "error": "1;31",
    "warning": "1;33",
    "remark": "1;36",
    "path": "1",
    "message": "1",
    "gutter": "34",
    "label": "36",
    "help": "1;32",
}


def render(
    diagnostics: Iterable[Diagnostic],
    source: Source,
    *,
    color: bool = False,
    width: int = DEFAULT_WIDTH,
    most: int | None = None,
) -> str:
    """Return diagnostics as text, each ended by a line feed; empty if there are none.

    `width` is that of the terminal in cells: longer source lines are cut around what they are shown for. Everything that
    comes from the source or from a message is escaped, so the text is safe to print. `most`: of more than so many, the first errors
    are shown, then the first of the others, and how many are left out.
    """
    paint = _ansi if color else _plain
    found = tuple(diagnostics)
    shown = found if most is None else _first(found, most)
    text = "".join(_one(diagnostic, source, paint, width) for diagnostic in shown)
    hidden = len(found) - len(shown)
    return f"{text}{escape(source.path)}: and {hidden:,} more\n" if hidden else text


def _first(found: Sequence[Diagnostic], most: int) -> list[Diagnostic]:
    worst = sorted(range(len(found)), key=lambda place: not found[place].is_error)[:most]
    return [found[place] for place in sorted(worst)]


def summary(diagnostics: Iterable[Diagnostic]) -> str:
    """Return how many diagnostics of each severity there are: `2 errors, 1 warning`; empty if there are none."""
    return count(Counter(diagnostic.severity for diagnostic in diagnostics))


def count(severities: Mapping[Severity, int]) -> str:
    """Return a count of each severity in words, the worst first."""
    shown = ((severities.get(severity, 0), severity) for severity in Severity)
    return ", ".join(f"{number} {severity}{'s' if number > 1 else ''}" for number, severity in shown if number)


def to_json(diagnostics: Iterable[Diagnostic], source: Source) -> list[Json]:
    """Return diagnostics as JSON objects.

    Lines and columns count from 1, columns in code points; `end_column` is the column after the last. `start` and `end` are
    offsets in code points. `span` is null where a diagnostic has no place in a text.
    """
    return [
        {
            "path": source.path,
            "code": d.code,
            "severity": str(d.severity),
            "message": d.message,
            "span": None if d.span is None else _place(d.span, source),
            "help": d.help,
            "labels": [{"text": label.text, "span": _place(label.span, source)} for label in d.labels],
            "fix": None
            if d.fix is None
            else {
                "message": d.fix.message,
                "safe": d.fix.safe,
                "edits": [_edit(edit, source) for edit in d.fix.edits],
            },
        }
        for d in diagnostics
    ]


def _edit(edit: Edit, source: Source) -> Json:
    return {"text": edit.text, "span": _place(edit.span, source)}


def _place(span: Span, source: Source) -> Json:
    line, column = source.position(span.start)
    end_line, end_column = source.position(span.end)
    return {
        "start": span.start,
        "end": span.end,
        "line": line,
        "column": column,
        "end_line": end_line,
        "end_column": end_column,
    }


def _one(diagnostic: Diagnostic, source: Source, paint: Paint, width: int) -> str:
    where = escape(source.path)
    if diagnostic.span is not None:
        line, column = source.position(diagnostic.span.start)
        where += f":{line}:{column}"
    severity = str(diagnostic.severity)
    head = paint(f"{severity}[{diagnostic.code}]", severity)
    out = [f"{paint(f'{where}:', 'path')} {head}{paint(f': {escape(diagnostic.message)}', 'message')}"]
    if diagnostic.span is not None and source.text.strip():
        marks = [Mark(diagnostic.span, "^", "", severity)]
        marks += [Mark(label.span, "-", label.text, "label") for label in diagnostic.labels]
        out += excerpt(source, marks, paint, width)
    help_text = diagnostic.help or (diagnostic.fix.message if diagnostic.fix else None)
    if help_text:
        first, *rest = help_text.split("\n")
        out.append(f"  {paint('help:', 'help')} {escape(first)}")
        out += [f"        {escape(line)}" for line in rest]
    return "\n".join(out) + "\n"


def _plain(text: str, style: str) -> str:
    return text


def _ansi(text: str, style: str) -> str:
    return f"\x1b[{_STYLES[style]}m{text}\x1b[0m"
