"""Evaluate what takes a function: the loop that calls it stands here, and hands keys to the operation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final, TypeAlias

from lcc.grammar.ir.evaluation.frames import UP, Code, Frame, Scope
from lcc.grammar.ir.expressions import Apply, Lambda, Value
from lcc.grammar.ir.operations import BUILTINS, OPERATIONS, ClassValue, Lazy, iterate, listed, method, type_name

Function: TypeAlias = Callable[..., Any]
_NONE_GIVEN: Final = object()
_KEYED: Final = {"builtin sorted", "builtin min", "builtin max", "method sort", "module itertools.groupby"}
_TWO_PLACES: Final = 16
"""Bytes of an element and its key in their lists."""
REDUCE: Final = "module functools.reduce"


def takes_function(value: Apply) -> bool:
    """Whether an application is a loop that calls a function."""
    if value.op == REDUCE:
        return True
    return value.op in _KEYED and any(name == "key" for name, _ in value.names)


def compile_with_function(scope: Scope, value: Apply) -> Code:
    """Compile an application that calls a function."""
    if value.op == REDUCE:
        return _reduce(scope, value)
    key = next(item for name, item in value.names if name == "key")
    function = _function(scope, key)
    args = tuple(map(scope.code, value.args))
    names = tuple([(name, scope.code(item)) for name, item in value.names if name != "key"])
    apply = {"method sort": _sort, "module itertools.groupby": _group}.get(value.op) or _order(value.op)

    def run(frame: Frame) -> Any:
        given = [arg(frame) for arg in args]
        made = function(frame)
        return apply(scope, made, given, {name: item(frame) for name, item in names})

    return run


def _function(scope: Scope, value: Value) -> Callable[[Frame], Function | None]:
    """Compile a function; None is none. A class may stand in its place."""
    if isinstance(value, Lambda):
        return _lambda(scope, value)
    code = scope.code(value)

    def read(frame: Frame) -> Function | None:
        found = code(frame)
        if found is None:
            return None
        operation = BUILTINS.get(found.name) if type(found) is ClassValue else None

        def call(*args: Any) -> Any:
            if operation is None:
                raise TypeError(f"'{type_name(found)}' object is not callable")
            return operation(scope.meter, *args)

        return call

    return read


def _lambda(scope: Scope, value: Lambda) -> Callable[[Frame], Function]:
    """Compile a function of the program. Its defaults are evaluated where it stands, its body for each call."""
    meter = scope.meter
    params = value.params
    body = scope.inside(frozenset(params)).code(value.body)
    defaults = tuple(map(scope.code, value.defaults))
    if len(params) == 1 and not defaults:
        (name,) = params

        def make_plain(frame: Frame) -> Function:
            def call(*args: Any) -> Any:
                if len(args) != 1:
                    raise _wrong_number(params, 0, len(args))
                meter.step()
                return body({UP: frame, name: args[0]})

            return call

        return make_plain

    def make(frame: Frame) -> Function:
        last = tuple([default(frame) for default in defaults])

        def call(*args: Any) -> Any:
            lacking = len(params) - len(args)
            if not 0 <= lacking <= len(last):
                raise _wrong_number(params, len(last), len(args))
            meter.step()
            filled = args + last[len(last) - lacking :]
            return body({UP: frame, **dict(zip(params, filled, strict=True))})

        return call

    return make


def _wrong_number(params: tuple[str, ...], defaults: int, given: int) -> TypeError:
    """Return what CPython raises for too many or too few arguments of a function."""
    most, least = len(params), len(params) - defaults
    if given > most:
        takes = f"{most}" if least == most else f"from {least} to {most}"
        plural = "" if takes == "1" else "s"
        verb = "was" if given == 1 else "were"
        return TypeError(f"<lambda>() takes {takes} positional argument{plural} but {given} {verb} given")
    missing = [repr(name) for name in params[given:least]]
    shown = (
        missing[0] if len(missing) == 1 else f"{', '.join(missing[:-1])}{',' * (len(missing) > 2)} and {missing[-1]}"
    )
    return TypeError(
        f"<lambda>() missing {len(missing)} required positional argument{'s' * (len(missing) > 1)}: {shown}"
    )


def _order(op: str) -> Callable[[Scope, Function | None, list[Any], dict[str, Any]], Any]:
    """Return what evaluates sorted, min or max by the keys of all elements."""
    operation = OPERATIONS[op]
    plain = op == "builtin sorted"

    def apply(scope: Scope, function: Function | None, args: list[Any], names: dict[str, Any]) -> Any:
        meter = scope.meter
        several = len(args) != 1
        if function is None or (several and (plain or names or not args)):
            return operation(meter, *args, **names)
        if not isinstance(names.get("reverse", 0), int):
            operation(meter, [], **names)
        source = args if several else listed(meter, args[0])[:] if plain else iterate(args[0]).iterator
        items: list[Any] = []
        keys: list[Any] = []
        try:
            for item in source:
                keys += [function(item)]
                items += [item]
                meter.memory(_TWO_PLACES)
        except Exception:
            if not plain and keys:  # CPython compares as it goes
                operation(meter, items, keys=keys)
            raise
        return operation(meter, items, keys=keys, **names)

    return apply


def _sort(scope: Scope, function: Function | None, args: list[Any], names: dict[str, Any]) -> None:
    """Evaluate `items.sort(key=…)`. While it runs the list is empty for everyone else, as in CPython."""
    meter = scope.meter
    items, *more = args
    operation = method(items, "sort")
    if function is None or more or not isinstance(names.get("reverse", 0), int):
        operation(meter, *args, **names)
        return
    own = items[:]
    items.clear()
    changed = False
    try:
        keys = [function(item) for item in own]
    finally:
        changed = bool(items)
        items[:] = own
    if changed:
        raise ValueError("list modified during sort")
    operation(meter, items, keys=keys, **names)


def _group(scope: Scope, function: Function | None, args: list[Any], names: dict[str, Any]) -> Any:
    """Evaluate `groupby(items, key=…)`: the key of an element is computed when it is read."""
    operation = OPERATIONS["module itertools.groupby"]
    if function is None or len(args) != 1:
        return operation(scope.meter, *args, **names)
    source = iterate(args[0])
    held: list[Any] = [None]

    def keys() -> Iterator[Any]:
        for item in source.iterator:
            held[0] = item
            yield function(item)

    def items() -> Iterator[Any]:
        while True:
            yield held[0]

    read = Lazy("generator", items(), source.width, source.depth)
    return operation(scope.meter, read, keys=keys(), **names)


def _reduce(scope: Scope, value: Apply) -> Code:
    """Compile `functools.reduce(function, items, first)`."""
    meter = scope.meter
    function, *rest = value.args
    make = _function(scope, function)
    codes = tuple(map(scope.code, rest))

    def run(frame: Frame) -> Any:
        call = make(frame)
        items, *given = [code(frame) for code in codes]
        try:
            iterator = iterate(items).iterator
        except TypeError:
            raise TypeError("reduce() arg 2 must support iteration") from None
        total = given[0] if given else next(iterator, _NONE_GIVEN)
        if total is _NONE_GIVEN:
            raise TypeError("reduce() of empty iterable with no initial value")
        for item in iterator:
            meter.step()
            if call is None:
                raise TypeError("'NoneType' object is not callable")
            total = call(total, item)
        return total

    return run
