"""Read a value as models write it: one reader for the literals of JSON, Python and JavaScript, with what editors make of quotes.

    {"query": "tides", "top": 3}      {'query': 'tides', 'top': 3,}      {query: "tides", top: 3}      {“query”：“tides”}

Every reader of model text may use it: it knows no tools and no references, and gives plain JSON values. It reads exactly one value and says
where that ends; what it can't read for certain (a value that is cut, a key given twice, NaN, half of a character) it refuses. Linear.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import isinf
from typing import Final

from lcc.grammar.limits import DEFAULT_LIMITS
from lcc.grammar.values import Json

QUOTES: Final = {
    '"': '"', "'": "'", "`": "`", "“": "”\"", "”": "”", "‘": "’'", "’": "’", "„": "“”", "«": "»", "「": "」", "『": "』", "＂": "＂", "＇": "＇",
}  # fmt: skip
"""What opens a text, and what may close it then."""
BRACKETS: Final = {"{": "}", "[": "]", "(": ")", "｛": "｝", "［": "］", "（": "）", "【": "】"}
_CLOSES: Final = {"}": "}｝", "]": "]］", ")": ")）", "｝": "}｝", "］": "]］", "）": ")）", "】": "】"}
_SPACE: Final = re.compile(r"(?:[\s\u200b\ufeff]|//[^\n]*|#[^\n]*|/\*[\s\S]*?\*/)*")
_NUMBER: Final = re.compile(r"[+-]?(?:0|[1-9]\d*(?:_\d+)*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])", re.ASCII)
_WORD: Final = re.compile(r"[^\W\d][\w$-]*|\$[\w$]*")
_WORDS: Final[dict[str, Json]] = {
    "true": True, "True": True, "false": False, "False": False, "null": None, "None": None, "undefined": None, "nil": None,
}  # fmt: skip
_ESCAPES: Final = dict(zip("\"'`\\/bfnrt0", "\"'`\\/\b\f\n\r\t\0", strict=True)) | {"\n": ""}
_HEX: Final = {"x": 2, "u": 4, "U": 8}
_PLAIN: Final = {mark: re.compile(rf"[^\\{re.escape(closers)}]+") for mark, closers in QUOTES.items()}


class NotAValue(ValueError):
    """A text that is no value. The message says why; `at` is where."""

    def __init__(self, message: str, at: int) -> None:
        super().__init__(message)
        self.at = at


@dataclass(frozen=True, slots=True)
class Found:
    """A value, and where it ends."""

    value: Json
    end: int


def read_value(text: str, at: int = 0) -> Found:
    """Return the value that begins at a place, spaces and comments before it aside; raise NotAValue."""
    return _value(text, skip(text, at), DEFAULT_LIMITS.nesting)


def whole_value(text: str) -> Json:
    """Return the value that a text is, spaces and comments around it aside; raise NotAValue."""
    found = read_value(text)
    end = skip(text, found.end)
    if end < len(text):
        raise NotAValue("something stands behind the value", end)
    return found.value


def skip(text: str, at: int) -> int:
    """Return the first place from `at` on where neither a space nor a comment stands."""
    found = _SPACE.match(text, at)
    return found.end() if found else at


def read_text(text: str, at: int) -> Found:
    """Return the quoted text that begins at a place; raise NotAValue."""
    mark = text[at : at + 1]
    if mark not in QUOTES:
        raise NotAValue("no quote stands here", at)
    closer = mark * 3 if mark in "\"'" and text.startswith(mark * 3, at) else ""
    place = at + (len(closer) or 1)
    parts: list[str] = []
    while place < len(text):
        plain = _PLAIN[mark].match(text, place)
        if plain:
            parts.append(plain[0])
            place = plain.end()
        elif text[place] == "\\":
            said, place = _escape(text, place)
            parts.append(said)
        elif not closer or text.startswith(closer, place):
            return Found("".join(parts), place + (len(closer) or 1))
        else:
            parts.append(text[place])
            place += 1
    raise NotAValue("the quote is never closed", at)


def _escape(text: str, at: int) -> tuple[str, int]:
    """Return what an escape says, and where it ends. One that there isn't stands for itself, as in Python."""
    letter = text[at + 1 : at + 2]
    digits = text[at + 2 : at + 2 + _HEX.get(letter, 0)]
    if letter not in _HEX:
        return _ESCAPES.get(letter, f"\\{letter}"), at + 2
    if len(digits) < _HEX[letter] or not all(digit in "0123456789abcdefABCDEF" for digit in digits):
        return f"\\{letter}", at + 2
    code, end = int(digits, 16), at + 2 + len(digits)
    if 0xD800 <= code < 0xDC00 and text[end : end + 2] == "\\u":
        low = text[end + 2 : end + 6]
        if re.fullmatch("[dD][c-fC-F][0-9a-fA-F]{2}", low):
            return chr(0x10000 + ((code - 0xD800) << 10) + int(low, 16) - 0xDC00), end + 6
    if code > 0x10FFFF or 0xD800 <= code < 0xE000:
        raise NotAValue("this escape is no character", at)
    return chr(code), end


