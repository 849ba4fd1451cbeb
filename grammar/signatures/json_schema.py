"""Read a JSON Schema as a type. What lcc's types can't say (patterns, bounds, `not`, conditions) is left out.

References are followed inside the document only; one that leads back to itself is `Any`. Every fault is reported with the JSON
pointer of its place, and what is faulty is read as `Any`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from lcc.grammar.diagnostics.wording import brief, did_you_mean
from lcc.grammar.signatures.types import (
    ANY,
    BOOL,
    FLOAT,
    INT,
    MAX_DEPTH,
    MAX_SIZE,
    NULL,
    STR,
    DictType,
    Field,
    ListType,
    LiteralType,
    RecordType,
    Type,
    type_of,
    union,
)
from lcc.grammar.values import kind as kind_of_json

Pointer: TypeAlias = tuple[str | int, ...]
Report: TypeAlias = Callable[[Pointer, str, str | None], None]
"""Called with the place of a fault, what it is, and what helps."""

_SIMPLE: Final[Mapping[str, Type]] = {"string": STR, "integer": INT, "number": FLOAT, "boolean": BOOL, "null": NULL}
_KINDS: Final = (*_SIMPLE, "array", "object")
_NAME: Final = re.compile(r"[A-Za-z_]\w*\Z")
UNNAMED: Final = "object"
"""The name of a record whose schema has no title."""


def pointer_text(pointer: Pointer) -> str:
    """Return a JSON pointer (RFC 6901) as text; `/` for the whole document."""
    return "/" + "/".join(str(step).replace("~", "~0").replace("/", "~1") for step in pointer)


def type_from_schema(
    schema: object,
    report: Report,
    *,
    root: object = None,
    at: Pointer = (),
    root_at: Pointer = (),
    closed: bool = False,
) -> Type:
    """Return the type that a schema describes.

    `root`: what `$ref` points into, by default the schema. `at` and `root_at`: where the schema and the root stand, for reports.
    `closed`: whether a record without `additionalProperties` has no other keys than its own.
    """
    return _Reader(schema if root is None else root, root_at, report, closed).read(schema, at)


class _Reader:
    def __init__(self, root: object, root_at: Pointer, report: Report, closed: bool) -> None:
        self.root = root
        self.root_at = root_at
        self.report = report
        self.closed = closed
        self._following: list[str] = []
        self._parts = 0

    def read(self, schema: object, at: Pointer, depth: int = 0) -> Type:
        self._parts += 1
        if depth > MAX_DEPTH or self._parts > MAX_SIZE:
            if self._parts <= MAX_SIZE + 1:
                self.report(at, f"a schema of more than {MAX_SIZE:,} parts, or deeper than {MAX_DEPTH}", None)
            self._parts = MAX_SIZE + 1
            return ANY
        if isinstance(schema, bool):
            return ANY
        if not isinstance(schema, dict):
            return self._wrong(at, f"a schema is an object, not {kind(schema)}")
        found = self._schema(schema, at, depth + 1)
        return union(found, NULL) if schema.get("nullable") is True else found

    def _schema(self, schema: dict[str, object], at: Pointer, depth: int) -> Type:
        if "$ref" in schema:
            return self._reference(schema["$ref"], (*at, "$ref"), depth)
        if "const" in schema:
            return self._literals([schema["const"]], (*at, "const"))
        if "enum" in schema:
            return self._enum(schema["enum"], (*at, "enum"))
        for word in ("anyOf", "oneOf"):
            if word in schema:
                return self._any_of(schema[word], (*at, word), depth)
        if "allOf" in schema:
            return self._all_of(schema, at, depth)
        return self._typed(schema, at, depth)

    def _typed(self, schema: dict[str, object], at: Pointer, depth: int) -> Type:
        wanted = schema.get("type")
        if wanted is None:
            if "properties" in schema or "additionalProperties" in schema:
                return self._object(schema, at, depth)
            return self._array(schema, at, depth) if "items" in schema or "prefixItems" in schema else ANY
        if isinstance(wanted, list):
            if not wanted:
                return self._wrong((*at, "type"), "a list of types is empty")
            members = [self._kind(one, schema, at, (*at, "type", place), depth) for place, one in enumerate(wanted)]
            return union(*members)
        return self._kind(wanted, schema, at, (*at, "type"), depth)

    def _kind(self, wanted: object, schema: dict[str, object], at: Pointer, place: Pointer, depth: int) -> Type:
        match wanted:
            case "array":
                return self._array(schema, at, depth)
            case "object":
                return self._object(schema, at, depth)
            case str() if wanted in _SIMPLE:
                return _SIMPLE[wanted]
            case str():
                return self._wrong(place, f"unknown type `{brief(wanted)}`", did_you_mean(wanted, _KINDS))
            case _:
                return self._wrong(place, f"a type is a text, not {kind(wanted)}")

    def _array(self, schema: dict[str, object], at: Pointer, depth: int) -> Type:
        first = schema.get("prefixItems")
        items = schema.get("items")
        if isinstance(items, list) and first is None:
            first, items = items, None
            word = "items"
        else:
            word = "prefixItems"
        if isinstance(first, list) and first:
            members = [self.read(item, (*at, word, place), depth) for place, item in enumerate(first)]
            if isinstance(items, dict):
                members.append(self.read(items, (*at, "items"), depth))
            return ListType(union(*members))
        return ListType(ANY if items is None else self.read(items, (*at, "items"), depth))

    def _object(self, schema: dict[str, object], at: Pointer, depth: int) -> Type:
        more = schema.get("additionalProperties")
        properties = schema.get("properties")
        if properties is None:
            if more is False:
                return RecordType(_title(schema), ())
            return DictType(self.read(more, (*at, "additionalProperties"), depth) if isinstance(more, dict) else ANY)
        if not isinstance(properties, dict):
            return self._wrong((*at, "properties"), f"`properties` is an object, not {kind(properties)}")
        required = self.required(schema, at)
        fields = [
            Field(name, self.read(inner, (*at, "properties", name), depth), name in required)
            for name, inner in properties.items()
        ]
        closed = more is False or (more is None and self.closed)
        return RecordType(_title(schema), tuple(fields), closed)

    def required(self, schema: dict[str, object], at: Pointer) -> frozenset[str]:
        """Return the names in a schema's `required`."""
        required = schema.get("required", [])
        if not isinstance(required, list) or not all(isinstance(name, str) for name in required):
            self._wrong((*at, "required"), "`required` is a list of names")
            return frozenset()
        return frozenset(required)

    def _enum(self, values: object, at: Pointer) -> Type:
        if not isinstance(values, list) or not values:
            return self._wrong(at, "`enum` is a list of values, at least one")
        return self._literals(values, at)

    def _literals(self, values: list[object], at: Pointer) -> Type:
        plain: list[str | int | None] = []
        types: list[Type] = []
        for place, value in enumerate(values):
            if value is None or isinstance(value, str | int):
                plain.append(value)
            elif isinstance(value, float | list | dict):
                types.append(type_of(value) if isinstance(value, float) else ANY)
            else:
                return self._wrong((*at, place), f"{kind(value)} is no JSON value")
        if not plain:
            return union(*types)
        literals = LiteralType(tuple({(type(value), value): value for value in plain}.values()))
        return union(literals, *types)

    def _any_of(self, members: object, at: Pointer, depth: int) -> Type:
        if not isinstance(members, list) or not members:
            return self._wrong(at, f"`{at[-1]}` is a list of schemas, at least one")
        return union(*(self.read(member, (*at, place), depth) for place, member in enumerate(members)))

    def _all_of(self, schema: dict[str, object], at: Pointer, depth: int) -> Type:
        members = schema["allOf"]
        if not isinstance(members, list) or not members:
            return self._wrong((*at, "allOf"), "`allOf` is a list of schemas, at least one")
        found = [self.read(member, (*at, "allOf", place), depth) for place, member in enumerate(members)]
        rest = {key: value for key, value in schema.items() if key != "allOf"}
        if "properties" in rest or "type" in rest:
            found.append(self._typed(rest, at, depth))
        known = [one for one in found if one != ANY]
        if len(known) == 1:
            return known[0]
        records = [one for one in known if isinstance(one, RecordType)]
        if len(records) < len(known) or not records:
            return ANY
        fields = {f.name: f for record in records for f in record.fields}
        return RecordType(_title(schema), tuple(fields.values()), any(record.closed for record in records))

    def _reference(self, reference: object, at: Pointer, depth: int) -> Type:
        if not isinstance(reference, str) or not reference.startswith("#"):
            return self._wrong(at, "a `$ref` is not a pointer into this document", "it starts with `#/`")
        if reference in self._following:
            return ANY
        from urllib.parse import unquote  # imports much, and few schemas have references

        target: object = self.root
        place: list[str | int] = []
        for part in reference[1:].split("/")[1:]:
            step = unquote(part).replace("~1", "/").replace("~0", "~")
            if isinstance(target, dict) and step in target:
                target = target[step]
                place.append(step)
            elif isinstance(target, list) and step.isdecimal() and len(step) < 7 and int(step) < len(target):
                target = target[int(step)]
                place.append(int(step))
            else:
                return self._wrong(at, f"`{brief(reference)}` leads nowhere")
        self._following.append(reference)
        try:
            found = self.read(target, (*self.root_at, *place), depth)
        finally:
            self._following.pop()
        if isinstance(found, RecordType) and found.name == UNNAMED and place and _NAME.match(str(place[-1])):
            return RecordType(str(place[-1]), found.fields, found.closed)
        return found

    def _wrong(self, at: Pointer, message: str, help: str | None = None) -> Type:
        self.report(at, message, help)
        return ANY


def _title(schema: dict[str, object]) -> str:
    title = schema.get("title")
    return title if isinstance(title, str) and _NAME.match(title) else UNNAMED


def kind(value: object) -> str:
    """Return what sort of JSON value something is, and which of true and false, for a message."""
    return ("true" if value else "false") if isinstance(value, bool) else kind_of_json(value)


def is_json(value: object, depth: int = 0) -> bool:
    """Whether a value consists of plain JSON values, not nested deeper than types are."""
    match value:
        case None | bool() | int() | str():
            return True
        case float():
            return value == value and abs(value) != float("inf")
        case list():
            return depth < MAX_DEPTH and all(is_json(item, depth + 1) for item in value)
        case dict():
            return depth < MAX_DEPTH and all(isinstance(k, str) and is_json(v, depth + 1) for k, v in value.items())
        case _:
            return False
