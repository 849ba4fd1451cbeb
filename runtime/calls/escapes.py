"""Take the escapes out of a text, layer by layer: backslashes, percent signs, HTML's character references.

    {"url": "\\"a%20b\\""}   =>   {"url": ""a b""}

Which notation a text is in isn't known, so all are read at once; what is no escape stays. Nothing is evaluated.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import Final
from urllib.parse import unquote_to_bytes

from lcc.grammar.dataclass import dataclass
from lcc.grammar.late_pattern import pattern

DEEPEST: Final = 6
"""Escapes within escapes that are taken out."""

_ESCAPE: Final = pattern(
    r"(?:%[0-9A-Fa-f]{2})+|(?:\\x[0-9A-Fa-f]{2})+|(?:\\u[0-9A-Fa-f]{4})+|\\U00[0-9A-Fa-f]{6}|\\.|&#[0-9]{1,31};?|&#[xX][0-9A-Fa-f]{1,31};?|&[0-9A-Za-z]{1,31};",
    re.DOTALL,
)
_LETTERS: Final = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


@dataclass(frozen=True, slots=True)
class Layer:
    """A text some of whose escapes have been taken out.

    `cuts`: where pieces begin in it, and `origins` where they begin in the text that it was made from, which is in `before`. Escapes and what
    is between them take turns, so that of a piece that is an escape no part has a place of its own.
    """

    text: str
    cuts: list[int]
    origins: list[int]
    before: Layer | None = None

    def source(self, start: int, end: int) -> tuple[int, int]:
        """Return the part of the first text from which a part of this one was made."""
        layer: Layer | None = self
        while layer is not None and layer.before is not None:
            start, end = layer._start(start), layer._end(end)
            layer = layer.before
        return start, end

    def _start(self, place: int) -> int:
        piece = bisect_right(self.cuts, place) - 1
        return self.origins[piece] + (0 if piece % 2 else place - self.cuts[piece])

    def _end(self, place: int) -> int:
        piece = bisect_right(self.cuts, place - 1) - 1
        return self.origins[piece + 1] if piece % 2 else self.origins[piece] + place - self.cuts[piece]


def layers(text: str) -> Iterator[Layer]:
    """Yield a text, then what it is with its escapes taken out, and so on until none is left."""
    layer = Layer(text, [], [])
    yield layer
    for _ in range(DEEPEST):
        if _ESCAPE.search(layer.text) is None:
            return
        layer = _next(layer)
        yield layer


def _next(before: Layer) -> Layer:
    pieces: list[str] = []
    cuts, origins = [0], [0]
    at = 0
    for escape in _ESCAPE.finditer(before.text):
        for piece, end in ((before.text[at : escape.start()], escape.start()), (_meaning(escape[0]), escape.end())):
            pieces.append(piece)
            cuts.append(cuts[-1] + len(piece))
            origins.append(end)
        at = escape.end()
    pieces.append(before.text[at:])
    return Layer("".join(pieces), cuts, origins, before)


def _meaning(escape: str) -> str:
    if escape[:2] == "&#":
        return _numbered(escape[2:].rstrip(";"))
    if escape[0] == "&":
        from html import unescape  # its table of names takes a millisecond to load

        return unescape(escape)
    if escape[0] == "%":
        return decoded(unquote_to_bytes(escape))
    match escape[1]:
        case "x" if len(escape) > 2:
            return decoded(bytes.fromhex(escape.replace("\\x", "")))
        case "u" if len(escape) > 2:
            return bytes.fromhex(escape.replace("\\u", "")).decode("utf-16-be", "surrogatepass")
        case "U" if len(escape) > 2:
            return _character(int(escape[2:], 16))
        case char:
            return _LETTERS.get(char, char)


def _numbered(number: str) -> str:
    base = 16 if number[:1] in ("x", "X") else 10
    try:
        return _character(int(number.lstrip("xX"), base))
    except ValueError:
        return number


def _character(code: int) -> str:
    return chr(min(code, 0x10FFFF))


def decoded(data: bytes) -> str:
    """Return UTF-8 as text; other bytes stand for the characters of that number."""
    text = data.decode("utf-8", "surrogateescape")
    return "".join(chr(ord(char) - 0xDC00) if "\udc80" <= char <= "\udcff" else char for char in text)
