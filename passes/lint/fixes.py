"""Make the edits of fixes, and apply them: those that don't overlap, round by round, until nothing is left to fix."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

from lcc.grammar.dataclass import dataclass
from lcc.grammar.diagnostics import Diagnostic, Edit
from lcc.grammar.ir import NOWHERE, Ref, TaskId
from lcc.grammar.late_pattern import pattern
from lcc.grammar.source import Source, Span

MOST_ROUNDS: Final = 10
"""A fix that makes room for another is rare; more rounds than this mean fixes that undo one another."""


@dataclass(frozen=True, slots=True)
class Fixed:
    """A text with fixes applied, the findings that they removed, and those that are left, with spans in the new text."""

    text: str
    applied: tuple[Diagnostic, ...]
    left: tuple[Diagnostic, ...]


def apply_fixes(
    text: str, diagnostics: Iterable[Diagnostic], *, unsafe: bool = False
) -> tuple[str, tuple[Diagnostic, ...]]:
    """Apply the safe fixes of diagnostics about `text`, in text order, and return the new text and what was fixed.

    Of two fixes that touch the same text the first wins; the other may be offered again for the new text. `unsafe`: apply also
    fixes that change what the plan means.
    """
    taken: list[Edit] = []
    applied: list[Diagnostic] = []
    for diagnostic in sorted(diagnostics, key=lambda d: d.span or (0, 0)):
        fix = diagnostic.fix
        if fix is None or not (fix.safe or unsafe) or any(_overlaps(edit, taken) for edit in fix.edits):
            continue
        for edit in fix.edits:
            insort(taken, edit, key=lambda edit: edit.span)
        applied.append(diagnostic)
    out: list[str] = []
    at = 0
    for edit in taken:
        out += (text[at : edit.span.start], edit.text)
        at = edit.span.end
    return "".join((*out, text[at:])), tuple(applied)


def _overlaps(edit: Edit, taken: list[Edit]) -> bool:
    """Whether an edit touches text that is changed already; two insertions at one place do."""
    place = bisect_left(taken, edit.span, key=lambda edit: edit.span)
    after = place < len(taken) and (
        taken[place].span.start < edit.span.end or taken[place].span.start == edit.span.start
    )
    return after or (place > 0 and taken[place - 1].span.end > edit.span.start)


def fix_text(text: str, check: Callable[[str], Iterable[Diagnostic]], *, unsafe: bool = False) -> Fixed:
    """Apply the fixes of what `check` finds in a text, and check again, until none is left.

    A round after which there are more errors than before is undone, and ends it: only an unsafe fix can lead there.
    """
    applied: list[Diagnostic] = []
    found = tuple(check(text))
    for _ in range(MOST_ROUNDS):
        new_text, fixed = apply_fixes(text, found, unsafe=unsafe)
        if not fixed:
            break
        left = tuple(check(new_text))
        if sum(d.is_error for d in left) > sum(d.is_error for d in found):
            break
        text, found = new_text, left
        applied += fixed
    return Fixed(text, tuple(applied), found)


_BEGINS: Final = pattern(r"[0-9]+[ \t]*\.|join\b|answer\b|<END_OF_PLAN>")
_ID: Final = pattern(r"\$(?:\{[ ]*)?([0-9]+)")


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
