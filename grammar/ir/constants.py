"""Turn IR constants into JSON values and back."""

from __future__ import annotations

from typing import Final

from lcc.grammar.ir.expressions import Const, DictOf, ListOf, Value
from lcc.grammar.ir.walk import children
from lcc.grammar.values import Json


class NotConstant(ValueError):
    """A value reads a task or an input, so it is not known before the run."""


def is_constant(value: Value) -> bool:
    """Whether a value is known before the run."""
    return type(value) is Const or (type(value) in _KNOWN and all(map(is_constant, children(value))))


_KNOWN: Final = frozenset({Const, ListOf, DictOf})


def json_of(value: Value) -> Json:
    """Return the JSON value of a constant; raise NotConstant for anything else."""
    match value:
        case Const(scalar):
            return scalar
        case ListOf(items):
            return [json_of(item) for item in items]
        case DictOf(pairs):
            return {key: json_of(item) for key, item in pairs}
        case _:
            raise NotConstant("the value reads a result or an input")


def value_of_json(value: Json) -> Value:
    """Return the constant that stands for a JSON value."""
    if isinstance(value, list):
        return ListOf(tuple(value_of_json(item) for item in value))
    if isinstance(value, dict):
        return DictOf(tuple((key, value_of_json(item)) for key, item in value.items()))
    return Const(value)
