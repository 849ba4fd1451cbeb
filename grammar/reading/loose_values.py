"""Read a value as models write it: one reader for the literals of JSON, Python and JavaScript, with what editors make of quotes.

    {"query": "tides", "top": 3}      {'query': 'tides', 'top': 3,}      {query: "tides", top: 3}      {“query”：“tides”}

Every reader of model text may use it: it knows no tools and no references, and gives plain JSON values. It reads exactly one value, or the
arguments of one call, and says where that ends; what it can't read for certain (a value that is cut, a key given twice, NaN, half of a
character) it refuses. Linear.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from math import isinf
from typing import Any, Final

from lcc.grammar.limits import DEFAULT_LIMITS, TextLimits
from lcc.grammar.source import Span
from lcc.grammar.values import Json

QUOTES: Final = {
    '"': '"', "'": "'", "`": "`", "“": "”\"", "”": "”", "‘": "’'", "’": "’", "„": "“”", "«": "»", "「": "」", "『": "』", "＂": "＂", "＇": "＇",
}  # fmt: skip
"""What opens a text, and what may close it then."""
BRACKETS: Final = {"{": "}", "[": "]", "(": ")", "｛": "｝", "［": "］", "（": "）", "【": "】"}
_CLOSES: Final = {"}": "}｝", "]": "]］", ")": ")）", "｝": "}｝", "］": "]］", "）": ")）", "】": "】"}
_COMMAS: Final = frozenset(",，、;；")
_COLON: Final = re.compile(r"[:：]|=>?")
_SPACE: Final = re.compile(r"(?:[\s\u200b\ufeff]|//[^\r\n]*+|#[^\r\n]*+|/\*(?:(?!\*/)[\s\S]|)*+\*/|)*+")
_NUMBER: Final = re.compile(r"[+-]?(?:(?:0|[1-9]\d*(?:_\d+)*)(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?(?![\w.])", re.ASCII)
_WORD: Final = re.compile(r"[^\W\d][\w$-]*|\$[\w$]*")
_BARE: Final = re.compile(r"[^\s,\[\]{}:#\"'][^,\[\]{}\r\n]*+")
_KEYWORD: Final = re.compile(r"(?P<name>[A-Za-z_]\w*+)\s*+(?P<sign>=(?![=>])|:(?!/))\s*+")
_CALLED: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*+(?=\()")
_WORDS: Final[dict[str, Json]] = {
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False, "null": None, "None": None, "undefined": None,
    "nil": None,
}  # fmt: skip
_ESCAPES: Final = dict(zip("\"'`\\/bfnrt0", "\"'`\\/\b\f\n\r\t\0", strict=True)) | {"\n": ""}
_ESCAPE: Final = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([\s\S]))")
_TEXT: Final = {mark: re.compile(rf"(?:[^\\{re.escape(closers)}]|\\[\s\S]|)*+") for mark, closers in QUOTES.items()}
_SPACED: Final = re.compile(r"\s([\s\S]*)\s\Z")
"""What stands within guillemets as French sets them, with a space on either side."""
_LONG: Final = {mark: re.compile(rf"(?:(?!{mark})[^\\]|\\[\s\S]|)*+") for mark in ('"""', "'''")}


class NotUnderstood(ValueError):
    """A text that can't be read: why, and where. `code`: that of a text that was cut, of one nested too deeply, or of any other."""

    def __init__(self, message: str, at: int, end: int | None = None, code: str = "R045") -> None:
        super().__init__(message)
        self.message = message
        self.span = Span(max(at, 0), max(at + 1, end or 0, 1))
        self.code = code

    @property
    def at(self) -> int:
        """Where it begins."""
        return self.span.start


@dataclass(frozen=True, slots=True)
class Found:
    """A value, and where it ends."""

    value: Json
    end: int


def read_value(text: str, at: int = 0) -> Found:
    """Return the value that begins at a place, spaces and comments before it aside; raise NotUnderstood."""
    return Found(*Values(text).value(at))


def whole_value(text: str) -> Json:
    """Return the value that a text is, spaces and comments around it aside; raise NotUnderstood."""
    value: Json = Values(text).whole()
    return value


