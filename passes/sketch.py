"""Keep the distribution of durations in little space, so that two can be merged and no run is kept whole.

DDSketch (Masson, Rim and Lee, VLDB 2019): counts in buckets whose bounds grow by a constant factor. Any quantile is within
1% of the true one, and merging is adding: associative and commutative, and exact, since totals are integers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import ceil, log
from typing import Final

ACCURACY: Final = 0.01
"""How far a quantile may be off, relative to its value."""
SHORTEST: Final = 1e-6
LONGEST: Final = 1e7
"""Durations outside of these, in seconds, count as the nearer of the two, so that a sketch has at most 1,500 buckets."""

_GROWTH: Final = (1 + ACCURACY) / (1 - ACCURACY)
_LOG_GROWTH: Final = log(_GROWTH)
_NANO: Final = 1_000_000_000


@dataclass(slots=True)
class Sketch:
    """Durations in seconds. `nanoseconds` is their sum."""

    buckets: dict[int, int] = field(default_factory=dict)
    nanoseconds: int = 0

    @property
    def count(self) -> int:
        """How many durations were added."""
        return sum(self.buckets.values())

    @property
    def mean(self) -> float:
        """The mean duration in seconds; 0 if there is none."""
        count = self.count
        return self.nanoseconds / _NANO / count if count else 0.0

    def add(self, seconds: float) -> None:
        """Add a duration; raise ValueError for one that is negative or no number."""
        if not seconds >= 0:
            raise ValueError(f"not a duration: {seconds!r}")
        held = min(max(seconds, SHORTEST), LONGEST)
        bucket = ceil(log(held) / _LOG_GROWTH)
        self.buckets[bucket] = self.buckets.get(bucket, 0) + 1
        self.nanoseconds += round(min(seconds, LONGEST) * _NANO)

    def merge(self, other: Sketch) -> None:
        """Add all durations of another sketch."""
        for bucket, count in other.buckets.items():
            self.buckets[bucket] = self.buckets.get(bucket, 0) + count
        self.nanoseconds += other.nanoseconds

    def quantile(self, q: float) -> float:
        """Return the duration that a share `q` of all are not above, in seconds; 0 if there is none.

        Raise ValueError for a share outside of 0 to 1.
        """
        if not 0 <= q <= 1:
            raise ValueError(f"not a share: {q!r}")
        count = self.count
        if not count:
            return 0.0
        wanted = q * (count - 1)
        below = 0
        for bucket in sorted(self.buckets):
            below += self.buckets[bucket]
            if below > wanted:
                break
        return 2 * _GROWTH**bucket / (_GROWTH + 1)

    def to_json(self) -> dict[str, object]:
        """Return the sketch as JSON."""
        return {
            "nanoseconds": self.nanoseconds,
            "buckets": {str(bucket): self.buckets[bucket] for bucket in sorted(self.buckets)},
        }

    @classmethod
    def from_json(cls, data: object) -> Sketch:
        """Read what `to_json` wrote; raise ValueError for anything else."""
        match data:
            case {"nanoseconds": int() as total, "buckets": dict() as buckets} if total >= 0:
                return cls(_buckets(buckets), total)
            case _:
                raise ValueError("a sketch needs `nanoseconds` and `buckets`")


def _buckets(data: Mapping[object, object]) -> dict[int, int]:
    found: dict[int, int] = {}
    for key, count in data.items():
        if not isinstance(key, str) or not isinstance(count, int) or isinstance(count, bool) or count < 1:
            raise ValueError(f"not a bucket: {key!r}: {count!r}")
        bucket = int(key)
        if not -2_000 <= bucket <= 2_000:
            raise ValueError(f"not a bucket: {key!r}")
        found[bucket] = count
    return found
