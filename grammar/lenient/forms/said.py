"""Hold what a form says: calls whose values are plain, with references still as they are written."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from lcc.grammar.source import Span


class NotUnderstood(Exception):
    """Something in a text is neither a call nor an aside: what, and where."""

    def __init__(self, message: str, at: int, end: int | None = None, code: str = "R045") -> None:
        super().__init__(message)
        self.message = message
        self.span = Span(at, max(at + 1, end or 0))
        self.code = code


class Result(NamedTuple):
    """The result of the call at a place, from 0."""

    place: int
    path: tuple[str | int, ...] = ()


class Text(NamedTuple):
    """Text with results in it; references that it seems to hold are text."""

    parts: tuple[Any, ...]


@dataclass(slots=True)
class Said:
    """One call. `key`: its id as written. `name`: what its result is called. `after`: the ids of those before it."""

    tool: str
    args: list[tuple[str | None, Any]]
    span: Span
    key: str | None = None
    name: str | None = None
    after: tuple[str, ...] = ()


@dataclass(slots=True)
class Reading:
    """What a whole text says. `join`: what is handed on, or None for everything. `form` names the form."""

    form: str
    calls: list[Said] = field(default_factory=list)
    join: list[Any] | None = None
    zero: bool = False
