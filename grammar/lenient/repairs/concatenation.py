"""Read `"a" + $1` as one text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from lcc.grammar.diagnostics import Rule
from lcc.grammar.lenient.lookahead import MAX_DEPTH
from lcc.grammar.lenient.repairs import bare_text
from lcc.grammar.lenient.repairs.reference_style import reference
from lcc.grammar.lenient.repairs.repair import Repair

if TYPE_CHECKING:
    from lcc.grammar.lenient.reader import Reader

REPAIR: Final = Repair(
    Rule(
        "R021",
        "concatenation",
        "texts and results are put together by `+`",
        "Where one side is a text, the sum is a text with the results in it, which is exactly what a string with references says.",
        '1. search("tides")\n2. search("more about " + $1)\n3. join()\n',
        '1. search("tides")\n2. search("more about $1")\n3. join()\n',
        front_end="model",
    ),
    "texts are put together by `+`",
    "write one string",
)

_STRING: Final = re.compile(
    r"(?P<prefix>[fF](?=[\"']))?(?:\"(?P<double>(?:[^\"\\\r\n]|\\.|)*+)\"|'(?P<single>(?:[^'\\\r\n]|\\.|)*+)')"
)
_REFERENCE: Final = re.compile(
    r"\$(?:\{[^{}\r\n]*+\}|(?:\d+|[A-Za-z_]\w*+)(?:\.[A-Za-z_]\w*+|\[(?:-?\d+|\"[^\"\\\r\n]*+\"|'[^'\\\r\n]*+')\]|)*+)"
)
_NUMBER: Final = re.compile(r"-?\d+(?:\.\d+)?(?![\w.])")
_NAME: Final = re.compile(r"[A-Za-z_]\w*+(?![\w(])")
_STR: Final = re.compile(r"str\([ \t]*+")
_FORMAT: Final = re.compile(r"\.format\([ \t]*+")
_COMMA: Final = re.compile(r"[ \t]*+,[ \t]*+")
_RESULT = r"\$(?:\d{1,9}|\{\d{1,9}\})"
_QUOTED = r"[$\d{}.+\-*/%() ]{2,80}"
_TERM = rf"(?:\"{_QUOTED}\"|'{_QUOTED}'|{_RESULT}|\d{{1,15}}(?:\.\d{{1,15}})?)"
_EXPRESSION: Final = re.compile(
    rf"(?=[^\r\n]{{0,60}}(?P<quoted>[\"']\$)){_TERM}(?=[ \t]*+[-*/%])(?:[ \t]*+(?:\*\*|//|[-+*/%])[ \t]*+{_TERM}|)*+"
)
"""Arithmetic whose parts stand in quotes one by one: `"$1" / "$2"`. A sum alone may as well put texts together."""
_PART: Final = re.compile(r"\"([^\"]*)\"|'([^']*)'")
_NEXT_LINE: Final = re.compile(r"[ \t]*+\r?\n[ \t]*+(?=[\"'])")
_PLUS: Final = re.compile(r"[ \t]*+(?:\r?\n[ \t]*+)?\+[ \t]*+(?:\r?\n[ \t]*+)?")


_COPIED: Final = 5_000
"""How many characters of a sum are copied in the time of a step."""


class _Sum:
    """The operands read so far, as the content of one string in double quotes."""

    def __init__(self) -> None:
        self.body = ""
        self.operands = 0
        self.strings = 0
        self.formatted = 0

    def text(self, body: str) -> None:
        self.operands += 1
        self.body += body

    def reference(self, written: str) -> None:
        """Add a reference in braces, so that what follows can't prolong it."""
        dollars = len(self.body) - len(self.body.rstrip("$"))
        inner = written[1:].strip("{}")
        self.text(("$" if dollars % 2 else "") + "${" + inner.replace('"', '\\"') + "}")


def read(reader: Reader, at: int, argument: bool, alone: bool = False) -> int | None:
    """Read operands joined by `+` of which one is a string; return the offset past them, or None if there is no such sum.

    `alone`: no other argument can follow, so strings on lines of their own are one text, as in Python.
    """
    expression = _EXPRESSION.match(reader.region, at)
    if expression and expression["quoted"] and reader.ends_value(expression.end(), argument):
        written = _PART.sub(_unquoted, expression.group())
        reader.change(at, expression.end(), f'"{written}"', bare_text.REPAIR.code)
        return expression.end()
    total = _Sum()
    end = _operand(reader, at, total)
    while end is not None:
        plus = _PLUS.match(reader.region, end) or (_NEXT_LINE.match(reader.region, end) if alone else None)
        if plus is None:
            break
        end = _operand(reader, plus.end(), total)
    if end is None or total.operands + total.formatted < 2 or not total.strings or not reader.ends_value(end, argument):
        return None
    reader.change(at, end, f'"{total.body}"', REPAIR.code)
    return end


def _unquoted(part: re.Match[str]) -> str:
    text = str(part[1] or part[2]).strip()
    return text if re.fullmatch(r"\$?[\w{}.]+", text) else f"({text})"


def _fields(reader: Reader, at: int, body: str, total: _Sum) -> int | None:
    """Read the arguments of `.format(` and put them into the fields `{}` of a text."""
    text = reader.region
    given: list[_Sum] = []
    while True:
        one = _Sum()
        end = _deeper(reader, at, one)
        if end is None:
            return None
        given.append(one)
        more = _COMMA.match(text, end)
        if more is None:
            break
        at = more.end()
    pieces = body.split("{}")
    if text[end : end + 1] != ")" or len(pieces) != len(given) + 1 or any("{" in p or "}" in p for p in pieces):
        return None
    total.formatted += 1
    total.text(pieces[0])
    for one, piece in zip(given, pieces[1:], strict=True):
        if one.body.startswith("${"):
            total.reference(f"${one.body[2:-1]}")
        else:
            total.text(one.body)
        total.text(piece)
    return end + 1


def _deeper(reader: Reader, at: int, total: _Sum) -> int | None:
    """Read an operand inside of another."""
    reader.depth += 1
    end = _operand(reader, at, total) if reader.depth <= MAX_DEPTH else None
    reader.depth -= 1
    return end


def _operand(reader: Reader, at: int, total: _Sum) -> int | None:
    text = reader.region
    reader.budget.spend(1 + len(total.body) // _COPIED)
    found = _STRING.match(text, at)
    if found:
        total.strings += 1
        body = found["double"]
        if body is None:
            body = re.sub(r'\\.|"', lambda m: '\\"' if m.group() == '"' else m.group(), found["single"])
        if found["prefix"]:
            body = re.sub(r"\{([^{}]*)\}", lambda m: reference(m.group(1).strip(), reader.variables) or "\0", body)
            if "\0" in body:
                return None
        formatted = _FORMAT.match(text, found.end())
        if formatted:
            return _fields(reader, formatted.end(), body, total)
        total.text(body)
        return found.end()
    found = _STR.match(text, at)
    if found:
        end = _deeper(reader, found.end(), total)
        if end is None or text[end : end + 1] != ")":
            return None
        return end + 1
    found = _REFERENCE.match(text, at)
    if found:
        total.reference(found.group())
        return found.end()
    found = _NUMBER.match(text, at)
    if found:
        total.text(found.group())
        return found.end()
    found = _NAME.match(text, at)
    if found and found.group() in reader.variables:
        total.reference(f"${found.group()}")
        return found.end()
    return None
