"""Bound what a program may use, before it uses it: steps, bytes of values, depth, digits.

A step is about what one small operation takes. What CPython does at the speed of C is cheaper: 16 elements or 256 characters
a step. Bytes are those of all values made; where they pass the limit, `live` may say how many of them are still in use.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from lcc.grammar.dataclass import dataclass

ELEMENTS_A_STEP: Final = 16
CHARACTERS_A_STEP: Final = 256
_DIGIT_PRODUCTS_A_STEP: Final = 512
"""Products of two digits of 30 bits, which is how CPython multiplies: so many take about half a microsecond."""
_LEAST_MADE: Final = 16
"""One part of so many of the limit must have been made before it is looked again what is in use: that takes as long as making it."""
_BITS_A_DIGIT: Final = 3.3219280948873626
"""log2(10)."""


@dataclass(frozen=True, slots=True)
class OperationLimits:
    """What one program may use. `memory` is in bytes, `depth` in containers within containers, `digits` are decimal."""

    steps: int = 5_000_000
    memory: int = 64 * 1024 * 1024
    depth: int = 64
    digits: int = 20_000


class OperationError(Exception):
    """An end that no handler of a program sees: a limit was reached, or something isn't part of the table.

    `kind` is `steps`, `memory`, `depth`, `digits` (limits), `refused` (Python has it, programs don't) or `value` (a value of
    a kind that can't go where it should). What a program may catch is raised as Python's own exception instead.
    """

    def __init__(self, kind: str, message: str, help: str | None = None) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.help = help


class Meter:
    """What a program has used so far. Every method raises OperationError where a limit would be passed."""

    __slots__ = ("_settled", "limits", "live", "max_bits", "max_steps", "memory_used", "steps_used")

    def __init__(self, limits: OperationLimits | None = None, live: Callable[[Meter], int] | None = None) -> None:
        self.limits = limits or OperationLimits()
        self.live = live
        self.steps_used = 0
        self.memory_used = 0
        self._settled = 0
        self.max_steps = self.limits.steps
        self.max_bits = int(self.limits.digits * _BITS_A_DIGIT)

    def step(self, count: int = 1) -> None:
        """Use steps."""
        self.steps_used += count
        if self.steps_used > self.max_steps:
            raise OperationError(
                "steps",
                f"the program takes more than {self.max_steps:,} steps",
                "do less in one program, or raise the limit of steps",
            )

    def elements(self, count: int) -> None:
        """Use the steps that passing over so many elements takes in C."""
        self.step(1 + count // ELEMENTS_A_STEP)

    def characters(self, count: int) -> None:
        """Use the steps that passing over so many characters takes in C."""
        self.step(1 + count // CHARACTERS_A_STEP)

    def room(self, count: int) -> None:
        """Check that a new value of so many bytes may be made."""
        limit = self.limits.memory
        if self.memory_used + count > limit:
            made = self.memory_used - self._settled
            if self.live is not None and count <= limit and made * _LEAST_MADE >= limit:
                self.memory_used = self._settled = self.live(self)
            if self.memory_used + count > limit:
                raise OperationError(
                    "memory",
                    f"the values of the program take more than {limit:,} bytes",
                    "keep less at a time, or raise the limit of memory",
                )

    def memory(self, count: int) -> None:
        """Use bytes for a new value."""
        if self.memory_used + count > self.limits.memory:
            self.room(count)
        self.memory_used += count

    def new_text(self, length: int, *parts: str) -> None:
        """Use what a new text of that many characters takes; those beyond ASCII in a part make each take four bytes."""
        self.memory(50 + (length if all(map(str.isascii, parts)) else 4 * length))
        self.step(1 + length // CHARACTERS_A_STEP)

    def new_items(self, count: int, bytes_each: int = 8) -> None:
        """Use what a new container of that many elements takes."""
        self.memory(56 + count * bytes_each)
        self.step(1 + count // ELEMENTS_A_STEP)

    def bits(self, count: int) -> None:
        """Check that an integer of so many bits may be made, and use its memory."""
        if count > self.max_bits:
            raise OperationError(
                "digits",
                f"an integer would have more than {self.limits.digits:,} digits",
                "use floats, or the third argument of pow",
            )
        self.memory(28 + count // 7)

    def product(self, first: int, second: int) -> None:
        """Use what multiplying or dividing integers of so many bits takes."""
        self.step(1 + (first // 30 + 1) * (second // 30 + 1) // _DIGIT_PRODUCTS_A_STEP)

    def deeper(self, depth: int) -> None:
        """Check that values may be nested so deep."""
        if depth > self.limits.depth:
            raise OperationError(
                "depth",
                f"a value is nested deeper than {self.limits.depth}, or holds itself",
                "keep values flat",
            )


def refused(message: str, help: str | None = None) -> OperationError:
    """Return the error for what Python has and programs don't."""
    return OperationError("refused", message, help)
