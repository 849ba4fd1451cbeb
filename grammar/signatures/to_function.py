"""Write tools as JSON function schemas in the shape of OpenAI's."""

from __future__ import annotations

from typing import Final

from lcc.grammar.signatures.signature import OUTSIDE, Effect, Missing, Signature
from lcc.grammar.signatures.types import (
    ANY,
    NULL,
    AnyType,
    DictType,
    ListType,
    LiteralType,
    RecordType,
    Type,
    UnionType,
    to_json_schema,
    union,
)
from lcc.grammar.values import Json

EXTENSION: Final = "x-lcc"
"""The key under which a function schema holds what only lcc understands."""
_TYPE_NAMES: Final = {str: "string", int: "integer", bool: "boolean", type(None): "null"}


def to_function(signature: Signature, *, strict: bool = False, extensions: bool = False) -> dict[str, Json]:
    """Return a tool as OpenAI's Chat Completions take it.

    `strict`: as structured outputs want it, where the types allow: every parameter required, an optional one nullable.
    `extensions`: with the effect, the costs and so on under `x-lcc`, which OpenAI's API doesn't know.
    """
    parameters = _strict_parameters(signature) if strict else None
    function: dict[str, Json] = {"name": signature.name}
    if signature.description:
        function["description"] = signature.description
    function["parameters"] = parameters if parameters is not None else _parameters_schema(signature)
    if parameters is not None:
        function["strict"] = True
    if extensions:
        extension = _extension(signature)
        if extension:
            function[EXTENSION] = extension
    return {"type": "function", "function": function}


def _parameters_schema(signature: Signature) -> dict[str, Json]:
    properties: dict[str, Json] = {}
    for parameter in signature.parameters:
        schema = to_json_schema(parameter.type)
        if parameter.description:
            schema["description"] = parameter.description
        if not isinstance(parameter.default, Missing):
            schema["default"] = parameter.default
        properties[parameter.name] = schema
    required: list[Json] = [p.name for p in signature.parameters if p.required]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _extension(signature: Signature) -> dict[str, Json]:
    limits, cost = signature.limits, signature.cost
    resources: list[Json] = [resource.pattern for resource in signature.resources]
    found: dict[str, Json] = {
        "effect": None if signature.effect is Effect.UNDECLARED else signature.effect.value,
        "resource": resources if resources not in ([], [OUTSIDE]) else None,
        "idempotent": signature.idempotent or None,
        "fold": signature.fold or None,
        "trusted": signature.trusted or None,
        "discloses": signature.discloses or None,
        "cost": cost.seconds,
        "cost_usd": cost.usd,
        "tokens": cost.tokens,
        "concurrency": limits.concurrency,
        "rate": limits.rate,
        "timeout": limits.timeout,
        "retries": limits.retries,
        "max_result_bytes": limits.max_result_bytes,
        "batch": signature.batch.tool if signature.batch else None,
        "max_batch": signature.batch.max_batch if signature.batch else None,
        "result": None if signature.result == ANY else to_json_schema(signature.result),
    }
    return {key: value for key, value in found.items() if value is not None}


def _strict_parameters(signature: Signature) -> dict[str, Json] | None:
    """Return the parameters as structured outputs want them; None where a type allows unnamed keys or anything at all."""
    properties: dict[str, Json] = {}
    for parameter in signature.parameters:
        schema = _strict(parameter.type if parameter.required else union(parameter.type, NULL))
        if schema is None:
            return None
        if parameter.description:
            schema["description"] = parameter.description
        properties[parameter.name] = schema
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _strict(type_: Type) -> dict[str, Json] | None:
    match type_:
        case AnyType() | DictType():
            return None
        case ListType(item):
            items = _strict(item)
            return None if items is None else {"type": "array", "items": items}
        case LiteralType(values):
            names: list[Json] = list(dict.fromkeys(_TYPE_NAMES[type(value)] for value in values))
            return {"type": names[0] if len(names) == 1 else names, "enum": list(values)}
        case RecordType(_, fields, closed):
            found = {f.name: _strict(f.type if f.required else union(f.type, NULL)) for f in fields}
            if not closed or any(one is None for one in found.values()):
                return None
            schemas: dict[str, Json] = dict(found)
            required: list[Json] = list(found)
            return {"type": "object", "properties": schemas, "required": required, "additionalProperties": False}
        case UnionType(members):
            alternatives = [_strict(member) for member in members]
            return None if None in alternatives else {"anyOf": list(alternatives)}
        case _:
            return to_json_schema(type_)
