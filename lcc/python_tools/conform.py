"""Hold a JSON value against a declared type: what is of the type passes, and of the rest the first part that isn't is named.

A whole number is an integer however it is written, so 3.0 passes for `int` and becomes 3; an integer passes for `float`. Nothing
else is converted: a text is no number, a number no text, and a boolean neither. Records may have further keys.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final, TypeAlias, assert_never

from lcc.grammar.diagnostics.wording import brief
from lcc.grammar.signatures import (
    AnyType,
    BoolType,
    DictType,
    FloatType,
    IntType,
    ListType,
    LiteralType,
    NullType,
    RecordType,
    StrType,
    Type,
    UnionType,
    show,
)
from lcc.grammar.values import Json, kind, show_path

Check: TypeAlias = Callable[[Any], bool]
_SHOWN: Final = 200


class Misfit(Exception):
    """A part of a value that isn't of its declared type, or has no JSON form. `path` grows from the inside to the outside."""

    def __init__(self, message: str, *path: str | int) -> None:
        self.message = message
        self.path: list[str | int] = list(path)

    @property
    def place(self) -> str:
        """Where in the value it is, empty for the whole; of a long way, its beginning."""
        steps = tuple(reversed(self.path))
        return f"{show_path(steps[:8])[:_SHOWN]}{'…' if len(steps) > 8 else ''}"


def exactly(type_: Type) -> Check:
    """Return a test for values that have a type as they stand, nothing converted. Records may have further keys."""
    match type_:
        case AnyType():
            return lambda value: True
        case NullType():
            return lambda value: value is None
        case BoolType() | IntType() | FloatType() | StrType():
            wanted = _EXACT[type(type_)]
            return lambda value: type(value) is wanted
        case LiteralType(values):
            known = {(type(value), value) for value in values}
            return lambda value: not isinstance(value, list | dict) and (type(value), value) in known
        case ListType(item):
            each = exactly(item)
            return lambda value: type(value) is list and all(map(each, value))
        case DictType(item):
            each = exactly(item)
            return lambda value: type(value) is dict and all(map(each, value.values()))
        case RecordType(_, fields):
            checks = {f.name: exactly(f.type) for f in fields}
            required = frozenset(f.name for f in fields if f.required)
            return lambda value: (
                type(value) is dict
                and required <= value.keys()
                and all(checks[key](item) for key, item in value.items() if key in checks)
            )
        case UnionType(members):
            tests = [exactly(member) for member in members]
            return lambda value: any(test(value) for test in tests)
        case _:
            assert_never(type_)


_EXACT: Final[dict[type, type]] = {BoolType: bool, IntType: int, FloatType: float, StrType: str}


def conform(value: Json, type_: Type) -> Json:
    """Return a value as one of its declared type; raise Misfit, which names the first part that isn't."""
    match type_:
        case IntType() if type(value) is float and value.is_integer():
            return int(value)
        case FloatType() if type(value) is int:
            return value
        case ListType(item) if isinstance(value, list):
            return [_part(one, item, place) for place, one in enumerate(value)]
        case DictType(item) if isinstance(value, dict):
            return {key: _part(one, item, key) for key, one in value.items()}
        case RecordType(_, fields) if isinstance(value, dict):
            missing = next((f.name for f in fields if f.required and f.name not in value), None)
            if missing is not None:
                raise Misfit("is missing", missing)
            types = {f.name: f.type for f in fields}
            return {key: _part(one, types[key], key) if key in types else one for key, one in value.items()}
        case UnionType(members):
            return _one_of(value, type_, members)
        case _:
            if exactly(type_)(value):
                return value
            fraction = " with a fraction" if isinstance(type_, IntType) and type(value) is float else ""
            raise Misfit(f"must be {wanted(type_)}, not {kind(value)}{fraction}")


def _part(value: Json, type_: Type, step: str | int) -> Json:
    try:
        return conform(value, type_)
    except Misfit as error:
        error.path.append(step)
        raise


def _one_of(value: Json, whole: Type, members: Iterable[Type]) -> Json:
    """Conform to a member of a union. If a single one is a container like the value, the fault is inside that."""
    if exactly(whole)(value):
        return value
    inside: list[Misfit] = []
    for member in members:
        try:
            return conform(value, member)
        except Misfit as error:
            if isinstance(member, ListType if isinstance(value, list) else DictType | RecordType):
                inside.append(error)
    if isinstance(value, list | dict) and len(inside) == 1:
        raise inside[0]
    raise Misfit(f"must be {wanted(whole)}, not {kind(value)}")


def wanted(type_: Type) -> str:
    """Return a type as a message shows it."""
    return f"`{brief(show(type_), _SHOWN)}`"
