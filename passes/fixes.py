"""Apply the fixes that diagnostics offer: those that don't overlap, round by round, until nothing is left to fix."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from lcc.grammar.diagnostics import Diagnostic, Edit, has_errors
from lcc.grammar.parser import parse_plan
from lcc.grammar.signature import Tools
from lcc.passes.lint import lint
from lcc.passes.verify import verify

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


def fix_plan(
    text: str,
    tools: Tools,
    *,
    select: Iterable[str] | None = None,
    ignore: Iterable[str] = (),
    unsafe: bool = False,
    path: str = "<string>",
) -> Fixed:
    """Fix what can be fixed in the text of a plan file, and say what is left.

    A text that doesn't parse, or a plan that doesn't verify, is left as it is. Raises UnknownSelector.
    """
    applied: list[Diagnostic] = []
    found = _findings(text, tools, select, ignore, path)
    for _ in range(MOST_ROUNDS):
        if has_errors(found):
            break
        new_text, fixed = apply_fixes(text, found, unsafe=unsafe)
        if not fixed:
            break
        left = _findings(new_text, tools, select, ignore, path)
        if has_errors(left):  # only an unsafe fix can lead here
            break
        text, found = new_text, left
        applied += fixed
    return Fixed(text, tuple(applied), found)


def _findings(
    text: str, tools: Tools, select: Iterable[str] | None, ignore: Iterable[str], path: str
) -> tuple[Diagnostic, ...]:
    parsed = parse_plan(text, path=path)
    found = parsed.diagnostics
    if parsed.ok:
        found += verify(parsed.plan, tools)
    return found if has_errors(found) else (*found, *lint(parsed.plan, tools, parsed.source, select, ignore))
