"""Find the references of data in texts: one table of notations, each with its exact extent.

What looks like a reference to a call that exists, and is none of these, is an error: as text it would reach the tool.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from lcc.grammar.lenient.arguments.references import number_of, written_in, written_whole
from lcc.grammar.lenient.calls.said import Said
from lcc.grammar.reading.loose_values import NotUnderstood
from lcc.grammar.syntax.strings import read_path


class Found(NamedTuple):
    """A reference in a text: where, to which call (by its place), and the path."""

    start: int
    end: int
    place: int
    path: tuple[str | int, ...]


@dataclass(slots=True)
class Lookup:
    """The calls of one text by what a reference may call them. `base`: the number of the first, where calls have no ids."""

    calls: list[Said]
    base: int = 1
    _keys: dict[str, int] = field(init=False)
    _numbers: dict[int, int] = field(init=False)

    def __post_init__(self) -> None:
        self._keys, self._numbers = {}, {}
        for place, said in enumerate(self.calls):
            for key in (said.key, said.name):
                if key is None:
                    continue
                if self._keys.setdefault(_plain(key), place) != place:
                    raise NotUnderstood(f"two calls are called `{key}`", said.span.start, said.span.end)
        found = [(number_of(_plain(said.key or "")), place) for place, said in enumerate(self.calls)]
        numbered = {number: place for number, place in reversed(found) if number is not None}
        self._numbers = numbered or {place + self.base: place for place in range(len(self.calls))}

    def find(self, key: str) -> int | None:
        """Return the place of the call that a key means."""
        place = self._keys.get(_plain(key))
        number = number_of(key.strip()) if place is None else None
        return place if number is None else self._numbers.get(number)


def find_references(text: str, lookup: Lookup) -> Iterator[Found]:
    """Yield the references that a text holds, or the one that it is without marks: `step_1`, `result of s1`."""
    alone = written_whole(text.strip())
    if alone is not None and any(char.isdigit() for char in alone.key):
        named = lookup.find(text)
        place = lookup.find(alone.key) if named is None else named
        if place is not None:
            yield Found(0, len(text), place, _result(read_path(alone.steps) if named is None else ()))
            return
    for one in written_in(text):
        if one.natural:
            continue
        place, path = lookup.find(one.key), read_path(one.steps)
        if place is None and _plain(one.key) in _LEADS and path:
            place, path = lookup.find(str(path[0])), path[1:]
        if place is not None:
            yield Found(one.start, one.end, place, _result(path))


_FIELDS: Final = frozenset(
    ["output", "outputs", "result", "results", "response", "value", "data", "answer", "content", "text", "return"]
)
_LEADS: Final = frozenset(
    ["step", "steps", "task", "tasks", "node", "nodes", "call", "calls", "result", "results", "output", "outputs"]
)


def _result(path: tuple[str | int, ...]) -> tuple[str | int, ...]:
    return path[1:] if path and isinstance(path[0], str) and path[0].casefold() in _FIELDS else path


def _plain(key: str) -> str:
    return key.strip().strip("$#@<>{}").replace("-", "_").replace(" ", "_").casefold()
