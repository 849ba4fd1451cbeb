"""Show lines of a source with marks under spans: what stands below a diagnostic's headline.

Columns are those of a terminal: wide characters take two cells, combining marks none, tabs go to the next multiple of four,
and what `escape` replaces takes the cells of its replacement. A long line is cut around its span, so that the cost of an
excerpt depends on the width of a terminal and not on the length of the line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final, NamedTuple

from lcc.grammar.diagnostics.terminal import CUT, cell, escape
from lcc.grammar.source import Source, Span

_AHEAD: Final = 8
"""Cells of a span that must be in view before a line is cut on its left."""
_SHOWN_LINES: Final = 4
"""A span of more lines than this is shown by its first two and its last."""


class Mark(NamedTuple):
    """A span to underline: `pen` is the character to do it with, `text` follows it, `style` names its colour."""

    span: Span
    pen: str
    text: str
    style: str


class _Stretch(NamedTuple):
    """The part of a mark on one line, as code points from the start of that line."""

    start: int
    end: int
    mark: Mark
    last: bool
    continues: bool


Paint = Callable[[str, str], str]
"""Give a text a named style; the identity where there is no colour."""


def excerpt(source: Source, marks: Iterable[Mark], paint: Paint, width: int) -> list[str]:
    """Return the lines that marks touch, in order of the source, each with its number and its marks beneath.

    The first mark of a line decides what is in view where the line is longer than `width` cells.
    """
    stretches: dict[int, list[_Stretch]] = {}
    for mark in marks:
        for line, stretch in _by_line(source, mark):
            stretches.setdefault(line, []).append(stretch)
    if not stretches:
        return []
    gutter = max(2, len(str(max(stretches))))
    room = max(20, width - gutter - 4)
    blank = paint(" " * (gutter + 1) + "|", "gutter")
    out: list[str] = []
    previous = 0
    for line in sorted(stretches):
        if previous and line > previous + 1:
            out.append(" " + paint("...", "gutter"))
        previous = line
        text, rows = _line(source, line, stretches[line], room, paint)
        out.append(f" {paint(f'{line:>{gutter}} |', 'gutter')} {text}".rstrip())
        out += [f" {blank} {row}" for row in rows]
    return out


def _by_line(source: Source, mark: Mark) -> Iterator[tuple[int, _Stretch]]:
    start, end = mark.span
    first, column = source.position(min(start, len(source.text)))
    last, end_column = source.position(min(max(start, end), len(source.text)))
    if last > first and end_column == 1:
        last, end_column = last - 1, 1 << 60
    numbers = range(first, last + 1) if last - first < _SHOWN_LINES else (first, first + 1, last)
    for number in numbers:
        begin = column - 1 if number == first else 0
        stop = end_column - 1 if number == last else 1 << 60
        yield number, _Stretch(begin, max(begin, stop), mark, number == last, number > first)


def _line(source: Source, number: int, stretches: list[_Stretch], room: int, paint: Paint) -> tuple[str, list[str]]:
    """Return a line, cut to `room` cells, and one row of marks for each stretch."""
    start = source.line_start(number)
    begin = _first_in_view(source.text, start, stretches[0].start, room)
    window = source.text[start + begin : start + begin + room + 1]
    cells, ended = _cells(window, room - 2 * bool(begin))
    shown = CUT * bool(begin) + "".join(shown for shown, _ in cells) + CUT * (not ended)
    rows = []
    for stretch in stretches:
        if stretch.continues and begin == 0:
            indentation = len(window) - len(window.lstrip(" \t"))
            stretch = stretch._replace(start=indentation)
        if cells or not stretch.continues:
            rows.append(_row(stretch, begin, cells, ended, paint))
    return shown, rows


def _first_in_view(text: str, start: int, focus: int, room: int) -> int:
    """Return how many code points of a line to leave out, so that the one at `focus` is in view."""
    if focus < room and sum(cell(char, 0)[1] for char in text[start : start + focus]) + _AHEAD <= room:
        return 0
    used, at = 0, focus
    while at > 0:
        used += cell(text[start + at - 1], 0)[1]
        if used > room // 3:
            break
        at -= 1
    return at


def _row(stretch: _Stretch, begin: int, cells: list[tuple[str, int]], ended: bool, paint: Paint) -> str:
    first = min(max(stretch.start - begin, 0), len(cells))
    past = min(max(stretch.end - begin, first), len(cells))
    left = sum(width for _, width in cells[:first]) + bool(begin)
    length = max(1, sum(width for _, width in cells[first:past]))
    hidden = stretch.end < begin or (not ended and stretch.start - begin >= len(cells))
    marks = CUT if hidden else stretch.mark.pen * length
    if not ended and not hidden and stretch.end - begin > len(cells):
        marks += CUT
    text = f" {escape(stretch.mark.text)}" if stretch.mark.text and stretch.last else ""
    return " " * left + paint(marks + text, stretch.mark.style)


def _cells(text: str, room: int) -> tuple[list[tuple[str, int]], bool]:
    """Return what to show for each code point of a line, with its width, and whether the line ended within `room`."""
    cells: list[tuple[str, int]] = []
    used = 0
    for char in text:
        if char in "\r\n":
            return cells, True
        shown, width = cell(char, used)
        if used + width > room:
            return cells, False
        cells.append((shown, width))
        used += width
    return cells, True
