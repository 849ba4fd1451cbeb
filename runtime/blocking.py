"""Run a coroutine function to its end from code that isn't async, also when a tool never ends.

`asyncio.run` waits for every task before it returns, so a coroutine that swallows its cancellation would hold the caller for ever,
long after the run has abandoned it.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Future, wait
from contextlib import contextmanager, suppress
from threading import Thread, current_thread, main_thread
from typing import Any, Final, Generic, TypeVar

from lcc.runtime.clock import context_for_thread

T = TypeVar("T")

GRACE: Final = 1.0
"""Seconds that tasks which are left over have to end."""

_NOTICED: Final = 1.0
"""Seconds after which a Ctrl-C is noticed that came at an unlucky moment."""

_left_behind: list[asyncio.Task[Any]] = []  # kept, since collecting a coroutine that won't end raises in it once more


def run_blocking(main: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run `main` on an asyncio loop of its own and return its result. Ctrl-C cancels it and raises KeyboardInterrupt."""
    runner = asyncio.Runner()
    result: list[T] = []

    async def keep() -> None:
        """Keep the result aside: that of a runner's task is written out by `repr` when the signal's handler is restored."""
        result.append(await main())

    try:
        runner.run(keep())
        return result[0]
    finally:
        loop = runner.get_loop()
        stuck = _stop_tasks(loop)
        if stuck:
            _left_behind.extend(stuck)
            loop.run_until_complete(loop.shutdown_asyncgens())
            loop.close()
        else:
            runner.close()


def run_in_thread(main: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Do the same on a loop in another thread, so that the caller may stand inside a running event loop, as notebooks do.

    The caller's context variables are seen there. The caller's thread waits, and so does a loop that runs in it. Ctrl-C cancels
    `main`, waits until it has wound up and raises KeyboardInterrupt; pressed once more, it leaves at once.
    """
    errand = _Errand(main)
    thread = Thread(target=context_for_thread().run, args=(errand.run,), name="lcc event loop", daemon=True)
    with _interruptible():
        try:
            thread.start()
            _await(errand.future)
        except KeyboardInterrupt:
            errand.cancel()
            _await(errand.future)
            raise
    return errand.future.result()


def _await(future: Future[Any]) -> None:
    """Wait for a result. A Ctrl-C that comes in the moment before a wait begins is only seen when that wait is over."""
    while wait([future], timeout=_NOTICED).not_done:
        pass


def in_event_loop() -> bool:
    """Whether an event loop, asyncio's or trio's, runs in this thread."""
    if asyncio._get_running_loop() is not None:
        return True
    trio = sys.modules.get("trio")
    return trio is not None and bool(trio.lowlevel.in_trio_run())


class _Errand(Generic[T]):
    """A coroutine function that another thread runs, and the way to cancel it from this one."""

    def __init__(self, main: Callable[[], Coroutine[Any, Any, T]]) -> None:
        self.future: Future[T] = Future()
        self._main = main
        self._cancelled = False
        self._cancel: Callable[[], object] | None = None

    def run(self) -> None:
        """Run it; never raises."""
        try:
            result = run_blocking(self._cancellable)
        except BaseException as error:
            self.future.set_exception(error)
        else:
            self.future.set_result(result)

    async def _cancellable(self) -> T:
        task, loop = asyncio.current_task(), asyncio.get_running_loop()
        assert task is not None
        self._cancel = lambda: loop.call_soon_threadsafe(task.cancel)
        if self._cancelled:
            task.cancel()
        return await self._main()

    def cancel(self) -> None:
        """Cancel it, wherever it is."""
        self._cancelled = True
        if self._cancel is not None:
            with suppress(RuntimeError):  # its loop is closed: it has ended
                self._cancel()


@contextmanager
def _interruptible() -> Iterator[None]:
    """Have Ctrl-C raise KeyboardInterrupt here: a loop's own handler would only tell the loop, which stands still."""
    before = signal.getsignal(signal.SIGINT)
    if current_thread() is not main_thread() or not in_event_loop() or not callable(before):
        yield
        return
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _stop_tasks(loop: asyncio.AbstractEventLoop) -> list[asyncio.Task[Any]]:
    """Cancel what still runs; return the tasks that don't mind."""
    tasks = asyncio.all_tasks(loop)
    for task in tasks:
        task.cancel()
    if tasks:
        loop.run_until_complete(asyncio.wait(tasks, timeout=GRACE))
    return [task for task in tasks if not task.done()]
