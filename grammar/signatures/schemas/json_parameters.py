"""Read the JSON Schemas of a function's arguments and of its result: parameters, types, what more may be given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from lcc.grammar.dataclass import dataclass
from lcc.grammar.signatures.json_schema import SchemaTypes, fields_of, is_json, properties_of
from lcc.grammar.signatures.schemas.cleaning import Pointer, Report, clean_schema
from lcc.grammar.signatures.schemas.envelopes import is_schema
from lcc.grammar.signatures.schemas.notes import description_of, note_of
from lcc.grammar.signatures.signature import MISSING, Parameter, Signature
from lcc.grammar.signatures.types import ANY, MAX_SIZE, NULL, Field, Type, UnionType, within_limits
from lcc.grammar.values import Json

MAX_PARAMETERS: Final = 1_000
"""How many arguments a function takes that are told; the others are checked nonetheless."""


@dataclass(frozen=True, slots=True)
class Schemas:
    """What a function's schemas come to."""

    parameters: tuple[Parameter, ...]
    result: Type
    more: Type | None
    input_schema: Mapping[str, Json]
    output_schema: Mapping[str, Json] | None

    def signature(self, signature: Signature) -> Signature:
        """Return a signature with the schemas, and with what more may be given."""
        return replace(
            signature,
            more=self.more,
            input_schema=self.input_schema,
            output_schema=self.output_schema,
            constrained=bool(_EVERY & self.input_schema.keys()) or says_more({"type": "object", **self.input_schema}),
        )


def read_schemas(
    name: str,
    arguments: tuple[object, Pointer],
    result: tuple[object, Pointer] | None,
    report: Report,
    *,
    strict: bool = False,
) -> Schemas:
    """Read the schemas of arguments and result, each with the place where it stands. `name`: the function's.

    `strict`: as structured outputs have it, where an optional parameter is a nullable one.
    """
    schema = clean_schema(_as_object(arguments[0], report, arguments[1]), report, arguments[1])
    if "object" not in schema.get("type", "object"):
        report(arguments[1], 'the schema of arguments is of type "object"', None)
        schema = {}
    types = SchemaTypes(schema)
    parameters = tuple(_parameters(schema, types, strict=strict))
    if types.cut:
        report(arguments[1], f"a type of more than {MAX_SIZE:,} parts is read as `Any`", None)
    output = None if result is None else clean_schema(result[0], report, result[1])
    found = ANY if output is None else SchemaTypes(output).read(output, f"{_camel(name)}Result")
    return Schemas(parameters, found if within_limits(found) else ANY, types.more(schema), schema, output)


def _as_object(schema: object, report: Report, at: Pointer) -> object:
    """Return the schema of an object of arguments, also where it is written as a list of parameters or as its properties alone."""
    if isinstance(schema, dict) and len(schema) == 1 and isinstance(schema.get("json"), dict):
        return schema["json"]
    if (
        isinstance(schema, list)
        and schema
        and all(isinstance(one, dict) and isinstance(one.get("name"), str) for one in schema)
    ):
        needed = [one["name"] for one in schema if one.get("required") is True]
        found = {one["name"]: one.get("schema") if isinstance(one.get("schema"), dict) else one for one in schema}
        return {"type": "object", "properties": found, "required": needed}
    if isinstance(schema, dict) and schema and "type" not in schema and not is_schema(schema):
        inner = {key: value for key, value in schema.items() if not key.startswith("$")}
        if inner and all(isinstance(value, dict) for value in inner.values()):
            return {"type": "object", "properties": inner}
    return {} if schema is None else schema


def _parameters(schema: Mapping[str, Any], types: SchemaTypes, *, strict: bool) -> Iterator[Parameter]:
    whole = types.read(schema)
    fields = {f.name: f for f in fields_of(whole)}
    schemas: dict[str, Any] = {}
    for name, inner in properties_of(schema, types.root):
        schemas.setdefault(name, inner)
    required = schema.get("required", ())
    for name in list(dict.fromkeys([*schemas, *fields, *required]))[:MAX_PARAMETERS]:
        if name:
            field = fields.get(name) or Field(name, types.read(schemas.get(name)), name in required)
            yield _parameter(field, schemas.get(name), types, strict=strict)


def _parameter(field: Field, schema: object, types: SchemaTypes, *, strict: bool) -> Parameter:
    words = schema if isinstance(schema, Mapping) else {}
    default = words.get("default", MISSING)
    if default is not MISSING and not is_json(default):
        default = MISSING
    type_ = field.type if within_limits(field.type) else ANY
    required = field.required and default is MISSING
    if strict and required and isinstance(type_, UnionType) and NULL in type_.members:
        required, default = False, None
    return Parameter(field.name, type_, required, default, description=description_of(words), note=note_of(words))


_SAID: Final = frozenset(
    {"type", "properties", "required", "items", "enum", "const", "anyOf", "additionalProperties", "title", "description",
     "default", "examples", "format", "strict", "$schema", "$defs", "definitions", "$comment", "deprecated", "readOnly", "writeOnly"}
)  # fmt: skip
_TYPED: Final = frozenset({"properties", "items", "additionalProperties", "required"})
_EVERY: Final = frozenset({"enum", "const", "anyOf"})
"""What types say where nothing but annotations stands beside it."""
_BESIDE: Final = frozenset({"type", "title", "description", "default", "examples", "format", "deprecated"})


def says_more(schema: object) -> bool:
    """Whether a schema says more than the type that it is read as, so that arguments are to be held against it."""
    if not isinstance(schema, Mapping):
        return schema is False
    if "type" not in schema and not _TYPED.isdisjoint(schema):
        return True  # what isn't of the kind that is meant passes
    alone = _EVERY & schema.keys()
    if not schema.keys() <= _SAID or (alone and not schema.keys() <= _BESIDE | {min(alone)}):
        return True
    if not all(isinstance(one, str) or one is None for one in (*schema.get("enum", ()), schema.get("const"))):
        return True
    inner = [*schema.get("properties", {}).values(), *schema.get("anyOf", ())]
    inner += [
        schema[word] for word in ("items", "additionalProperties") if not isinstance(schema.get(word, True), bool)
    ]
    closed = schema.get("items") is False or (
        schema.get("additionalProperties") is False and not schema.get("properties")
    )
    unnamed = set(schema.get("required", ())) - schema.get("properties", {}).keys()
    return closed or bool(unnamed) or any(map(says_more, inner))


def _camel(name: str) -> str:
    parts = [part for part in "".join(c if c.isalnum() else " " for c in name).split() if part]
    found = "".join(part[:1].upper() + part[1:] for part in parts)
    return found if found[:1].isalpha() else f"_{found}"
