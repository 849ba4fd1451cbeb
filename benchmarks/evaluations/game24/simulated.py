"""Play the two roles of the model in the Game of 24 by a deterministic program: propose steps, judge states.

Every choice is drawn from a hash of the seed, the role, the game and the state, never from the clock or the order of the calls, so
that a parallel and a sequential search see the same model. Neither role looks for a solution:

- the proposer draws among the legal steps; whole results are likelier than fractions and negative numbers, as in what models write;
- the judge tries five random expressions of three numbers, or all steps of two, and says what it saw.

So a success rate is this program's and no model's. What it is for: equal answers of two forms of one search, and time.
"""

from __future__ import annotations

import hashlib
import random
from fractions import Fraction
from math import prod
from typing import Final

from benchmarks.evaluations.game24.states import TARGET, Numbers, all_steps, compute, game_of, numbers_left

PROPOSALS: Final = 8
TRIALS: Final = 5
WHOLE, FRACTION, NEGATIVE = 1.0, 0.15, 0.05
"""How willing the proposer is to write a result."""


def draw(*key: object) -> random.Random:
    """Return a source of random numbers that depends on nothing but the key."""
    return random.Random(hashlib.sha256("|".join(map(str, key)).encode()).digest())


def propose(state: str, *, seed: int = 0) -> list[str]:
    """Return up to eight next steps, as lines; no two leave the same numbers. Raises NoState."""
    source = draw(seed, "propose", game_of(state), state)
    # A weighted draw without replacement (Efraimidis and Spirakis, 2006): the largest u ** (1 / weight) come first.
    drawn = [
        (source.random() ** (1 / _willingness(step.result)), str(step), step.left)
        for step in all_steps(numbers_left(state))
    ]
    drawn.sort(key=lambda one: (-one[0], one[1]))
    chosen: dict[Numbers, str] = {}
    for _, text, left in drawn:
        if len(chosen) < PROPOSALS:
            chosen.setdefault(left, text)
    return list(chosen.values())


def judge(game: str, numbers: Numbers, sample: int, *, seed: int = 0) -> tuple[str, str]:
    """Return what a judge tried last, as an equation, and its verdict: sure, likely or impossible."""
    match len(numbers):
        case 1:
            return f"{numbers[0]}", "sure" if numbers[0] == TARGET else "impossible"
        case 2:
            return _try_all(numbers)
        case _:
            return _try_some(numbers, draw(seed, "value", game, numbers, sample))


def _willingness(result: Fraction) -> float:
    if result < 0:
        return NEGATIVE
    return WHOLE if result.denominator == 1 else FRACTION


def _try_all(numbers: Numbers) -> tuple[str, str]:
    steps = all_steps(numbers)
    hit = next((step for step in steps if step.result == TARGET), None)
    shown = hit or max(steps, key=lambda step: step.result)
    return f"{shown.a} {shown.sign} {shown.b} = {shown.result}", "impossible" if hit is None else "sure"


def _try_some(numbers: Numbers, source: random.Random) -> tuple[str, str]:
    said = ""
    for _ in range(TRIALS):
        value, said = _trial(numbers, source)
        if value == TARGET:
            return said, "sure"
    ordered = sorted(numbers)
    too_small = max(prod(max(n, Fraction(1)) for n in numbers), sum(numbers)) < TARGET
    too_big = ordered[-1] - sum(ordered[:-1]) > TARGET
    return said, "impossible" if too_small or too_big else "likely"


def _trial(numbers: Numbers, source: random.Random) -> tuple[Fraction, str]:
    """Combine the numbers at random, the way trial expressions are jotted down: no negative results, no uneven quotients."""
    pool = [(number, str(number)) for number in numbers]
    while len(pool) > 1:
        i, j = source.sample(range(len(pool)), 2)
        a, b = pool[i], pool[j]
        sign = source.choice("+-*/" if b[0] else "+-*")
        if sign == "-" and a[0] < b[0]:
            a, b = b, a
        if sign == "/" and a[0] % b[0]:
            sign = "*"
        value = compute(a[0], sign, b[0])
        assert value is not None
        pool = [one for k, one in enumerate(pool) if k not in (i, j)] + [(value, f"({a[1]} {sign} {b[1]})")]
    value, text = pool[0]
    return value, f"{text[1:-1]} = {value}"
