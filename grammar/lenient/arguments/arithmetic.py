"""Compute constant arithmetic for a parameter that takes a number."""

from __future__ import annotations

import re
from collections.abc import Callable
from operator import add, floordiv, mod, mul, sub, truediv
from typing import Any, Final

from lcc.grammar.lenient.arguments.argument_walk import Refused
from lcc.grammar.limits import DEFAULT_LIMITS
from lcc.grammar.python import tree
from lcc.grammar.python.program_reader import read_program

_HAS_OPERATOR: Final = re.compile(r"[\d)\]\w}][ \t]*+(?:\*\*|//|[-+*/%])[ \t]*+[-+(\d$]")
_LARGEST: Final = 10**15
_LARGEST_BASE: Final = 1000
_LARGEST_POWER: Final = 20
_LONGEST: Final = 200
_OPERATORS: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "+": add, "-": sub, "*": mul, "/": truediv, "//": floordiv, "%": mod, "**": pow,
}  # fmt: skip


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
    read = read_program(text.strip(), DEFAULT_LIMITS) if is_constant(text) and len(text) <= _LONGEST else None
    match read.module.body if read and read.ok else ():
        case (tree.Expr(value),):
            return repr(_value(value))
        case _:
            raise Refused


def _value(node: tree.Expression) -> int | float:
    match node:
        case tree.Constant(int() | float() as value) if not isinstance(value, bool):
            return value
        case tree.UnaryOp("-" | "+" as sign, inner):
            return -_value(inner) if sign == "-" else _value(inner)
        case tree.BinOp(left, operator, right) if operator in _OPERATORS:
            return _applied(operator, _value(left), _value(right))
        case _:
            raise Refused


def _applied(operator: str, left: int | float, right: int | float) -> int | float:
    if operator == "**" and (abs(left) > _LARGEST_BASE or not 0 <= right <= _LARGEST_POWER):
        raise Refused
    try:
        value: int | float = _OPERATORS[operator](left, right)
    except ZeroDivisionError:
        raise Refused from None
    if isinstance(value, complex) or not abs(value) <= _LARGEST:
        raise Refused
    return value
