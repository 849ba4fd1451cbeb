"""Convert results as a tool would, importing little: a process that a test starts imports it too."""

from __future__ import annotations

from lcc.grammar.values import Json
from lcc.runtime.tool import ResultError


def json_only(value: object) -> Json:
    """Refuse what isn't JSON, and copy what is."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case list() | tuple():
            return [json_only(item) for item in value]
        case dict() if all(isinstance(key, str) for key in value):
            return {key: json_only(item) for key, item in value.items()}
    raise ResultError(f"{type(value).__name__} is no JSON value")
