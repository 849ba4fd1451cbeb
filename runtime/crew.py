"""Keep as many workers as there is work for.

At most two new ones are on their way at a time, and one more for each that is in a call: when calls suspend, their number doubles
from turn to turn. None is started while a worker that only gave the loop a turn will go on: calls return at once then, one worker is
enough, and a new one costs more than a call.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from contextvars import Context, copy_context
from typing import TYPE_CHECKING, Any

from anyio.abc import TaskGroup
from anyio.lowlevel import checkpoint

from lcc.runtime.calls.workers import Worker

if TYPE_CHECKING:
    from lcc.runtime.calls.queue import Queue
    from lcc.runtime.graph.node import Node
    from lcc.runtime.scheduler import Scheduler

_SPAWNING = 2


class Crew:
    """The workers of a run.

    `context`: the variables that every call starts with. `workers`: all but those that were given up. `yielding` counts those
    that gave the loop a turn between two calls, `calling` those that are in a call.
    """

    def __init__(self, group: TaskGroup, size: int, queue: Queue, scheduler: Scheduler) -> None:
        self.context: Context = copy_context()
        self.workers: set[Worker] = set()
        self.yielding = 0
        self.calling = 0
        self._group = group
        self._size = size
        self._queue = queue
        self._scheduler = scheduler
        self._spawning = 0
        self._recruiting = False

    def start(self, function: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run a coroutine function of the run's own in its task group."""
        self._group.create_task(self._guarded(function), context=self.context.copy())

    async def _guarded(self, function: Callable[[], Coroutine[Any, Any, None]]) -> None:
        try:
            await function()
        except Exception as error:
            self._scheduler.broke(error)

    def recruit(self) -> None:
        """Start workers for ready calls that no worker will take soon."""
        # An eager task factory runs a new worker at once, and that one recruits.
        if self.yielding or self._recruiting or self._scheduler.halted:
            return
        self._recruiting = True
        most = min(_SPAWNING + self.calling, len(self._queue.ready))
        while self._spawning < most and len(self.workers) < self._size:
            self._spawning += 1
            worker = Worker(self._scheduler)
            self.workers.add(worker)
            worker.handle = self._group.create_task(worker.run(), name="lcc worker", context=self.context)
        self._recruiting = False

    async def give_turn(self) -> None:
        """Let others have the loop before the next call."""
        self.yielding += 1
        try:
            await checkpoint()
        finally:
            self.yielding -= 1
        if len(self._queue.ready) > 1:
            self.recruit()

    def started(self) -> None:
        """A worker got its first turn."""
        self._spawning -= 1
        if len(self._queue.ready) > 1:
            self.recruit()

    def left(self, worker: Worker) -> None:
        """A worker ended."""
        self.workers.discard(worker)
        if self._queue.ready and not self._scheduler.over:
            self.recruit()

    def lose(self, worker: Worker) -> None:
        """Count a worker out whose call doesn't end."""
        self.workers.discard(worker)

    def at_work_on(self, node: Node) -> list[Worker]:
        """Return the workers that make a call for a task."""
        return [worker for worker in self.workers if worker.node is node]
