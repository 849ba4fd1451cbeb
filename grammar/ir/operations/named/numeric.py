"""The builtins of numbers and classes, and the modules math and statistics: integers are bounded before they are made."""

from __future__ import annotations

import math
import statistics
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date, datetime, time, timedelta, timezone
from typing import Any, Final

from lcc.grammar.ir.operations.basis import sizes
from lcc.grammar.ir.operations.basis.kinds import (
    CLASSES,
    EXCEPTION_KINDS,
    ITEMS,
    KEYS,
    KINDS,
    VALUES,
    ClassValue,
    Lazy,
    MatchValue,
    PatternValue,
    SetValue,
    Value,
    class_of_foreign,
    is_value,
)
from lcc.grammar.ir.operations.basis.meter import Meter, refused
from lcc.grammar.ir.operations.basis.operation import Operation, free, operation
from lcc.grammar.ir.operations.basis.static import kinds_of
from lcc.grammar.ir.operations.symbols.operators import BINARY, copied
from lcc.grammar.signatures import ANY, BOOL, FLOAT, INT, STR, ListType, Type

_MULTIPLY: Final = BINARY["*"]
_POWER: Final = BINARY["**"]
_LARGEST_ARGUMENT: Final = 1_000_000
_STEPS_OF_A_FRACTION: Final = 8
_NUMBERS: Final = frozenset({bool, int, float})
_WORD_BITS: Final = 4_096
"""Bits of a product whose factors cost no more than others."""


