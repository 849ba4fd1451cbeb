"""Type the values that flow between tools.

The types are those that JSON values have, written as Python annotations: `Any`, `None`, `bool`, `int`, `float`, `str`,
`Literal[…]`, `list[T]`, `dict[str, T]`, records (typed dicts) and unions. A record that is not `closed` may have more fields
than it declares.

Compatibility is that of a caller who means well: a result of any type fits `str` and becomes text, `int` fits `float`, a number may be
whole and so fits `int`, `Any` fits both ways, a union fits if one member does. Everything else must fit exactly: `str` does not fit
`int`, and neither does `bool`. A value that stands in the plan becomes text only if it is a number or a boolean, and alone.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import field
from typing import Final, TypeAlias, assert_never

from lcc.grammar.dataclass import dataclass
from lcc.grammar.values import Json, show_path, to_text

MAX_SIZE: Final = 10_000
"""How many parts a type has."""

MAX_DEPTH: Final = 64
"""How deep types nest."""


def within_limits(type_: Type) -> bool:
    """Whether a type is neither larger nor deeper than `MAX_SIZE` and `MAX_DEPTH` allow; shared parts count each time."""
    count = 0
    todo = [(type_, 1)]
    while todo:
        one, depth = todo.pop()
        count += 1
        if count > MAX_SIZE or depth > MAX_DEPTH:
            return False
        match one:
            case ListType(inner) | DictType(inner):
                todo.append((inner, depth + 1))
            case RecordType(_, fields):
                todo.extend((f.type, depth + 1) for f in fields)
            case UnionType(members):
                todo.extend((member, depth + 1) for member in members)
            case _:
                pass
    return True


@dataclass(frozen=True, slots=True)
class AnyType:
    """Nothing is known."""


@dataclass(frozen=True, slots=True)
class NullType:
    """`None`."""


@dataclass(frozen=True, slots=True)
class BoolType:
    """`True` or `False`."""


@dataclass(frozen=True, slots=True)
class IntType:
    """An integer."""


@dataclass(frozen=True, slots=True)
class FloatType:
    """A number."""


@dataclass(frozen=True, slots=True)
class StrType:
    """Text."""


@dataclass(frozen=True, slots=True)
class LiteralType:
    """One of a few scalars."""

    values: tuple[str | int | bool | None, ...]


@dataclass(frozen=True, slots=True)
class ListType:
    """A list of one type of item."""

    item: Type


@dataclass(frozen=True, slots=True)
class DictType:
    """A dict with string keys and one type of value."""

    value: Type


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a record. `note`: what planners are told of it beyond its type."""

    name: str
    type: Type
    required: bool = True
    note: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class RecordType:
    """A dict whose keys are known. `closed`: it has no other keys."""

    name: str
    fields: tuple[Field, ...]
    closed: bool = True

    def field(self, name: str) -> Field | None:
        """Return the field of that name, if it is declared."""
        return next((f for f in self.fields if f.name == name), None)


@dataclass(frozen=True, slots=True)
class UnionType:
    """One of several types; never nested, never of one member. Build it with `union`."""

    members: tuple[Type, ...]


Type: TypeAlias = (
    AnyType
    | NullType
    | BoolType
    | IntType
    | FloatType
    | StrType
    | LiteralType
    | ListType
    | DictType
    | RecordType
    | UnionType
)

ANY = AnyType()
NULL = NullType()
BOOL = BoolType()
INT = IntType()
FLOAT = FloatType()
STR = StrType()


def union(*members: Type) -> Type:
    """Return the union of types, flattened and without repeats; one member is that member, `Any` absorbs the rest."""
    flat: dict[Type, None] = {}
    for member in members:
        for one in member.members if isinstance(member, UnionType) else (member,):
            flat[one] = None
    if ANY in flat or not flat:
        return ANY
    return next(iter(flat)) if len(flat) == 1 else UnionType(tuple(flat))


def own_name(record: RecordType) -> str:
    """Return the name that a record is declared with."""
    return record.name


