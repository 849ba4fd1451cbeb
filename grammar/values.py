"""Handle JSON values: what they are, their text, and copies that share nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from math import isfinite
from typing import Any, Final, TypeAlias

from lcc.grammar.late_pattern import pattern
from lcc.grammar.source import Span

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"


class PathError(LookupError):
    """A path names something that a value doesn't have. The message says what and where."""


def to_text(value: Json) -> str:
    """Return a value as it stands inside a text: a string as it is, everything else as JSON (`true`, `null`, `6440000.0`)."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def at_path(value: Json, path: tuple[str | int, ...]) -> Json:
    """Follow a path into a value; raise PathError where it leads nowhere."""
    for depth, step in enumerate(path):
        if isinstance(step, int) and isinstance(value, list):
            if not -len(value) <= step < len(value):
                raise PathError(f"{show_path(path[: depth + 1])}: index {step} of a list of {len(value)}")
            value = value[step]
        elif isinstance(step, str) and isinstance(value, Mapping):
            if step not in value:
                known = ", ".join(list(value)[:8]) or "none"
                raise PathError(f"{show_path(path[: depth + 1])}: no such key; keys: {known}")
            value = value[step]
        else:
            if isinstance(value, str):
                what = "text"
            else:
                what = kind(value) if isinstance(value, list | dict) else json.dumps(value)
            wanted = "index" if isinstance(step, int) else "key"
            raise PathError(f"{show_path(path[: depth + 1])}: {what} has no {wanted}")
    return value


def kind(value: object) -> str:
    """Return what sort of JSON value something is, for a message that doesn't quote it."""
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case str():
            return "a text"
        case list():
            return "a list"
        case dict():
            return "an object"
        case _:
            return f"a Python {type(value).__name__}"


def show_path(path: tuple[str | int, ...]) -> str:
    """Return a path as it is written after a reference: `.name`, `[0]`, `["room name"]`."""
    out = []
    for step in path:
        if isinstance(step, str) and step.isascii() and step.isidentifier():
            out.append(f".{step}")
        else:
            out.append(f"[{json.dumps(step, ensure_ascii=False)}]")
    return "".join(out)


def copy_json(value: Json) -> Json:
    """Return a value whose containers are new; scalars are shared."""
    if isinstance(value, list):
        return [copy_json(item) for item in value]
    if isinstance(value, dict):
        return {key: copy_json(item) for key, item in value.items()}
    return value


def standard_json(value: Json) -> Json:
    """Return a value that every reader of JSON takes: infinities and NaN, which JSON lacks, become the texts "Infinity", "-Infinity", "NaN"."""
    if isinstance(value, float):
        return value if isfinite(value) else json.dumps(value)
    if isinstance(value, list):
        return [standard_json(item) for item in value]
    if isinstance(value, dict):
        return {key: standard_json(item) for key, item in value.items()}
    return value


MOST_LEVELS: Final = 900
"""Containers within one another in JSON text of others. Python 3.11 reads about 990, later ones many times that: more than code that
recurses can take."""


def read_json(text: str | bytes | bytearray, **how: Any) -> Any:
    """Return what `json.loads` does; raise RecursionError for more than MOST_LEVELS, whichever Python it is."""
    value = json.loads(text, **how)
    opening = ("[", "{") if isinstance(text, str) else (b"[", b"{")
    if sum(map(text.count, opening)) > MOST_LEVELS and nested_deeper(value, MOST_LEVELS):  # type: ignore[arg-type]
        raise RecursionError(f"it is nested deeper than {MOST_LEVELS} levels")
    return value


def nested_deeper(value: Json, limit: int) -> bool:
    """Whether more than `limit` containers lie in one another; recursive code needs to know before it begins."""
    level = [value]
    for _ in range(limit + 1):
        level = [
            item
            for one in level
            if isinstance(one, list | dict)
            for item in (one if isinstance(one, list) else one.values())
        ]
        if not level:
            return False
    return True


_SPACE: Final = pattern(r"[ \t\n\r]*")
_TOKEN: Final = pattern(r'"(?:[^"\\]|\\.)*"|[\[\]{}]|[^\s\[\]{}",:]+')
_OPENING: Final = ("[", "{")
_CLOSING: Final = ("]", "}")
_DECODER: Final = json.JSONDecoder()


class JsonPlaces:
    """The places of the values in one valid JSON text. A container is indexed when something in it is asked for."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._members: dict[int, dict[str | int, int]] = {}

    def span(self, pointer: tuple[str | int, ...]) -> Span:
        """Return the span of the value that a pointer names, or of the last value that exists on the way to it."""
        start = self._skip(0)
        for step in pointer:
            if start not in self._members:
                self._members[start] = self._index(start)
            found = self._members[start].get(step)
            if found is None:
                break
            start = found
        return Span(start, self._end(start))

    def _index(self, start: int) -> dict[str | int, int]:
        """Return where each member of a container starts; of a repeated key the last, which is the one that counts."""
        text = self._text
        if text[start] not in "[{":
            return {}
        found: dict[str | int, int] = {}
        at = self._skip(start + 1)
        while text[at] not in "]}":
            key: str | int = len(found)
            if text[start] == "{":
                key, at = _DECODER.raw_decode(text, at)
                at = self._skip(self._skip(at) + 1)
            found[key] = at
            at = self._skip(self._end(at))
            if text[at] == ",":
                at = self._skip(at + 1)
        return found

    def _end(self, start: int) -> int:
        """Return the end of a value. Not by the decoder, which recurses."""
        depth = 0
        for token in _TOKEN.finditer(self._text, start):
            depth += (token[0] in _OPENING) - (token[0] in _CLOSING)
            if depth == 0:
                return token.end()
        return len(self._text)

    def _skip(self, at: int) -> int:
        match = _SPACE.match(self._text, at)
        return match.end() if match else at
