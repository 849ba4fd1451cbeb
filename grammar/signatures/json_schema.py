"""Read a sound JSON Schema as a type. What types can't say (patterns, bounds, `not`, conditions) is left out, so that the type takes all
that the schema takes, and perhaps more; `notes` words it for planners.

A record that leads back to itself is, inside, an open one of its name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from lcc.grammar.signatures.schemas.cleaning import Pointer, Report, clean_schema, is_json, kind, target_of
from lcc.grammar.signatures.schemas.notes import description_of, note_of
from lcc.grammar.signatures.types import (
    ANY,
    BOOL,
    FLOAT,
    INT,
    MAX_DEPTH,
    MAX_SIZE,
    NULL,
    STR,
    AnyType,
    DictType,
    Field,
    FloatType,
    IntType,
    ListType,
    LiteralType,
    RecordType,
    Type,
    UnionType,
    type_of,
    union,
    within_limits,
)

_SIMPLE: Final[Mapping[str, Type]] = {"string": STR, "integer": INT, "number": FLOAT, "boolean": BOOL, "null": NULL}
_NAME: Final = re.compile(r"[A-Za-z_]\w*\Z")
UNNAMED: Final = "object"
"""The name of a record that has neither a title nor a place that names it."""
OPEN: Final = "x-lcc-open"
"""What a schema says where it takes more than it tells. Planners are told what it tells."""
_ADDS_NOTHING: Final = frozenset(
    {"required", "description", "title", "not", "minProperties", "maxProperties", "$comment"}
)


def pointer_text(pointer: Pointer) -> str:
    """Return a JSON pointer (RFC 6901) as text; `/` for the whole document."""
    return "/" + "/".join(str(step).replace("~", "~0").replace("/", "~1") for step in pointer)


def type_from_schema(
    schema: object, *, root: object = None, closed: bool = False, told: bool = False, name: str = UNNAMED
) -> Type:
    """Return the type that a sound schema describes.

    `root`: what `$ref` points into, by default the schema. `closed`: whether a record without `additionalProperties` has no other keys
    than its own. `told`: what planners are told, where the schema takes more. `name`: that of a record that has no title.
    """
    found = SchemaTypes(schema if root is None else root, closed=closed, told=told).read(schema, name)
    return found if within_limits(found) else ANY


class SchemaTypes:
    """Reads the types of the schemas in one document. `cut`: whether they have too many parts, so that some may be anything."""

    def __init__(self, root: object, *, closed: bool = False, told: bool = False) -> None:
        self.root = root
        self._closed = closed
        self._told = told
        self._following: list[str] = []
        self._parts = 0
        self.cut = False

    def read(self, schema: object, name: str = UNNAMED, depth: int = 0) -> Type:
        """Return the type of a schema."""
        self._parts += 1
        self.cut = self.cut or self._parts > MAX_SIZE
        if self.cut or depth > MAX_DEPTH or not isinstance(schema, Mapping):
            return ANY
        if not self._told and schema.get(OPEN):
            return ANY
        found = self._own(schema, name, depth)
        if "$ref" in schema:
            found = _meet(found, self._reference(schema["$ref"], depth))
        members = schema.get("allOf", ())
        for member in members:
            found = found if _only_requires(member) else _meet(found, self.read(member, name, depth + 1))
        for word in ("anyOf", "oneOf"):
            if word in schema:
                found = self._alternatives(found, schema[word], name, depth)
        for word in ("then", "else"):
            found = _with_fields(found, self.read(schema[word], name, depth + 1)) if word in schema else found
        needed = [one for member in members if _only_requires(member) for one in _required(member)]
        if needed and isinstance(found, RecordType):
            found = _merged(found, RecordType("", tuple(Field(one, ANY) for one in needed), closed=False))
        return _titled(found, schema)

    def _alternatives(self, found: Type, alternatives: list[object], name: str, depth: int) -> Type:
        """Return a type met with any of some schemas; those that only require fields say nothing of types."""
        members = [self.read(one, name, depth + 1) for one in alternatives if not _only_requires(one)]
        if len(members) < len(alternatives):
            return found
        return _meet(found, union(*members))

    def _own(self, schema: Mapping[str, Any], name: str, depth: int) -> Type:
        if "const" in schema:
            return _literals([schema["const"]])
        if "enum" in schema:
            return _literals(schema["enum"])
        wanted = schema.get("type")
        if wanted is None:
            if "properties" in schema or "additionalProperties" in schema or "patternProperties" in schema:
                return self._object(schema, name, depth)
            return self._array(schema, name, depth) if "items" in schema or "prefixItems" in schema else ANY
        kinds = wanted if isinstance(wanted, list) else [wanted]
        return union(*(self._kind(one, schema, name, depth) for one in kinds))

    def _kind(self, wanted: str, schema: Mapping[str, Any], name: str, depth: int) -> Type:
        if wanted == "array":
            return self._array(schema, name, depth)
        return self._object(schema, name, depth) if wanted == "object" else _SIMPLE.get(wanted, ANY)

    def _array(self, schema: Mapping[str, Any], name: str, depth: int) -> Type:
        items = schema.get("items")
        first = schema.get("prefixItems", ())
        members = [self.read(one, name, depth + 1) for one in first]
        whole = items is False or (members and schema.get("maxItems", len(members) + 1) <= len(members))
        if not whole:
            members.append(self.read(items, name, depth + 1))
        return ListType(union(*members))

    def _object(self, schema: Mapping[str, Any], name: str, depth: int) -> Type:
        more = schema.get("additionalProperties")
        properties = schema.get("properties")
        patterns = bool(schema.get("patternProperties"))
        if not properties:
            if more is False and not patterns:
                return RecordType(name, ())
            return DictType(self.read(more, name, depth + 1) if isinstance(more, dict) and not patterns else ANY)
        required = schema.get("required", ())
        fields = [
            Field(one, self.read(inner, _record_name(one), depth + 1), one in required, said_of(inner, self.root))
            for one, inner in properties.items()
        ]
        fields += [Field(one, ANY) for one in required if one not in properties]
        closed = not patterns and (more is False or (more is None and self._closed))
        return RecordType(name, tuple(fields), closed)

    def _reference(self, reference: str, depth: int) -> Type:
        name = reference.rpartition("/")[2]
        named = name if _NAME.match(name) else UNNAMED
        target = target_of(self.root, reference)
        if reference in self._following:
            is_record = isinstance(target, Mapping) and "properties" in target
            return _titled(RecordType(named, (), closed=False), target) if is_record else ANY
        self._following.append(reference)
        try:
            return self.read(target, named, depth + 1)
        finally:
            self._following.pop()

    def more(self, schema: object, depth: int = 0) -> Type | None:
        """Return the type of what an object may hold beyond its properties; None where it may hold no more."""
        if not isinstance(schema, Mapping) or depth > 8:
            return None
        found: list[Type] = []
        more = schema.get("additionalProperties")
        if more is True or isinstance(more, dict):
            found.append(ANY if more is True else self.read(more))
        found += [self.read(one) for one in schema.get("patternProperties", {}).values()]
        for part in _parts(schema, self.root):
            inner = self.more(part, depth + 1)
            found += [] if inner is None else [inner]
        return union(*found) if found else None


def properties_of(schema: object, root: object, depth: int = 0) -> Iterator[tuple[str, Any]]:
    """Yield the properties that an object may have, by any of its branches, with their schemas."""
    if not isinstance(schema, Mapping) or depth > 8:
        return
    yield from schema.get("properties", {}).items()
    for part in _parts(schema, root):
        yield from properties_of(part, root, depth + 1)


def _parts(schema: Mapping[str, Any], root: object) -> Iterator[object]:
    if "$ref" in schema:
        yield target_of(root, schema["$ref"])
    for word in ("allOf", "anyOf", "oneOf"):
        yield from schema.get(word, ())
    for word in ("then", "else"):
        if word in schema:
            yield schema[word]
    yield from schema.get("dependentSchemas", {}).values()


def fields_of(type_: Type) -> tuple[Field, ...]:
    """Return the fields that records of a type may have; one is required if it is in every member of a union."""
    match type_:
        case RecordType(_, fields):
            return fields
        case UnionType(members):
            records = [one for one in members if isinstance(one, RecordType)]
            found: dict[str, Field] = {}
            for record in records:
                for field in record.fields:
                    other = found.get(field.name)
                    found[field.name] = field if other is None else replace(other, type=union(other.type, field.type))
            return tuple(replace(f, required=all(_requires(one, f.name) for one in records)) for f in found.values())
        case _:
            return ()


def _requires(record: RecordType, name: str) -> bool:
    field = record.field(name)
    return field is not None and field.required


def said_of(schema: object, root: object) -> str:
    """Return what a schema says to planners beyond its type: description, constraints, default."""
    target = schema
    if isinstance(schema, Mapping) and "$ref" in schema and isinstance(root, Mapping | list):
        target = {**_mapping(target_of(root, schema["$ref"])), **schema}
    parts = [description_of(target).rstrip("."), note_of(target)]
    default = target.get("default") if isinstance(target, Mapping) else None
    if default is not None and not isinstance(default, dict | list) and len(str(default)) < 60:
        parts.append(f"default {default!r}")
    return "; ".join(part for part in parts if part)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _record_name(field: str) -> str:
    """Return a name for the record that a field holds: `line_items` holds `LineItems`."""
    name = "".join(part[:1].upper() + part[1:] for part in re.split(r"\W+|_", field))
    return name if _NAME.match(name) else UNNAMED


def _titled(found: Type, schema: object) -> Type:
    """Give a record the name that its schema has as a title."""
    title = schema.get("title") if isinstance(schema, Mapping) else None
    if isinstance(found, RecordType) and isinstance(title, str) and _NAME.match(title):
        return replace(found, name=title)
    return found


def _only_requires(schema: object) -> bool:
    return isinstance(schema, bool) or (isinstance(schema, Mapping) and schema.keys() <= _ADDS_NOTHING)


def _required(schema: object) -> Iterable[str]:
    return schema.get("required", ()) if isinstance(schema, Mapping) else ()


def _literals(values: list[Any]) -> Type:
    plain: list[str | int | None] = []
    types: list[Type] = []
    for value in values:
        if value is None or isinstance(value, str | int):
            plain.append(value)
        else:
            types.append(type_of(value) if isinstance(value, float) else ANY)
    if not plain:
        return union(*types)
    return union(LiteralType(tuple({(type(value), value): value for value in plain}.values())), *types)


def _with_fields(found: Type, other: Type) -> Type:
    """Return a record with the further fields that it has in some cases."""
    if not isinstance(found, RecordType) or not isinstance(other, RecordType):
        return found
    more = [replace(f, required=False) for f in other.fields if found.field(f.name) is None]
    return replace(found, fields=(*found.fields, *more)) if more else found


def _meet(one: Type, other: Type) -> Type:
    """Return a type that takes what both take, and perhaps more; where nothing is both, any."""
    found = _both(one, other)
    return ANY if found is None else found


def _both(one: Type, other: Type) -> Type | None:
    match one, other:
        case (AnyType(), _):
            return other
        case (_, AnyType()):
            return one
        case (UnionType(members), _):
            return _some(_both(member, other) for member in members)
        case (_, UnionType(members)):
            return _some(_both(one, member) for member in members)
        case (RecordType(), RecordType()):
            return _merged(one, other)
        case (RecordType(), DictType()):
            return replace(one, closed=False)
        case (DictType(), RecordType()):
            return replace(other, closed=False)
        case (DictType(value), DictType(second)):
            return DictType(_meet(value, second))
        case (ListType(item), ListType(second)):
            return ListType(_meet(item, second))
        case (LiteralType(values), _):
            return (
                _literals([value for value in values if _may_be(value, other)])
                if not isinstance(other, LiteralType)
                else one
            )
        case (_, LiteralType()):
            return _both(other, one)
        case (IntType(), FloatType()) | (FloatType(), IntType()):
            return INT
        case _:
            return one if one == other else None


def _may_be(value: object, type_: Type) -> bool:
    return _both(type_of(value), type_) is not None  # type: ignore[arg-type]


def _some(found: Iterable[Type | None]) -> Type | None:
    known = [one for one in found if one is not None]
    return union(*known) if known else None


def _merged(one: RecordType, other: RecordType) -> RecordType:
    fields = {f.name: f for f in one.fields}
    for field in other.fields:
        first = fields.get(field.name)
        if first is None:
            fields[field.name] = field
        else:
            note = first.note or field.note
            fields[field.name] = Field(
                field.name, _meet(first.type, field.type), first.required or field.required, note
            )
    closed = (one.closed and all(one.field(name) for name in fields)) or (
        other.closed and all(other.field(name) for name in fields)
    )
    name = other.name if one.name in ("", UNNAMED) else one.name
    return RecordType(name, tuple(fields.values()), closed)


__all__ = [
    "Pointer",
    "Report",
    "SchemaTypes",
    "clean_schema",
    "fields_of",
    "is_json",
    "kind",
    "pointer_text",
    "type_from_schema",
]
