"""Keep connections in one event loop of their own, in a thread.

A connection must be opened and closed by the same task, may outlive the loop that first needed it, and the tools behind it must be known
before there is any loop: so it belongs to no run's loop. Calls come across from asyncio, trio and plain code.
"""

from __future__ import annotations

import atexit
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Future
from contextlib import ExitStack, suppress
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, TypeVar

from lcc.runtime.clock import crossing

if TYPE_CHECKING:
    from anyio.from_thread import BlockingPortal

T = TypeVar("T")

CLOSING: Final = 10.0
"""Seconds that all connections together have to close when the process ends."""


class _Host:
    """The thread, which is started when it is first needed. `closers`: what ends each connection that is open."""

    def __init__(self) -> None:
        self.closers: dict[int, Callable[[], Coroutine[Any, Any, None]]] = {}
        self._lock = Lock()
        self._stack = ExitStack()
        self._portal: BlockingPortal | None = None

    def portal(self) -> BlockingPortal:
        with self._lock:
            if self._portal is None:
                from anyio.from_thread import start_blocking_portal

                self._portal = self._stack.enter_context(start_blocking_portal("asyncio", name="lcc tool servers"))
                atexit.register(self.close)
            return self._portal

    def close(self) -> None:
        """Close every connection, and end the thread."""
        with self._lock:
            portal, self._portal = self._portal, None
        if portal is None:
            return
        atexit.unregister(self.close)
        with suppress(Exception):
            portal.start_task_soon(self._close_all).result(CLOSING)
        with suppress(RuntimeError):
            self._stack.close()

    async def _close_all(self) -> None:
        from anyio import create_task_group

        async with create_task_group() as group:
            for closer in list(self.closers.values()):
                group.start_soon(closer)


HOST: Final = _Host()


def close_servers() -> None:
    """Close the connections to all servers and end those that were started here. A later call opens them again."""
    HOST.close()


def start_on_host(function: Callable[..., Awaitable[T]], *args: object) -> Future[T]:
    """Run a coroutine function on the host's loop."""
    return HOST.portal().start_task_soon(function, *args)


def block_on_host(function: Callable[..., Awaitable[T]], *args: object) -> T:
    """Do the same and wait, from code that isn't async."""
    return start_on_host(function, *args).result()


async def await_on_host(function: Callable[..., Awaitable[T]], *args: object) -> T:
    """Do the same and await it, on asyncio or trio. If the caller is cancelled, so is what runs there."""
    return await crossing(start_on_host(function, *args))
