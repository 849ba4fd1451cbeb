"""Compute constant arithmetic for a parameter that takes a number."""

from __future__ import annotations

import re
from typing import Final

from lcc.grammar.lenient.argument_walk import Refused

_CONSTANT: Final = re.compile(r"[ \t]*+(?:\d[\d.]*+(?:[eE][+-]?\d+)?|\*\*|//|[-+*/%()])")
_HAS_OPERATOR: Final = re.compile(r"[\d)\]\w}][ \t]*+(?:\*\*|//|[-+*/%])[ \t]*+[-+(\d$]")
_LARGEST: Final = 10**15


def is_arithmetic(text: str) -> bool:
    """Whether a text is numbers (or results) joined by operators."""
    if not _HAS_OPERATOR.search(text):
        return False
    return (
        is_constant(text) or re.fullmatch(r"(?:\$\{?\d++[\w.\[\]\"']*+\}?|[\d.eE()+\-*/% \t]++|)++", text) is not None
    )


def is_constant(text: str) -> bool:
    """Whether a text is constant arithmetic."""
    return re.fullmatch(r"[\d.eE()+\-*/% \t]+", text) is not None


def compute(text: str) -> str:
    """Return the literal of the exact value of constant arithmetic; raise Refused where there is none."""
    if not is_constant(text) or len(text) > 200:
        raise Refused
    parts = [part.strip() for part in _CONSTANT.findall(text)]
    if "".join(parts) != re.sub(r"[ \t]", "", text):
        raise Refused
    value, rest = _sum(parts, 0)
    if rest != len(parts) or abs(value) > _LARGEST:
        raise Refused
    return repr(value)


def _sum(parts: list[str], at: int) -> tuple[int | float, int]:
    value, at = _product(parts, at)
    while at < len(parts) and parts[at] in ("+", "-"):
        right, next_at = _product(parts, at + 1)
        value = value + right if parts[at] == "+" else value - right
        at = next_at
    return value, at


def _product(parts: list[str], at: int) -> tuple[int | float, int]:
    value, at = _power(parts, at)
    while at < len(parts) and parts[at] in ("*", "/", "//", "%"):
        right, next_at = _power(parts, at + 1)
        if parts[at] != "*" and right == 0:
            raise Refused
        value = _apply(parts[at], value, right)
        at = next_at
    return value, at


def _apply(operator: str, left: int | float, right: int | float) -> int | float:
    if abs(left) > _LARGEST or abs(right) > _LARGEST:
        raise Refused
    match operator:
        case "*":
            return left * right
        case "/":
            return left / right
        case "//":
            return left // right
        case _:
            return left % right


def _power(parts: list[str], at: int) -> tuple[int | float, int]:
    value, at = _atom(parts, at)
    if at < len(parts) and parts[at] == "**":
        right, at = _power(parts, at + 1)
        if abs(value) > 1000 or not 0 <= right <= 20:
            raise Refused
        return value**right, at
    return value, at


def _atom(parts: list[str], at: int) -> tuple[int | float, int]:
    if at >= len(parts):
        raise Refused
    part = parts[at]
    if part in ("-", "+"):
        value, at = _power(parts, at + 1)
        return (-value if part == "-" else value), at
    if part == "(":
        value, at = _sum(parts, at + 1)
        if at >= len(parts) or parts[at] != ")":
            raise Refused
        return value, at + 1
    try:
        return (int(part) if part.isdigit() else float(part)), at + 1
    except ValueError:
        raise Refused from None
