"""Share limits between runs, whatever loop and thread they are in.

A call that ends wakes one run that waits; that run lets one call through and, if there is room for more, has the next one woken. So
nothing is handed over that somebody could keep: room that isn't used stays free, for whoever comes.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping
from threading import Lock

from lcc.grammar.given import require, require_number
from lcc.grammar.signatures import CallLimits
from lcc.runtime.limits.budget import Budget, Ledger
from lcc.runtime.limits.gate import Gate
from lcc.runtime.result import Usage


class Pool:
    """What all runs together may use that are given it: of a process, of a service, of one of its customers.

        pool = lcc.Pool(concurrency=50, tools={"search": lcc.CallLimits(concurrency=4, rate=10)}, budget=lcc.Budget(usd=20))
        options = lcc.Options(pool=pool)

    `concurrency`, `threads`, `processes`: calls at once of all runs; of those in threads; of those in processes. None is no limit.
    `tools`: tool name → calls at once, and calls a second. A tool that isn't named there has the limits that it declares. `budget`: what all
    runs may spend. `clock`: gives the seconds that rates are counted by. It may be used from any number of event loops and threads; processes don't share it.
    """

    def __init__(
        self,
        *,
        concurrency: int | None = None,
        threads: int | None = None,
        processes: int | None = None,
        tools: Mapping[str, CallLimits] | None = None,
        budget: Budget | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        widths = {"calls": concurrency, "threads": threads, "processes": processes}
        for name, width in widths.items():
            require_number(width, name, whole=True)
            if width is not None and width < 1:
                raise ValueError(f"{name} must be at least 1, not {width}")
        require(tools or {}, Mapping, "tools", "a dict of limits: {tool: lcc.CallLimits(…)}")
        for name, limits in (tools or {}).items():
            require(limits, CallLimits, f"tools[{name!r}]", "lcc.CallLimits(…)")
        require(budget or Budget(), Budget, "budget", "lcc.Budget(…)")
        self.tools: Mapping[str, CallLimits] = dict(tools or {})
        self.ledger = Ledger(budget or Budget(), "pool")
        self._clock = clock
        self._lock = Lock()
        self._widths = widths
        self._shared: dict[str, _Shared] = {}

    @property
    def usage(self) -> Usage:
        """What all runs have spent up to now."""
        return self.ledger.usage

    def lane(self, name: str, limits: CallLimits | None = None) -> Lane | None:
        """Return one run's way through a limit: of a tool, or of `calls`, `threads`, `processes`; None where there is none."""
        with self._lock:
            found = self._shared.get(name)
            if found is None:
                width, rate = (self._widths.get(name), None) if limits is None else (limits.concurrency, limits.rate)
                if width is None and rate is None:
                    return None
                found = self._shared[name] = _Shared(name, width, rate, self._clock)
        return Lane(found)


class _Shared:
    """A limit and the runs that wait at it, the longest first. Everything here is done under its lock."""

    def __init__(self, name: str, width: int | None, rate: float | None, clock: Callable[[], float]) -> None:
        self.gate = Gate(name, width, rate)
        self.clock = clock
        self.lock = Lock()
        self.waiting: deque[Lane] = deque()

    def next_to_wake(self) -> Lane | None:
        return self.waiting.popleft() if self.gate.free > 0 and self.waiting else None


class Lane(Gate):
    """A run's way through a limit that others share. Its methods are called on the run's loop, `woken` in the end, too."""

    __slots__ = ("_held", "_listening", "_shared", "_wake", "_woken")

    def __init__(self, shared: _Shared) -> None:
        self.name = shared.gate.name
        self.timed = False
        self._shared = shared
        self._held = 0
        self._listening = self._woken = False
        self._wake: Callable[[], bool] | None = None

    def connect(self, wake: Callable[[], bool]) -> None:
        """Have `wake` called, from whatever thread, when calls that wait here may be looked at; it must then have `woken` called.

        It returns False if there is nobody any more.
        """
        self._wake = wake

    @property
    def open(self) -> bool:
        """Whether a call that waits here may be looked at again; not if another run waits, whose turn it is then."""
        with self._shared.lock:
            return not self.timed and (self._woken or (self._shared.gate.free > 0 and not self._shared.waiting))

    def woken(self) -> None:
        """It is this run's turn."""
        with self._shared.lock:
            self._woken = True

    def wait(self, now: float) -> float | None:
        """Return 0 if a call may start, the seconds until the rate allows one, or None if one must end first."""
        with self._shared.lock:
            self._woken = False
            return self._shared.gate.wait(self._shared.clock())

    def enter(self, now: float) -> bool:
        """Count a call that starts; False if another run was faster."""
        with self._shared.lock:
            gate, instant = self._shared.gate, self._shared.clock()
            if gate.wait(instant) != 0:
                return False
            self._held += 1
            return gate.enter(instant)

    def leave(self) -> None:
        """Count a call that has ended."""
        with self._shared.lock:
            self._held -= 1
            self._shared.gate.leave()
            lane = self._shared.next_to_wake()
        if lane is not None:
            lane._be_woken()

    def listen(self) -> None:
        """Be woken when there is room; at once if there is."""
        with self._shared.lock:
            if not self._listening and not self.timed:
                self._listening = True
                self._shared.waiting.append(self)
            lane = self._shared.next_to_wake()
        if lane is not None:
            lane._be_woken()

    def pass_on(self) -> None:
        """Have the next run woken, if there is room that this one doesn't use."""
        with self._shared.lock:
            self._woken = False
            lane = self._shared.next_to_wake()
        if lane is not None:
            lane._be_woken()

    def close(self) -> None:
        """Leave: the run is over. What its calls held is free."""
        with self._shared.lock:
            self._wake = None
            if self in self._shared.waiting:
                self._shared.waiting.remove(self)
            for _ in range(self._held):
                self._shared.gate.leave()
            self._held = 0
            lane = self._shared.next_to_wake()
        if lane is not None:
            lane._be_woken()

    def _be_woken(self) -> None:
        self._listening = False
        wake = self._wake
        if wake is None or not wake():
            self.close()
