"""Run a test's main function by a clock that goes as real time does and that can be put forward, from any thread.

So a limit of time may be long, and still be reached at once where a test has built what it is for: a slow machine reaches it nowhere else.

    clock = MovingClock()
    with FakeModelServer(script, hanging=clock.put_forward) as server:
        answer = clock.run(lambda: agent(world, server, timeout=LONG).ask("?"), "trio")
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Final, TypeVar

import anyio
import trio
from trio.testing import MockClock

T = TypeVar("T")

LONG: Final = 80.0
"""Seconds of a limit that only a clock that is put forward reaches."""
_STEP: Final = LONG / 4


class MovingClock:
    """The clock of one run at a time."""

    def __init__(self) -> None:
        self._tell: Callable[[], object] = lambda: None

    def put_forward(self) -> None:
        """Let a quarter of LONG pass at once. One step that comes late is therefore no harm to what has a limit of LONG."""
        with suppress(RuntimeError):  # the run has ended
            self._tell()

    def run(self, main: Callable[[], Awaitable[T]], backend: str = "asyncio") -> T:
        """Run `main` to its end on `asyncio` or `trio`."""
        clock = MockClock(rate=1.0)
        options: dict[str, Any] = {"clock": clock} if backend == "trio" else {"loop_factory": _Loop}

        async def whole() -> T:
            if backend == "trio":
                token = trio.lowlevel.current_trio_token()
                self._tell = lambda: token.run_sync_soon(clock.jump, _STEP)
            else:
                loop = asyncio.get_running_loop()
                assert isinstance(loop, _Loop)
                self._tell = lambda: loop.call_soon_threadsafe(loop.jump)
            return await main()

        return anyio.run(whole, backend=backend, backend_options=options)


class _Loop(asyncio.SelectorEventLoop):
    ahead = 0.0

    def time(self) -> float:
        return super().time() + self.ahead

    def jump(self) -> None:
        self.ahead += _STEP
