"""Have a call made again when it failed, or a second time beside itself when it takes long."""

from __future__ import annotations

from collections.abc import Callable

from lcc.runtime.binding import Binding
from lcc.runtime.calls.timers import Timers
from lcc.runtime.calls.workers import Worker
from lcc.runtime.events import AttemptFailed, EventSink, TaskRetried, another_try
from lcc.runtime.failures import may_help_again, retry_after
from lcc.runtime.graph.node import Call
from lcc.runtime.options import Options
from lcc.runtime.result import Failure, TaskStatus


class Repeating:
    """The retries and hedges of one run. Once `over`, nothing is repeated.

    `again` puts a call where workers look, and has one look; `beside` does it with one that is being made, which goes alone.
    """

    over = False

    def __init__(
        self,
        options: Options,
        timers: Timers,
        clock: Callable[[], float],
        began: float,
        again: Callable[[Call], object],
        beside: Callable[[Call], object],
    ) -> None:
        self._options = options
        self._timers = timers
        self._clock = clock
        self._began = began
        self._offer = again
        self._beside = beside
        self._hedged: set[Call] = set()

    def retries(
        self,
        emit: EventSink | None,
        node: Call,
        status: TaskStatus,
        failure: Failure,
        *bindings: Binding | None,
    ) -> bool:
        """Have a failed call made again, if one of these bindings allows it; return whether it will be."""
        retries = max((b.limits.retries or 0 for b in bindings if b is not None and b.may_retry), default=0)
        if status is not TaskStatus.FAILED or node.attempts > retries or not may_help_again(failure) or self.over:
            return False
        options = self._options
        now = self._clock()
        delay = options.backoff.delay(node.attempts, options.random, retry_after(failure.exception))
        if options.deadline is not None and now + delay >= self._began + options.deadline:
            return False
        if options.journal is not None:
            options.journal.note_failure(node.id, node.attempts, failure, now - self._began)
            options.journal.note_wait(node.id, another_try(delay), now - self._began)
        if emit is not None:
            emit(AttemptFailed(now, node.id, node.attempts, failure))
            emit(TaskRetried(now, node.id, node.attempts + 1, delay))
        self._timers.at(now + delay, self._again, node)
        return True

    def _again(self, node: Call, _: object) -> None:
        if node.status is None:
            self._offer(node)

    def hedge(self, worker: Worker, when: float) -> None:
        """Have the call that a worker makes made a second time beside it, unless it has ended by then."""
        self._timers.at(when, self._hedge, worker, worker.serial, _is_wanted)

    def _hedge(self, worker: Worker, _: int) -> None:
        node = worker.node
        assert node is not None
        self._hedged.add(node)
        if self.may_hedge(node):
            self._beside(node)

    def may_hedge(self, node: Call) -> bool:
        """Whether a call may be made beside the one that is being made. A run that was stopped starts none."""
        return node in self._hedged and not self.over


def _is_wanted(worker: Worker, serial: int) -> bool:
    return worker.serial == serial and worker.reason is None
