"""Bound what filling in may build: for one value, and for all that a run holds at once.

A short plan can ask for any amount: `"$1$1$1"`, again and again, or once for each element of a list. Sizes are in bytes as JSON,
about: a character counts as one.
"""

from __future__ import annotations

import sys

from lcc.grammar.values import Json
from lcc.runtime.binding import size_of
from lcc.runtime.failures import TooLarge
from lcc.runtime.options import MOST_BYTES
from lcc.runtime.tool import ArgumentError


class TooMuch(ArgumentError):
    """Filled in, a value would take more than it may."""


class RunFull(TooMuch, TooLarge):
    """A run would hold more than it may."""

    def __init__(self, limit: int) -> None:
        ValueError.__init__(
            self, f"the run would hold more than {limit:,} bytes of results and arguments (`max_run_bytes`)"
        )


class Held:
    """What a run holds: its results, and what was built for the arguments of calls that haven't ended. None is no limit."""

    __slots__ = ("_limit", "size")

    def __init__(self, limit: int | None = None) -> None:
        self._limit = limit
        self.size = 0

    def take(self, size: int) -> None:
        """Hold more; raise RunFull, and hold what was held before, if that is too much."""
        if self._limit is not None and self.size + size > self._limit:
            raise RunFull(self._limit)
        self.size += size


class Room:
    """How much may still be filled in; None is no limit. `built` is what is new, and no other value's text, which `held` counts."""

    __slots__ = ("_held", "_left", "_limit", "_what", "built")

    def __init__(self, limit: int | None = MOST_BYTES, what: str = "the arguments", held: Held | None = None) -> None:
        self._limit = limit
        self._what = what
        self._left = sys.maxsize if limit is None else limit
        self._held = held
        self.built = 0

    def take(self, size: int) -> None:
        """Use some; raise TooMuch if it isn't there."""
        self._left -= size
        if self._left < 0:
            raise TooMuch(f"{self._what} would take more than {self._limit:,} bytes (`max_argument_bytes`)")

    def build(self, size: int) -> None:
        """Use some for what is about to be built; raise TooMuch if it isn't there."""
        self.take(size)
        if self._held is not None:
            self._held.take(size)
        self.built += size

    def build_text(self, value: Json) -> None:
        """Use some for the text of a value; raise TooMuch if it isn't there."""
        self.build(len(value) if isinstance(value, str) else size_of(value, self._left + 1))

    def copy(self, value: Json) -> Json:
        """Return a value whose containers are new; raise TooMuch before it is too large."""
        if isinstance(value, str):
            self.take(len(value))
            return value
        if isinstance(value, list):
            self.build(2 + len(value))
            return [self.copy(item) for item in value]
        if isinstance(value, dict):
            self.build(2 + 4 * len(value) + sum(map(len, value)))
            return {key: self.copy(item) for key, item in value.items()}
        self.take(1)
        return value
