"""Count as editors do: lines from 0, columns in units of an encoding that was agreed on, UTF-16 where nothing was."""

from __future__ import annotations

from typing import Final, NamedTuple

from lcc.grammar.source import Source, Span


class Place(NamedTuple):
    """A place in a text: its line from 0, and its column in units from 0."""

    line: int
    column: int


_UNITS: Final = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}


class Columns:
    """Places of one text in one encoding: `utf-8`, `utf-16` or `utf-32`."""

    def __init__(self, source: Source, encoding: str = "utf-16") -> None:
        self.source = source
        self._codec, self._width = _UNITS.get(encoding, _UNITS["utf-16"])

    def place(self, offset: int) -> Place:
        """Return where a code point stands; one past the end is at the end."""
        offset = max(0, min(offset, len(self.source.text)))
        line, column = self.source.position(offset)
        return Place(line - 1, self._units(self.source.text[offset - column + 1 : offset]))

    def range(self, span: Span) -> tuple[Place, Place]:
        """Return where a span begins and ends."""
        return self.place(span.start), self.place(span.end)

    def offset(self, line: int, column: int) -> int:
        """Return the code point at a place; past the end of a line it is its end, past the text the text's end."""
        try:
            start = self.source.line_start(max(line, 0) + 1)
        except IndexError:
            return len(self.source.text)
        text = self.source.line(max(line, 0) + 1)
        if text.isascii():
            return start + min(max(column, 0), len(text))
        before = text.encode(self._codec, "surrogatepass")[: max(column, 0) * self._width]
        return start + len(before.decode(self._codec, "ignore"))

    def _units(self, text: str) -> int:
        return len(text) if text.isascii() else len(text.encode(self._codec, "surrogatepass")) // self._width
