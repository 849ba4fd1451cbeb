"""Play the game of 24 with a simulated model: make 24 of four numbers, three steps of one equation each.

A state is one line: the numbers, or the steps so far, `1 + 7 = 8 (left: 2 4 8) ; 4 + 8 = 12 (left: 2 12)`. What the model says is drawn
from a hash of what it is asked, so that every order of the calls gives the same answers. Neither role looks for a solution:
the proposer draws legal steps, the evaluator tries a few expressions.
"""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Final

SEPARATOR: Final = " ; "
PROPOSALS: Final = 6
KEPT: Final = 5
TRIALS: Final = 5
VALUES: Final = {"impossible": 0.001, "likely": 1.0, "sure": 20.0}

Numbers = tuple[Fraction, ...]


def draw(*key: object) -> random.Random:
    return random.Random(hashlib.sha256("|".join(map(str, key)).encode()).digest())


def left_of(state: str) -> Numbers:
    """Return the numbers that are left in a state."""
    found = re.findall(r"\(left: ([^)]*)\)", state)
    return tuple(Fraction(number) for number in (found[-1] if found else state).split())


def results(a: Fraction, b: Fraction) -> Iterable[tuple[str, Fraction]]:
    yield "+", a + b
    yield "-", a - b
    yield "*", a * b
    if b:
        yield "/", a / b


def steps(numbers: Numbers) -> list[tuple[str, Numbers]]:
    """Return every step, once for each set of numbers that it leaves."""
    found: dict[Numbers, str] = {}
    for i, a in enumerate(numbers):
        for j, b in enumerate(numbers):
            if i == j:
                continue
            rest = [n for k, n in enumerate(numbers) if k not in (i, j)]
            for sign, c in results(a, b):
                left = tuple(sorted([*rest, c]))
                found.setdefault(left, f"{a} {sign} {b} = {c} (left: {' '.join(map(str, left))})")
    return [(found[left], left) for left in sorted(found)]


def propose(state: str) -> list[str]:
    """Return a few next states."""
    source = draw("propose", state)
    natural = [text for text, left in steps(left_of(state)) if all(n.denominator == 1 and n >= 0 for n in left)]
    chosen = natural if len(natural) <= PROPOSALS else source.sample(natural, PROPOSALS)
    before = f"{state}{SEPARATOR}" if "(left:" in state else ""
    return [before + text for text in chosen]


def trial(numbers: Numbers, source: random.Random) -> Fraction:
    left = list(numbers)
    while len(left) > 1:
        i, j = source.sample(range(len(left)), 2)
        _, value = source.choice(list(results(left[i], left[j])))
        left = [n for k, n in enumerate(left) if k not in (i, j)] + [value]
    return left[0]


def judge(numbers: Numbers, source: random.Random) -> str:
    if len(numbers) == 1:
        return "sure" if numbers[0] == 24 else "impossible"
    if len(numbers) == 2:
        return "sure" if any(left == (24,) for _, left in steps(numbers)) else "impossible"
    return "sure" if any(trial(numbers, source) == 24 for _ in range(TRIALS)) else "likely"


def evaluate(states: Sequence[str]) -> list[float]:
    """Return the value of each state, as three samples of a judge see it."""
    return [sum(VALUES[judge(left_of(s), draw("value", left_of(s), n))] for n in range(3)) for s in states]


def select(states: Sequence[Sequence[str]], values: Sequence[Sequence[float]], k: int = KEPT) -> list[str]:
    """Return the best states, equal ones once; ties keep their order."""
    seen: set[Numbers] = set()
    kept: list[tuple[float, str]] = []
    for some, theirs in zip(states, values, strict=True):
        for state, value in zip(some, theirs, strict=True):
            if left_of(state) not in seen:
                seen.add(left_of(state))
                kept.append((value, state))
    return [state for _, state in sorted(kept, key=lambda pair: -pair[0])[:k]]


def answer_of(states: Sequence[str]) -> str | None:
    """Return the steps to 24, if a state has them."""
    return next((state for state in states if left_of(state) == (24,)), None)


def play(numbers: str) -> str:
    """Play one call after another; return the winning state, or `no solution`."""
    states = [numbers]
    for _ in range(3):
        proposed = [propose(state) for state in states]
        states = select(proposed, [evaluate(some) for some in proposed])
    return answer_of(states) or "no solution"
