"""Run a test's main function in virtual time, on asyncio or trio, and end it whatever it does: a hang is `Hang`, not a wait.

Time jumps to the next deadline as soon as nothing else can go on. A run that still waits after `LONG` virtual seconds, or computes
for `MOST_SECONDS` of the processor's time, hangs.
"""

from __future__ import annotations

import asyncio
import selectors
import signal
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, Final, TypeVar

import anyio
import trio
from trio.testing import MockClock

T = TypeVar("T")

LONG: Final = 5e4
MOST_SECONDS: Final = 20.0
MOST_PAUSE: Final = 3_600.0
"""Virtual seconds that no pause of a tool or the runtime takes: less than asyncio waits at once."""
STEP: Final = 1e-6
"""Virtual seconds that one round of asyncio's loop takes."""
REAL_WAIT: Final = 60.0
"""Seconds that a thread has to answer, where nothing else can go on."""


class Hang(Exception):
    """A run didn't end."""


def run_virtually(main: Callable[[], Awaitable[T]], backend: str, *, threads: bool = False) -> T:
    """Run `main` to its end on `asyncio` or `trio`; raise Hang if it has none. `threads`, on asyncio only: they are waited for."""
    options: dict[str, Any] = {"loop_factory": partial(VirtualLoop, REAL_WAIT if threads else 0.0)}
    if backend == "trio":
        options = {"clock": MockClock(autojump_threshold=0)}
    with _bounded():
        return anyio.run(_ended, main, backend, backend=backend, backend_options=options)


async def _ended(main: Callable[[], Awaitable[T]], backend: str) -> T:
    if backend == "trio":
        trio.lowlevel.spawn_system_task(_bomb)
    with anyio.move_on_after(LONG):
        return await main()
    raise Hang("nothing happens any more")


async def _bomb() -> None:
    await trio.sleep(2 * LONG)
    raise Hang("nothing happens any more, and it can't be cancelled")


@contextmanager
def _bounded() -> Iterator[None]:
    def over(*_: object) -> None:
        raise Hang(f"it computes for more than {MOST_SECONDS:g} s")

    before = signal.signal(signal.SIGVTALRM, over)
    signal.setitimer(signal.ITIMER_VIRTUAL, MOST_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


class _Selector(selectors.DefaultSelector):
    now = 0.0
    real_wait = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        events = super().select(0)
        if events or (timeout is not None and timeout <= 0):
            self.now += STEP  # a loop that always has something to do gets on, too
            return events
        if timeout is None or timeout > MOST_PAUSE:
            events = super().select(self.real_wait)
            if events:
                return events
        if timeout is None:
            raise Hang("nothing happens any more, and it can't be cancelled")
        self.now += timeout
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop of asyncio whose time jumps."""

    def __init__(self, real_wait: float) -> None:
        self._virtual = _Selector()
        self._virtual.real_wait = real_wait
        super().__init__(self._virtual)

    def time(self) -> float:
        """Return the virtual time in seconds."""
        return self._virtual.now
