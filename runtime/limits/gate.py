"""Count calls at once, and calls started in a time."""

from __future__ import annotations

from collections import deque


class Gate:
    """A limit of calls at once, and of calls started in a time.

    `free`: calls that may still start. `timed`: a timer tells when the rate allows the next. A rate of n a second is at most n starts in any second; of 0.5, one in any two.
    """

    __slots__ = ("_period", "_starts", "free", "name", "timed")

    def __init__(self, name: str, concurrency: int | None, rate: float | None = None) -> None:
        self.name = name
        self.free: float = float("inf") if concurrency is None else concurrency
        self.timed = False
        burst = 1 if rate is None else max(1, int(rate))
        self._period = 0.0 if rate is None else burst / rate
        self._starts: deque[float] = deque(maxlen=burst)

    @property
    def open(self) -> bool:
        """Whether a call that waits here may be looked at again."""
        return self.free > 0 and not self.timed

    def wait(self, now: float) -> float | None:
        """Return 0 if a call may start, the seconds until the rate allows one, or None if one must end first."""
        if self.free <= 0:
            return None
        if self._period and len(self._starts) == self._starts.maxlen:
            return max(0.0, self._starts[0] + self._period - now)
        return 0.0

    def enter(self, now: float) -> bool:
        """Count a call that starts, right after `wait` returned 0; False if others were faster."""
        self.free -= 1
        if self._period:
            self._starts.append(now)
        return True

    def leave(self) -> None:
        """Count a call that has ended, or that didn't start after all."""
        self.free += 1

    def listen(self) -> None:
        """Calls wait here and none was let through: note whom to wake. Those of one run are woken by its own calls."""

    def pass_on(self) -> None:
        """No call waits here."""
