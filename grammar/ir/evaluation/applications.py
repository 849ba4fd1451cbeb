"""Evaluate operations: arguments from left to right, then those with names; displays and calls with stars as CPython puts them together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from lcc.grammar.ir.evaluation.frames import Code, Frame, Scope
from lcc.grammar.ir.evaluation.functions import compile_with_function, takes_function
from lcc.grammar.ir.expressions import Apply, Spread, Value
from lcc.grammar.ir.operations import (
    ATTRIBUTES,
    CLASS_FUNCTIONS,
    DICTS,
    DISPLAYS,
    ITERABLE,
    METHODS,
    OPERATIONS,
    Meter,
    Operation,
    OperationError,
    Record,
    attribute,
    hashed,
    listed,
    method,
    type_name,
)

_KEYED_ITEM: Final = 140


def compile_apply(scope: Scope, value: Apply) -> Code:
    """Compile an operation; raise OperationError for one that isn't in the table."""
    if takes_function(value):
        return compile_with_function(scope, value)
    where, _, what = value.op.partition(" ")
    if where == "method":
        return _method(scope, what, value)
    if where == "attribute":
        return _attribute(scope.code(value.args[0]), what)
    spread = any(isinstance(arg, Spread) for arg in value.args)
    if spread and where == "display":
        return _display(scope, what, value.args)
    operation = operation_of(value.op)
    if spread or value.names:
        return _call_with_names(scope, operation, value)
    return _call(scope, operation, tuple(map(scope.code, value.args)))


def operation_of(op: str) -> Operation:
    """Return the operation of a name of the table; raise OperationError if there is none."""
    found = OPERATIONS.get(op)
    if found is None and op.startswith("class "):
        found = CLASS_FUNCTIONS.get(op.removeprefix("class "))
    if found is None:
        raise OperationError("refused", f"the operation `{op}` is not available")
    return found


def _call(scope: Scope, operation: Operation, codes: tuple[Code, ...]) -> Code:
    """Compile an operation of arguments that stand as they are."""
    meter = scope.meter
    call = operation.__call__
    if operation.clock:
        clock = scope.evaluation.clock
        return lambda frame: call(meter, clock(), *[code(frame) for code in codes])
    match codes:
        case (one,):
            return lambda frame: call(meter, one(frame))
        case (first, second):
            return lambda frame: call(meter, first(frame), second(frame))
        case _:
            return lambda frame: call(meter, *[code(frame) for code in codes])


def _method(scope: Scope, name: str, value: Apply) -> Code:
    """Compile a method, which the kind of the first argument decides before the others are evaluated."""
    receiver, *others = value.args
    if value.names or any(isinstance(arg, Spread) for arg in others):
        return _method_with_names(scope, name, value)
    meter = scope.meter
    subject = scope.code(receiver)
    known = {kind: table[name].__call__ for kind, table in METHODS.items() if name in table and kind is not Record}
    codes = tuple(map(scope.code, others))
    other = _other_method(meter, name, codes)
    if len(codes) == 1:
        (first,) = codes

        def with_one(frame: Frame) -> Any:
            owner = subject(frame)
            call = known.get(type(owner))
            return other(owner, frame) if call is None else call(meter, owner, first(frame))

        return with_one

    def run(frame: Frame) -> Any:
        owner = subject(frame)
        call = known.get(type(owner))
        return other(owner, frame) if call is None else call(meter, owner, *[code(frame) for code in codes])

    return run


def _other_method(meter: Meter, name: str, codes: tuple[Code, ...]) -> Callable[[Any, Frame], Any]:
    """Return what calls a method of a record, or says that there is none."""

    def run(owner: Any, frame: Frame) -> Any:
        if type(owner) is Record and name in owner:
            for code in codes:
                code(frame)
        return method(owner, name)(meter, owner, *[code(frame) for code in codes])

    return run


def _method_with_names(scope: Scope, name: str, value: Apply) -> Code:
    meter = scope.meter
    receiver, *others = value.args
    subject = scope.code(receiver)
    arguments = _arguments(scope, tuple(others), value.names)

    def run(frame: Frame) -> Any:
        owner = subject(frame)
        found = None if type(owner) is Record and name in owner else method(owner, name)
        args, names = arguments(frame, name if found is None else found.name)
        return (found or method(owner, name))(meter, owner, *args, **names)

    return run


def _attribute(subject: Code, name: str) -> Code:
    """Compile the reading of an attribute; a field of a record goes before what the table has."""
    known = {kind: table[name].evaluate for kind, table in ATTRIBUTES.items() if name in table}

    def run(frame: Frame) -> Any:
        owner = subject(frame)
        if type(owner) is Record:
            return owner[name] if name in owner else attribute(owner, name)
        found = known.get(type(owner))
        return attribute(owner, name) if found is None else found(owner)

    return run


