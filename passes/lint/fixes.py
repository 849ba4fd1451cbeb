"""Apply the fixes that diagnostics offer: those that don't overlap, round by round, until nothing is left to fix."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from lcc.grammar.diagnostics import Diagnostic, Edit

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
