"""Estimate how sure a figure is: bootstrap confidence intervals over questions.

The percentile bootstrap (Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13): questions are drawn again with
replacement, and the interval holds the middle 95 % of what the figure then is. Comparisons are paired: the same questions for both sides.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from statistics import mean
from typing import TypeVar

T = TypeVar("T")

RESAMPLES = 1_000
SEED = 7


def percentile(values: Sequence[float], share: float) -> float:
    """Return a percentile by linear interpolation; `share` is from 0 to 1."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def interval(items: Sequence[T], figure: Callable[[Sequence[T]], float]) -> tuple[float, float]:
    """Return the 95 % interval of a figure of some items."""
    drawn = random.Random(SEED)
    found = [figure([drawn.choice(items) for _ in items]) for _ in range(RESAMPLES)]
    return percentile(found, 0.025), percentile(found, 0.975)


def ratio(pairs: Sequence[tuple[float, float]]) -> float:
    """Return the ratio of the means of two sides; infinite if the second is nothing."""
    below = mean(pair[1] for pair in pairs)
    return mean(pair[0] for pair in pairs) / below if below else float("inf")
