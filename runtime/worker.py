"""Make calls, one after the other, in a task that is reused for as long as there is something ready.

Starting a task for each call costs ten times what the scheduler does (20 µs against 2). So that calls that share a worker can't
tell, the worker
- gives the loop a turn every 32 calls, else cancellation isn't delivered and others starve;
- leaves its cancel scope once that was cancelled, inside of which one last checkpoint takes in a cancellation still on its way;
- takes back a cancellation that a tool asked for itself;
- retires when a tool changed context variables, so that no other call sees them.
"""

from __future__ import annotations

import asyncio
import inspect
from contextvars import copy_context
from typing import TYPE_CHECKING

from anyio import CancelScope
from anyio.lowlevel import checkpoint

from lcc.grammar.values import Json
from lcc.runtime.backends.interface import LeftBehind
from lcc.runtime.binding import call_function, too_large
from lcc.runtime.clock import absorb_own_cancellation
from lcc.runtime.failures import TooLarge, failure_of, own_cancellation, stopped
from lcc.runtime.result import Failure, FailureKind, TaskStatus

if TYPE_CHECKING:
    from lcc.runtime.node import Node
    from lcc.runtime.scheduler import Scheduler

_TURN = 32


class Worker:
    """One such task. `serial` counts its calls, so that a timer knows whether the call it was set for still runs.

    `reason`: why its present call was told to stop. `lost`: that call was abandoned, and with it the worker.
    """

    __slots__ = ("_scheduler", "_task", "lost", "node", "reason", "scope", "serial")

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler
        self.scope = CancelScope()
        self.node: Node | None = None
        self.reason: FailureKind | None = None
        self.serial = 0
        self.lost = False
        self._task: asyncio.Task[object] | None = None

    def stop(self, reason: FailureKind) -> None:
        """Tell the present call to stop."""
        self.reason = self.reason or reason
        self.scope.cancel()

    async def run(self) -> None:
        """Make ready calls until there are none."""
        scheduler = self._scheduler
        scheduler.worker_started()
        if scheduler.asyncio:
            self._task = asyncio.current_task()
        try:
            while not await self._serve() and not self.lost:
                self.scope = CancelScope()
        finally:
            scheduler.worker_left(self)

    async def _serve(self) -> bool:
        """Make calls in one scope; return whether the worker is done, or false if its scope is used up."""
        scheduler = self._scheduler
        turn = 0
        with self.scope as scope:
            while True:
                node = scheduler.take()
                if node is None:
                    return True
                await self._make(node)
                if scope.cancel_called:
                    await checkpoint()
                if self._task is not None and self._task.cancelling():
                    await absorb_own_cancellation()
                turn += 1
                if turn == _TURN:
                    turn = 0
                    await checkpoint()
                if copy_context() != scheduler.context:
                    return True
        return False

    async def _make(self, node: Node) -> None:
        """Make one call, or one attempt at it, and conclude it. Raises only what ends the whole run."""
        scheduler = self._scheduler
        binding = node.binding
        assert binding is not None
        self.node = node
        self.reason = None
        self.serial += 1
        now = scheduler.begin(node, self)
        timeout = binding.limits.timeout
        if timeout is not None:
            scheduler.timers.at(now + timeout, scheduler.expire, self, self.serial, alive=_still_on)
        status, value, failure = TaskStatus.OK, None, None
        error: BaseException | None = None
        try:
            assert node.call is not None
            arguments = node.call.arguments(scheduler.graph)
            if binding.backend is None:
                raw = call_function(binding.tool, arguments)
                if inspect.isawaitable(raw):
                    raw = await raw
                value = binding.tool.to_json(raw)
            else:
                value = await binding.backend.call(binding.tool, arguments, None)
            limit = binding.limits.max_result_bytes
            if limit is not None and too_large(value, limit):
                raise TooLarge(limit)
        except BaseException as raised:
            error = raised
        if error is not None:
            status, value, failure = await self._judge(node, error)
        self.node = None
        self.serial += 1
        if not self.lost:
            scheduler.conclude(node, binding, status, value, failure)

    async def _judge(self, node: Node, error: BaseException) -> tuple[TaskStatus, Json, Failure]:
        """Say what an exception means. Raises it if it isn't the tool's: the run is over, or the user pressed Ctrl-C."""
        scheduler = self._scheduler
        if scheduler.over and isinstance(error, (scheduler.cancelled, GeneratorExit)):
            raise error
        if isinstance(error, LeftBehind):
            return TaskStatus.ABANDONED, None, stopped(self.reason, node, still_running=True)
        if self.reason is not None:
            return scheduler.status_of_stopped(self.reason), None, stopped(self.reason, node)
        if isinstance(error, scheduler.cancelled):
            await absorb_own_cancellation()
            return TaskStatus.FAILED, None, own_cancellation(node)
        if isinstance(error, KeyboardInterrupt) and (node.binding is None or node.binding.backend is None):
            scheduler.interrupt(error)
            return TaskStatus.CANCELLED, None, stopped(FailureKind.CANCELLED, node)
        return TaskStatus.FAILED, None, failure_of(error, node.attempts)


def _still_on(worker: Worker, serial: int) -> bool:
    return worker.serial == serial
