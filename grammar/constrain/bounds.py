"""Bound the plans that a grammar admits. Without bounds a small model may write until its reply is cut off."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

DIGITS: Final = 18
"""Digits of an integer."""
PATH_STEPS: Final = 3
"""Steps of a path after a reference."""
NAME_LENGTH: Final = 32
"""Characters of a name or key in a path."""
ADJACENT: Final = 4
"""References in a text with at most a `.` or `,` between them."""
DEPTH: Final = 32
"""Lists and dicts within one another where types say so; a deeper value is given by reference."""
ARGUMENTS: Final = 100
"""Arguments of a call: as many as the language takes."""

_MOST: Final = {"tasks": 1_000, "string_length": 100_000, "items": 1_000, "pairs": 1_000, "nesting": 16}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What an admitted plan holds at most.

    `tasks`: calls. `string_length`: characters of a text; a reference in it counts as one. `items`: of a list, and of the values
    that `join` reads. `pairs`: of a dict whose keys aren't declared; with more than one, a key may come twice, which `verify`
    can't forgive and no grammar can prevent. `nesting`: lists and dicts within one another where a type is `Any`.
    """

    tasks: int = 12
    string_length: int = 200
    items: int = 10
    pairs: int = 1
    nesting: int = 2

    def __post_init__(self) -> None:
        for one in fields(self):
            value, least = getattr(self, one.name), 0 if one.name == "nesting" else 1
            if not least <= value <= _MOST[one.name]:
                raise ValueError(f"{one.name} must be {least} to {_MOST[one.name]:,}, not {value:,}")


DEFAULT_BOUNDS: Final = Bounds()
