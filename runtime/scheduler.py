"""Decide what runs next: ready calls in a heap, workers that take the best one, limits that hold some back.

Event-driven throughout. The end of a call makes others ready; a worker that is free takes the best of them; only if more are ready
than it can take are others started, at most two at a time, since the tools may return at once and one worker is enough then.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextvars import Context, copy_context
from heapq import heappop, heappush

from anyio import Event as AnyioEvent
from anyio import get_cancelled_exc_class
from anyio.abc import TaskGroup

from lcc.grammar.ir import TaskId
from lcc.grammar.values import Json
from lcc.runtime.binding import Binding
from lcc.runtime.clock import loop_clock, on_asyncio
from lcc.runtime.events import (
    AttemptFailed,
    EventSink,
    TaskAdded,
    TaskEnded,
    TaskReady,
    TaskRetried,
    TaskStarted,
    TaskWaiting,
)
from lcc.runtime.failures import may_help_again, retry_after, stopped
from lcc.runtime.gates import Entry, Gate, entry_of
from lcc.runtime.graph import Graph
from lcc.runtime.node import Kind, Node
from lcc.runtime.options import Options, Policy
from lcc.runtime.result import Failure, FailureKind, TaskStatus
from lcc.runtime.timers import Timers
from lcc.runtime.worker import Worker

_SPAWNING = 2


class Scheduler:
    """The state of one run. Everything here happens on the event loop; only `Worker` awaits.

    `over`: every task has ended and none will be added. `ended` is set then.
    """

    def __init__(
        self,
        bindings: Mapping[str, Binding],
        inputs: Mapping[str, Json],
        options: Options,
        group: TaskGroup,
        sink: EventSink | None,
    ) -> None:
        self.clock: Callable[[], float] = loop_clock()
        self.asyncio = on_asyncio()
        self.cancelled = get_cancelled_exc_class()
        self.context: Context = copy_context()
        self.options = options
        self.timers = Timers(self.clock, lambda: self.context.copy().run(group.start_soon, self.timers.run))
        self.graph = Graph(bindings, inputs, self.clock, self)
        self.emit = sink
        self.over = False
        self.ended = AnyioEvent()
        self.began = self.clock()
        self.running: set[Worker] = set()
        self._group = group
        self._ready: list[Entry] = []
        self._workers = 0
        self._spawning = 0
        self.whole = False
        self.interrupted: BaseException | None = None
        self._failing = False
        self._recruiting = False
        self._stop: Failure | None = None
        self._calls = 0

    # workers

    def recruit(self) -> None:
        """Start workers for ready calls that no worker will take soon."""
        if self._recruiting:  # an eager task factory ran a new worker at once
            return
        self._recruiting = True
        while self._ready and self._spawning < _SPAWNING and self._workers < self.options.concurrency:
            self._spawning += 1
            self._workers += 1
            self.context.copy().run(self._group.start_soon, Worker(self).run)
        self._recruiting = False

    def worker_started(self) -> None:
        """A worker got its first turn."""
        self._spawning -= 1
        if len(self._ready) > 1:
            self.recruit()

    def worker_left(self, worker: Worker) -> None:
        """A worker ended; one that was given up has been counted out already."""
        self.running.discard(worker)
        if not worker.lost:
            self._workers -= 1
        if not self.over:
            self.recruit()

    def take(self) -> Node | None:
        """Return the best call that may start now, its limits entered, or None."""
        ready = self._ready
        while ready:
            node = heappop(ready)[2]
            if node.status is not None or node.worker is not None:
                continue
            binding = node.binding
            assert binding is not None
            if not binding.gates:
                return node
            if self._pass(node, binding):
                return node
        return None

    def _pass(self, node: Node, binding: Binding) -> bool:
        now = self.clock()
        for gate in binding.gates:
            wait = gate.wait(now)
            if wait == 0:
                continue
            gate.hold(node)
            if wait is not None and not gate.timed:
                gate.timed = True
                self.timers.at(now + wait, self._lift, gate)
            if self.emit is not None:
                self.emit(TaskWaiting(now, node.id, gate.name))
            return False
        for gate in binding.gates:
            gate.enter(now)
        return True

    def _lift(self, gate: Gate) -> None:
        gate.timed = False
        entry = gate.next()
        if entry is not None:
            heappush(self._ready, entry)
            self.recruit()

    # calls

    def begin(self, node: Node, worker: Worker) -> float:
        """Note that a call starts; return the time."""
        now = self.clock()
        node.worker = worker
        node.attempts += 1
        if node.start is None:
            node.start = now
        self.running.add(worker)
        if self.emit is not None:
            assert node.binding is not None
            self.emit(TaskStarted(now, node.id, node.binding.signature.name, node.attempts))
        return now

    def conclude(self, node: Node, binding: Binding, status: TaskStatus, value: Json, failure: Failure | None) -> None:
        """Note that a call ended: repeat it, or end its task."""
        node.worker = None
        self._release(binding)
        if node.status is not None:
            return
        if failure is not None and status is TaskStatus.FAILED and self._retry(node, binding, failure):
            return
        if status is TaskStatus.ABANDONED:
            node.in_doubt = not binding.early
        self.graph.end(node, status, value, failure)
        if self._failing:
            self._stop_for_failure()
        if len(self._ready) > 1:
            self.recruit()
        if self.graph.open == 0:
            self._check_over()

    def _release(self, binding: Binding) -> None:
        for gate in binding.gates:
            gate.free += 1
            if gate.waiting and not gate.timed:
                entry = gate.next()
                if entry is not None:
                    heappush(self._ready, entry)

    def _retry(self, node: Node, binding: Binding, failure: Failure) -> bool:
        retries = binding.limits.retries or 0
        if node.attempts > retries or not binding.may_retry or not may_help_again(failure) or self._stop is not None:
            return False
        delay = self.options.backoff.delay(node.attempts, self.options.random, retry_after(failure.exception))
        now = self.clock()
        deadline = self.options.deadline
        if deadline is not None and now + delay >= self.began + deadline:
            return False
        if self.emit is not None:
            self.emit(AttemptFailed(now, node.id, node.attempts, failure))
            self.emit(TaskRetried(now, node.id, node.attempts + 1, delay))
        self.timers.at(now + delay, self._again, node)
        self.recruit()
        return True

    def _again(self, node: Node) -> None:
        if node.status is None:
            heappush(self._ready, entry_of(node))
            self.recruit()

    # what the graph tells

    def node_added(self, node: Node, reads: tuple[TaskId, ...], after: tuple[TaskId, ...]) -> None:
        """Tell that a task is part of the run."""
        if self.emit is not None:
            assert node.binding is not None
            self.emit(TaskAdded(self.clock(), node.id, node.binding.signature.name, reads, after))

    def node_ready(self, node: Node) -> None:
        """Put a call where workers look."""
        heappush(self._ready, (-node.priority, node.place, node))
        if self.emit is not None:
            self.emit(TaskReady(self.clock(), node.id))

    def node_ended(self, node: Node) -> None:
        """Tell that a task is over."""
        if self.emit is not None:
            assert node.status is not None
            self.emit(TaskEnded(node.end, node.id, node.status, node.failure))
        if node.status is TaskStatus.FAILED or node.status is TaskStatus.ABANDONED:
            self._failing = self.options.on_failure is not Policy.SKIP

    # stopping

    def expire(self, worker: Worker, serial: int) -> None:
        """A call has used up its time."""
        self._tell(worker, FailureKind.TIMEOUT)

    def _tell(self, worker: Worker, reason: FailureKind) -> None:
        worker.stop(reason)
        self.timers.at(
            self.clock() + self.options.grace, self._abandon, worker, worker.serial, alive=lambda w, s: w.serial == s
        )

    def _abandon(self, worker: Worker, serial: int) -> None:
        """Give up a call that doesn't stop, and the worker with it."""
        node = worker.node
        assert node is not None
        binding = node.binding
        assert binding is not None
        worker.lost = True
        self.running.discard(worker)
        self._workers -= 1
        failure = stopped(worker.reason, node, still_running=True)
        self.conclude(node, binding, TaskStatus.ABANDONED, None, failure)
        self.recruit()

    def status_of_stopped(self, reason: FailureKind) -> TaskStatus:
        """Return how a call ends that was told to stop and did."""
        return TaskStatus.FAILED if reason is FailureKind.TIMEOUT else TaskStatus.CANCELLED

    def interrupt(self, error: BaseException) -> None:
        """Ctrl-C was pressed while a tool ran: stop everything, and have it raised when that is done."""
        self.interrupted = error
        self.stop(Failure(FailureKind.CANCELLED, "interrupted"), running=True, writes=True)
        self.finish()

    def give_up(self) -> None:
        """The run itself broke: mark what hadn't ended, so that what had can be given back."""
        failure = Failure(FailureKind.CANCELLED, "the run broke off")
        for node in self.graph.nodes.values():
            if node.status is None:
                node.status, node.failure, node.end = TaskStatus.CANCELLED, failure, self.clock()
        self.over = True
        self.ended.set()

    def _stop_for_failure(self) -> None:
        self._failing = False
        if self._stop is None:
            self.stop(
                Failure(FailureKind.CANCELLED, "not started: another task failed"),
                running=self.options.on_failure is Policy.STOP,
                writes=False,
            )

    def stop(self, failure: Failure, *, running: bool, writes: bool) -> None:
        """End everything that hasn't started; tell running calls to stop if `running`, those that write only if `writes`."""
        if self.over:
            return
        self._stop = self._stop or failure
        self.graph.doom = self.graph.doom or (TaskStatus.CANCELLED, failure)
        idle = []
        for node in self.graph.nodes.values():
            if node.status is not None:
                continue
            if node.worker is None:
                node.doom = node.doom or (TaskStatus.CANCELLED, failure)
                if node.fan_out is not None and node.fan_out.unroll.status is None:
                    node.fan_out.unroll.doom = node.doom
                if node.kind is Kind.CALL and node.waiting == 0:
                    idle.append(node)
            elif running and (writes or node.binding is None or node.binding.early):
                self._tell(node.worker, FailureKind.CANCELLED)
        self.graph.open_gate()
        for node in idle:
            self.graph.end(node, TaskStatus.CANCELLED, None, failure)
        self._check_over()

    def finish(self) -> None:
        """No task will be added any more, and what waited for the whole plan may start."""
        self.whole = True
        self.graph.open_gate()
        if self._failing:
            self._stop_for_failure()
        self.recruit()
        self._check_over()

    def _check_over(self) -> None:
        if self.whole and self.graph.open == 0 and not self.over:
            self.over = True
            self.ended.set()