def read_text(text: str, at: int) -> Found:
    """Return the quoted text that begins at a place; raise NotUnderstood."""
    return Found(*Values(text).text_at(at))


def keywords(text: str) -> dict[str, Json]:
    """Return named values, `query="tides", top=3`, of which a text is nothing but; raise NotUnderstood."""
    given, _ = Values(text).arguments(0, "")
    if not given or any(name is None for name, _ in given):
        raise NotUnderstood("no name stands here", 0)
    return {str(name): value for name, value in given}


@dataclass(slots=True)
class Values:
    """Read values of one text. `bare`: words are texts, as in YAML.

    `places`: where each dict and list stands, by its `id`. `members`: where what they hold stands, by that `id` and the key or index.
    """

    text: str
    limits: TextLimits = DEFAULT_LIMITS
    bare: bool = False
    places: dict[int, Span] = field(default_factory=dict)
    members: dict[tuple[int, str | int], Span] = field(default_factory=dict)
    _kept: list[Any] = field(default_factory=list)  # alive, so that no other object gets the `id` of one
    _depth: int = 0

    def space(self, at: int) -> int:
        """Return the first place from `at` on where neither a space nor a comment stands."""
        found = _SPACE.match(self.text, at)
        return found.end() if found else at

    def whole(self) -> Any:
        """Return the value that the text is."""
        value, end = self.value(0)
        end = self.space(end)
        if end < len(self.text):
            raise NotUnderstood("something stands behind the value", end)
        return value

    def value(self, at: int) -> tuple[Any, int]:
        """Return the value that begins at a place, and where it ends."""
        at = self.space(at)
        mark = self.text[at : at + 1]
        if mark in QUOTES:
            return self.text_at(at)
        if mark in BRACKETS:
            self._depth += 1
            if self._depth > self.limits.nesting:
                raise NotUnderstood("brackets are nested more deeply than the limit", at, code="P013")
            found = self._object(at) if mark in "{｛" else self._list(at)
            self._depth -= 1
            return found
        number = _NUMBER.match(self.text, at)
        if number:
            return self._number(number[0], at), number.end()
        word = _WORD.match(self.text, at)
        if word and word[0] in _WORDS:
            return _WORDS[word[0]], word.end()
        plain = _BARE.match(self.text, at) if self.bare else None
        if plain:
            return plain[0].rstrip(), plain.end()
        raise self._missing("no value stands here", at, word.end() if word else None)

    def call(self, at: int) -> tuple[str, list[tuple[str | None, Any]], int]:
        """Return the name, the arguments and the end of the call that begins at a place."""
        found = _CALLED.match(self.text, at)
        if found is None:
            raise NotUnderstood("this is no call", at)
        args, end = self.arguments(found.end() + 1, ")")
        return found[0], args, end

    def arguments(self, at: int, close: str) -> tuple[list[tuple[str | None, Any]], int]:
        """Return the arguments up to `close` ("" for the end of the text), and the place behind it."""
        args: list[tuple[str | None, Any]] = []
        names: set[str] = set()
        while True:
            at = self.space(at)
            if self._closes(at, close):
                return args, at + len(close)
            keyword = _KEYWORD.match(self.text, at)
            name = keyword["name"] if keyword else None
            if name in names:
                raise NotUnderstood(f"`{name}` is given twice", at)
            value, at = self.value(keyword.end() if keyword else at)
            args.append((name, value))
            names.add(name or "")
            if len(args) > self.limits.arguments:
                raise NotUnderstood("a call has more arguments than the limit", at, code="P015")
            at, _ = self.behind(at, close)

    def behind(self, at: int, closers: str) -> tuple[int, bool]:
        """Return where the next item, or what closes, stands, and whether a comma stood before it."""
        at = self.space(at)
        comma = self.text[at : at + 1] in _COMMAS
        if not comma and not self._closes(at, closers):
            raise self._missing("a comma or the closing bracket is missing", at)
        return (self.space(at + 1) if comma else at), comma

    def key(self, at: int) -> tuple[str, int]:
        """Return the key of an object that begins at a place, and where it ends."""
        if self.text[at : at + 1] in QUOTES:
            return self.text_at(at)
        word = _WORD.match(self.text, at)
        if word is None:
            raise self._missing("no key stands here", at)
        return word[0], word.end()

    def text_at(self, at: int) -> tuple[str, int]:
        """Return the quoted text that begins at a place, and where it ends."""
        mark = self.text[at : at + 1]
        if mark not in QUOTES:
            raise NotUnderstood("no quote stands here", at)
        pattern = _LONG.get(self.text[at : at + 3])
        quote = 3 if pattern else 1
        body = (pattern or _TEXT[mark]).match(self.text, at + quote)
        if body is None or body.end() >= len(self.text) or self.text[body.end()] == "\\":
            raise NotUnderstood("the quote is never closed", at, code="R043")
        spaced = _SPACED.match(body[0]) if mark == "«" else None
        return _unescaped(spaced[1] if spaced else body[0], at), body.end() + quote

    def placed(self, made: Any, start: int, end: int) -> Any:
        """Return a list or a dict; its place is kept."""
        self._kept.append(made)
        self.places[id(made)] = Span(start, end)
        return made

    def _closes(self, at: int, closers: str) -> bool:
        return at >= len(self.text) if not closers else self.text[at : at + 1] in closers and at < len(self.text)

    def _missing(self, message: str, at: int, end: int | None = None) -> NotUnderstood:
        if at >= len(self.text):
            return NotUnderstood("the text ends inside of a value", max(len(self.text) - 1, 0), code="R043")
        return NotUnderstood(message, at, end)

    def _number(self, digits: str, at: int) -> Json:
        if len(digits) > self.limits.digits:
            raise NotUnderstood("a number has too many digits", at, at + len(digits))
        if digits.lstrip("+-").replace("_", "").isdigit():
            return int(digits)
        number = float(digits)
        if isinf(number):
            raise NotUnderstood("a number is too large", at, at + len(digits))
        return number

    def _list(self, at: int) -> tuple[Any, int]:
        """Read a list or a tuple; in parentheses, a single value without a comma is itself."""
        items: list[Any] = []
        place, closers, comma = self.space(at + 1), _CLOSES[BRACKETS[self.text[at]]], False
        while not self._closes(place, closers):
            value, end = self.value(place)
            self.members[id(items), len(items)] = Span(place, end)
            items.append(value)
            place, comma = self.behind(end, closers)
        if self.text[at] in "(（" and len(items) == 1 and not comma:
            return items[0], place + 1
        return self.placed(items, at, place + 1), place + 1

    def _object(self, at: int) -> tuple[Any, int]:
        made: dict[str, Any] = {}
        place, closers = self.space(at + 1), _CLOSES[BRACKETS[self.text[at]]]
        while not self._closes(place, closers):
            key, end = self.key(place)
            end = self.space(end)
            colon = _COLON.match(self.text, end)
            if colon is None:
                raise self._missing("a colon is missing behind a key", end)
            if key in made:
                raise NotUnderstood(f"key {key!r} occurs twice in one object", place, end)
            begun = self.space(colon.end())
            made[key], end = self.value(begun)
            self.members[id(made), key] = Span(begun, end)
            place, _ = self.behind(end, closers)
        return self.placed(made, at, place + 1), place + 1


def _unescaped(body: str, at: int) -> str:
    """Return what a text says whose quote stands at a place. An escape that there isn't stands for itself, as in Python."""
    if "\\" not in body:
        return body
    try:
        said = _ESCAPE.sub(_character, body)
        return said.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
    except (ValueError, OverflowError):
        what = "an escape in this text is half of a surrogate pair, or no character"
        raise NotUnderstood(what, at, code="P009") from None


def _character(escape: re.Match[str]) -> str:
    letter = escape[4]
    return _ESCAPES.get(letter, escape[0]) if letter else chr(int(escape[1] or escape[2] or escape[3], 16))


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
                at = Values(text).text_at(at)[1]
                continue
            except NotUnderstood:
                quoted -= {char}
        depth += (char in openers) - (char in closers)
        if not depth:
            return at
        at += 1
    return at