def _call_with_names(scope: Scope, operation: Operation, value: Apply) -> Code:
    meter = scope.meter
    arguments = _arguments(scope, value.args, value.names)
    clock = scope.evaluation.clock

    def run(frame: Frame) -> Any:
        args, names = arguments(frame, operation.name)
        return operation(meter, clock(), *args, **names) if operation.clock else operation(meter, *args, **names)

    return run


Arguments = Callable[[Frame, str], tuple[list[Any], dict[str, Any]]]


def _arguments(scope: Scope, args: tuple[Value, ...], names: tuple[tuple[str, Value], ...]) -> Arguments:
    """Compile arguments among which are stars or names. They are called with the name of what is called, for messages."""
    meter = scope.meter
    alone = len([arg for arg in args if not (isinstance(arg, Spread) and arg.names)]) == 1
    places = [
        (scope.code(arg.value), arg.names) if isinstance(arg, Spread) else (scope.code(arg), None) for arg in args
    ]
    named = [(name, scope.code(item)) for name, item in names]

    def collect(frame: Frame, shown: str) -> tuple[list[Any], dict[str, Any]]:
        given: list[Any] = []
        by_name: dict[str, Any] = {}
        for code, star in places:
            item = code(frame)
            if star is None:
                given.append(item)
            elif star:
                _add_names(meter, by_name, item, shown)
            else:
                given += _elements(meter, item, f"{shown}() argument" if alone else "Value")
        _add_names(meter, by_name, {name: code(frame) for name, code in named}, shown)
        if not all(type(name) is str for name in by_name):
            raise TypeError("keywords must be strings")
        return given, by_name

    return collect


def _elements(meter: Meter, value: Any, what: str) -> list[Any]:
    if type(value) not in ITERABLE:
        raise TypeError(f"{what} after * must be an iterable, not {type_name(value)}")
    items = listed(meter, value)
    meter.new_items(len(items))
    return items


def _add_names(meter: Meter, by_name: dict[str, Any], value: Any, shown: str) -> None:
    if type(value) not in DICTS:
        raise TypeError(f"{shown}() argument after ** must be a mapping, not {type_name(value)}")
    meter.new_items(len(value), _KEYED_ITEM)
    for name, item in value.items():
        if name in by_name:
            raise TypeError(f"{shown}() got multiple values for keyword argument '{name}'")
        by_name[name] = item


def _display(scope: Scope, kind: str, args: tuple[Value, ...]) -> Code:
    """Compile a display with stars: what stands before the first is put together at once, the others are added one by one."""
    if kind == "dict":
        return _dict_display(scope, args)
    meter = scope.meter
    head = next(at for at, arg in enumerate(args) if isinstance(arg, Spread))
    start = _call(scope, DISPLAYS["set" if kind == "set" else "list"], tuple(map(scope.code, args[:head])))
    rest = [
        (scope.code(arg.value), True) if isinstance(arg, Spread) else (scope.code(arg), False) for arg in args[head:]
    ]

    def run(frame: Frame) -> Any:
        out = start(frame)
        for code, star in rest:
            item = code(frame)
            if kind == "set":
                _add_members(meter, out.members, item, star)
            elif star:
                out += _elements(meter, item, "Value")
            else:
                meter.memory(40)
                out.append(item)
        return tuple(out) if kind == "tuple" else out

    return run


def _add_members(meter: Meter, members: dict[Any, None], item: Any, star: bool) -> None:
    if star and type(item) not in ITERABLE:
        raise TypeError(f"'{type_name(item)}' object is not iterable")
    items = listed(meter, item) if star else [item]
    for one in items:
        hashed(meter, one, len(members))
        meter.memory(_KEYED_ITEM)
        members[one] = None


def _dict_display(scope: Scope, args: tuple[Value, ...]) -> Code:
    meter = scope.meter
    parts: list[tuple[Code, bool]] = []
    pairs: list[Value] = []
    for arg in args:
        if isinstance(arg, Spread):
            if pairs:
                parts.append((_call(scope, DISPLAYS["dict"], tuple(map(scope.code, pairs))), False))
                pairs = []
            parts.append((scope.code(arg.value), True))
        else:
            pairs.append(arg)
    if pairs:
        parts.append((_call(scope, DISPLAYS["dict"], tuple(map(scope.code, pairs))), False))

    def run(frame: Frame) -> Any:
        out: dict[Any, Any] = {}
        for code, star in parts:
            item = code(frame)
            if star and type(item) not in DICTS:
                raise TypeError(f"'{type_name(item)}' object is not a mapping")
            for key in item:
                hashed(meter, key, len(out))
            meter.new_items(len(item), _KEYED_ITEM)
            out.update(item)
        return out

    return run
