"""Say whether what a system handed back is a program's answer, in whatever form it was shown."""

from __future__ import annotations

import json
from ast import literal_eval
from collections.abc import Iterator
from typing import Any

_PARTS = {"output", "result"}
"""How sandboxes show what a program printed beside what it gave."""


def is_answer(told: Any, wanted: Any) -> bool:
    """Whether a value, or a text that shows it as JSON or as Python does, is the wanted value. 5 and 5.0 are equal, tuples are lists."""
    return any(_equal(one, wanted) for one in _readings(told))


def _readings(told: Any) -> Iterator[Any]:
    yield told
    if isinstance(told, str):
        for read in (json.loads, literal_eval):
            try:
                found = read(told)
            except (ValueError, SyntaxError):
                continue
            yield found
            if isinstance(found, dict) and found and set(found) <= _PARTS:
                yield from found.values()


def _equal(one: Any, other: Any) -> bool:
    if isinstance(one, str) and isinstance(other, str):
        return one.rstrip() == other.rstrip()
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, int | float) and isinstance(other, int | float):
        return one == other
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(_equal, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        left, right = ({str(key): value for key, value in dict.items(each)} for each in (one, other))
        return left.keys() == right.keys() and all(_equal(value, right[key]) for key, value in left.items())
    return one is None and other is None