def show(type_: Type, name_of: Callable[[RecordType], str] = own_name) -> str:
    """Return a type as the annotation that declares it; `name_of` names its records."""
    match type_:
        case AnyType():
            return "Any"
        case NullType():
            return "None"
        case BoolType():
            return "bool"
        case IntType():
            return "int"
        case FloatType():
            return "float"
        case StrType():
            return "str"
        case LiteralType(values):
            return f"Literal[{', '.join(repr(v) for v in values)}]"
        case ListType(item):
            return "list" if item == ANY else f"list[{show(item, name_of)}]"
        case DictType(value):
            return "dict" if value == ANY else f"dict[str, {show(value, name_of)}]"
        case RecordType():
            return name_of(type_)
        case UnionType(members):
            return " | ".join(dict.fromkeys(show(m, name_of) for m in members))
        case _:
            assert_never(type_)


def only_text(type_: Type) -> bool:
    """Whether a parameter of this type takes nothing but text, so that any argument becomes text."""
    match type_:
        case StrType():
            return True
        case LiteralType(values):
            return all(isinstance(v, str) for v in values)
        case UnionType(members):
            texts = [only_text(m) for m in members]
            return any(texts) and all(t or isinstance(m, NullType) for t, m in zip(texts, members, strict=True))
        case _:
            return False


def type_of(value: Json) -> Type:
    """Return the type of a JSON value; a list of mixed items is a list of a union."""
    match value:
        case None:
            return NULL
        case bool():
            return BOOL
        case int():
            return INT
        case float():
            return FLOAT
        case str():
            return STR
        case list():
            return ListType(union(*(type_of(item) for item in value))) if value else ListType(ANY)
        case dict():
            return RecordType("dict", tuple(Field(key, type_of(item)) for key, item in value.items()))
        case _:
            assert_never(value)


def fits(source: Type, target: Type, *, whole: bool = True) -> bool:
    """Whether a value of type `source` may be given where `target` is wanted.

    A union source fits if every member does: a value of any of them may come. `whole`: whether a number may be an integer.
    """
    match source, target:
        case (AnyType(), _) | (_, AnyType() | StrType()) | (IntType(), FloatType()):
            return True
        case FloatType(), IntType():
            return whole
        case UnionType(members), _:
            return all(fits(m, target, whole=whole) for m in members)
        case _, UnionType(members):
            alike = any(_same_container(source, m) for m in members)
            return any(fits(source, m, whole=whole) for m in members if not (alike and isinstance(m, StrType)))
        case LiteralType(values), LiteralType(wanted):
            return all(_is_one_of(v, wanted) for v in values)
        case LiteralType(values), _:
            return all(fits(type_of(v), target, whole=whole) for v in values)
        case _, LiteralType(wanted):
            return _kind_is_among(source, wanted, whole=whole)
        case ListType(item), ListType(wanted_item):
            return fits(item, wanted_item, whole=whole)
        case DictType(value), DictType(wanted_value):
            return fits(value, wanted_value, whole=whole)
        case RecordType(), DictType(wanted_value):
            return all(fits(f.type, wanted_value, whole=whole) for f in source.fields)
        case DictType(value), RecordType():
            return all(fits(value, f.type, whole=whole) for f in target.fields)
        case RecordType(), RecordType():
            return _record_fits(source, target, whole=whole)
        case _:
            return source == target


def _kind_is_among(source: Type, wanted: tuple[str | int | bool | None, ...], *, whole: bool) -> bool:
    """Whether one of a few scalars is of a type, so that a value of the type may be that one."""
    kinds = {type(value) for value in wanted}
    match source:
        case StrType():
            return str in kinds
        case IntType():
            return int in kinds
        case FloatType():
            return whole and int in kinds
        case BoolType():
            return bool in kinds
        case NullType():
            return type(None) in kinds
        case _:
            return False


def _is_one_of(value: Json, wanted: tuple[str | int | bool | None, ...]) -> bool:
    return any(type(v) is type(value) and v == value for v in wanted)


