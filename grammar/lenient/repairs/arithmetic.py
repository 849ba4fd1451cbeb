"""Compute constant arithmetic for a parameter that takes a number."""

from __future__ import annotations

import re
from typing import Final

from lcc.grammar.diagnostics import Rule
from lcc.grammar.lenient.lookahead import Refused
from lcc.grammar.lenient.repairs.repair import EXAMPLE_TOOLS, Repair

REPAIR: Final = Repair(
    Rule(
        "R022",
        "arithmetic",
        "a number is written as arithmetic",
        "Constant arithmetic for a parameter that takes a number has one value. Arithmetic over results has none before they are known.",
        '1. search("tides")\n2. summarize($1, max_words=2 * 30)\n3. join()\n',
        '1. search("tides")\n2. summarize($1, max_words=60)\n3. join()\n',
        EXAMPLE_TOOLS,
        "model",
    ),
    "a number is written as arithmetic",
    "write its value",
)


_CONSTANT: Final = re.compile(r"[ \t]*+(?:\d[\d.]*+(?:[eE][+-]?\d+)?|\*\*|//|[-+*/%()])")
_HAS_OPERATOR: Final = re.compile(r"[\d)\]\w}][ \t]*+(?:\*\*|//|[-+*/%])[ \t]*+[-+(\d$]")
_LARGEST: Final = 10**15


def is_arithmetic(text: str) -> bool:
    """Whether a text is numbers (or results) joined by operators."""
    if not _HAS_OPERATOR.search(text):
        return False
    return is_constant(text) or re.fullmatch(r"(?:\$\{?\d+[\w.\[\]\"']*\}?|[\d.eE()+\-*/% \t])+", text) is not None


def is_constant(text: str) -> bool:
    """Whether a text is constant arithmetic."""
    return re.fullmatch(r"[\d.eE()+\-*/% \t]+", text) is not None


def compute(text: str) -> str:
    """Return the literal of the exact value of constant arithmetic; raise Refused where there is none."""
    if not is_constant(text) or len(text) > 200:
        raise Refused
    tokens = [token.strip() for token in _CONSTANT.findall(text)]
    if "".join(tokens) != re.sub(r"[ \t]", "", text):
        raise Refused
    value, rest = _sum(tokens, 0)
    if rest != len(tokens) or abs(value) > _LARGEST:
        raise Refused
    return repr(value)


def _sum(tokens: list[str], at: int) -> tuple[int | float, int]:
    value, at = _product(tokens, at)
    while at < len(tokens) and tokens[at] in ("+", "-"):
        right, next_at = _product(tokens, at + 1)
        value = value + right if tokens[at] == "+" else value - right
        at = next_at
    return value, at


def _product(tokens: list[str], at: int) -> tuple[int | float, int]:
    value, at = _power(tokens, at)
    while at < len(tokens) and tokens[at] in ("*", "/", "//", "%"):
        right, next_at = _power(tokens, at + 1)
        if tokens[at] != "*" and right == 0:
            raise Refused
        value = _apply(tokens[at], value, right)
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


def _power(tokens: list[str], at: int) -> tuple[int | float, int]:
    value, at = _atom(tokens, at)
    if at < len(tokens) and tokens[at] == "**":
        right, at = _power(tokens, at + 1)
        if abs(value) > 1000 or not 0 <= right <= 20:
            raise Refused
        return value**right, at
    return value, at


def _atom(tokens: list[str], at: int) -> tuple[int | float, int]:
    if at >= len(tokens):
        raise Refused
    token = tokens[at]
    if token in ("-", "+"):
        value, at = _power(tokens, at + 1)
        return (-value if token == "-" else value), at
    if token == "(":
        value, at = _sum(tokens, at + 1)
        if at >= len(tokens) or tokens[at] != ")":
            raise Refused
        return value, at + 1
    try:
        return (int(token) if token.isdigit() else float(token)), at + 1
    except ValueError:
        raise Refused from None
