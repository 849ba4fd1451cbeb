"""The operators: for each pair of kinds that CPython accepts, what it costs, what it does, and the type of the result.

An operator finds its row by the classes of its operands. A pair without a row is handed to CPython's operator, which raises the
TypeError that belongs to it; a test checks that there is a row for every pair that CPython accepts.
"""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from typing import Any, Final, NamedTuple

from lcc.grammar.dataclass import dataclass
from lcc.grammar.ir.operations.basis import sizes
from lcc.grammar.ir.operations.basis.kinds import DICTS, ITEMS, KEYS, KINDS, Lazy, Record, SetValue, Value
from lcc.grammar.ir.operations.basis.meter import Meter, refused
from lcc.grammar.ir.operations.basis.operation import Cost, Operation, Param, free, operation
from lcc.grammar.ir.operations.basis.static import Misfit, kinds_of
from lcc.grammar.ir.operations.symbols.formatting import percent
from lcc.grammar.ir.operations.symbols.set_algebra import set_and, set_minus, set_or, set_xor
from lcc.grammar.signatures import ANY, BOOL, FLOAT, INT, STR, ListType, Type, show, union

INTS: Final = (bool, int)
_SETS: Final = (SetValue, KEYS, ITEMS)
_KINDS: Final = {bool: "bool", int: "int", float: "float", str: "str", list: "list", dict: "dict"}
_WORD: Final = 1 << 62


class Row(NamedTuple):
    """What an operator does for one pair of classes. `metered`: `evaluate` takes the meter first."""

    cost: Cost | None
    evaluate: Callable[..., Value]
    type: Type
    metered: bool = False


Rows = dict[tuple[type, type], Row]


@dataclass(frozen=True, slots=True)
class Operator(Operation):
    """An operation of two operands that is chosen by their classes."""

    rows: Rows = None  # type: ignore[assignment]

    def __call__(self, meter: Meter, first: Value, second: Value, /) -> Value:
        """Evaluate it; raise what CPython raises, or OperationError."""
        meter.steps_used += 1
        if meter.steps_used > meter.max_steps:
            meter.step()
        row = self.rows.get((type(first), type(second)))
        if row is None:
            return self.evaluate(first, second)
        cost, evaluate, _, metered = row
        if cost is not None:
            cost(meter, first, second)
        return evaluate(meter, first, second) if metered else evaluate(first, second)


