"""Tell an async function what a run does: event by event, in order, beside the run, which never waits for it."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar

from anyio import Event as Signal, create_task_group, get_cancelled_exc_class
from anyio.abc import TaskGroup

from lcc.runtime.events import RunEnded
from lcc.runtime.watch.event_stream import EventStream

E = TypeVar("E")


def is_async(callback: object) -> bool:
    """Whether a callback must be awaited."""
    call = callback if inspect.isroutine(callback) else getattr(callback, "__call__", callback)  # noqa: B004
    return inspect.iscoroutinefunction(call)


class AsyncListener(Generic[E]):
    """A task that awaits the callback for each event. `error`: what it raised, after which it isn't called any more.

    `put` takes an event; `stop` is called once if the callback raises. `heard` returns once it was told of the run's end.
    """

    def __init__(self, callback: Callable[[E], Any]) -> None:
        self.error: BaseException | None = None
        self._callback: Callable[[E], Awaitable[object]] = callback
        self._stream = EventStream[E]()
        self._group: TaskGroup | None = None
        self._done = Signal()

    def put(self, event: E) -> None:
        """Take an event."""
        self._stream.put(event)
        if isinstance(event, RunEnded):
            self._stream.close()

    async def open(self, stop: Callable[[], None]) -> None:
        """Begin to tell."""
        self._group = create_task_group()
        await self._group.__aenter__()
        self._group.start_soon(self._tell, stop)

    async def _tell(self, stop: Callable[[], None]) -> None:
        try:
            async for event in self._stream:
                await self._callback(event)
        except get_cancelled_exc_class():
            raise
        except BaseException as error:
            self.error = error
            stop()
        finally:
            self._done.set()

    async def heard(self) -> None:
        """Wait until the callback was told of everything."""
        await self._done.wait()

    async def close(self, *, now: bool) -> None:
        """End; `now`: without telling the rest."""
        assert self._group is not None
        self._stream.close()
        if now:
            self._group.cancel_scope.cancel()
        await self._group.__aexit__(None, None, None)
