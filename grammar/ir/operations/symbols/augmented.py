"""`a += b` and the like: they change a list, set or dict in place, and else return what the plain operator returns."""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Final

from lcc.grammar.ir.operations.basis import sizes
from lcc.grammar.ir.operations.basis.kinds import DICTS, KINDS, SetValue, Value
from lcc.grammar.ir.operations.basis.meter import Meter
from lcc.grammar.ir.operations.basis.operation import Operation, free
from lcc.grammar.ir.operations.symbols.operators import BINARY, INTS, Operator, Row, Rows, merged, repeated
from lcc.grammar.ir.operations.symbols.set_algebra import replace_items, set_and, set_minus, set_or, set_xor
from lcc.grammar.signatures import ANY


def _extend(meter: Meter, target: list[Value], values: Value) -> list[Value]:
    sizes.extend(meter, target, values)
    return target


def _repeat(meter: Meter, target: list[Value], times: int) -> list[Value]:
    repeated(meter, target, times)
    target *= times
    return target


def _in_place_set(function: Callable[..., SetValue]) -> Callable[..., Value]:
    def change(meter: Meter, target: SetValue, other: Value) -> SetValue:
        merged(meter, target, other)
        replace_items(target, function(target, other))
        return target

    return change


def _in_place_dict(meter: Meter, target: dict[Value, Value], other: Value) -> dict[Value, Value]:
    if type(other) in DICTS:
        merged(meter, target, other)
        target |= other
        return target
    target |= sizes.pairs(meter, other)
    return target


def _counter_in_place(function: Callable[..., Value]) -> Callable[..., Value]:
    def change(meter: Meter, target: Value, other: Value) -> Value:
        if type(other) in sizes.SIZED:
            merged(meter, target, other)
        return function(target, other)

    return change


def _rows(first: type, second: Iterable[type], function: Callable[..., Value]) -> Rows:
    return {(first, kind): Row(None, function, ANY, True) for kind in second}


_IN_PLACE: Final[dict[str, tuple[Callable[..., Value], Rows]]] = {
    "+=": (operator.add, _rows(list, sizes.ITERABLE, _extend) | _rows(Counter, KINDS, _counter_in_place(operator.iadd))),
    "*=": (operator.mul, _rows(list, INTS, _repeat)),
    "-=": (operator.sub, _rows(SetValue, (SetValue,), _in_place_set(set_minus))
           | _rows(Counter, KINDS, _counter_in_place(operator.isub))),
    "&=": (operator.and_, _rows(SetValue, (SetValue,), _in_place_set(set_and))
           | _rows(Counter, KINDS, _counter_in_place(operator.iand))),
    "^=": (operator.xor, _rows(SetValue, (SetValue,), _in_place_set(set_xor))),
    "|=": (operator.or_, _rows(SetValue, (SetValue,), _in_place_set(set_or))
           | {(k, o): Row(None, _in_place_dict, ANY, True) for k in DICTS - {Counter} for o in sizes.ITERABLE}
           | _rows(Counter, KINDS, _counter_in_place(operator.ior))),
}  # fmt: skip


def _augmented(symbol: str) -> Operation:
    plain = BINARY[symbol[:-1]]
    special = _IN_PLACE.get(symbol)
    assert isinstance(plain, Operator)
    function = _AUGMENTED[symbol]
    rows = {  # CPython's operator says `+=` in its messages
        pair: row._replace(evaluate=function) if row.evaluate is plain.evaluate else row
        for pair, row in plain.rows.items()
    }
    rows |= special[1] if special is not None else {}
    return Operator(symbol, plain.params, plain.result, free, function, None, mutates=special is not None, rows=rows)


_AUGMENTED: Final[dict[str, Callable[..., Value]]] = {
    "+=": operator.iadd, "-=": operator.isub, "*=": operator.imul, "/=": operator.itruediv, "//=": operator.ifloordiv,
    "%=": operator.imod, "**=": operator.ipow, "<<=": operator.ilshift, ">>=": operator.irshift, "&=": operator.iand,
    "|=": operator.ior, "^=": operator.ixor,
}  # fmt: skip

AUGMENTED: Final[dict[str, Operation]] = {symbol: _augmented(symbol) for symbol in _AUGMENTED}
"""`a += b` and the like: they change a list, set or dict in place, and else return what the plain operator returns."""
