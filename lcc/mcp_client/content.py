"""Turn what a server's tool returned into a JSON value, and what went wrong into an exception."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from lcc.grammar.values import Json, read_json

if TYPE_CHECKING:
    from mcp.types import CallToolResult

_KEPT: Final = {
    "image": ("mimeType", "data"),
    "audio": ("mimeType", "data"),
    "resource_link": ("uri", "name", "title", "description", "mimeType", "size"),
}
"""What is kept of a part of a result, beside its type."""
_OF_RESOURCE: Final = ("uri", "mimeType", "text", "blob")


class ToolError(Exception):
    """A server says that a call of its tool failed. The message is the server's."""


def value_of(result: CallToolResult, *, unwrap: bool, json_text: bool) -> Json:
    """Return a result: the structured content if there is any, else the parts.

    Texts are one text, with a line end between them; one image, sound or resource is an object, `{"type": "image", "mimeType": …, "data": base64}`;
    a mixture is a list. `unwrap`: structured content is an object with nothing but `result`, which is meant. `json_text`: a text that is JSON
    is that value. Raises ToolError for a result that says it is an error.
    """
    dumped = result.model_dump(mode="json", by_alias=True, exclude_none=True)
    parts = [_part(part) for part in dumped.get("content", [])]
    if result.is_error:
        raise ToolError(_all_text(parts) or "the server says that it failed, and not why")
    if result.structured_content is not None:
        structured: Json = result.structured_content
        return structured.get("result") if unwrap and isinstance(structured, dict) else structured
    return _as_json(parts) if json_text else _together(parts)


def _together(parts: list[Json]) -> Json:
    if all(isinstance(part, str) for part in parts):
        return "\n".join(map(str, parts)) if parts else None
    return parts[0] if len(parts) == 1 else parts


def _as_json(parts: list[Json]) -> Json:
    value = _together(parts)
    if not isinstance(value, str):
        return value
    try:
        read: Json = read_json(value, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return value
    return read


def _refuse(constant: str) -> Json:
    raise ValueError(constant)


def _part(part: dict[str, Json]) -> Json:
    kind = part.get("type")
    if kind == "text":
        return part.get("text", "")
    if kind == "resource":
        inner = part.get("resource")
        held = inner if isinstance(inner, dict) else {}
        return {"type": "resource", **{key: held[key] for key in _OF_RESOURCE if key in held}}
    return {"type": kind, **{key: part[key] for key in _KEPT.get(str(kind), ()) if key in part}}


def _all_text(parts: list[Json]) -> str:
    return "\n".join(part for part in parts if isinstance(part, str)).strip()
