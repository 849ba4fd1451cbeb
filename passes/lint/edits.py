"""Make edits of plan texts: remove a statement, point a reference elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

from lcc.grammar.diagnostics import Edit
from lcc.grammar.ir import NOWHERE, Ref, TaskId
from lcc.grammar.source import Source, Span

_BEGINS: Final = re.compile(r"[0-9]+[ \t]*\.|join\b|answer\b|<END_OF_PLAN>")
_ID: Final = re.compile(r"\$(?:\{[ ]*)?([0-9]+)")


class Removal(NamedTuple):
    """The edit that removes a statement, and whether nothing goes with it that a person may want to keep: a comment."""

    edit: Edit
    is_clean: bool


def remove_statement(source: Source, span: Span) -> Removal | None:
    """Return how to remove a statement: with its lines, if nothing else is on them. None where the source isn't known."""
    if span == NOWHERE or span.end > len(source.text):
        return None
    line = _lines(source, span)
    before = source.text[line.start : span.start].strip()
    after = source.text[span.end : line.end].strip()
    if not before and not after:
        inside = source.text[span.start : span.end]
        return Removal(Edit(line, ""), not ("#" in inside and "\n" in inside))
    end = span.end
    while end < line.end and source.text[end] in " \t":
        end += 1
    is_clean = "#" not in before + after and before[-1:] in ("", ")") and (not after or bool(_BEGINS.match(after)))
    return Removal(Edit(Span(span.start, end), ""), is_clean)


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
