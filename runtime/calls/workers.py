"""Keep workers, which make calls one after the other, in tasks that are reused for as long as there is something ready.

Starting a task for each call costs ten times what the scheduler does. So that calls that share a worker can't tell, the worker
- gives the loop a turn every 32 calls, or sooner where arguments are large, else cancellation isn't delivered and others starve;
- ends once its call was told to stop, after a last checkpoint that takes in a cancellation still on its way;
- takes back a cancellation that a tool asked for itself;
- leaves cancel scopes and nurseries that a tool entered and didn't leave, lest they end another call, or the run;
- retires when a tool changed context variables, so that no other call sees them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextvars import Context, copy_context
from typing import Any, Protocol

from anyio import CancelScope, Event, get_cancelled_exc_class
from anyio.abc import TaskGroup
from anyio.lowlevel import checkpoint

from lcc.grammar.values import Json
from lcc.runtime.binding import Binding
from lcc.runtime.calls.making import SIZED, Maker
from lcc.runtime.calls.queue import Queue
from lcc.runtime.clock import (
    absorb_own_cancellation,
    close_nurseries,
    context_of_tasks,
    innermost_scope,
    next_turn,
    on_asyncio,
)
from lcc.runtime.graph.batches import BatchCall, End
from lcc.runtime.graph.node import Call
from lcc.runtime.result import Failure, FailureKind, TaskStatus
from lcc.runtime.tool import LeftBehind

_TURN = 32
_LARGE = 1 << 15


class Decisions(Protocol):
    """What workers ask of the scheduler. `halted`, `paused`: no call starts for the moment. `over`: every task has ended, and none will come."""

    halted: bool
    paused: bool
    over: bool

    def take(self) -> Call | None:
        """Return the best call that may start now, or None."""

    def begin(self, node: Call, worker: Worker) -> Binding:
        """Note that a call starts."""

    def settles(self, node: Call, worker: Worker, status: TaskStatus, failure: Failure | None) -> bool:
        """Take a call back; return whether its task ends with it. If it does, `conclude` must follow."""

    def ends(self, node: Call, status: TaskStatus, value: Json, failure: Failure | None) -> tuple[End, ...]:
        """Return how a call ends the tasks that it was made for."""

    def conclude(self, node: Call, ends: tuple[End, ...]) -> None:
        """End the tasks of a call."""

    def interrupt(self, error: BaseException) -> None:
        """Ctrl-C was pressed while a tool ran."""

    def broke(self, error: BaseException) -> None:
        """The run itself broke."""


class Worker:
    """One such task. `serial` counts its calls, so that a timer knows whether the call it was set for still runs.

    `node`: the task it makes a call for. `reason`: why that call was told to stop. `task`: asyncio's, which the loop doesn't keep.
    """

    __slots__ = ("_crew", "_scope", "node", "reason", "serial", "task")

    def __init__(self, crew: Crew) -> None:
        self._crew = crew
        self._scope = CancelScope()
        self.task: asyncio.Task[None] | None = None
        self.node: Call | None = None
        self.reason: FailureKind | None = None
        self.serial = 0

    def stop(self, reason: FailureKind) -> None:
        """Tell the present call to stop; the worker ends with it."""
        self.reason = self.reason or reason
        self.dismiss()

    def dismiss(self) -> None:
        """Tell the worker to end, whatever it is at."""
        self._scope.cancel()

    async def run(self) -> None:
        """Make ready calls until there are none."""
        crew = self._crew
        crew.started()
        task = asyncio.current_task() if crew.asyncio else None
        try:
            with self._scope:
                await self.make_calls(task)
        except Exception as error:
            crew.decisions.broke(error)
        finally:
            if task is None:
                close_nurseries()
            crew.left(self)

    async def make_calls(self, task: asyncio.Task[Any] | None) -> None:
        """Make them in a task; on asyncio, this one."""
        decisions, maker, turn = self._crew.decisions, self._crew.maker, 0
        scope = innermost_scope(task)
        own = scope()
        while (node := decisions.take()) is not None:
            binding = decisions.begin(node, self)
            try:
                if binding.plain and not isinstance(node, BatchCall):
                    tool = binding.tool
                    value = tool.to_json(await tool.function(**tool.convert(maker.issuer.arguments(node))))  # type: ignore[misc]
                    if type(value) in SIZED:
                        maker.hold(value, binding)
                else:
                    value = await maker.make(node, binding, self)
                status, failure = TaskStatus.OK, None
            except BaseException as error:
                _leave(scope, own)
                status, value, failure = await self._judge(node, error)
            if scope() is not own:
                _leave(scope, own)
            turn += 1 + node.holds // _LARGE
            if decisions.settles(node, self, status, failure):
                ends = decisions.ends(node, status, value, failure)
                if maker.journalled:
                    await maker.write_down(ends)
                decisions.conclude(node, ends)
            if self.reason is not None:
                await checkpoint()
                return
            if task is not None and task.cancelling():
                await absorb_own_cancellation()
            if turn >= _TURN:
                turn = 0
                await self._crew.give_turn()
            if _differs(self._crew.context):
                return

    async def _judge(self, node: Call, error: BaseException) -> tuple[TaskStatus, Json, Failure]:
        """Say what an exception means. Raises it if it isn't the tool's: the run is over, or coming apart."""
        crew = self._crew
        kind = type(error)  # `isinstance` would ask its `__class__`, which may be a tool's code
        if crew.decisions.over and issubclass(kind, (crew.cancelled, GeneratorExit)):
            raise error
        if issubclass(kind, LeftBehind):
            return TaskStatus.ABANDONED, None, stopped(self.reason, node, still_running=True)
        if self.reason is not None:
            status = TaskStatus.FAILED if self.reason is FailureKind.TIMEOUT else TaskStatus.CANCELLED
            return status, None, stopped(self.reason, node)
        if issubclass(kind, crew.cancelled):
            await absorb_own_cancellation()
            return TaskStatus.FAILED, None, own_cancellation(node)
        if issubclass(kind, KeyboardInterrupt) and node.binding.backend is None:
            crew.decisions.interrupt(error)
            return TaskStatus.CANCELLED, None, stopped(FailureKind.CANCELLED, node)
        return TaskStatus.FAILED, None, crew.maker.failure(node, error)


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
    except KeyboardInterrupt:
        raise
    except BaseException:
        return True


_SPAWNING = 2


class Crew:
    """The workers of a run. On asyncio each is a task by itself, since one of a task group of anyio's takes half as much again; the
    scope of each does what the group's would.

    `context`: the variables that every call starts with. `workers`: all but those that were given up. `yielding` counts those
    that gave the loop a turn between two calls, `calling` those that are in a call, `going` all that the run has going in its
    task group.
    """

    def __init__(self, group: TaskGroup, size: int, queue: Queue, decisions: Decisions, maker: Maker) -> None:
        self.decisions = decisions
        self.maker = maker
        self.asyncio = on_asyncio()
        self.cancelled = get_cancelled_exc_class()
        self.context: Context = context_of_tasks()
        self.workers: set[Worker] = set()
        self._lost: set[Worker] = set()
        self._gone: Event | None = None
        self.yielding = 0
        self.calling = 0
        self.going = 0
        self._group = group
        self._size = size
        self._queue = queue
        self._spawning = 0
        self._recruiting = self._due = False
        self._soon = next_turn()

    def start(self, function: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run a coroutine function of the run's own in its task group."""
        self.going += 1
        self._group.create_task(self._guarded(function), context=self.context.copy())

    async def _guarded(self, function: Callable[[], Coroutine[Any, Any, None]]) -> None:
        try:
            await function()
        except Exception as error:
            self.decisions.broke(error)
        finally:
            self.going -= 1

    def recruit(self) -> None:
        """Start workers for ready calls that no worker takes soon.

        On asyncio that is looked at in the loop's next turn, if there is a worker: calls that end at once need no other.
        """
        if self._due or self.yielding or self.decisions.halted or self.decisions.paused:
            return
        if self._soon is None or not self.workers:
            self.hire()
        else:
            self._due = True
            self._soon(self.hire)

    def hire(self) -> None:
        """Start workers for ready calls at once, which saves a call from outside one turn of the loop."""
        # An eager task factory runs a new worker at once, and that one recruits.
        self._due = False
        decisions = self.decisions
        if self.yielding or self._recruiting or decisions.halted or decisions.paused or decisions.over:
            return
        self._recruiting = True
        most = min((_SPAWNING if self.workers else 1) + self.calling, len(self._queue.ready))
        while self._spawning < most and len(self.workers) < self._size:
            self._spawning += 1
            self.going += 1
            worker = Worker(self)
            self.workers.add(worker)
            if self.asyncio:
                create = asyncio.get_running_loop().create_task
                worker.task = self.context.run(create, worker.run(), name="lcc worker")
            else:
                self._group.create_task(worker.run(), name="lcc worker", context=self.context)
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
        self.going -= 1
        self.workers.discard(worker)
        self._lost.discard(worker)
        if self._gone is not None and not (self.workers or self._lost):
            self._gone.set()
        if self._queue.ready and not self.decisions.over:
            self.recruit()

    def dismiss(self) -> None:
        """Tell all workers to end."""
        for worker in (*self.workers, *self._lost):
            worker.dismiss()

    async def gone(self) -> None:
        """Wait until all workers have ended."""
        if self.workers or self._lost:
            self._gone = Event()
            await self._gone.wait()

    def lose(self, worker: Worker) -> None:
        """Count a worker out whose call doesn't end. One that has ended meanwhile is counted out already."""
        if worker in self.workers:
            self.workers.discard(worker)
            self._lost.add(worker)

    def at_work_on(self, node: Call) -> list[Worker]:
        """Return the workers that make a call for a task."""
        return [worker for worker in self.workers if worker.node is node]


def stopped(reason: FailureKind | None, node: Call, *, still_running: bool = False) -> Failure:
    """Return the failure of a call that was told to stop."""
    kind = reason or FailureKind.CANCELLED
    message = "cancelled"
    if kind is FailureKind.TIMEOUT:
        timeout = node.binding.limits.timeout
        message = f"no result after {timeout:g} s" if timeout is not None else "no result in time"
    if still_running:
        message += "; it did not stop when told to and may still be running"
    return Failure(kind, message, node.attempts)


def own_cancellation(node: Call) -> Failure:
    """Return the failure of a tool that raised a cancellation nobody asked for."""
    return Failure(FailureKind.RAISED, "the tool cancelled itself", node.attempts, "CancelledError")
