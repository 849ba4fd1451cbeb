"""Read one literal of Python, JSON or JavaScript, or one call of literals, tolerant in quotes, commas and words, and in nothing else."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import Any, Final

from lcc.grammar.lenient.forms.said import NotUnderstood
from lcc.grammar.limits import TextLimits
from lcc.grammar.source import Span

_SPACE: Final = re.compile(r"(?:\s|\ufeff|\u200b|#[^\r\n]*+|//[^\r\n]*+|/\*(?:(?!\*/)[\s\S]|)*+\*/|)*+")
_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]++(?:\.[0-9]*+)?|\.[0-9]++)(?:[eE][+-]?[0-9]++)?(?![\w.])")
_WORD: Final = re.compile(r"[^\W\d][\w.-]*+")
_PLAIN: Final = re.compile(r"[^\s,\[\]{}:#\"'][^,\[\]{}\r\n]*+")
_KEY: Final = re.compile(r"[^\W\d][\w-]*+(?=\s*+:)")
_KEYWORD: Final = re.compile(r"([A-Za-z_]\w*+)\s*+(?:=(?![=>])|:(?!/))\s*+")
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*+(?=\()")
_QUOTES: Final = {'"': '"', "'": "'", "“": "”", "‘": "’", "`": "`"}
_ESCAPE: Final = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2})|(\r\n|[\s\S]))")
_SIMPLE: Final = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "\n": "", "\r\n": "", "\r": ""}
_WORDS: Final = {
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
    "null": None, "None": None, "undefined": None, "nil": None,
}  # fmt: skip
_CLOSES: Final = {"[": "]", "(": ")"}
_STOPS: Final = {quote: re.compile(rf"[{re.escape(quote)}\\]") for quote in "\"'”’`"}


@dataclass(slots=True)
class Values:
    """Read literals of one text. `places` holds where each dict and list stands, by its `id`; they are kept alive in `_kept`."""

    text: str
    limits: TextLimits
    places: dict[int, Span] = field(default_factory=dict)
    _kept: list[Any] = field(default_factory=list)
    bare: bool = False  # words are text, as in YAML
    _depth: int = 0

    def space(self, at: int) -> int:
        """Return the offset past space and comments."""
        found = _SPACE.match(self.text, at)
        return found.end() if found else at

    def value(self, at: int) -> tuple[Any, int]:
        """Return the value that begins at `at` and the offset past it."""
        at = self.space(at)
        char = self.text[at : at + 1]
        if char in _QUOTES and char:
            return self._strings(at)
        if char in ("{", "[", "("):
            self._depth += 1
            if self._depth > self.limits.nesting:
                raise NotUnderstood("brackets are nested more deeply than the limit", at, code="P013")
            found = self._pairs(at) if char == "{" else self._items(at, _CLOSES[char])
            self._depth -= 1
            return found
        number = _NUMBER.match(self.text, at)
        if number:
            return self._number(number), number.end()
        word = _WORD.match(self.text, at)
        if word and word[0] in _WORDS:
            return _WORDS[word[0]], word.end()
        plain = _PLAIN.match(self.text, at) if self.bare else None
        if plain:
            return plain[0].rstrip(), plain.end()
        if not char:
            raise NotUnderstood("the text ends inside of this call", max(at - 1, 0), code="R043")
        raise NotUnderstood("this is no value", at, word.end() if word else None)

    def call(self, at: int) -> tuple[str, list[tuple[str | None, Any]], int]:
        """Return the tool, the arguments and the end of the call that begins at `at`."""
        found = _NAME.match(self.text, at)
        if found is None:
            raise NotUnderstood("this is no call", at)
        args, end = self.arguments(found.end() + 1, ")")
        return found[0], args, end

    def arguments(self, at: int, close: str) -> tuple[list[tuple[str | None, Any]], int]:
        """Return the arguments up to `close` ("" for the end of the text), and the offset past it."""
        args: list[tuple[str | None, Any]] = []
        while True:
            at = self.space(at)
            if self.text.startswith(close, at) if close else at >= len(self.text):
                return args, at + len(close)
            keyword = _KEYWORD.match(self.text, at)
            name = keyword[1] if keyword else None
            value, at = self.value(keyword.end() if keyword else at)
            if name is not None and any(name == other for other, _ in args):
                raise NotUnderstood(f"argument {name!r} is given twice", at - 1)
            args.append((name, value))
            if len(args) > self.limits.arguments:
                raise NotUnderstood("a call has more arguments than the limit", at, code="P015")
            at = self._comma(at, close)

    def _comma(self, at: int, close: str) -> int:
        at = self.space(at)
        if self.text[at : at + 1] in (",", "，", ";") and at < len(self.text):
            return at + 1
        if self.text.startswith(close, at) if close else at >= len(self.text):
            return at
        if at >= len(self.text):
            raise NotUnderstood("the text ends inside of this call", max(at - 1, 0), code="R043")
        raise NotUnderstood("a comma or a closing bracket belongs here", at)

    def _items(self, at: int, close: str) -> tuple[list[Any], int]:
        start, made = at, list[Any]()
        at += 1
        while True:
            at = self.space(at)
            if self.text.startswith(close, at):
                return self._placed(made, start, at + 1), at + 1
            value, at = self.value(at)
            made.append(value)
            at = self._comma(at, close)

    def _pairs(self, at: int) -> tuple[dict[str, Any], int]:
        start, made = at, dict[str, Any]()
        at += 1
        while True:
            at = self.space(at)
            if self.text.startswith("}", at):
                return self._placed(made, start, at + 1), at + 1
            key, behind = self._key(at)
            if key in made:
                raise NotUnderstood(f"key {key!r} occurs twice in one object", at, behind)
            at = self.space(behind)
            if not self.text.startswith((":", "：", "="), at):
                code = "R043" if at >= len(self.text) else "R045"
                raise NotUnderstood("a colon belongs here", min(at, len(self.text) - 1), code=code)
            made[key], at = self.value(at + (2 if self.text.startswith("=>", at) else 1))
            at = self._comma(at, "}")

    def _key(self, at: int) -> tuple[str, int]:
        bare = _KEY.match(self.text, at)
        if bare:
            return bare[0], bare.end()
        key, end = self.value(at)
        if not isinstance(key, str | int) or isinstance(key, bool):
            raise NotUnderstood("a key is text", at, end)
        return str(key), end

    def _strings(self, at: int) -> tuple[str, int]:
        """Read a string, and those that follow it directly, as Python has it."""
        text, at = self._string(at)
        while True:
            behind = self.space(at)
            if behind == at or self.text[behind : behind + 1] not in ('"', "'"):
                return text, at
            more, at = self._string(behind)
            text += more

    def _string(self, at: int) -> tuple[str, int]:
        text, quote = self.text, _QUOTES[self.text[at]]
        start, close = at, quote
        if text.startswith(quote * 3, at) and quote in "\"'":
            close = quote * 3
        at += len(close)
        out: list[str] = []
        while True:
            found = _STOPS[quote].search(text, at)
            if found is None:
                raise NotUnderstood("this text is never closed", start, code="R043")
            out.append(text[at : found.start()])
            at = found.start()
            if text[at] == "\\":
                escape = _ESCAPE.match(text, at)
                if escape is None:
                    raise NotUnderstood("this text is never closed", start, code="R043")
                out.append(_unescaped(escape))
                at = escape.end()
            elif text.startswith(close, at):
                return self._checked("".join(out), start), at + len(close)
            else:
                out.append(text[at])
                at += 1

    def _checked(self, text: str, at: int) -> str:
        if not text.isascii() and any("\ud800" <= char <= "\udfff" for char in text):
            text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
            if "\ufffd" in text:
                raise NotUnderstood("a text holds half of a surrogate pair", at, code="P009")
        return text

    def _number(self, found: re.Match[str]) -> int | float:
        digits = found[0]
        if len(digits) > self.limits.digits:
            raise NotUnderstood("a number has too many digits", found.start(), found.end())
        if digits.lstrip("+-").isdigit():
            return int(digits)
        number = float(digits)
        if not math.isfinite(number):
            raise NotUnderstood("a number is too large", found.start(), found.end())
        return number

    def _placed(self, made: Any, start: int, end: int) -> Any:
        self._kept.append(made)
        self.places[id(made)] = Span(start, end)
        return made


def _unescaped(escape: re.Match[str]) -> str:
    code = escape[1] or escape[2]
    if code:
        return chr(int(code, 16))
    char = escape[3]
    if char in _SIMPLE:
        return _SIMPLE[char]
    return char if char in "\"'\\/`$“”‘’" else f"\\{char}"
