"""Let Python's operators make values of the IR: what a builder returns stands for a value that the run will have."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from inspect import Parameter, signature
from math import isfinite
from typing import Any, Final, NoReturn

from lcc.grammar.ir.expressions import (
    Apply,
    Builtin,
    Const,
    DictOf,
    Input,
    Lambda,
    ListOf,
    Local,
    Ref,
    Spread,
    Value,
)
from lcc.grammar.ir.operations import builtin_fault, operation_fault
from lcc.grammar.limits import IR_NESTING


def _binary(op: str) -> Callable[[PlanValue, object], PlanValue]:
    return lambda self, other: applied(f"operator {op}", (self, other))


def _reflected(op: str) -> Callable[[PlanValue, object], PlanValue]:
    return lambda self, other: applied(f"operator {op}", (other, self))


def _unary(op: str) -> Callable[[PlanValue], PlanValue]:
    return lambda self: applied(f"unary {op}", (self,))


class PlanValue:
    """A value that the run will have. Operators, `.field`, `[index]` and methods make other such values."""

    __slots__ = ("_value",)

    def __init__(self, value: Value) -> None:
        self._value = value

    def __getattr__(self, name: str) -> PlanValue:
        if name.startswith("_"):
            raise AttributeError(name)
        return PlanValue(Apply(f"attribute {name}", (self._value,)))

    def __call__(self, *args: object, **names: object) -> PlanValue:
        """Return what a method gives: `rows.append(x)`."""
        match self._value:
            case Apply(op, (receiver,)) if op.startswith("attribute "):
                return applied(f"method {op.partition(' ')[2]}", (PlanValue(receiver), *args), names)
        raise TypeError('only methods of values are called so: `rows.append(x)`; tools by `plan.call("tool", …)`')

    def __getitem__(self, index: object) -> PlanValue:
        if isinstance(index, slice):
            return applied("subscript load slice", (self, index.start, index.stop, index.step))
        if isinstance(self._value, Ref | Input) and isinstance(index, str | int) and not isinstance(index, bool):
            return PlanValue(replace(self._value, path=(*self._value.path, index)))
        return applied("subscript load", (self, index))

    __add__, __radd__ = _binary("+"), _reflected("+")
    __sub__, __rsub__ = _binary("-"), _reflected("-")
    __mul__, __rmul__ = _binary("*"), _reflected("*")
    __truediv__, __rtruediv__ = _binary("/"), _reflected("/")
    __floordiv__, __rfloordiv__ = _binary("//"), _reflected("//")
    __mod__, __rmod__ = _binary("%"), _reflected("%")
    __pow__, __rpow__ = _binary("**"), _reflected("**")
    __and__, __rand__ = _binary("&"), _reflected("&")
    __or__, __ror__ = _binary("|"), _reflected("|")
    __xor__, __rxor__ = _binary("^"), _reflected("^")
    __lt__, __le__, __gt__, __ge__ = _binary("<"), _binary("<="), _binary(">"), _binary(">=")
    __neg__, __pos__, __invert__ = _unary("-"), _unary("+"), _unary("~")

    def __eq__(self, other: object) -> PlanValue:  # type: ignore[override]
        return applied("operator ==", (self, other))

    def __ne__(self, other: object) -> PlanValue:  # type: ignore[override]
        return applied("operator !=", (self, other))

    __hash__ = None  # type: ignore[assignment]

    def __bool__(self) -> NoReturn:
        how = "use `with plan.if_(…):`, plan.choose, plan.and_, plan.or_ or plan.not_"
        raise TypeError(f"whether this is true is only known in the run: {how}")

    def __iter__(self) -> Iterator[PlanValue]:
        how = "use `with plan.for_each(…):`, plan.collect or plan.spread"
        raise TypeError(f"what is in this is only known in the run: {how}")

    def __contains__(self, item: object) -> NoReturn:
        raise TypeError('what is in this is only known in the run: write plan.op("operator in", item, items)')

    def __repr__(self) -> str:
        return f"<PlanValue {self._value}>"


def applied(op: str, args: tuple[object, ...], names: Mapping[str, object] = {}) -> PlanValue:
    """Return an operation of the table, applied; raise ValueError for one that isn't there."""
    fault = operation_fault(op)
    if fault is not None:
        raise ValueError(fault)
    return PlanValue(
        Apply(op, tuple([value_of(arg) for arg in args]), tuple([(name, value_of(v)) for name, v in names.items()]))
    )


def value_of(given: object, depth: int = 0) -> Value:
    """Return what a Python value is in a plan.

    A list is a list, a dict whose keys are all texts a record, another dict and a tuple what they are in Python. A class of the
    table stands for itself, and a lambda for a function without calls. Raise TypeError for anything else.
    """
    if depth > IR_NESTING:
        raise ValueError(f"a value is nested more than {IR_NESTING} deep")
    match given:
        case PlanValue():
            return given._value
        case None | bool() | int() | str():
            return Const(given)
        case float():
            if not isfinite(given):
                raise ValueError(f'{given} is not a finite number: write plan.builtin("math.inf") or "math.nan"')
            return Const(given)
        case list():
            return ListOf(_values(given, depth))
        case tuple():
            return Apply("display tuple", _values(given, depth))
        case dict():
            return _dict(given, depth)
        case type():
            return builtin_of(given.__name__)
    if callable(given):
        return function_of(given)
    raise TypeError(
        f"a plan can't hold a {type(given).__name__}: give text, a number, True, False, None, a list, a tuple or a dict"
    )


def _values(given: list[Any] | tuple[Any, ...], depth: int) -> tuple[Value, ...]:
    return tuple([value_of(item, depth + 1) for item in given])


def _dict(given: dict[Any, Any], depth: int) -> Value:
    if all(type(key) is str for key in given):
        return DictOf(tuple([(key, value_of(item, depth + 1)) for key, item in given.items()]))
    return Apply("display dict", _values([part for pair in given.items() for part in pair], depth))


def builtin_of(name: str) -> Builtin:
    """Return a class or constant of the table; raise ValueError for one that isn't there."""
    fault = builtin_fault(name)
    if fault is not None:
        raise ValueError(fault)
    return Builtin(name)


_PLAIN: Final = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)


def function_of(function: Callable[..., object]) -> Lambda:
    """Return what a Python function does to its parameters, as a function of the plan; it is called once, now."""
    params = signature(function).parameters.values()
    if any(param.kind not in _PLAIN for param in params):
        raise TypeError("a function of a plan has plain parameters: no `*`, and none by keyword only")
    body = function(*[PlanValue(Local(param.name)) for param in params])
    defaults = [value_of(param.default) for param in params if param.default is not Parameter.empty]
    return Lambda(tuple([param.name for param in params]), value_of(body), tuple(defaults))


def spread_of(given: object, *, names: bool) -> PlanValue:
    """Return `*given`, or with `names` `**given`."""
    return PlanValue(Spread(value_of(given), names))
