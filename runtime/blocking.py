"""Run a coroutine function to its end from code that isn't async, also when a tool never ends.

`asyncio.run` waits for every task before it returns, so a coroutine that swallows its cancellation would hold the caller for ever,
long after the run has abandoned it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Final, TypeVar

T = TypeVar("T")

GRACE: Final = 1.0
"""Seconds that tasks which are left over have to end."""

_left_behind: list[asyncio.Task[Any]] = []  # kept, since collecting a coroutine that won't end raises in it once more


def run_blocking(main: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run `main` on an asyncio loop of its own and return its result. Ctrl-C cancels it and raises KeyboardInterrupt."""
    runner = asyncio.Runner()
    try:
        return runner.run(main())
    finally:
        loop = runner.get_loop()
        stuck = _stop_tasks(loop)
        if stuck:
            _left_behind.extend(stuck)
            loop.run_until_complete(loop.shutdown_asyncgens())
            loop.close()
        else:
            runner.close()


def _stop_tasks(loop: asyncio.AbstractEventLoop) -> list[asyncio.Task[Any]]:
    """Cancel what still runs; return the tasks that don't mind."""
    tasks = asyncio.all_tasks(loop)
    for task in tasks:
        task.cancel()
    if tasks:
        loop.run_until_complete(asyncio.wait(tasks, timeout=GRACE))
    return [task for task in tasks if not task.done()]
