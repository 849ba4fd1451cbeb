"""TODO."""

from __future__ import annotations

from collections import deque
from heapq import heappop
from typing import TypeAlias

from lcc.runtime.graph.node import Node

Entry: TypeAlias = tuple[float, int, Node]
"""A node in a heap: highest priority first, then the order of the plan."""


class Gate:
    """A limit of calls at once, and of calls started in a time, with a heap of the calls that wait for it.

    `free`: calls that may still start. A rate of n a second is at most n starts in any second; of 0.5, one in any two.
    """

    __slots__ = ("_period", "_starts", "free", "name", "timed", "waiting")

    def __init__(self, name: str, concurrency: int | None, rate: float | None = None) -> None:
        self.name = name
        self.free: float = float("inf") if concurrency is None else concurrency
        self.waiting: list[Entry] = []
        self.timed = False
        burst = 1 if rate is None else max(1, int(rate))
        self._period = 0.0 if rate is None else burst / rate
        self._starts: deque[float] = deque(maxlen=burst)

    def wait(self, now: float) -> float | None:
        """Return 0 if a call may start, the seconds until the rate allows one, or None if one must end first."""
        if self.free <= 0:
            return None
        if self._period and len(self._starts) == self._starts.maxlen:
            return max(0.0, self._starts[0] + self._period - now)
        return 0.0

    def enter(self, now: float) -> None:
        """Count a call that starts."""
        self.free -= 1
        if self._period:
            self._starts.append(now)

    def next(self) -> Entry | None:
        """Return the best call that waits, no longer kept here."""
        while self.waiting:
            entry = heappop(self.waiting)
            if entry[2].status is None:
                return entry
        return None
