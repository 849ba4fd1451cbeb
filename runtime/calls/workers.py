"""Make calls, one after the other, in a task that is reused for as long as there is something ready.

Starting a task for each call costs ten times what the scheduler does. So that calls that share a worker can't tell, the worker
- gives the loop a turn every 32 calls, else cancellation isn't delivered and others starve;
- ends once its call was told to stop, after a last checkpoint that takes in a cancellation still on its way;
- takes back a cancellation that a tool asked for itself;
- leaves cancel scopes and nurseries that a tool entered and didn't leave, lest they end another call, or the run;
- retires when a tool changed context variables, so that no other call sees them.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Coroutine, Mapping
from contextvars import Context, copy_context
from typing import TYPE_CHECKING, Any

from anyio import CancelScope, TaskHandle
from anyio.abc import TaskGroup
from anyio.lowlevel import checkpoint

from lcc.grammar.values import Json
from lcc.runtime.binding import Binding, call_function, too_large
from lcc.runtime.clock import absorb_own_cancellation, close_nurseries, innermost_scope
from lcc.runtime.failures import TooLarge, failure_of, own_cancellation, stopped
from lcc.runtime.graph.batches import BatchCall, End
from lcc.runtime.recording import NotWritten
from lcc.runtime.result import Failure, FailureKind, TaskStatus
from lcc.runtime.tool import LeftBehind

if TYPE_CHECKING:
    from lcc.runtime.calls.queue import Queue
    from lcc.runtime.graph.node import Call
    from lcc.runtime.scheduler import Scheduler

_TURN = 32


class Worker:
    """One such task. `serial` counts its calls, so that a timer knows whether the call it was set for still runs.

    `node`: the task it makes a call for. `reason`: why that call was told to stop.
    """

    __slots__ = ("_scheduler", "handle", "node", "reason", "serial")

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler
        self.handle: TaskHandle[None] | None = None
        self.node: Call | None = None
        self.reason: FailureKind | None = None
        self.serial = 0

    def stop(self, reason: FailureKind) -> None:
        """Tell the present call to stop; the worker ends with it."""
        self.reason = self.reason or reason
        assert self.handle is not None
        self.handle.cancel()

    async def run(self) -> None:
        """Make ready calls until there are none."""
        scheduler = self._scheduler
        scheduler.crew.started()
        task = asyncio.current_task() if scheduler.asyncio else None
        scope = innermost_scope()
        own = scope()
        turn = 0
        try:
            while (node := scheduler.take()) is not None:
                binding = scheduler.begin(node, self)
                tool = binding.tool
                try:
                    if isinstance(node, BatchCall):
                        value = await self._together(node, binding)
                    elif binding.plain:
                        given = tool.convert(scheduler.graph.arguments(node))
                        value = tool.to_json(await tool.function(**given))  # type: ignore[misc]
                    else:
                        value = await self._elsewhere(node, binding)
                    if type(value) in _SIZED:
                        check_size(value, binding)
                    status, failure = TaskStatus.OK, None
                except BaseException as error:
                    _leave(scope, own)
                    status, value, failure = await self._judge(node, error)
                if scope() is not own:
                    _leave(scope, own)
                if scheduler.settles(node, self, status, failure):
                    ends = scheduler.ends(node, status, value, failure)
                    if scheduler.journal is not None:
                        await self._write_down(ends)
                    scheduler.conclude(node, ends)
                if self.reason is not None:
                    await checkpoint()
                    return
                if task is not None and task.cancelling():
                    await absorb_own_cancellation()
                turn += 1
                if turn == _TURN:
                    turn = 0
                    await scheduler.crew.give_turn()
                if _differs(scheduler.crew.context):
                    return
        except Exception as error:
            scheduler.broke(error)
        finally:
            if task is None:
                close_nurseries()
            scheduler.crew.left(self)

    async def _elsewhere(self, node: Call, binding: Binding) -> Json:
        """Make a call that needs more than an await: an approval, a journal, a context, a backend, a function that may be sync."""
        scheduler = self._scheduler
        arguments = scheduler.graph.arguments(node)
        if binding.destructive:
            scheduler.approvals.use(node, arguments)
        if scheduler.journal is not None:
            self._note_start(node, arguments)
            if not binding.early and not await self._written():
                node.attempts -= 1
                raise NotWritten("not called, since its start can't be written down")
        return await self._invoke(node, binding, arguments)

    async def _together(self, call: BatchCall, binding: Binding) -> Json:
        """Make one call for several tasks; none if the arguments of all are wrong."""
        scheduler = self._scheduler
        given = call.arguments(scheduler.graph)
        if scheduler.journal is not None:
            for node, arguments in given:
                self._note_start(node, arguments)
        if not given:
            return []
        return await self._invoke(call, binding, {binding.positional[0].name: [arguments for _, arguments in given]})

    def _note_start(self, node: Call, arguments: Mapping[str, Json]) -> None:
        scheduler = self._scheduler
        assert scheduler.journal is not None
        shown = {name: scheduler.secrets.hide_value(value) for name, value in arguments.items()}
        scheduler.journal.note_start(node.id, node.binding.name, node.attempts, shown)

    async def _invoke(self, node: Call, binding: Binding, arguments: dict[str, Json]) -> Json:
        scheduler = self._scheduler
        tool = binding.tool
        context = scheduler.contexts.make(node, binding, self) if tool.context_parameter is not None else None
        if binding.backend is not None:
            return await binding.backend.call(tool, arguments, context)
        raw: Any = call_function(tool, arguments, context)
        return tool.to_json(await raw if inspect.isawaitable(raw) else raw)

    async def _write_down(self, ends: tuple[End, ...]) -> None:
        """Make ends durable before anything sees them."""
        scheduler = self._scheduler
        assert scheduler.journal is not None
        for node, status, value, failure in ends:
            record = scheduler.record_now(node, status, value, failure)
            scheduler.journal.note_end(node.id, scheduler.secrets.hide_record(record))
        await self._written()

    async def _written(self) -> bool:
        """Make durable what was noted; if that fails, the run stops, and no later call may begin even if the disk has room again."""
        scheduler = self._scheduler
        assert scheduler.journal is not None
        try:
            with CancelScope(shield=True):
                await scheduler.journal.commit()
        except Exception as error:
            scheduler.journal_broke(error)
        return scheduler.failure is None

    async def _judge(self, node: Call, error: BaseException) -> tuple[TaskStatus, Json, Failure]:
        """Say what an exception means. Raises it if it isn't the tool's: the run is over, or coming apart."""
        scheduler = self._scheduler
        kind = type(error)  # `isinstance` would ask its `__class__`, which may be a tool's code
        if scheduler.over and issubclass(kind, (scheduler.cancelled, GeneratorExit)):
            raise error
        if issubclass(kind, LeftBehind):
            return TaskStatus.ABANDONED, None, stopped(self.reason, node, still_running=True)
        if self.reason is not None:
            status = TaskStatus.FAILED if self.reason is FailureKind.TIMEOUT else TaskStatus.CANCELLED
            return status, None, stopped(self.reason, node)
        if issubclass(kind, scheduler.cancelled):
            await absorb_own_cancellation()
            return TaskStatus.FAILED, None, own_cancellation(node)
        if issubclass(kind, KeyboardInterrupt) and node.binding.backend is None:
            scheduler.interrupt(error)
            return TaskStatus.CANCELLED, None, stopped(FailureKind.CANCELLED, node)
        return TaskStatus.FAILED, None, failure_of(error, node.attempts, scheduler.secrets.hide)


def _leave(scope: Callable[[], Any], own: object) -> None:
    """Leave the scopes inside of a worker's own; what a tool started in them is told to stop."""
    while (left := scope()) is not own:
        left.cancel()
        left.__exit__(None, None, None)
        if scope() is left:
            return


def _differs(context: Context) -> bool:
    """Whether context variables are other ones now. Their values are compared, which is their own code."""
    try:
        return copy_context() != context
    except Exception:
        return True


def check_size(value: Json, binding: Binding) -> None:
    """Raise TooLarge for a result that takes more than its tool may return."""
    limit = binding.limits.max_result_bytes
    if limit is not None and too_large(value, limit):
        raise TooLarge(limit)


_SIZED = frozenset({str, list, dict})


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

    def at_work_on(self, node: Call) -> list[Worker]:
        """Return the workers that make a call for a task."""
        return [worker for worker in self.workers if worker.node is node]
