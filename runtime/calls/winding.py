"""Tell calls to stop whose time is over or whose result nobody needs, and give up those that don't."""

from __future__ import annotations

from collections.abc import Callable

from lcc.runtime.calls.deadlines import Deadlines
from lcc.runtime.calls.timers import Timers
from lcc.runtime.calls.workers import Crew, Worker
from lcc.runtime.graph.node import Call
from lcc.runtime.result import FailureKind


class Winding:
    """The calls of a run that were told to stop.

    `leaving`: the workers whose calls nobody needs, and that haven't stopped yet. `behind`: calls that change something, which wait for
    those: they may read it. `abandon` is called with a worker whose call doesn't stop in the time of grace, `offer` with what waited.
    """

    def __init__(
        self,
        timers: Timers,
        clock: Callable[[], float],
        grace: float,
        abandon: Callable[[Worker], object],
        offer: Callable[[Call], object],
    ) -> None:
        self._timers = timers
        self._clock = clock
        self._grace = grace
        self._abandon = abandon
        self._offer = offer
        self._deadlines: dict[float, Deadlines] = {}
        self.leaving: set[Worker] = set()
        self.behind: list[Call] = []

    def limit(self, worker: Worker, now: float, timeout: float) -> None:
        """Tell the call that a worker begins now to stop when it takes more than `timeout` seconds."""
        deadlines = self._deadlines.get(timeout)
        if deadlines is None:
            deadlines = self._deadlines[timeout] = Deadlines(timeout, self._clock, self._timers, self._expire)
        deadlines.add(now, worker)

    def _expire(self, worker: Worker) -> None:
        self.tell(worker, FailureKind.TIMEOUT)

    def tell(self, worker: Worker, reason: FailureKind) -> None:
        """Tell a worker's call to stop."""
        if worker.reason is None:
            self._timers.at(self._clock() + self._grace, self._give_up, worker, worker.serial, _still_on)
        worker.stop(reason)

    def _give_up(self, worker: Worker, _: int) -> None:
        self._abandon(worker)

    def dismiss(self, crew: Crew, node: Call) -> None:
        """Tell the calls of a task to stop that is over without them. Until they have, nothing is changed."""
        for worker in crew.at_work_on(node):
            self.leaving.add(worker)
            self.tell(worker, FailureKind.CANCELLED)

    def left(self, worker: Worker) -> None:
        """A worker's call has ended."""
        self.leaving.discard(worker)
        if self.behind and not self.leaving:
            for node in self.behind:
                self._offer(node)
            self.behind.clear()


def _still_on(worker: Worker, serial: int) -> bool:
    return worker.serial == serial
