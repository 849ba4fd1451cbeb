"""Make edits of plan texts: remove a statement, point a reference elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from lcc.grammar.diagnostics import Edit
from lcc.grammar.ir import NOWHERE, Ref, TaskId
from lcc.grammar.source import Source, Span

_ID: Final = re.compile(r"\$(?:\{[ ]*)?([0-9]+)")


def remove_statement(source: Source, span: Span) -> Edit | None:
    """Return the edit that removes a statement, with its lines if nothing else is on them; None without a source."""
    if span == NOWHERE or span.end > len(source.text):
        return None
    line = _lines(source, span)
    if stands_alone(source, span):
        return Edit(line, "")
    end = span.end
    while end < line.end and source.text[end] in " \t":
        end += 1
    return Edit(Span(span.start, end), "")


def stands_alone(source: Source, span: Span) -> bool:
    """Whether a statement has its lines for itself, and holds no comment that would be lost with it."""
    line = _lines(source, span)
    around = source.text[line.start : span.start] + source.text[span.end : line.end]
    inside = source.text[span.start : span.end]
    return not around.strip() and not ("#" in inside and "\n" in inside)


def _lines(source: Source, span: Span) -> Span:
    """Return the whole lines that a span touches, the last line break included."""
    first, _ = source.position(span.start)
    last, _ = source.position(span.end)
    start = source.line_start(first)
    end = source.line_start(last) + len(source.line(last))
    for line_break in ("\r\n", "\n", "\r"):
        if source.text.startswith(line_break, end):
            return Span(start, end + len(line_break))
    return Span(start, end)


def redirect(source: Source, references: Iterable[Ref], to: TaskId) -> list[Edit] | None:
    """Return the edits that make references read task `to`; None if one of them isn't written in the source."""
    edits: dict[Span, Edit] = {}
    for ref in references:
        found = None if ref.span == NOWHERE else _ID.match(source.text, ref.span.start, ref.span.end)
        if found is None or int(found.group(1)) != ref.task:
            return None
        span = Span(found.start(1), found.end(1))
        edits[span] = Edit(span, str(to))
    return list(edits.values())