def _same_container(source: Type, target: Type) -> bool:
    """Whether both are lists, or both are dicts."""
    dicts = (DictType, RecordType)
    return isinstance(source, ListType) is isinstance(target, ListType) is True or (
        isinstance(source, dicts) and isinstance(target, dicts)
    )


def _record_fits(source: RecordType, target: RecordType, *, whole: bool) -> bool:
    for wanted in target.fields:
        given = source.field(wanted.name)
        if given is None:
            if wanted.required and source.closed:
                return False
        elif not fits(given.type, wanted.type, whole=whole):
            return False
    return not (target.closed and source.closed and any(target.field(f.name) is None for f in source.fields))


def value_fits(value: Json, target: Type) -> bool:
    """Whether this very value may be given where `target` is wanted; literals are compared, not only their types."""
    match target:
        case AnyType():
            return True
        case StrType():
            return isinstance(value, str)
        case LiteralType(wanted):
            return _is_one_of(value, wanted)
        case UnionType(members):
            return any(value_fits(value, m) for m in members)
        case ListType(item):
            return isinstance(value, list) and all(value_fits(v, item) for v in value)
        case DictType(item):
            return isinstance(value, dict) and all(value_fits(v, item) for v in value.values())
        case RecordType(_, fields, closed):
            if not isinstance(value, dict):
                return False
            known = {f.name for f in fields}
            return all(
                value_fits(value[f.name], f.type) if f.name in value else not f.required for f in fields
            ) and not (closed and any(key not in known for key in value))
        case NullType():
            return value is None
        case BoolType():
            return isinstance(value, bool)
        case IntType():
            return _is_whole(value)
        case FloatType():
            return isinstance(value, int | float) and not isinstance(value, bool)
        case _:
            assert_never(target)


def _is_whole(value: Json) -> bool:
    return value.is_integer() if isinstance(value, float) else isinstance(value, int) and not isinstance(value, bool)


class NoSuchPath(LookupError):
    """A path that values of a type can't have. The message says why."""


def type_at(type_: Type, path: tuple[str | int, ...]) -> Type:
    """Return the type that a path leads to; raise NoSuchPath where no value of the type has it."""
    for depth, step in enumerate(path):
        type_ = _step(type_, step, show_path(path[: depth + 1]))
    return type_


def _step(type_: Type, step: str | int, shown: str) -> Type:
    match type_, step:
        case AnyType(), _:
            return ANY
        case UnionType(members), _:
            found = []
            for member in members:
                try:
                    found.append(_step(member, step, shown))
                except NoSuchPath:
                    continue
            if not found:
                raise NoSuchPath(f"`{show(type_)}` has no `{shown}`")
            return union(*found)
        case ListType(item), int():
            return item
        case DictType(value), str():
            return value
        case RecordType(_, fields, closed), str():
            known = type_.field(step)
            if known is not None:
                return known.type
            if not closed:
                return ANY
            names = ", ".join(f.name for f in fields) or "none"
            raise NoSuchPath(f"`{show(type_)}` has no field `{step}`; fields: {names}")
        case _:
            raise NoSuchPath(f"`{show(type_)}` has no `{shown}`")


def coerce(value: Json, target: Type) -> Json:
    """Turn a value into what `target` takes where that is a conversion without doubt.

    Anything becomes text for `str`, 3 becomes 3.0 for `float`, unless digits would be lost, and 3.0 becomes 3 for `int`. Of a union with
    text a list or a dict becomes text only where no other member is one.

    A value that doesn't fit is returned as it is; whoever receives it reports the error.
    """
    match target:
        case StrType():
            return value if isinstance(value, str) else to_text(value)
        case IntType() if isinstance(value, float) and value.is_integer():
            return int(value)
        case FloatType() if isinstance(value, int) and not isinstance(value, bool):
            return _as_float(value)
        case UnionType(members):
            return _to_member(value, members)
        case ListType(item) if isinstance(value, list):
            return [coerce(v, item) for v in value]
        case DictType(item) if isinstance(value, dict):
            return {key: coerce(v, item) for key, v in value.items()}
        case RecordType() if isinstance(value, dict):
            fields = {f.name: f.type for f in target.fields}
            return {key: coerce(v, fields[key]) if key in fields else v for key, v in value.items()}
        case _:
            return value


