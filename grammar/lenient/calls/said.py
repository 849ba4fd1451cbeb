"""Hold what a form says: calls whose values are plain, with references still as they are written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lcc.grammar.source import Span


@dataclass(slots=True)
class Said:
    """One call. `key`: its id as written. `name`: what its result is called. `after`: the ids of those before it."""

    tool: str
    args: list[tuple[str | None, Any]]
    span: Span
    key: str | None = None
    name: str | None = None
    after: tuple[str, ...] = ()

    @property
    def number(self) -> int | None:
        """The id, where it is a number that a plan may have."""
        return int(self.key) or None if self.key and self.key.isascii() and self.key.isdigit() else None
