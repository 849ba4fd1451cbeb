"""Keep what the local engine is sent within what it bears: bounds in schemas, and no marks of chat templates in texts.

Small models fill an unbounded text, or the blank space between two tokens, until their tokens run out. So a schema is written as a
grammar with bounds, and even a model that repeats itself comes to an end.

The engine turns a whole conversation into tokens, marks included, and reads `<|im_end|>` as the end of a message wherever it
stands; endpoints of others see to that themselves. So that no text speaks for somebody else, a character without width goes into
what could be a mark of any model's template. Texts stay readable for people and models.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from lcc.models.request import Called, Entry, Message, Request, Returned

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


_MARK: Final = re.compile(
    r"<(?=[|｜]|/?(?:s|bos|eos|pad|unk|start_of_turn|end_of_turn|start_of_image|start_header_id|end_of_text)>)"
    r"|\[(?=/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS|TOOL_CONTENT)\])|<(?=</?SYS>>)"
)
_BREAK: Final = "\u200b"


def without_marks(request: Request) -> Request:
    """Return a request whose texts hold no marks of chat templates."""
    return replace(
        request,
        messages=tuple(map(_entry, request.messages)),
        plain=tuple(map(_entry, request.plain)),
    )


def broken(text: str) -> str:
    """Return a text in which nothing is a mark of a chat template."""
    return _MARK.sub(lambda found: found.group() + _BREAK, text)


def _entry(entry: Entry) -> Entry:
    match entry:
        case Message(_, text) | Returned(_, text):
            return replace(entry, text=broken(text))
        case Called():
            return replace(entry, text=broken(entry.text))
