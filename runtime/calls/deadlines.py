"""Give calls up in time: a queue for all calls that have the same number of seconds.

They come due in the order in which they began, so no heap is needed for them, and one timer does for all: 0.5 µs a call, where an entry
of its own among the timers takes 3. What it holds of a call stands in three places of the queue: a tuple would be one more object for
the search of garbage, which walks over all that wait.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

from lcc.runtime.calls.timers import Timers
from lcc.runtime.calls.workers import Worker

_SMALL = 3 * 64


class Deadlines:
    """The calls that may take `seconds`, by their workers. `expire` is called for each that is still on when its time is over."""

    __slots__ = ("_armed", "_clock", "_expire", "_queue", "_seconds", "_sweep_at", "_timers")

    def __init__(
        self, seconds: float, clock: Callable[[], float], timers: Timers, expire: Callable[[Worker], object]
    ) -> None:
        self._seconds = seconds
        self._clock = clock
        self._timers = timers
        self._expire = expire
        self._queue: deque[Any] = deque()  # when, worker, serial, and so on
        self._armed = False
        self._sweep_at = _SMALL

    def add(self, now: float, worker: Worker) -> None:
        """Set the deadline of the call that a worker begins now."""
        queue = self._queue
        while queue and queue[1].serial != queue[2]:  # it has ended
            self._drop()
        queue.append(now + self._seconds)
        queue.append(worker)
        queue.append(worker.serial)
        if len(queue) > self._sweep_at:
            self._sweep()
        if not self._armed:
            self._arm()

    def _drop(self) -> None:
        """Forget the first call."""
        take = self._queue.popleft
        take(), take(), take()

    def _sweep(self) -> None:
        """Forget the calls that have ended."""
        entries = iter(self._queue)
        left: deque[Any] = deque()
        for when, worker, serial in zip(entries, entries, entries, strict=True):
            if worker.serial == serial:
                left += (when, worker, serial)
        self._queue = left
        self._sweep_at = max(_SMALL, 2 * len(left))

    def _arm(self) -> None:
        self._armed = True
        self._timers.at(self._queue[0], self._due)

    def _due(self, *_: object) -> None:
        self._armed = False
        now = self._clock()
        while self._queue:
            worker = self._queue[1]
            if worker.serial == self._queue[2]:
                if self._queue[0] > now:
                    self._arm()
                    return
                self._expire(worker)
            self._drop()
