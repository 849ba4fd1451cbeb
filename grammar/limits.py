"""Bound what a plan may ask of the compiler, so that hostile text costs little and says so."""

from __future__ import annotations

from typing import Final

from lcc.grammar.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class TextLimits:
    """Limits of one plan text. Sizes are in bytes of UTF-8, the others are counts. `repairs`: the steps, of about a microsecond,
    in which what a model wrote may be repaired."""

    size: int = 16 * 1024 * 1024
    nesting: int = 64
    tasks: int = 200_000
    arguments: int = 100
    digits: int = 1_000
    repairs: int = 500_000


DEFAULT_LIMITS: Final = TextLimits()
IR_NESTING: Final = 2 * DEFAULT_LIMITS.nesting
"""Values within values in an IR: twice what a plan text may hold, since passes put values into values."""
BODY_NESTING: Final = 96
"""Blocks and values within one another in a body. Nodes that are nested deeper, such as conditions of comprehensions, can't be
compared any more within Python's limit of recursion."""
