"""Find the functions in a document that declares tools, however it wraps them.

    [{"type": "function", "function": {…}}]              OpenAI's, {"tools": […]}, {"jsonrpc": "2.0", "result": {"tools": […]}}
    {"search": {"description": "…", "parameters": {…}}}   by name
    {"name": "search", "inputSchema": {…}}                MCP's, Anthropic's and others, whatever the key of the schema is called

A function is an object with a name and a schema of its arguments, or one of the two and a description.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from lcc.grammar.dataclass import dataclass
from lcc.grammar.signatures.schemas.cleaning import Pointer

MAX_NESTING: Final = 6
MAX_FUNCTIONS: Final = 20_000
_WRAPPERS: Final = ("function", "toolSpec", "tool_spec", "functionDeclaration")
_RESULTS: Final = frozenset(
    {"outputschema", "returns", "return", "response", "responses", "result", "output", "responsejsonschema"}
)
_USUAL: Final = ("parameters", "inputschema")
_STARTS: Final = ("param", "input", "arg", "schema", "json")
_WORDS: Final = frozenset(
    {
        "type",
        "properties",
        "$ref",
        "anyOf",
        "oneOf",
        "allOf",
        "additionalProperties",
        "patternProperties",
        "enum",
        "const",
        "items",
    }
)
SERVERS: Final = ("mcpServers", "servers")
"""What holds servers of tools, and no tools, in files that editors write."""


@dataclass(frozen=True, slots=True)
class Found:
    """What seems to declare one function, and where it stands. `outer`: what wraps it. `name`: the key that it stands under, if that
    names it."""

    at: Pointer
    item: Any
    outer: Mapping[str, Any]
    outer_at: Pointer
    name: str | None = None


def functions_in(value: object, at: Pointer = (), depth: int = 0) -> Iterator[Found]:
    """Yield what declares functions, and what stands where one should and is none."""
    if isinstance(value, list):
        for number, item in enumerate(value[:MAX_FUNCTIONS]):
            place = (*at, number)
            if isinstance(item, dict) and not is_function(item) and depth < MAX_NESTING and _holder(item) is not None:
                yield from functions_in(item, place, depth + 1)
            else:
                yield unwrapped(place, item)
        return
    if not isinstance(value, dict) or is_function(value):
        yield unwrapped(at, value)
        return
    key = _holder(value)
    if key is not None and depth < MAX_NESTING:
        yield from functions_in(value[key], (*at, key), depth + 1)
        return
    named = {name: item for name, item in value.items() if isinstance(item, dict) and _has_schema(item)}
    if not named:
        yield unwrapped(at, value)
    for name, item in named.items():
        found = unwrapped((*at, name), item)
        yield Found(found.at, found.item, found.outer, found.outer_at, name)


def _holder(value: Mapping[str, Any]) -> str | None:
    """Return the key under which an object holds functions."""
    for key in ("tools", "functions", "functionDeclarations", "function_declarations", "result"):
        if isinstance(value.get(key), list | dict) or (key in value and key in ("tools", "functions")):
            return key
    lists = [key for key, item in value.items() if isinstance(item, list) and item and all(map(_is_wrapped, item))]
    return lists[0] if len(lists) == 1 else None


def _is_wrapped(item: object) -> bool:
    return isinstance(item, dict) and is_function(item)


def is_function(value: Mapping[str, Any]) -> bool:
    """Whether an object declares one function."""
    if any(isinstance(value.get(word), dict) for word in _WRAPPERS):
        return True
    return isinstance(value.get("name"), str) and ("tools" not in value and "functions" not in value)


def _has_schema(item: Mapping[str, Any]) -> bool:
    return schema_key(item) is not None or any(isinstance(item.get(word), dict) for word in _WRAPPERS)


def unwrapped(at: Pointer, item: object) -> Found:
    """Return a function without what wraps it."""
    outer = item if isinstance(item, dict) else {}
    word = next((word for word in _WRAPPERS if word in outer), None)
    if word is None:
        return Found(at, item, outer, at)
    return Found((*at, word), outer[word], outer, at)


def schema_key(item: Mapping[str, Any]) -> str | None:
    """Return the key of the schema of a function's arguments, None where nothing seems to be one."""
    plain = {_folded(key): key for key in item}
    for word in _USUAL:
        if word in plain and item[plain[word]] is not None:
            return plain[word]
    candidates = [
        key
        for word, key in plain.items()
        if word not in _RESULTS and not key.startswith("x-") and key not in ("annotations", "_meta", "metadata")
    ]
    schemas = [key for key in candidates if is_schema(item[key])]
    likely = [key for key in schemas if _folded(key).startswith(_STARTS)]
    bare = [key for key in candidates if _folded(key).startswith(_STARTS) and _are_properties(item[key])]
    return next(iter(likely or bare or schemas), None)


def _are_properties(value: object) -> bool:
    """Whether a value looks like parameters without the schema around them: by name, or as a list of objects with names."""
    if isinstance(value, dict):
        return bool(value) and all(isinstance(one, dict) for one in value.values())
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) and "name" in one for one in value)


def result_key(item: Mapping[str, Any]) -> str | None:
    """Return the key of the schema of a function's results."""
    return next((key for key in item if _folded(key) in ("outputschema",) and item[key] is not None), None)


def is_schema(value: object) -> bool:
    """Whether a value looks like a schema of arguments."""
    if not isinstance(value, dict):
        return False
    if "type" in value and isinstance(value["type"], str) and value["type"].lower() not in ("object", "dict"):
        return False
    return bool(_WORDS & value.keys())


def _folded(key: str) -> str:
    return key.replace("_", "").replace("-", "").lower()
