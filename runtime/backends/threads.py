"""Run sync tools in daemon threads.

The threads are lcc's own because a run must be able to leave one behind: anyio's would keep the interpreter from exiting while a
hung tool holds one. Argument and result conversion happen in the thread too, off the event loop.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from queue import SimpleQueue
from threading import Thread

from anyio import Event, get_cancelled_exc_class, move_on_after

from lcc.grammar.values import Json
from lcc.runtime.binding import call_function
from lcc.runtime.clock import context_for_thread, thread_messenger
from lcc.runtime.context import Context
from lcc.runtime.tool import Arguments, LeftBehind, Tool


class _Job:
    """One call in a thread. `result` and `error` are read on the loop, after `done` is set there."""

    __slots__ = ("done", "error", "function", "result")

    def __init__(self, function: Callable[[], object]) -> None:
        self.function = function
        self.done = Event()
        self.result: object = None
        self.error: BaseException | None = None


class Threads:
    """A pool that grows as it is used; the scheduler's limits say how far."""

    def __init__(self, grace: float) -> None:
        self._grace = grace
        self._idle: list[SimpleQueue[_Job | None]] = []
        self._closed = False
        self._send = thread_messenger()

    async def call(self, tool: Tool, arguments: Arguments, context: Context | None) -> Json:
        """Call a tool in a thread. A function that gives an awaitable after all has it awaited in the event loop."""
        value = await self._run(lambda: _whole_call(tool, arguments, context))
        if isinstance(value, _Later):
            return tool.to_json(await value.awaitable)  # type: ignore[misc]
        return value  # type: ignore[return-value]

    async def _run(self, function: Callable[[], object]) -> object:
        bound = context_for_thread()
        job = _Job(lambda: bound.run(function))
        self._hand_over(job)
        try:
            await job.done.wait()
        except get_cancelled_exc_class():
            with move_on_after(self._grace, shield=True):
                await job.done.wait()
            if not job.done.is_set():
                raise LeftBehind from None
            if job.error is not None:
                raise
        if job.error is not None:
            raise job.error
        return job.result

    def _hand_over(self, job: _Job) -> None:
        if self._idle:
            self._idle.pop().put(job)
            return
        queue: SimpleQueue[_Job | None] = SimpleQueue()
        queue.put(job)
        Thread(target=self._serve, args=(queue,), name="lcc tool thread", daemon=True).start()

    def _serve(self, queue: SimpleQueue[_Job | None]) -> None:
        while (job := queue.get()) is not None:
            try:
                job.result = job.function()
            except BaseException as error:  # a tool that calls sys.exit has failed, its thread has not
                job.error = error
            self._send(lambda job=job: self._ended(job, queue))  # type: ignore[misc]
            del job
            if self._closed:
                return

    def _ended(self, job: _Job, queue: SimpleQueue[_Job | None]) -> None:
        if self._closed:
            queue.put(None)
        else:
            self._idle.append(queue)
        job.done.set()

    async def close(self) -> None:
        """Let every thread end as soon as its call does."""
        self._closed = True
        while self._idle:
            self._idle.pop().put(None)


class _Later:
    """An awaitable that a sync function returned."""

    __slots__ = ("awaitable",)

    def __init__(self, awaitable: object) -> None:
        self.awaitable = awaitable


def _whole_call(tool: Tool, arguments: Arguments, context: Context | None) -> object:
    raw = call_function(tool, arguments, context)
    return _Later(raw) if inspect.isawaitable(raw) else tool.to_json(raw)
