"""Read string literals: decode Python's escapes, then find the dollars.

Interpolation works on the decoded text, so `"$1[\\"key\\"]"` and `'$1["key"]'` say the same; a dollar that an escape wrote
(`\\x24`) is only a dollar. What a `$5` means depends on the tasks of the plan, which a statement doesn't know: a text with
dollars is a `Template` until `resolve.py` reads it in its plan.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import field, replace
from enum import Enum, auto
from typing import Final

from lcc.grammar.dataclass import dataclass
from lcc.grammar.ir import Path
from lcc.grammar.late_pattern import pattern
from lcc.grammar.source import Span


class DollarKind(Enum):
    """What follows a dollar: a number, a name, an amount (`1,000`, `1.50`), or braces that hold neither id nor name."""

    TASK = auto()
    NAME = auto()
    AMOUNT = auto()
    MALFORMED = auto()


@dataclass(frozen=True, slots=True)
class Dollar:
    """One `$…` in a text. `raw` is how it stands there; `head` the number or the name."""

    kind: DollarKind
    head: str
    path: Path
    raw: str
    span: Span = field(compare=False)


@dataclass(frozen=True, slots=True)
class Template:
    """A text with dollars, not yet read in its plan. Strings are decoded."""

    parts: tuple[str | Dollar, ...]


@dataclass(frozen=True, slots=True)
class BadEscape:
    """A fault in a literal: what is wrong, where, and whether the text is still usable (`\\d` stays as it stands)."""

    message: str
    span: Span
    usable: bool
    help: str


@dataclass(slots=True)
class Decoded:
    """A decoded literal. `literal_dollars` are offsets in `text`; `shifts` map offsets in `text` to the source."""

    text: str
    literal_dollars: frozenset[int]
    shifts: Sequence[tuple[int, int]]
    faults: Sequence[BadEscape]

    def source_offset(self, at: int) -> int:
        """Return the source offset of the character at `at`."""
        low, high = 0, len(self.shifts)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self.shifts[middle][0] <= at else (low, middle)
        start, source = self.shifts[low]
        return source + at - start


_ESCAPE: Final = pattern(
    r"\\(?:(\r\n|[\r\n])|([0-7]{1,3})|x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|N\{([^{}\r\n]{1,88})\}|([\s\S]))"
)
_SIMPLE: Final = {
    "\\": "\\",
    "'": "'",
    '"': '"',
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "v": "\v",
}
_FORMS: Final = {"x": "two hex digits", "u": "four hex digits", "U": "eight hex digits", "N": "a name in braces"}
_SURROGATE: Final = pattern(r"[\ud800-\udbff][\udc00-\udfff]|([\ud800-\udfff])")

_NAME = r"[A-Za-z_][A-Za-z0-9_]*+"
_STEPS = rf"""(?:\.{_NAME}|\[(?:-?[0-9]{{1,9}}|"(?:[^"\\\r\n]|\\.|)*+"|'(?:[^'\\\r\n]|\\.|)*+')\]|)*+"""
DOLLAR: Final = pattern(
    r"\$(?:(\$)"
    r"|([0-9]{1,3}(?:,[0-9]{3})(?:,[0-9]{3}|)*+(?![0-9])|[0-9]++\.[0-9]++)"
    rf"|([0-9]++|{_NAME})({_STEPS})"
    r"|\{([^{}\r\n]*+)\})"
)
_LINE_END: Final = pattern(r"[\r\n]")
_BRACED: Final = pattern(rf"[ ]*+(?:([0-9]++)|({_NAME}))({_STEPS})[ ]*+\Z")
_STEP: Final = pattern(rf"""\.({_NAME})|\[(-?[0-9]+)\]|\[("(?:[^"\\\r\n]|\\.|)*+"|'(?:[^'\\\r\n]|\\.|)*+')\]""")


def body_of(token: str) -> tuple[str, int]:
    """Return the text between the quotes of a literal and the length of the opening quotes."""
    quotes = 3 if len(token) >= 6 and token[:3] == token[0] * 3 else 1
    return token[quotes:-quotes], quotes


def decode(token: str, offset: int) -> Decoded:
    """Decode the escapes of a string literal whose first quote is at `offset` in the source."""
    body, quotes = body_of(token)
    return decode_body(body, offset + quotes, Span(offset, offset + len(token)))


def decode_body(body: str, start: int, whole: Span) -> Decoded:
    """Decode the escapes of a stretch of a literal that begins at `start`. `whole`: where the literal stands."""
    if "\\" not in body:
        return Decoded(body, frozenset(), ((0, start),), ())
    out: list[str] = []
    length, at = 0, 0
    shifts = [(0, start)]
    dollars: list[int] = []
    faults: list[BadEscape] = []
    for found in _ESCAPE.finditer(body):
        out.append(body[at : found.start()])
        length += found.start() - at
        char, fault = _unescape(found, start)
        if fault:
            faults.append(fault)
        if char == "$":
            dollars.append(length)
        out.append(char)
        shifts.append((length, start + found.start()))
        length += len(char)
        at = found.end()
        shifts.append((length, start + at))
    out.append(body[at:])
    return Decoded(_pair("".join(out), whole, faults), frozenset(dollars), shifts, faults)


def _unescape(found: re.Match[str], start: int) -> tuple[str, BadEscape | None]:
    line, octal, two, four, eight, name, other = found.groups()
    span = Span(start + found.start(), start + found.end())
    if line is not None:
        return "", None
    if octal is not None:
        return chr(int(octal, 8)), None
    code = two or four or eight
    if code is not None:
        if int(code, 16) > 0x10FFFF:
            return "", BadEscape(
                f"`{found.group()}` is past the last code point", span, False, "the last is \\U0010ffff"
            )
        return chr(int(code, 16)), None
    if name is not None:
        try:
            return unicodedata.lookup(name), None
        except KeyError:
            return "", BadEscape(f"no character is named {name!r}", span, False, "write the character itself")
    if other in _SIMPLE:
        return _SIMPLE[other], None
    if other in _FORMS:
        return "", BadEscape(f"`\\{other}` needs {_FORMS[other]}", span, False, f"write `\\\\{other}` for a backslash")
    if other == "$":
        return "", BadEscape("`\\$` is not an escape", span, False, "write `$$` for a dollar")
    return f"\\{other}", BadEscape(f"`\\{other}` is not an escape", span, True, f"write `\\\\{other}` for a backslash")


def _pair(text: str, whole: Span, faults: list[BadEscape]) -> str:
    """Combine surrogate pairs that two `\\u` escapes wrote; a lone one is a fault."""
    if not any("\ud800" <= char <= "\udfff" for char in text):
        return text
    for found in _SURROGATE.finditer(text):
        if found.group(1):
            message = f"`\\u{ord(found.group(1)):04x}` is half of a surrogate pair"
            faults.append(BadEscape(message, whole, False, "write both halves, or the character itself"))
            return _SURROGATE.sub("�", text)
    return _SURROGATE.sub(lambda m: m.group().encode("utf-16", "surrogatepass").decode("utf-16"), text)


def split_dollars(decoded: Decoded) -> str | Template:
    """Find the dollars of a decoded text; a text without any is returned as it is, `$$` read as `$`."""
    text, literal = decoded.text, decoded.literal_dollars
    parts: list[str | Dollar] = []
    at = next_ = 0
    while (next_ := text.find("$", next_)) >= 0:
        found = None if next_ in literal else DOLLAR.match(text, next_)
        if found is None or (found.group(1) and next_ + 1 in literal):
            next_ += 1
            continue
        parts.append(text[at:next_])
        parts.append(_dollar(found, decoded))
        at = next_ = found.end()
    parts.append(text[at:])
    kept = [part for part in parts if part != ""]
    if all(isinstance(part, str) for part in kept):
        return "".join(part for part in kept if isinstance(part, str))
    return Template(tuple(kept))


def _dollar(found: re.Match[str], decoded: Decoded) -> str | Dollar:
    double, amount, head, steps, braced = found.groups()
    if double:
        return "$"
    span = Span(decoded.source_offset(found.start()), decoded.source_offset(found.end() - 1) + 1)
    raw = found.group()
    if amount is not None:
        return Dollar(DollarKind.AMOUNT, amount, (), raw, span)
    if head is not None:
        kind = DollarKind.TASK if head[0] in "0123456789" else DollarKind.NAME
        return Dollar(kind, head, read_path(steps), raw, span)
    inner = _BRACED.match(braced)
    if inner is None:
        return Dollar(DollarKind.MALFORMED, braced, (), raw, span)
    number, name, steps = inner.groups()
    kind = DollarKind.TASK if number else DollarKind.NAME
    return Dollar(kind, number or name, read_path(steps), raw, span)


def is_plain_braces(raw: str) -> bool:
    """Whether `${…}` holds an id or a name with its path, or nothing that could be read at all."""
    return raw[:2] != "${" or _BRACED.match(raw[2:-1]) is not None or not raw[2:-1].strip()


def may_have_expressions(text: str) -> bool:
    """Whether there is a `${…}` with more than a reference in the text of a statement, wherever it stands."""
    at = text.find("${")
    while at >= 0:
        line = _LINE_END.search(text, at)
        limit = line.start() if line else len(text)
        end = text.find("}", at, limit) + 1
        braces = text[at:end]
        if end and not is_plain_braces(decode_body(braces, 0, Span(0, 0)).text if "\\" in braces else braces):
            return True
        at = text.find("${", end or limit)  # without a brace that closes, there is none on the line
    return False


def read_dollar(raw: str, span: Span) -> Dollar | None:
    """Read a dollar of a text again; None if it is `$$` or no dollar."""
    found = DOLLAR.match(raw)
    if found is None:
        return None
    dollar = _dollar(found, Decoded(raw, frozenset(), ((0, span.start),), ()))
    return None if isinstance(dollar, str) else replace(dollar, span=span)


def read_path(steps: str) -> Path:
    """Read `.name`, `[0]` and `["key"]` after a reference."""
    if not steps:
        return ()
    path: list[str | int] = []
    for name, index, key in _STEP.findall(steps):
        path.append(name if name else int(index) if index else decode(key, 0).text)
    return tuple(path)


def read_reference(token: str, offset: int) -> Dollar:
    """Read a reference that stands outside of strings."""
    span = Span(offset, offset + len(token))
    found = DOLLAR.match(token)
    if found is None or found.end() != len(token) or found.group(1) or found.group(2):
        return Dollar(DollarKind.MALFORMED, token[1:], (), token, span)
    dollar = _dollar(found, Decoded(token, frozenset(), ((0, offset),), ()))
    return dollar if isinstance(dollar, Dollar) else Dollar(DollarKind.MALFORMED, token[1:], (), token, span)
