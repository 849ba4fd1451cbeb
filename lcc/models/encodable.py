"""Make what a model wrote fit to be sent: JSON's escapes may say half of a character, which no encoding has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def encodable(value: Any) -> Any:
    """Return a JSON value with halves of a character joined where both are there, and replaced where one is missing."""
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Mapping):
        return {_text(key): encodable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [encodable(item) for item in value]
    return value


def _text(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text
