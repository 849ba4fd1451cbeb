"""Read lists, tuples and dicts whose separators, keys or brackets are not in order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lcc.grammar.lenient import bare, quoted
from lcc.grammar.lenient.lookahead import CLOSERS, MAX_DEPTH, NEXT_KEYWORD, OPENS, SEPARATORS, Refused, without_space
from lcc.grammar.lenient.repairs import extra_comma, full_width, keyword_colon, unclosed_call

if TYPE_CHECKING:
    from lcc.grammar.lenient.reader import Reader


def read(reader: Reader, at: int, char: str) -> int:
    """Read the list, tuple or dict that begins at `at` and return the offset past it."""
    reader.depth += 1
    if reader.depth > MAX_DEPTH:
        raise Refused
    end = _pairs(reader, at + 1) if char == "{" else _items(reader, at + 1, OPENS[char])
    reader.depth -= 1
    return end


def _items(reader: Reader, at: int, close: str) -> int:
    comma = -1
    while True:
        at = reader.space(at)
        char = reader.region[at : at + 1]
        if char == close:
            return at + 1
        if comma >= 0 and NEXT_KEYWORD.match(reader.region, at):
            reader.change(comma, comma, close, unclosed_call.REPAIR.code)
            return comma
        if char == ")" or not char or char == "}":
            return _close(reader, at, close)
        if char in SEPARATORS:
            reader.change(at, at + 1, "", extra_comma.REPAIR.code)
            at += 1
            continue
        behind = reader.value(at, None, False)
        at = _item_end(reader, behind)
        comma = behind


def _pairs(reader: Reader, at: int) -> int:
    while True:
        at = reader.space(at)
        char = reader.region[at : at + 1]
        if char == "}":
            return at + 1
        if char in (")", "]", ""):
            return _close(reader, at, "}")
        if char in SEPARATORS:
            reader.change(at, at + 1, "", extra_comma.REPAIR.code)
            at += 1
            continue
        at = reader.space(_key(reader, at))
        sign = reader.region[at : at + 1]
        if sign not in (":", "=", "：", "＝") or not sign:
            raise Refused
        if sign != ":":
            code = full_width.REPAIR.code if sign == "：" else keyword_colon.REPAIR.code
            reader.change(at, at + 1, ":", code)
        at = _item_end(reader, reader.value(reader.space(at + 1), None, False))


def _key(reader: Reader, at: int) -> int:
    opening = quoted.opening(reader.region, at)
    if opening:
        return quoted.read(reader, at, opening, False, key=True)
    return bare.read_key(reader, at)


def _item_end(reader: Reader, at: int) -> int:
    at = reader.space(at)
    char = reader.region[at : at + 1]
    if char in SEPARATORS and char:
        if char != ",":
            reader.change(at, at + 1, ",", full_width.REPAIR.code)
        return at + 1
    if not char or char in CLOSERS:
        return at
    raise Refused


def _close(reader: Reader, at: int, close: str) -> int:
    char = reader.region[at : at + 1]
    if not char and not reader.settled:
        raise Refused
    end = without_space(reader.region, at)
    reader.change(end, end, close, unclosed_call.REPAIR.code)
    return at