def coercion(target: Type) -> Callable[[Json], Json] | None:
    """Return `coerce` for one type, for many values; None where it returns every value as it is."""
    match target:
        case AnyType() | NullType() | BoolType() | LiteralType():
            return None
        case IntType():
            return lambda value: int(value) if type(value) is float and value.is_integer() else value
        case StrType():
            return lambda value: value if type(value) is str else coerce(value, target)
        case FloatType():
            return lambda value: value if type(value) is float else coerce(value, target)
        case ListType(item):
            made = coercion(item)
            if made is None:
                return None
            return lambda value: [made(one) for one in value] if isinstance(value, list) else value
        case _:
            return lambda value: coerce(value, target)


def becomes_text(value: Json, target: Type) -> bool:
    """Whether a value that stands in a plan, alone, becomes text where `target` is wanted: a number or a boolean."""
    return (
        isinstance(value, bool | int | float)
        and only_text(target)
        and not value_fits(value, target)
        and _takes_any(target)
    )


def _takes_any(target: Type) -> bool:
    return isinstance(target, StrType) or (isinstance(target, UnionType) and STR in target.members)


def _as_float(value: int) -> float | int:
    try:
        made = float(value)
    except OverflowError:
        return value
    return made if made == value else value


def _to_member(value: Json, members: tuple[Type, ...]) -> Json:
    if any(_is_exactly(value, m) for m in members):
        return value
    for member in members:
        if not isinstance(member, StrType) and value_fits(value, member):
            return coerce(value, member)
    kinds = (ListType,) if isinstance(value, list) else (DictType, RecordType) if isinstance(value, dict) else ()
    alike = any(isinstance(m, kinds) for m in members)
    return to_text(value) if not alike and any(isinstance(m, StrType) for m in members) else value


def _is_exactly(value: Json, target: Type) -> bool:
    match target:
        case AnyType():
            return True
        case StrType():
            return isinstance(value, str)
        case FloatType():
            return isinstance(value, float)
        case IntType():
            return isinstance(value, int) and not isinstance(value, bool)
        case ListType(item):
            return isinstance(value, list) and all(_is_exactly(v, item) for v in value)
        case DictType(item):
            return isinstance(value, dict) and all(_is_exactly(v, item) for v in value.values())
        case RecordType(_, fields) if isinstance(value, dict):
            types = {f.name: f.type for f in fields}
            return value_fits(value, target) and all(_is_exactly(v, types[k]) for k, v in value.items() if k in types)
        case UnionType(members):
            return any(_is_exactly(value, m) for m in members)
        case _:
            return value_fits(value, target)


def to_json_schema(type_: Type) -> dict[str, Json]:
    """Return the JSON Schema of a type."""
    match type_:
        case AnyType():
            return {}
        case NullType():
            return {"type": "null"}
        case BoolType():
            return {"type": "boolean"}
        case IntType():
            return {"type": "integer"}
        case FloatType():
            return {"type": "number"}
        case StrType():
            return {"type": "string"}
        case LiteralType(values):
            return {"enum": json.loads(json.dumps(values))}
        case ListType(item):
            return {"type": "array"} if item == ANY else {"type": "array", "items": to_json_schema(item)}
        case DictType(value):
            return {"type": "object", "additionalProperties": True if value == ANY else to_json_schema(value)}
        case RecordType(name, fields, closed):
            schema: dict[str, Json] = {
                "type": "object",
                "title": name,
                "properties": {f.name: described(to_json_schema(f.type), f.note) for f in fields},
            }
            required: list[Json] = [f.name for f in fields if f.required]
            if required:
                schema["required"] = required
            if closed:
                schema["additionalProperties"] = False
            return schema
        case UnionType(members):
            return {"anyOf": [to_json_schema(m) for m in members]}
        case _:
            assert_never(type_)


def described(schema: dict[str, Json], note: str) -> dict[str, Json]:
    """Return a schema that says something of its values."""
    return {**schema, "description": note} if note else schema
