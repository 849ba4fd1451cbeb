"""Read `"a" + $1` as one text."""

from __future__ import annotations

import re
from typing import Final

from lcc.grammar.lenient.arguments.argument_walk import MAX_DEPTH, Walk
from lcc.grammar.lenient.arguments.references import reference
from lcc.grammar.lenient.marks.repairs import BARE_TEXT, CONCATENATION

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


def read(walk: Walk, at: int, argument: bool, alone: bool = False) -> int | None:
    """Read operands joined by `+` of which one is a string; return the offset past them, or None if there is no such sum.

    `alone`: no other argument can follow, so strings on lines of their own are one text, as in Python.
    """
    expression = _EXPRESSION.match(walk.region, at)
    if expression and expression["quoted"] and walk.ends_value(expression.end(), argument):
        written = _PART.sub(_unquoted, expression.group())
        walk.change(at, expression.end(), f'"{written}"', BARE_TEXT.code)
        return expression.end()
    total = _Sum()
    end = _operand(walk, at, total)
    while end is not None:
        plus = _PLUS.match(walk.region, end) or (_NEXT_LINE.match(walk.region, end) if alone else None)
        if plus is None:
            break
        end = _operand(walk, plus.end(), total)
    if end is None or total.operands + total.formatted < 2 or not total.strings or not walk.ends_value(end, argument):
        return None
    walk.change(at, end, f'"{total.body}"', CONCATENATION.code)
    return end


def _unquoted(part: re.Match[str]) -> str:
    text = str(part[1] or part[2]).strip()
    return text if re.fullmatch(r"\$?[\w{}.]+", text) else f"({text})"


def _fields(walk: Walk, at: int, body: str, total: _Sum) -> int | None:
    """Read the arguments of `.format(` and put them into the fields `{}` of a text."""
    text = walk.region
    given: list[_Sum] = []
    while True:
        one = _Sum()
        end = _deeper(walk, at, one)
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


def _deeper(walk: Walk, at: int, total: _Sum) -> int | None:
    """Read an operand inside of another."""
    walk.depth += 1
    end = _operand(walk, at, total) if walk.depth <= MAX_DEPTH else None
    walk.depth -= 1
    return end


def _operand(walk: Walk, at: int, total: _Sum) -> int | None:
    text = walk.region
    walk.budget.spend(1 + len(total.body) // _COPIED)
    found = _STRING.match(text, at)
    if found:
        total.strings += 1
        body = found["double"]
        if body is None:
            body = re.sub(r'\\.|"', lambda m: '\\"' if m.group() == '"' else m.group(), found["single"])
        if found["prefix"]:
            body = re.sub(r"\{([^{}]*)\}", lambda m: reference(m.group(1).strip(), walk.variables) or "\0", body)
            if "\0" in body:
                return None
        formatted = _FORMAT.match(text, found.end())
        if formatted:
            return _fields(walk, formatted.end(), body, total)
        total.text(body)
        return found.end()
    found = _STR.match(text, at)
    if found:
        end = _deeper(walk, found.end(), total)
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
    if found and found.group() in walk.variables:
        total.reference(f"${found.group()}")
        return found.end()
    return None
