"""Compute arithmetic expressions, with units if they have any, without evaluating code.

Expressions come from models. The grammar is Python's, read by `ast`, and walked by simpleeval with everything removed but numbers, names of
units, operators and a few functions. All numbers are floats, so that `9**9**9` overflows at once instead of filling the memory, and
the length bounds the time.
"""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from lcc.grammar.diagnostics.wording import brief

if TYPE_CHECKING:
    from pint import Quantity, UnitRegistry
    from simpleeval import SimpleEval

MAX_LENGTH: Final = 1_000
"""Characters of an expression."""
FUNCTIONS: Final = "abs, ceil, cos, exp, floor, log, log10, max, mean, min, round, sin, sqrt, sum, tan"
_DIGITS: Final = 12
"""Significant digits of a result: fewer than would show the noise of floating point."""
_EXACT: Final = 2.0**53
"""Whole numbers up to here are exact, and are given as integers."""

_NUMBER: Final = r"(?<![\w.])((?>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?))"
_WITH_UNIT: Final = re.compile(_NUMBER + r"\s*([A-Za-zµ°]+(?:\*\*-?\d)?)(?![\w(])")
_UNIT: Final = re.compile(r"[A-Za-zµ°_]+(\*\*-?\d)?( ?[*/] ?[A-Za-zµ°_]+(\*\*-?\d)?)*")


class NotComputed(ValueError):
    """A text that is no arithmetic expression, or one without a result. The message says why, also for a model to mend it."""


class UnitNeeded(NotComputed):
    """What an expression comes to has a dimension, and no unit is named for it. The message says which would fit."""


def calculate(expression: str, unit: str = "") -> float:
    """Return what an expression comes to: a whole number as an integer, anything else with twelve digits.

    `unit` is the unit of the result; a result that has a dimension needs one. Raises NotComputed, UnitNeeded for a want of that.
    """
    from pint import PintError
    from simpleeval import InvalidExpression

    shown = repr(brief(expression, 100))
    if len(expression) > MAX_LENGTH:
        raise NotComputed(f"the expression is longer than {MAX_LENGTH:,} characters")
    try:
        result = _calculator().eval(_bind_units(expression.strip()))
        return in_unit(units().Quantity(result), unit)
    except NotComputed:
        raise
    except OverflowError:
        raise NotComputed(f"can't compute {shown}: the result is too large") from None
    except (ArithmeticError, PintError) as error:
        raise NotComputed(f"can't compute {shown}: {_first_line(error)}") from None
    except (
        SyntaxError,
        RecursionError,
        MemoryError,
        TypeError,
        ValueError,
        AttributeError,
        InvalidExpression,
    ) as error:
        raise NotComputed(f"{shown} is not an arithmetic expression: {_first_line(error)}") from None


def _first_line(error: Exception) -> str:
    return (str(error).partition("\n")[0] or type(error).__name__)[:200]


@cache
def units() -> UnitRegistry[float]:
    """Return the units that are known: pint's, and US dollars."""
    from pint import UnitRegistry  # a third of a second

    registry: UnitRegistry[float] = UnitRegistry()
    registry.define("USD = [currency] = dollar = dollars")
    return registry


def unit_name(text: str) -> str:
    """Return a unit's name if it is one: words, small exponents, products and quotients. Raises NotComputed."""
    if len(text) > 60 or not _UNIT.fullmatch(text):
        raise NotComputed(f"{text[:80]!r} is not a unit such as `m`, `km**2` or `km/hour`")
    return text


def in_unit(quantity: Quantity[float], unit: str) -> float:
    """Return a quantity's number in a unit, as `calculate` does; without a unit, that of a quantity without dimension."""
    if not unit and not quantity.dimensionless:
        raise UnitNeeded(f"the result is in {quantity.units}: name the unit that it shall have")
    number = quantity.to(unit_name(unit) if unit else "dimensionless").magnitude
    if isinstance(number, complex) or not math.isfinite(number):
        raise NotComputed("the result is not a real number")
    number = float(f"{number:.{_DIGITS}g}")
    return int(number) if number.is_integer() and abs(number) < _EXACT else number


def _bind_units(expression: str) -> str:
    """Turn `5 km**2 / 2 h` into `(5 * km**2) / (2 * h)`: a unit belongs to the number before it."""
    return _WITH_UNIT.sub(r"(\1 * \2)", expression.replace("^", "**").replace("×", "*").replace("÷", "/"))


def _calculator() -> SimpleEval:
    from simpleeval import SimpleEval

    binary = {
        ast.Add: operator.add,
        ast.Sub: operator.sub,
        ast.Mult: operator.mul,
        ast.Div: operator.truediv,
        ast.FloorDiv: operator.floordiv,
        ast.Mod: operator.mod,
        ast.Pow: operator.pow,
    }
    calculator = SimpleEval(
        operators=binary | {ast.USub: operator.neg, ast.UAdd: operator.pos}, functions=_functions(), names=_name
    )
    walked = (ast.Expr, ast.Name, ast.UnaryOp, ast.BinOp, ast.Call)
    calculator.nodes = {kind: walk for kind, walk in calculator.nodes.items() if kind in walked} | {
        ast.Constant: _number
    }
    return calculator


def _functions() -> dict[str, Callable[..., Any]]:
    plain = {
        name: _of_plain(getattr(math, name)) for name in ("ceil", "cos", "exp", "floor", "log", "log10", "sin", "tan")
    }
    return plain | {
        "abs": abs,
        "max": max,
        "mean": lambda *values: _sum(*values) / len(values),
        "min": min,
        "round": lambda number, digits=0: round(number, int(digits)),
        "sqrt": lambda number: number**0.5,
        "sum": _sum,
    }


def _of_plain(function: Callable[..., float]) -> Callable[..., float]:
    """Let a function take quantities that have no dimension, and refuse those that have one."""

    def call(*values: Any) -> float:
        return float(function(*(units().Quantity(value).to("dimensionless").magnitude for value in values)))

    return call


def _sum(first: Any, *more: Any) -> Any:
    for value in more:
        first = first + value
    return first


def _name(node: ast.Name) -> Any:
    if node.id == "pi":
        return math.pi
    if node.id == "e":
        return math.e
    if len(node.id) > 60:
        raise NotComputed("a name in the expression is too long")
    return units().Quantity(1.0, node.id)


def _number(node: ast.Constant) -> float:
    if isinstance(node.value, bool) or not isinstance(node.value, int | float):
        raise TypeError(f"{str(node.value)[:40]!r} is not a number")
    return float(node.value)
