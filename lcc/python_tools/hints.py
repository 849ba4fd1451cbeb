"""Read type hints as types, where that needs no library: plain types, containers, unions, literals, typed dicts.

`plain_type` answers None for what only pydantic understands (models, dataclasses, enums, dates, constraints). Most tools take
and return plain values, and importing pydantic costs more than compiling their plans.
"""

from __future__ import annotations

import collections.abc
import types
import typing
from typing import Any, Final, Literal, TypeVar, Union, get_args, get_origin

from lcc.grammar.signatures import (
    ANY,
    BOOL,
    FLOAT,
    INT,
    NULL,
    STR,
    DictType,
    Field,
    ListType,
    LiteralType,
    RecordType,
    Type,
    union,
)

_SIMPLE: Final[dict[object, Type]] = {
    Any: ANY,
    object: ANY,
    None: NULL,
    type(None): NULL,
    bool: BOOL,
    int: INT,
    float: FLOAT,
    str: STR,
    list: ListType(ANY),
    dict: DictType(ANY),
    typing.List: ListType(ANY),  # noqa: UP006
    typing.Dict: DictType(ANY),  # noqa: UP006
}
_LISTS: Final = frozenset(
    (
        list,
        collections.abc.Sequence,
        collections.abc.MutableSequence,
        collections.abc.Collection,
        collections.abc.Iterable,
    )
)
_MARKS: Final = ("Required", "NotRequired", "ReadOnly")
_DICTS: Final = frozenset((dict, collections.abc.Mapping, collections.abc.MutableMapping))


def plain_type(hint: object, within: tuple[object, ...] = ()) -> Type | None:
    """Return the type of a hint, or None if it takes pydantic to say. `within`: the typed dicts that it stands in."""
    try:
        if hint in _SIMPLE:
            return _SIMPLE[hint]
    except TypeError:
        return None
    if hint in within:
        return ANY
    if is_typed_dict(hint):
        return _typed_dict(hint, within)
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Union or origin is types.UnionType:
        members = _all(arguments, within)
        return None if members is None else union(*members)
    if origin is Literal:
        return _literal(arguments)
    if origin is typing.Annotated:
        return plain_type(arguments[0], within) if all(_is_remark(extra) for extra in arguments[1:]) else None
    if (origin or hint) in _LISTS:
        item = plain_type(arguments[0], within) if arguments else ANY
        return None if item is None else ListType(item)
    if (origin or hint) in _DICTS:
        key, value = arguments or (str, Any)
        found = plain_type(value, within)
        return DictType(found) if key is str and found is not None else None
    return _named(hint, within)


def _named(hint: object, within: tuple[object, ...]) -> Type | None:
    if isinstance(hint, typing.NewType):
        return plain_type(hint.__supertype__, within)
    if isinstance(hint, TypeVar):
        return ANY if hint.__bound__ is None and not hint.__constraints__ else None
    if type(hint).__name__ == "TypeAliasType" and not get_args(hint):
        return plain_type(hint.__value__, (*within, hint))  # type: ignore[attr-defined]
    return None


def _all(hints: tuple[object, ...], within: tuple[object, ...]) -> list[Type] | None:
    found = [plain_type(hint, within) for hint in hints]
    known = [one for one in found if one is not None]
    return known if len(known) == len(found) else None


def _literal(values: tuple[object, ...]) -> Type | None:
    plain = [value for value in values if value is None or type(value) in (str, int, bool)]
    return LiteralType(tuple(plain)) if len(plain) == len(values) else None  # type: ignore[arg-type]


def _is_remark(extra: object) -> bool:
    """Whether metadata only describes: a text, or a `Doc`."""
    return isinstance(extra, str) or isinstance(getattr(extra, "documentation", None), str)


def is_typed_dict(hint: object) -> bool:
    """Whether a hint is a typed dict, of `typing` or of `typing_extensions`."""
    return isinstance(hint, type) and issubclass(hint, dict) and hasattr(hint, "__required_keys__")


def _typed_dict(hint: object, within: tuple[object, ...]) -> Type | None:
    if hasattr(hint, "__pydantic_config__"):
        return None
    fields = []
    for name, inner in typing.get_type_hints(hint, include_extras=True).items():
        required = name in hint.__required_keys__  # type: ignore[attr-defined]
        while (mark := getattr(get_origin(inner), "_name", None)) in _MARKS:
            required = {"Required": True, "NotRequired": False}.get(mark, required)
            inner = get_args(inner)[0]
        type_ = plain_type(inner, (*within, hint))
        if type_ is None:
            return None
        fields.append(Field(name, type_, required))
    return RecordType(hint.__name__, tuple(fields))  # type: ignore[attr-defined]
