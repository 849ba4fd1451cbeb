"""Call functions at times: one sleeping task for all deadlines, back-offs and rates of a run.

A scope with a deadline for each call costs 4.5 µs and a timer in the loop; an entry in this heap costs a tenth of it, and is
simply forgotten when the call ends first. Such dead entries are swept out once they are the majority.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from heapq import heapify, heappop, heappush
from itertools import count
from math import inf
from typing import Any, TypeAlias

from anyio import CancelScope, sleep_forever

Entry: TypeAlias = "tuple[float, int, Callable[..., object], Callable[..., bool] | None, Any, Any]"
_SMALL = 64


class Timers:
    """A heap of functions and when to call them, on the loop's clock."""

    def __init__(
        self, clock: Callable[[], float], start: Callable[[Callable[[], Coroutine[Any, Any, None]]], object]
    ) -> None:
        """`start` is called with `run` when the first entry comes, and must have it run."""
        self._clock = clock
        self._start: Callable[[Callable[[], Coroutine[Any, Any, None]]], object] | None = start
        self._heap: list[Entry] = []
        self._order = count()
        self._nap: CancelScope | None = None
        self._sweep_at = _SMALL

    def at(
        self,
        when: float,
        call: Callable[..., object],
        one: Any = None,
        two: Any = None,
        alive: Callable[..., bool] | None = None,
    ) -> None:
        """Have `call(one, two)` called at `when`, unless `alive(one, two)` turned false before."""
        heap = self._heap
        heappush(heap, (when, next(self._order), call, alive, one, two))
        if self._nap is not None and when < self._nap.deadline:
            self._nap.deadline = when
        if len(heap) > self._sweep_at:
            self._sweep()
        if self._start is not None:
            start, self._start = self._start, None
            start(self.run)

    def _sweep(self) -> None:
        self._heap[:] = [e for e in self._heap if e[3] is None or e[3](e[4], e[5])]
        heapify(self._heap)
        self._sweep_at = max(_SMALL, 2 * len(self._heap))

    def fire(self) -> None:
        """Call what is due now: for those who can't wait until a busy loop comes round to it."""
        heap = self._heap
        if heap:
            now = self._clock()
            while heap and heap[0][0] <= now:
                _, _, call, alive, one, two = heappop(heap)
                if alive is None or alive(one, two):
                    call(one, two)

    async def run(self) -> None:
        """Call what is due, for ever."""
        heap = self._heap
        while True:
            self.fire()
            with CancelScope(deadline=heap[0][0] if heap else inf) as self._nap:
                await sleep_forever()