def _value(text: str, at: int, depth: int) -> Found:
    mark = text[at : at + 1]
    if mark in QUOTES:
        return read_text(text, at)
    if mark in BRACKETS:
        if not depth:
            raise NotAValue("brackets are nested more deeply than the limit", at)
        return _object(text, at, depth - 1) if mark in "{｛" else _list(text, at, depth - 1)
    number = _NUMBER.match(text, at)
    if number:
        return Found(_number(number[0], at), number.end())
    word = _WORD.match(text, at)
    if word and word[0] in _WORDS:
        return Found(_WORDS[word[0]], word.end())
    raise NotAValue("no value stands here", at)


def _number(digits: str, at: int) -> Json:
    if len(digits) > DEFAULT_LIMITS.digits:
        raise NotAValue("a number has too many digits", at)
    if digits.lstrip("+-").replace("_", "").isdigit():
        return int(digits)
    number = float(digits)
    if isinf(number):
        raise NotAValue("a number is too large", at)
    return number


def _list(text: str, at: int, depth: int) -> Found:
    """Read a list or a tuple; in parentheses, a single value without a comma is itself."""
    items: list[Json] = []
    place, closers, comma = skip(text, at + 1), _CLOSES[BRACKETS[text[at]]], False
    while text[place : place + 1] not in closers or place == len(text):
        found = _value(text, place, depth)
        items.append(found.value)
        place, comma = _behind(text, found.end, closers)
    single = text[at] in "(（" and len(items) == 1 and not comma
    return Found(items[0] if single else items, place + 1)


def _object(text: str, at: int, depth: int) -> Found:
    made: dict[str, Json] = {}
    place, closers = skip(text, at + 1), _CLOSES[BRACKETS[text[at]]]
    while text[place : place + 1] not in closers or place == len(text):
        key, end = _key(text, place)
        colon = skip(text, end)
        if text[colon : colon + 1] not in (":", "："):
            raise NotAValue("a colon is missing behind a key", min(colon, len(text)))
        if key in made:
            raise NotAValue(f"key {key!r} occurs twice in one object", place)
        found = _value(text, skip(text, colon + 1), depth)
        made[key] = found.value
        place, _ = _behind(text, found.end, closers)
    return Found(made, place + 1)


def _key(text: str, at: int) -> tuple[str, int]:
    if text[at : at + 1] in QUOTES:
        found = read_text(text, at)
        return str(found.value), found.end
    word = _WORD.match(text, at)
    if word is None:
        raise NotAValue("no key stands here", at)
    return word[0], word.end()


def _behind(text: str, at: int, closers: str) -> tuple[int, bool]:
    """Return where the next item, or the closing bracket, stands, and whether a comma stood before it."""
    place = skip(text, at)
    comma = text[place : place + 1] in (",", "，", "、")
    if comma:
        place = skip(text, place + 1)
    elif text[place : place + 1] not in closers or place == len(text):
        raise NotAValue("a comma or the closing bracket is missing", place)
    return place, comma


_KEYWORD: Final = re.compile(r"(?P<name>[^\W\d]\w*)\s*=(?!=)", re.ASCII)


def keywords(text: str) -> dict[str, Json]:
    """Return named values, `query="tides", top=3`, of which a text is nothing but; raise NotAValue."""
    made: dict[str, Json] = {}
    place = skip(text, 0)
    while place < len(text) or not made:
        name = _KEYWORD.match(text, place)
        if name is None:
            raise NotAValue("no name stands here", place)
        if name["name"] in made:
            raise NotAValue(f"`{name['name']}` is given twice", place)
        found = read_value(text, name.end())
        made[name["name"]] = found.value
        place = skip(text, found.end)
        if text[place : place + 1] in (",", "，"):
            place = skip(text, place + 1)
        elif place < len(text):
            raise NotAValue("a comma is missing", place)
    return made


def closing(text: str, at: int, opening: str) -> int:
    """Return where the bracket is closed that was opened before `at`, quoted texts aside; the text's length if it isn't."""
    closers = _CLOSES[BRACKETS[opening]]
    openers = [mark for mark, closer in BRACKETS.items() if closer in closers]
    quoted = frozenset("\"'“„«「『")
    depth = 1
    while at < len(text):
        char = text[at]
        if char in quoted and not text[at - 1].isalnum():
            try:
                at = read_text(text, at).end
                continue
            except NotAValue:
                quoted -= {char}
        depth += (char in openers) - (char in closers)
        if not depth:
            return at
        at += 1
    return at