def _sum_bits(meter: Meter, a: int, b: int) -> None:
    if -_WORD < a < _WORD and -_WORD < b < _WORD:
        return
    bits = max(a.bit_length(), b.bit_length()) + 1
    if bits > 64:
        meter.bits(bits)
        meter.step(bits // 2048)


def _product_bits(meter: Meter, a: int, b: int) -> None:
    if -_WORD < a < _WORD and -_WORD < b < _WORD:
        return
    first, second = a.bit_length(), b.bit_length()
    if first + second > 64:
        meter.bits(first + second)
        meter.product(first, second)


def _quotient(meter: Meter, a: int, b: int) -> None:
    first = a.bit_length()
    if first > 64:
        meter.product(first, b.bit_length())
        meter.memory(2 * first // 7)


def copied(meter: Meter, *values: Value) -> None:
    """Use the memory of integers that are as large as the operands."""
    for value in values:
        if isinstance(value, int) and not -_WORD < value < _WORD:
            meter.memory(28 + value.bit_length() // 7)
        elif type(value) is Counter:
            merged(meter, value, ())


def power_cost(meter: Meter, base: int, exponent: int) -> None:
    """Check the digits of a power of integers, and use what its multiplications take."""
    if exponent <= 0 or base in (-1, 0, 1):
        return
    size = base.bit_length()
    meter.bits((size - 1) * exponent)  # at least; at most twice as many, which is checked when it is there
    meter.product(size * exponent, size * exponent)


def _power(meter: Meter, base: Value, exponent: Value) -> Value:
    result = base**exponent
    if type(result) is complex:
        raise refused("a negative number to a fraction is a complex number", "take abs(…) first")
    if type(result) is int:
        meter.bits(result.bit_length())
    return result


def _shift_left(meter: Meter, a: int, b: int) -> None:
    if a and b > 0:
        meter.bits(a.bit_length() + b)


def _joined(meter: Meter, a: Any, b: Any) -> None:
    if type(a) is str:
        meter.new_text(len(a) + len(b), a, b)
    else:
        meter.new_items(len(a) + len(b))


def repeated(meter: Meter, a: Any, b: Any) -> None:
    """Use what a text, list or tuple takes that is repeated; either operand may be the number."""
    text, times = (b, a) if isinstance(a, int) else (a, b)
    count = len(text) * max(0, times)
    if type(text) is str:
        meter.new_text(count, text)
    else:
        meter.new_items(count)


def merged(meter: Meter, a: Any, b: Any) -> None:
    """Use what a set or dict takes that has the elements of both."""
    count = len(a) + len(b)
    meter.new_items(count, 100)
    sizes.keys(meter, a, count)
    sizes.keys(meter, b, count)


def _pairs(first: Iterable[type], second: Iterable[type], row: Row) -> Rows:
    firsts, seconds = tuple(first), tuple(second)
    return {(a, b): row for a in firsts for b in seconds}


def _floats(function: Callable[..., Value], metered: bool = False) -> Rows:
    row = Row(None, function, FLOAT, metered)
    return _pairs((float,), (float, *INTS), row) | _pairs(INTS, (float,), row)


def _ints(cost: Cost | None, function: Callable[..., Value], type_: Type = INT, metered: bool = False) -> Rows:
    return _pairs(INTS, INTS, Row(cost, function, type_, metered))


def _listed(function: Callable[..., SetValue]) -> Callable[..., Value]:
    def combine(meter: Meter, a: Value, b: Value) -> SetValue:
        a, b = (sizes.listed(meter, x) if isinstance(x, Lazy) else x for x in (a, b))
        merged(meter, a, b)
        return function(a, b)

    return combine


def _bits(function: Callable[..., Value], of_sets: Callable[..., Value]) -> Rows:
    sets = _pairs(_SETS, _SETS, Row(merged, of_sets, ANY))
    row = Row(None, _listed(of_sets), ANY, True)
    others = sizes.ITERABLE - {SetValue, KEYS, ITEMS}
    views = _pairs((KEYS, ITEMS), others, row) | _pairs(others, (KEYS, ITEMS), row)
    return _ints(copied, function) | sets | views | {(bool, bool): Row(None, function, BOOL)}


def _counters(function: Callable[..., Value]) -> Rows:
    return {(Counter, Counter): Row(merged, function, ANY)}


def _list_type(function: Callable[..., Value], cost: Cost) -> Rows:
    return {
        (str, str): Row(cost, function, STR),
        (list, list): Row(cost, function, ListType(ANY)),
        (tuple, tuple): Row(cost, function, ANY),
    }


_SCALED: Final = _pairs((timedelta,), (int, bool, float), Row(None, operator.mul, ANY))

_ADD: Rows = {
    **_ints(_sum_bits, operator.add), **_floats(operator.add), **_list_type(operator.add, _joined),
    **_counters(operator.add), **_pairs((date, datetime, timedelta), (timedelta,), Row(None, operator.add, ANY)),
    **_pairs((timedelta,), (date, datetime), Row(None, operator.add, ANY)),
}  # fmt: skip
_SUBTRACT: Rows = {
    **_ints(_sum_bits, operator.sub), **_floats(operator.sub), **_counters(operator.sub),
    **_pairs((date, datetime, timedelta), (timedelta,), Row(None, operator.sub, ANY)),
    **_pairs((date, datetime), (date, datetime), Row(None, operator.sub, ANY)),
    **{p: r for p, r in _bits(operator.sub, set_minus).items() if p[0] not in INTS},
}  # fmt: skip
_MULTIPLY: Rows = {
    **_ints(_product_bits, operator.mul), **_floats(operator.mul),
    **_pairs((str,), INTS, Row(repeated, operator.mul, STR)), **_pairs(INTS, (str,), Row(repeated, operator.mul, STR)),
    **_pairs((list,), INTS, Row(repeated, operator.mul, ListType(ANY))),
    **_pairs(INTS, (list,), Row(repeated, operator.mul, ListType(ANY))),
    **_pairs((tuple,), INTS, Row(repeated, operator.mul, ANY)),
    **_pairs(INTS, (tuple,), Row(repeated, operator.mul, ANY)),
    **_SCALED, **_pairs((int, bool, float), (timedelta,), Row(None, operator.mul, ANY)),
}  # fmt: skip
_OR: Rows = {
    **_bits(operator.or_, set_or), **_counters(operator.or_),
    **_pairs(DICTS, DICTS, Row(merged, operator.or_, ANY)),
    **_pairs((Record,), DICTS, Row(merged, lambda a, b: dict(a) | b, ANY)),
}  # fmt: skip
_MODULO: Rows = {
    **_ints(_quotient, operator.mod), **_floats(operator.mod),
    (timedelta, timedelta): Row(None, operator.mod, ANY),
}  # fmt: skip

_TABLES: Final[dict[str, tuple[Callable[..., Value], Rows]]] = {
    "+": (operator.add, _ADD),
    "-": (operator.sub, _SUBTRACT),
    "*": (operator.mul, _MULTIPLY),
    "/": (operator.truediv, {
        **_ints(_quotient, operator.truediv, FLOAT), **_floats(operator.truediv),
        **_pairs((timedelta,), (timedelta, int, bool, float), Row(None, operator.truediv, ANY)),
    }),
    "//": (operator.floordiv, {
        **_ints(_quotient, operator.floordiv), **_floats(operator.floordiv),
        **_pairs((timedelta,), (timedelta, int, bool), Row(None, operator.floordiv, ANY)),
    }),
    "%": (operator.mod, _MODULO),
    "**": (operator.pow, {**_ints(power_cost, _power, union(INT, FLOAT), True), **_floats(_power, True)}),
    "<<": (operator.lshift, _ints(_shift_left, operator.lshift)),
    ">>": (operator.rshift, _ints(copied, operator.rshift)),
    "&": (operator.and_, {**_bits(operator.and_, set_and), **_counters(operator.and_)}),
    "|": (operator.or_, _OR),
    "^": (operator.xor, _bits(operator.xor, set_xor)),
}  # fmt: skip


def _row_types(symbol: str, rows: Rows) -> Callable[[Type, Type], Type]:
    known = {(_KINDS[a], _KINDS[b]): r.type for (a, b), r in rows.items() if a in _KINDS and b in _KINDS}

    def infer(first: Type, second: Type) -> Type:
        a, b = kinds_of(first), kinds_of(second)
        if a is None or b is None:
            return ANY
        found = [known[pair] for pair in ((x, y) for x in sorted(a) for y in sorted(b)) if pair in known]
        if not found and not (symbol == "%" and "str" in a):
            help = "write str(…) around the number" if symbol == "+" and "str" in a | b else None
            raise Misfit(f"`{show(first)}` {symbol} `{show(second)}` is no operation", help)
        return union(*found) if found else STR

    return infer


def _binary(symbol: str, function: Callable[..., Value], rows: Rows) -> Operator:
    if symbol == "%":
        rows |= {(str, kind): Row(None, percent, STR, True) for kind in KINDS}
    infer = _row_types(symbol, rows)
    return Operator(symbol, (Param("a"), Param("b")), infer, free, function, rows=rows)


BINARY: Final[dict[str, Operation]] = {s: _binary(s, function, rows) for s, (function, rows) in _TABLES.items()}


def _sign_type(type_: Type) -> Type:
    kinds = kinds_of(type_)
    return FLOAT if kinds == frozenset({"int", "float"}) else INT if kinds is not None and "float" not in kinds else ANY


UNARY: Final[dict[str, Operation]] = {
    "not": operation("not", "a", BOOL, free, operator.not_),
    "-": operation("-", "a: number", _sign_type, copied, operator.neg),
    "+": operation("+", "a: number", _sign_type, copied, operator.pos),
    "~": operation("~", "a: integer", INT, copied, operator.invert),
}
