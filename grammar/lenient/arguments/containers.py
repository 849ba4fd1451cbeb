"""Read lists, tuples and dicts whose separators, keys or brackets are not in order."""

from __future__ import annotations

from lcc.grammar.lenient.arguments import bare, quoted
from lcc.grammar.lenient.arguments.argument_walk import (
    CLOSERS,
    MAX_DEPTH,
    NEXT_KEYWORD,
    OPENS,
    SEPARATORS,
    Refused,
    Walk,
    without_space,
)
from lcc.grammar.lenient.marks.repairs import EXTRA_COMMA, FULL_WIDTH, KEYWORD_COLON, UNCLOSED_CALL


def read(walk: Walk, at: int, char: str) -> int:
    """Read the list, tuple or dict that begins at `at` and return the offset past it."""
    walk.depth += 1
    if walk.depth > MAX_DEPTH:
        raise Refused
    end = _pairs(walk, at + 1) if char == "{" else _items(walk, at + 1, OPENS[char])
    walk.depth -= 1
    return end


def _items(walk: Walk, at: int, close: str) -> int:
    comma = -1
    while True:
        at = walk.space(at)
        char = walk.region[at : at + 1]
        if char == close:
            return at + 1
        if comma >= 0 and NEXT_KEYWORD.match(walk.region, at):
            walk.change(comma, comma, close, UNCLOSED_CALL.code)
            return comma
        if char == ")" or not char or char == "}":
            return _close(walk, at, close)
        if char in SEPARATORS:
            walk.change(at, at + 1, "", EXTRA_COMMA.code)
            at += 1
            continue
        behind = walk.value(at, None, False)
        at = _item_end(walk, behind)
        comma = behind


def _pairs(walk: Walk, at: int) -> int:
    while True:
        at = walk.space(at)
        char = walk.region[at : at + 1]
        if char == "}":
            return at + 1
        if char in (")", "]", ""):
            return _close(walk, at, "}")
        if char in SEPARATORS:
            walk.change(at, at + 1, "", EXTRA_COMMA.code)
            at += 1
            continue
        at = walk.space(_key(walk, at))
        sign = walk.region[at : at + 1]
        if sign not in (":", "=", "：", "＝") or not sign:
            raise Refused
        if sign != ":":
            code = FULL_WIDTH.code if sign == "：" else KEYWORD_COLON.code
            walk.change(at, at + 1, ":", code)
        at = _item_end(walk, walk.value(walk.space(at + 1), None, False))


def _key(walk: Walk, at: int) -> int:
    opening = quoted.opening(walk.region, at)
    if opening:
        return quoted.read(walk, at, opening, False, key=True)
    return bare.read_key(walk, at)


def _item_end(walk: Walk, at: int) -> int:
    at = walk.space(at)
    char = walk.region[at : at + 1]
    if char in SEPARATORS and char:
        if char != ",":
            walk.change(at, at + 1, ",", FULL_WIDTH.code)
        return at + 1
    if not char or char in CLOSERS:
        return at
    raise Refused


def _close(walk: Walk, at: int, close: str) -> int:
    char = walk.region[at : at + 1]
    if not char and not walk.settled:
        raise Refused
    end = without_space(walk.region, at)
    walk.change(end, end, close, UNCLOSED_CALL.code)
    return at
