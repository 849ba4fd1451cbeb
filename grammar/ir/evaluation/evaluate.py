"""Turn values into closures that evaluate them: one for each node, put together once, called for each frame."""

from __future__ import annotations

from typing import Any, assert_never

from lcc.grammar.ir.evaluation.applications import compile_apply
from lcc.grammar.ir.evaluation.comprehensions import compile_comprehension
from lcc.grammar.ir.evaluation.frames import Code, Evaluation, Frame, NotTaken, Scope, read_name, read_result
from lcc.grammar.ir.expressions import (
    Apply,
    Builtin,
    Choose,
    Comprehension,
    Const,
    DictOf,
    Format,
    Input,
    Lambda,
    ListOf,
    Local,
    Logic,
    Ref,
    Select,
    Spread,
    Value,
)
from lcc.grammar.ir.operations import BUILTIN_CLASSES, CONSTANTS, FIELDS, OperationError, Record


def compile_value(value: Value, evaluation: Evaluation) -> Code:
    """Return what evaluates a value in a frame.

    Called, it returns a value of the closed set, or raises what CPython raises, OperationError, or NotTaken. Raise
    OperationError for a value that can't stand anywhere or isn't in the table.
    """
    code = _compile(value, Scope(evaluation, _compile))
    if isinstance(value, Const | Local | Ref | Input | Builtin) or evaluation.roots is None:
        return code
    begin = evaluation.begin

    def run(frame: Frame) -> Any:
        begin()
        return code(frame)

    return run


def _compile(value: Value, scope: Scope) -> Code:
    match value:
        case Const(scalar):
            return lambda frame: scalar
        case Local(name):
            return read_name(scope, name)
        case Ref() | Input():
            return read_result(scope, value)
        case Apply():
            return compile_apply(scope, value)
        case Builtin(name):
            constant = constant_of(name)
            return lambda frame: constant
        case Choose(test, then, other):
            return _choose(scope.code(test), scope.code(then), scope.code(other))
        case Logic(op, items):
            return _logic(op == "or", tuple(map(scope.code, items)))
        case Comprehension():
            return compile_comprehension(scope, value)
        case ListOf(items):
            return compile_apply(scope, Apply("display list", items))
        case DictOf(pairs):
            return _record(scope, tuple([(key, scope.code(item)) for key, item in pairs]))
        case Format(parts):
            return _text(scope, parts)
        case Select(items):
            return _select(tuple(map(scope.code, items)))
        case Lambda() | Spread():
            what = "a function" if isinstance(value, Lambda) else "a star"
            raise OperationError("refused", f"{what} can't stand here")
        case _:
            assert_never(value)


def constant_of(name: str) -> Any:
    """Return the class or constant of a name; raise OperationError if the table has none."""
    found = BUILTIN_CLASSES.get(name)
    if found is None:
        if name not in CONSTANTS:
            raise OperationError("refused", f"the name `{name}` is not available")
        return CONSTANTS[name]
    return found


def _choose(test: Code, then: Code, other: Code) -> Code:
    return lambda frame: then(frame) if test(frame) else other(frame)


def _logic(wanted: bool, items: tuple[Code, ...]) -> Code:
    """Compile `and`, or with `wanted` `or`: the first item whose truth is as wanted, else the last."""
    *others, last = items
    if len(others) == 1:
        (first,) = others
        if wanted:
            return lambda frame: first(frame) or last(frame)
        return lambda frame: first(frame) and last(frame)

    def run(frame: Frame) -> Any:
        for item in others:
            found = item(frame)
            if bool(found) is wanted:
                return found
        return last(frame)

    return run


def _record(scope: Scope, pairs: tuple[tuple[str, Code], ...]) -> Code:
    meter = scope.meter

    def run(frame: Frame) -> Record:
        meter.new_items(len(pairs), 140)
        return Record({key: code(frame) for key, code in pairs})

    return run


def _text(scope: Scope, parts: tuple[str | Ref | Input, ...]) -> Code:
    """Compile a text of a plan file: results in it stand as `field text` writes them."""
    meter = scope.meter
    text, join = FIELDS["text"], FIELDS["f-string"]
    codes = [scope.code(Const(part) if isinstance(part, str) else part) for part in parts]
    return lambda frame: join(meter, *[text(meter, code(frame)) for code in codes])


def _select(items: tuple[Code, ...]) -> Code:
    def run(frame: Frame) -> Any:
        for item in items:
            try:
                return item(frame)
            except NotTaken:
                continue
        raise NotTaken

    return run
