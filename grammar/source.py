"""Locate text: half-open spans of code points, and line and column on demand.

Spans are offsets because a parser produces many and a person reads few; `Source.position` finds the line by bisection.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import field
from typing import NamedTuple

from lcc.grammar.dataclass import dataclass


class Span(NamedTuple):
    """A half-open range of code points in one source text."""

    start: int
    end: int

    def cover(self, other: Span) -> Span:
        """Return the smallest span that contains both."""
        return Span(min(self.start, other.start), max(self.end, other.end))


@dataclass(frozen=True, slots=True)
class Source:
    """A text with a name; lines end at LF, CRLF or CR."""

    path: str
    text: str
    _starts: list[int] = field(init=False, repr=False, compare=False, default_factory=list)

    def position(self, offset: int) -> tuple[int, int]:
        """Return the line and column of an offset, both counted from 1, the column in code points."""
        starts = self._line_starts()
        line = bisect_right(starts, offset)
        return line, offset - starts[line - 1] + 1

    def line(self, number: int) -> str:
        """Return the text of line `number` (from 1), without its line break; empty past the end."""
        starts = self._line_starts()
        if not 1 <= number <= len(starts):
            return ""
        end = starts[number] if number < len(starts) else len(self.text)
        return self.text[starts[number - 1] : end].rstrip("\r\n")

    def line_start(self, number: int) -> int:
        """Return the offset of the first code point of line `number` (from 1), which must exist."""
        return self._line_starts()[number - 1]

    def _line_starts(self) -> list[int]:
        if not self._starts:
            text = self.text
            self._starts.append(0)
            at = 0
            while at < len(text):
                lf = text.find("\n", at)
                cr = text.find("\r", at, lf if lf >= 0 else len(text))
                if cr >= 0:
                    at = cr + 2 if cr + 1 == lf else cr + 1
                elif lf >= 0:
                    at = lf + 1
                else:
                    break
                self._starts.append(at)
        return self._starts
