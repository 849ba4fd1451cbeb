"""Write a JSON schema as a grammar for the local engine, with bounds, so that even a model that repeats itself comes to an end.

Small models fill an unbounded text, or the blank space between two tokens, until their tokens run out.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

_COMPACT: Final = {"whitespace_flexible": False, "key_separator": ": ", "item_separator": ", "}
_ITEMS: Final = 64
"""The most items of an array that names no number."""
_FIXED: Final = ("enum", "const", "pattern", "format", "maxLength")
_LISTS: Final = ("anyOf", "oneOf", "allOf", "prefixItems")
_TABLES: Final = ("properties", "$defs", "definitions")
_SINGLE: Final = ("items", "additionalProperties")


def schema_grammar(schema: Mapping[str, Any], reply_tokens: int) -> str:
    """Return a grammar, for llguidance, of the JSON texts that follow a schema and fit the tokens of a reply."""
    texts = _count_texts(schema)
    bound = max(16, (reply_tokens - 32 * (1 + texts)) // max(1, texts))
    bounded = {"x-guidance": _COMPACT, **_bounded(schema, bound)}
    return "%llguidance {}\nstart: %json " + json.dumps(bounded)


def _is_text(schema: Mapping[str, Any]) -> bool:
    kind = schema.get("type")
    named = kind == "string" or (isinstance(kind, list) and "string" in kind)
    return named and not any(key in schema for key in _FIXED)


def _count_texts(schema: object) -> int:
    if isinstance(schema, list):
        return sum(_count_texts(one) for one in schema)
    if not isinstance(schema, Mapping):
        return 0
    return int(_is_text(schema)) + sum(_count_texts(one) for one in _inner(schema))


def _inner(schema: Mapping[str, Any]) -> list[Any]:
    tables = [one for key in _TABLES if isinstance(table := schema.get(key), Mapping) for one in table.values()]
    return [*tables, *(schema.get(key) for key in (*_LISTS, *_SINGLE))]


def _bounded(schema: Any, bound: int) -> Any:
    if isinstance(schema, list):
        return [_bounded(one, bound) for one in schema]
    if not isinstance(schema, Mapping):
        return schema
    new: dict[str, Any] = dict(schema)
    for key in _TABLES:
        if isinstance(schema.get(key), Mapping):
            new[key] = {name: _bounded(one, bound) for name, one in schema[key].items()}
    for key in (*_LISTS, *_SINGLE):
        if key in schema:
            new[key] = _bounded(schema[key], bound)
    if _is_text(schema):
        new["maxLength"] = bound
    if schema.get("type") == "array":
        new.setdefault("maxItems", max(_ITEMS, schema.get("minItems", 0)))
    return new
