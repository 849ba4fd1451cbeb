"""Mend the text of one statement by changes, and know where every character of the result stands in the source."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from lcc.grammar.diagnostics import Diagnostic, Edit, Fix
from lcc.grammar.ir import Arg, Input, Ref, rebuild
from lcc.grammar.source import Span
from lcc.grammar.syntax.statement import Call
from lcc.grammar.syntax.strings import Dollar, Template


class Change(NamedTuple):
    """Replace `start`:`end` of the region by `text`; `code` names the repair that does."""

    start: int
    end: int
    text: str
    code: str


@dataclass(slots=True)
class Draft:
    """A part of a region (`start` to `end`) with changes made to it. `base` is the region's offset in the source.

    Changes don't overlap; a change outside of the part is left out. `text` is the result.
    """

    region: str
    base: int
    start: int
    end: int
    changes: Sequence[Change]
    text: str = field(init=False)
    _at: list[int] = field(init=False)
    _from: list[int] = field(init=False)
    _until: list[int] = field(init=False)

    def __post_init__(self) -> None:
        out: list[str] = []
        self._at, self._from, self._until = [], [], []
        at, length = self.start, 0
        for change in sorted(self.changes, key=_place):
            if change.start < at or change.end > self.end:
                continue
            length = self._copy(out, length, at, change.start)
            self._at.append(length)
            self._from.append(change.start)
            self._until.append(change.end)
            out.append(change.text)
            length += len(change.text)
            at = change.end
        self._copy(out, length, at, self.end)
        self.text = "".join(out)

    def _copy(self, out: list[str], length: int, start: int, end: int) -> int:
        self._at.append(length)
        self._from.append(start)
        self._until.append(-1)
        out.append(self.region[start:end])
        return length + end - start

    def span(self, span: Span) -> Span:
        """Return where in the source a span of the draft's text stands."""
        first = max(span.start, 0)
        start, end = self._source(first, last=False), self._source(max(span.end - 1, first), last=True)
        return Span(self.base + start, self.base + max(start, end))

    def _source(self, at: int, last: bool) -> int:
        piece = max(bisect_right(self._at, at) - 1, 0)
        if self._until[piece] >= 0:
            return self._until[piece] if last else self._from[piece]
        return min(self._from[piece] + at - self._at[piece] + last, self.end)


def _place(change: Change) -> tuple[int, int]:
    """Order changes by place; at one place an insertion stands before a replacement."""
    return change.start, change.end


def fix_of(changes: Iterable[Change], base: int, message: str, safe: bool) -> Fix:
    """Return the fix that makes these changes in the source."""
    edits = tuple(Edit(Span(base + c.start, base + c.end), c.text) for c in sorted(changes, key=_place))
    return Fix(message, edits, safe)


def placed(call: Call, draft: Draft) -> Call:
    """Return a call parsed from a draft with its spans in the source."""
    args = tuple(Arg(a.name, _placed_value(a.value, draft), a.each, draft.span(a.span)) for a in call.args)
    return replace(call, args=args, span=draft.span(call.span), named=draft.span(call.named))


def placed_diagnostic(found: Diagnostic, draft: Draft) -> Diagnostic:
    """Return a diagnostic about a draft with its span in the source, without the fix, which was for the draft."""
    return replace(found, span=draft.span(found.span) if found.span else None, labels=(), fix=None)


def _placed_value(value: Any, draft: Draft) -> Any:
    match value:
        case Ref(task, path, span):
            return Ref(task, path, draft.span(span))
        case Input(name, path, span):
            return Input(name, path, draft.span(span))
        case Template(parts):
            return Template(tuple(replace(p, span=draft.span(p.span)) if isinstance(p, Dollar) else p for p in parts))
        case _:
            return rebuild(value, lambda item: _placed_value(item, draft))