def _int(meter: Meter, x: Value = 0, base: Value = None) -> int:
    if type(x) is str:
        meter.characters(len(x))
        width = base.bit_length() if isinstance(base, int) and base else 6
        if len(x) > 64 and base is not None:
            meter.bits(len(x) * width - width if base in (2, 4, 8, 16, 32) else len(x) * width * 3 // 4)
            meter.product(len(x) * width, len(x) * width)
    return int(x) if base is None else int(x, base)


def _float(meter: Meter, x: Value = 0.0) -> float:
    if type(x) is str:
        meter.step(1 + len(x) // 16)
    return float(x)


def _round(meter: Meter, number: Value, ndigits: Value = None) -> Value:
    if isinstance(number, int) and isinstance(ndigits, int) and ndigits < 0:
        if -ndigits > number.bit_length() // 3 + 2:
            return 0
        meter.product(number.bit_length(), number.bit_length())
        copied(meter, number)
    return round(number) if ndigits is None else round(number, ndigits)


def _round_type(number: Type, ndigits: Type | None = None) -> Type:
    kinds = kinds_of(number)
    if kinds is not None and kinds <= {"int", "bool"}:
        return INT
    return ANY if kinds is None else FLOAT if ndigits is not None and ndigits != ANY else INT


def _divmod(meter: Meter, x: Value, y: Value) -> tuple[Value, Value]:
    if isinstance(x, int) and isinstance(y, int):
        meter.product(x.bit_length(), y.bit_length())
        copied(meter, x, y)
    return divmod(x, y)  # type: ignore[no-any-return]


def _pow(meter: Meter, base: Value, exp: Value, mod: Value = None) -> Value:
    if mod is None:
        return _POWER(meter, base, exp)
    if all(isinstance(x, int) for x in (base, exp, mod)):
        size = max(base.bit_length(), mod.bit_length()) // 30 + 1
        meter.step(1 + (exp.bit_length() + 1) * (1 + size * size // 256))
    return pow(base, exp, mod)


def _abs_type(x: Type) -> Type:
    kinds = kinds_of(x)
    return ANY if kinds is None else FLOAT if "float" in kinds else INT


_PYTHON_CLASSES: Final[dict[str, type]] = {
    "object": object,
    "bool": bool,
    "int": int,
    "float": float,
    "str": str,
    "list": list,
    "tuple": tuple,
    "set": SetValue,
    "dict": dict,
    "range": range,
    "type": ClassValue,
    "NoneType": type(None),
    "Counter": Counter,
    "defaultdict": defaultdict,
    "date": date,
    "time": time,
    "datetime": datetime,
    "timedelta": timedelta,
    "timezone": timezone,
    "dict_keys": KEYS,
    "dict_values": VALUES,
    "dict_items": ITEMS,
    "re.Match": MatchValue,
    "re.Pattern": PatternValue,
    **EXCEPTION_KINDS,
}
_NOT_CLASSES: Final = "isinstance() arg 2 must be a type, a tuple of types, or a union"


def _isinstance(meter: Meter, obj: Value, class_or_tuple: Value) -> bool:
    if type(class_or_tuple) is tuple:
        sizes.walk(meter, class_or_tuple)
        return any(_isinstance(meter, obj, c) for c in class_or_tuple)
    if type(class_or_tuple) is not ClassValue:
        raise TypeError(_NOT_CLASSES)
    if isinstance(obj, Lazy):
        return class_or_tuple.name in (obj.name, "object")
    return isinstance(obj, _PYTHON_CLASSES.get(class_or_tuple.name, Lazy))


def is_subclass(kind: type, name: str) -> bool:
    """Whether an exception of a class is caught by a handler for the class of that name."""
    return issubclass(kind, _PYTHON_CLASSES.get(name, Lazy))


def class_of(value: Value) -> ClassValue:
    """Evaluate `type(value)`."""
    foreign = class_of_foreign(value)
    if foreign is not None:
        return foreign
    name = KINDS[type(value)]
    if name not in CLASSES:
        raise refused(f"the class `{name}` isn't available")
    return CLASSES[name]


def _written(meter: Meter, number: Value) -> None:
    if isinstance(number, int):
        meter.new_text(number.bit_length() + 3)


_BUILTINS: Final = (
    operation("abs", "x: number, /", _abs_type, copied, abs),
    operation("bin", "number: integer, /", STR, _written, bin),
    operation("bool", "object = False, /", BOOL, free, bool),
    operation("chr", "i: integer, /", STR, free, chr),
    operation("divmod", "x: number, y: number, /", ANY, free, _divmod, metered=True),
    operation("float", "x: number|str = 0.0, /", FLOAT, free, _float, metered=True),
    operation("hex", "number: integer, /", STR, _written, hex),
    operation("int", "x: number|str = 0, /, base: integer|None = None", INT, free, _int, metered=True),
    operation("isinstance", "obj, class_or_tuple: class, /", BOOL, free, _isinstance, metered=True),
    operation("oct", "number: integer, /", STR, _written, oct),
    operation("ord", "c: str, /", INT, free, ord),
    operation("pow", "base: number, exp: number, mod: integer|None = None", ANY, free, _pow, metered=True),
    operation("round", "number: number, ndigits: integer|None = None", _round_type, free, _round, metered=True),
    operation("type", "object, /", ANY, free, class_of),
)
NUMERIC: Final[dict[str, Operation]] = {o.name: o for o in _BUILTINS}


def _factorial(meter: Meter, n: Value) -> None:
    if isinstance(n, int) and n > 20:
        bits = int(math.lgamma(n + 1) / math.log(2)) + 1 if n <= _LARGEST_ARGUMENT else n
        meter.bits(bits)
        meter.product(bits, bits)


def _choices(meter: Meter, n: Value, k: Value = None) -> None:
    if isinstance(n, int) and (k is None or isinstance(k, int)) and n > 0:
        count = n if k is None else max(0, min(k, n))
        bits = count * n.bit_length()
        _ordered_choices(meter, n, bits, count)


def _ordered_choices(meter: Meter, n: int, bits: int, count: int) -> None:
    if n <= _LARGEST_ARGUMENT and count and bits > meter.max_bits:
        bits = int((math.lgamma(n + 1) - math.lgamma(n - count + 1)) / math.log(2)) + 1
    meter.bits(bits)
    meter.product(bits, bits)


def _combinations(meter: Meter, n: Value, k: Value) -> None:
    if isinstance(n, int) and isinstance(k, int) and 0 <= k <= n:
        count = min(k, n - k)
        bits = min(n, count * n.bit_length())
        meter.bits(bits)
        meter.product(bits, bits + 30 * count)


def _integers(meter: Meter, *values: Value) -> None:
    for value in values:
        if isinstance(value, int):
            meter.product(value.bit_length(), value.bit_length())
            copied(meter, value)


def _multiple(meter: Meter, *values: Value) -> None:
    bits = sum(v.bit_length() for v in values if isinstance(v, int))
    meter.bits(bits)
    meter.product(bits, bits)


def _prod(meter: Meter, iterable: Value, start: Value = 1) -> Value:
    items = [start, *sizes.listed(meter, iterable)]
    kinds = set(map(type, items))
    if kinds <= _NUMBERS and len(items) * sizes.bits_of(sizes.of_kind(int, items, kinds)) < _WORD_BITS:
        meter.elements(len(items))
        return math.prod(items[1:], start=start)
    for item in items[1:]:
        start = _MULTIPLY(meter, start, item)
    return start


def _fsum(meter: Meter, seq: Value) -> float:
    items = sizes.listed(meter, seq)
    meter.elements(4 * len(items))
    return math.fsum(items)


def _isclose(a: Value, b: Value, rel_tol: Value = 1e-09, abs_tol: Value = 0.0) -> bool:
    return math.isclose(a, b, rel_tol=rel_tol, abs_tol=abs_tol)


def _dist(meter: Meter, p: Value, q: Value) -> float:
    return math.dist(sizes.listed(meter, p), sizes.listed(meter, q))


_OF_ONE: Final = (
    "acos", "acosh", "asin", "asinh", "atan", "atanh", "cos", "cosh", "degrees", "exp", "expm1", "fabs", "log10", "log1p",
    "log2", "radians", "sin", "sinh", "sqrt", "tan", "tanh",
)  # fmt: skip
_TESTS: Final = ("isfinite", "isinf", "isnan")
_TO_INTEGER: Final = ("ceil", "floor", "trunc")
_OF_TWO: Final = ("atan2", "copysign", "fmod", "pow", "remainder")


def _math(name: str, signature: str, result: Type, cost: Callable[..., None] = free) -> Operation:
    return operation(f"math.{name}", signature, result, cost, getattr(math, name))


MATH: Final[dict[str, Operation]] = {
    **{n: _math(n, "x: number, /", FLOAT) for n in _OF_ONE},
    **{n: _math(n, "x: number, /", BOOL) for n in _TESTS},
    **{n: _math(n, "x: number, /", INT) for n in _TO_INTEGER},
    **{n: _math(n, "x: number, y: number, /", FLOAT) for n in _OF_TWO},
    "comb": _math("comb", "n: integer, k: integer, /", INT, _combinations),
    "dist": operation("math.dist", "p: iterable, q: iterable, /", FLOAT, free, _dist, metered=True, ordered=True),
    "factorial": _math("factorial", "n: integer, /", INT, _factorial),
    "fsum": operation("math.fsum", "seq: iterable, /", FLOAT, free, _fsum, metered=True, ordered=True),
    "gcd": _math("gcd", "*integers: integer", INT, _integers),
    "hypot": _math("hypot", "*coordinates: number", FLOAT),
    "isclose": operation(
        "math.isclose", "a: number, b: number, *, rel_tol: number = 1e-09, abs_tol: number = 0.0", BOOL, free, _isclose
    ),
    "isqrt": _math("isqrt", "n: integer, /", INT, _integers),
    "lcm": _math("lcm", "*integers: integer", INT, _multiple),
    "log": _math("log", "x: number, base: number = ..., /", FLOAT),
    "modf": _math("modf", "x: number, /", ANY),
    "perm": _math("perm", "n: integer, k: integer|None = None, /", INT, _choices),
    "prod": operation("math.prod", "iterable: iterable, /, *, start = 1", ANY, free, _prod, metered=True, ordered=True),
}
MATH_CONSTANTS: Final = {"e": math.e, "inf": math.inf, "nan": math.nan, "pi": math.pi, "tau": math.tau}


def _statistic(name: str) -> Callable[..., Value]:
    function: Callable[[list[Value]], Any] = getattr(statistics, name)

    def evaluate(meter: Meter, data: Value) -> Value:
        items = sizes.listed(meter, data)
        sizes.sorting(meter, items, len(items))
        bits = max((x.bit_length() for x in items if type(x) is int), default=0)
        meter.step(len(items) * (_STEPS_OF_A_FRACTION + bits // 256) + bits * bits // 4096)
        sizes.keys(meter, items, len(items)) if name in ("mode", "multimode") else None
        result = function(items)
        if not is_value(result):
            raise refused(f"statistics.{name} of these values is no plain number", "use numbers of one kind")
        return result

    return evaluate


_STATISTICS: Final[dict[str, Type]] = {
    "fmean": FLOAT, "mean": ANY, "median": ANY, "median_high": ANY, "median_low": ANY, "mode": ANY,
    "multimode": ListType(ANY), "pstdev": FLOAT, "pvariance": ANY, "stdev": FLOAT, "variance": ANY,
}  # fmt: skip
STATISTICS: Final[dict[str, Operation]] = {
    name: operation(f"statistics.{name}", "data: iterable", t, free, _statistic(name), metered=True, ordered=True)
    for name, t in _STATISTICS.items()
}
