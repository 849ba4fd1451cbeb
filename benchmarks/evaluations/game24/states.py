"""Read, reduce and write the states of the Game of 24: a line of numbers, or the steps that led to the numbers that are left.

    1 2 4 7
    1 + 7 = 8 (left: 2 4 8)
    1 + 7 = 8 (left: 2 4 8) ; 4 + 8 = 12 (left: 2 12)

A state is one line, so that it can be an argument of a call. States are written by models: what is no state raises `NoState`, with
the reason, and a number has a few digits at most, so that reading one is never work.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, TypeAlias

TARGET: Final = 24
SEPARATOR: Final = " ; "
MAX_NUMBERS: Final = 8
MAX_LENGTH: Final = 2_000
"""Characters of a state: three steps have about a hundred."""

_NUMBER: Final = r"-?\d{1,9}(?:/\d{1,9})?"
_NUMBERS: Final = re.compile(rf"{_NUMBER}(?: {_NUMBER})*")
_STEP: Final = re.compile(rf"({_NUMBER}) ([-+*/]) ({_NUMBER}) = ({_NUMBER}) \(left: ({_NUMBER}(?: {_NUMBER})*)\)")

Numbers: TypeAlias = tuple[Fraction, ...]

WON: Final[Numbers] = (Fraction(TARGET),)


class NoState(ValueError):
    """A text is no state, or a step isn't one of its state."""


@dataclass(frozen=True, slots=True)
class Step:
    """One equation. `left`: the numbers after it, in ascending order."""

    a: Fraction
    sign: str
    b: Fraction
    result: Fraction
    left: Numbers

    def __str__(self) -> str:
        left = " ".join(map(str, self.left))
        return f"{self.a} {self.sign} {self.b} = {self.result} (left: {left})"


def read_numbers(text: str) -> Numbers:
    """Return the numbers of a line such as `1 2 4 7` or `2 1/3`, as they stand; raise NoState for anything else."""
    if len(text) > MAX_LENGTH or not _NUMBERS.fullmatch(text):
        raise NoState(f"{_shown(text)} is no line of numbers; write them with one space between, such as 1 2 4 7")
    words = text.split(" ")
    if len(words) > MAX_NUMBERS:
        raise NoState(f"there are {len(words)} numbers; {MAX_NUMBERS} are allowed")
    return tuple(_fraction(word) for word in words)


def read_step(text: str, numbers: Numbers) -> Step:
    """Return the step in a line, applied to numbers; raise NoState if it isn't one: wrong arithmetic, or numbers that aren't there."""
    found = _STEP.fullmatch(text.strip()) if len(text) <= MAX_LENGTH else None
    if found is None:
        raise NoState(f"{_shown(text)} is no step; write one as 1 + 7 = 8 (left: 2 4 8)")
    a, b, result = (_fraction(found[group]) for group in (1, 3, 4))
    rest = list(numbers)
    for used in (a, b):
        if used not in rest:
            raise NoState(f"{used} in {_shown(text)} is not among the numbers that are left")
        rest.remove(used)
    if compute(a, found[2], b) != result:
        raise NoState(f"{a} {found[2]} {b} is not {result}")
    left = tuple(sorted([*rest, result]))
    if tuple(sorted(map(_fraction, found[5].split(" ")))) != left:
        raise NoState(f"the numbers left after {_shown(text)} are {' '.join(map(str, left))}")
    return Step(a, found[2], b, result, left)


def numbers_left(state: str) -> Numbers:
    """Return the numbers that are left in a state, in ascending order after a step, else as they stand; raise NoState if it is none."""
    last = state.rsplit(SEPARATOR, 1)[-1] if len(state) <= MAX_LENGTH else state
    if "(left:" not in last:
        return read_numbers(state)
    found = _STEP.fullmatch(last)
    if found is None:
        raise NoState(f"{_shown(state)} is no state; write it as 1 2 4 7, or as 1 + 7 = 8 (left: 2 4 8)")
    return read_numbers(found[5])


def steps_of(state: str) -> tuple[str, ...]:
    """Return the lines of the steps that were made."""
    return tuple(state.split(SEPARATOR)) if "(left:" in state else ()


def game_of(state: str) -> str:
    """Return the four numbers that a state began with, in ascending order: what the first step left, and used."""
    first = state.split(SEPARATOR, 1)[0] if len(state) <= MAX_LENGTH else state
    if "(left:" not in first:
        return " ".join(map(str, sorted(read_numbers(first))))
    found = _STEP.fullmatch(first)
    if found is None:
        raise NoState(f"{_shown(state)} is no state")
    left = list(read_numbers(found[5]))
    if _fraction(found[4]) not in left:
        raise NoState(f"the result of {_shown(first)} is not among the numbers that it leaves")
    left.remove(_fraction(found[4]))
    return " ".join(map(str, sorted([*left, _fraction(found[1]), _fraction(found[3])])))


def after(state: str, step: str) -> str:
    """Return the state that a step leads to."""
    return step if "(left:" not in state else f"{state}{SEPARATOR}{step}"


def all_steps(numbers: Numbers) -> list[Step]:
    """Return every step from some numbers, once for each pair, sign and outcome, in a fixed order."""
    found: dict[tuple[Numbers, str, Fraction, Fraction], Step] = {}
    for i, a in enumerate(numbers):
        for j, b in enumerate(numbers):
            if i == j:
                continue
            rest = [number for k, number in enumerate(numbers) if k not in (i, j)]
            for sign, result in _results(a, b, commuted=i > j):
                left = tuple(sorted([*rest, result]))
                found.setdefault((left, sign, min(a, b), max(a, b)), Step(a, sign, b, result, left))
    return [found[key] for key in sorted(found)]


def compute(a: Fraction, sign: str, b: Fraction) -> Fraction | None:
    """Return `a sign b`; None where it isn't defined."""
    match sign:
        case "+":
            return a + b
        case "-":
            return a - b
        case "*":
            return a * b
        case _:
            return a / b if b else None


def expression_of(state: str) -> str:
    """Fold the steps of a state into one expression over the numbers of the game; raise NoState if a step doesn't follow.

    The state must be finished: one number left.
    """
    pool = [(number, str(number)) for number in read_numbers(game_of(state))]
    for line in steps_of(state):
        step = read_step(line, tuple(number for number, _ in pool))
        a, b = _take(pool, step.a), _take(pool, step.b)
        pool.append((step.result, f"({a} {step.sign} {b})"))
    if len(pool) != 1:
        raise NoState(f"{len(pool)} numbers are left in {_shown(state)}")
    text = pool[0][1]
    return text[1:-1] if text.startswith("(") else text


def winner(states: Sequence[str]) -> str | None:
    """Return the first state that has reached 24."""
    return next((state for state in states if numbers_left(state) == WON), None)


def _results(a: Fraction, b: Fraction, *, commuted: bool) -> Iterator[tuple[str, Fraction]]:
    for sign in "+-*/":
        if commuted and sign in "+*":
            continue
        result = compute(a, sign, b)
        if result is not None:
            yield sign, result


def _take(pool: list[tuple[Fraction, str]], number: Fraction) -> str:
    place = next(place for place, (value, _) in enumerate(pool) if value == number)
    return pool.pop(place)[1]


def _fraction(text: str) -> Fraction:
    try:
        return Fraction(text)
    except ZeroDivisionError:
        raise NoState(f"{text} is no number") from None


def _shown(text: str) -> str:
    return repr(text if len(text) <= 80 else f"{text[:77]}...")
