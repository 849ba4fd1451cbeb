"""Apply the fixes that diagnostics carry to the text that they are about."""

from __future__ import annotations

from collections.abc import Iterable

from lcc.grammar.diagnostics import Diagnostic, Edit, Fix
from lcc.grammar.source import Span


def apply_fixes(text: str, diagnostics: Iterable[Diagnostic]) -> tuple[str, int]:
    """Return a text with the safe fixes of its diagnostics applied, and how many were.

    A fix is applied whole or not at all. One that touches what an earlier one changes is left: once the new text is checked
    again, it is found again if it is still needed.
    """
    taken: list[Edit] = []
    applied: set[tuple[Edit, ...]] = set()
    for fix in _safe(diagnostics):
        if fix.edits in applied:
            continue
        if not any(_collide(new.span, old.span) for new in fix.edits for old in taken):
            applied.add(fix.edits)
            taken += fix.edits
    for edit in sorted(taken, key=lambda e: e.span, reverse=True):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    return text, len(applied)


def _safe(diagnostics: Iterable[Diagnostic]) -> list[Fix]:
    fixes = [d.fix for d in diagnostics if d.fix is not None and d.fix.safe and d.fix.edits]
    return sorted(fixes, key=lambda fix: min(edit.span for edit in fix.edits))


def _collide(one: Span, other: Span) -> bool:
    """Whether two edits touch the same text; two insertions at one place do, since their order is open."""
    if one.start == one.end and other.start == other.end:
        return one.start == other.start
    return (one.start < other.end and other.start < one.end) or one.start == other.start
