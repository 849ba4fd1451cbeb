"""The comparisons, `in` and `is`: paid for by what both operands have to be walked through."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Final

from lcc.grammar.dataclass import dataclass
from lcc.grammar.ir.operations.basis import sizes
from lcc.grammar.ir.operations.basis.kinds import DICTS, KEYS, PatternValue, SetValue, Value
from lcc.grammar.ir.operations.basis.meter import Meter, refused
from lcc.grammar.ir.operations.basis.operation import Operation, Param, free, operation
from lcc.grammar.ir.operations.basis.static import Misfit, kinds_of
from lcc.grammar.signatures import BOOL, Type, show


def _comparison_type(symbol: str) -> Callable[[Type, Type], Type]:
    def infer(first: Type, second: Type) -> Type:
        a, b = kinds_of(first), kinds_of(second)
        if a is not None and b is not None:
            numbers = {"bool", "int", "float"}
            fitting = a & b & {"str", "list"} or (a & numbers and b & numbers)
            if not fitting:
                raise Misfit(f"`{show(first)}` {symbol} `{show(second)}` is no comparison")
        return BOOL

    return infer


def _is(meter: Meter, first: Value, second: Value) -> bool:
    if type(first) in (int, float, str, tuple, PatternValue) and type(first) is type(second):
        sizes.comparison(meter, first, second)
        if first == second and first is not second:
            raise refused("whether equal values are one object isn't known", "compare with ==")
    return first is second


def _is_not(meter: Meter, first: Value, second: Value) -> bool:
    return not _is(meter, first, second)


def _contains_cost(meter: Meter, container: Value, item: Value) -> None:
    kind = type(container)
    if kind is str:
        meter.characters(len(container))
    elif kind in (SetValue, *DICTS, KEYS):
        sizes.key(meter, item, len(container))
    elif kind is range and type(item) in (int, bool):
        pass
    elif kind in sizes.SIZED:
        sizes.membership(meter, len(container), item)


def contains(meter: Meter, item: Value, container: Value) -> bool:
    """Evaluate `item in container`."""
    _contains_cost(meter, container, item)
    if type(container) in sizes.ITERABLE and type(container) not in sizes.SIZED:
        return any(_next_is(meter, x, item) for x in container.iterator)
    return item in container  # CPython says what is no container


def _next_is(meter: Meter, element: Value, item: Value) -> bool:
    meter.step()
    sizes.comparison(meter, element, item)
    return element is item or bool(element == item)


def _not_contains(meter: Meter, item: Value, container: Value) -> bool:
    return not contains(meter, item, container)


_PLAIN: Final = (bool, int, float, type(None))
_FAST_COMPARED: Final = frozenset({(a, b) for a in _PLAIN for b in (*_PLAIN, str)})


@dataclass(frozen=True, slots=True)
class Comparison(Operation):
    """A comparison, whose cost is that of the smaller part that both have to be walked through."""

    def __call__(self, meter: Meter, first: Value, second: Value, /) -> Value:
        """Evaluate it; raise what CPython raises, or OperationError."""
        meter.steps_used += 1
        if meter.steps_used > meter.max_steps:
            meter.step()
        if (type(first), type(second)) not in _FAST_COMPARED:
            sizes.comparison(meter, first, second)
        return self.evaluate(first, second)


_ORDER: Final = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
_EQUAL: Final = {"==": operator.eq, "!=": operator.ne}

COMPARISONS: Final[dict[str, Operation]] = {
    **{s: Comparison(s, (Param("a"), Param("b")), BOOL, free, f) for s, f in _EQUAL.items()},
    **{s: Comparison(s, (Param("a"), Param("b")), _comparison_type(s), free, f) for s, f in _ORDER.items()},
    "is": operation("is", "a, b", BOOL, free, _is, metered=True),
    "is not": operation("is not", "a, b", BOOL, free, _is_not, metered=True),
    "in": operation("in", "item, container: iterable", BOOL, free, contains, metered=True, ordered=True),
    "not in": operation("not in", "item, container: iterable", BOOL, free, _not_contains, metered=True, ordered=True),
}
