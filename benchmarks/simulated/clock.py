"""Run an event loop that skips waiting and counts work.

Its clock is the process's processor time plus all the waiting that was skipped: whenever nothing is ready, time jumps to the next
timer. So a minute of simulated latency costs what the work in it costs, other programs on the machine don't disturb, and what is
measured is the simulated latency plus the processor time of everything that had to happen in between.

The simulated server runs in the same loop, so its work is counted as well: some tens of microseconds a token. What runs in threads is
waited for. Requires asyncio, and tools that are coroutines.
"""

from __future__ import annotations

import asyncio
import selectors
import time
from collections.abc import Coroutine
from concurrent.futures import Executor
from typing import Any, TypeVar

T = TypeVar("T")

_LONG = 0.2
"""Seconds. Before a longer jump, a millisecond of real time is waited for bytes that the kernel might still hold."""


class _SkippingSelector(selectors.DefaultSelector):
    skipped = 0.0

    def __init__(self) -> None:
        super().__init__()
        self.in_threads = 0
        self.limiter: Any = None

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if ready or (timeout is not None and timeout <= 0):
            return ready
        if timeout is None or self._busy():
            return super().select(0.01 if timeout is not None else None)
        ready = super().select(0.001 if timeout > _LONG else 0)
        if not ready:
            self.skipped += timeout
        return ready

    def _busy(self) -> bool:
        return bool(self.in_threads or (self.limiter is not None and self.limiter.borrowed_tokens))


class SkippingLoop(asyncio.SelectorEventLoop):
    """The loop. `time()` is in seconds; it starts anywhere."""

    def __init__(self) -> None:
        self._skipping = _SkippingSelector()
        super().__init__(self._skipping)

    def time(self) -> float:
        """Return processor time and skipped waiting together."""
        return time.process_time() + self._skipping.skipped

    def run_in_executor(self, executor: Executor | None, func: Any, *args: Any) -> asyncio.Future[Any]:  # type: ignore[override]
        """Run a function in a thread; while it runs, time is real."""
        future = super().run_in_executor(executor, func, *args)
        self._skipping.in_threads += 1
        future.add_done_callback(self._thread_ended)
        return future

    def _thread_ended(self, future: asyncio.Future[Any]) -> None:
        self._skipping.in_threads -= 1

    async def shutdown_default_executor(self, timeout: float | None = None) -> None:
        """Wait for threads as long as they take: a limit would be skipped, and over at once."""
        await super().shutdown_default_executor()

    def watch_threads(self) -> None:
        """Notice the threads that anyio starts; called once the loop runs."""
        from anyio.to_thread import current_default_thread_limiter

        self._skipping.limiter = current_default_thread_limiter()


def run(main: Coroutine[Any, Any, T], *, skip: bool) -> T:
    """Run a coroutine on a loop of its own, one that skips waiting or an ordinary one."""
    if not skip:
        return asyncio.run(main)

    async def watched() -> T:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, SkippingLoop)
        loop.watch_threads()
        return await main

    with asyncio.Runner(loop_factory=SkippingLoop) as runner:
        return runner.run(watched())
