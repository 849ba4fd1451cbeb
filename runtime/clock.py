"""Name the few things that anyio doesn't offer on both event loops: a cheap clock, a task of its own, a call from a thread."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import Future
from contextlib import suppress
from contextvars import Context, copy_context
from functools import cache, partial
from typing import Any, TypeVar

from anyio import Event, current_time, get_cancelled_exc_class

T = TypeVar("T")

_detached: set[asyncio.Task[None]] = set()


def on_asyncio() -> bool:
    """Whether the current task is asyncio's; the other possibility is trio, also in guest mode."""
    try:
        return asyncio.current_task() is not None
    except RuntimeError:
        return False


def loop_clock() -> Callable[[], float]:
    """Return the running loop's clock: `anyio.current_time` without finding the backend anew on each call (60 ns, not 500)."""
    if on_asyncio():
        return asyncio.get_running_loop().time
    return current_time


def spawn_detached(main: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run a coroutine function beside the current task group, so that whoever awaits its result can leave it behind.

    `main` must not raise. It is not cancelled with the caller; the caller passes cancellation on by itself.
    """
    if on_asyncio():
        task = asyncio.get_running_loop().create_task(main())
        _detached.add(task)
        task.add_done_callback(_detached.discard)
        return
    import trio  # only where trio is already running

    trio.lowlevel.spawn_system_task(main, context=copy_context())


def thread_messenger() -> Callable[[Callable[[], object]], bool]:
    """Return a function that a thread calls to have something called on the loop; once the loop is gone it does nothing and returns False."""
    if on_asyncio():
        call_soon: Callable[[Callable[[], object]], object] = partial(
            asyncio.get_running_loop().call_soon_threadsafe, context=context_of_tasks()
        )
    else:
        import trio

        call_soon = trio.lowlevel.current_trio_token().run_sync_soon

    def send(function: Callable[[], object]) -> bool:
        try:
            call_soon(function)
        except RuntimeError:  # the loop is closed; trio's RunFinishedError is one too
            return False
        return True

    return send


def thread_starter() -> Callable[[Callable[[], Coroutine[Any, Any, None]]], object]:
    """Return a function with which a thread starts a coroutine function on this loop, in a task of its own; `main` must not raise."""
    send = thread_messenger()
    if on_asyncio():
        loop = asyncio.get_running_loop()

        def start(main: Callable[[], Coroutine[Any, Any, None]]) -> None:
            task = loop.create_task(main())
            _detached.add(task)
            task.add_done_callback(_detached.discard)

        return lambda main: send(lambda: start(main))
    import trio

    return lambda main: send(lambda: trio.lowlevel.spawn_system_task(main))


def next_turn() -> Callable[[Callable[[], object]], object] | None:
    """Return a function that has something called in asyncio's next turn, where it may start tasks; None on trio, which has no such thing."""
    if not on_asyncio():
        return None
    return partial(asyncio.get_running_loop().call_soon, context=context_of_tasks())


def context_of_tasks() -> Context:
    """Return a copy of the context in which callbacks of asyncio's may use anyio too: it asks sniffio, and that for the current task."""
    context = copy_context()
    sniffio = sys.modules.get("sniffio")
    if sniffio is not None and on_asyncio():
        context.run(sniffio.current_async_library_cvar.set, "asyncio")
    return context


async def crossing(future: Future[T]) -> T:
    """Await what another thread makes, on either loop. If the caller is cancelled, so is the future, as far as that has an effect."""
    done = Event()
    send = thread_messenger()
    future.add_done_callback(lambda _: send(done.set))
    try:
        await done.wait()
    except get_cancelled_exc_class():
        future.cancel()
        raise
    return future.result()


def context_for_thread() -> Context:
    """Return a copy of the current context variables for code in another thread, which may run a loop of its own there.

    `anyio.run` notes the loop in a variable of sniffio's; in the other thread that would be untrue.
    """
    context = copy_context()
    sniffio = sys.modules.get("sniffio")
    if sniffio is not None:
        context.run(sniffio.current_async_library_cvar.set, None)
    return context


def innermost_scope(task: asyncio.Task[Any] | None) -> Callable[[], Any]:
    """Return a function that gives the innermost cancel scope that the current task has entered: on asyncio `task`, on trio None.

    Neither loop tells in public. Where a later version keeps it elsewhere, the function gives the same thing always.
    """
    if task is not None:
        return partial(getattr, _states().get(task), "cancel_scope", None)
    import trio

    here: Any = trio.lowlevel.current_task()
    return lambda: getattr(getattr(here, "_cancel_status", None), "_scope", None)


@cache
def _states() -> Mapping[asyncio.Task[Any], object]:
    """Return what anyio keeps of asyncio's tasks."""
    from anyio._backends import _asyncio

    return getattr(_asyncio, "_task_states", {})


def close_nurseries() -> None:
    """Close what nurseries of trio's the current task has entered and not left; trio would end the run for them with an error of its own.

    What runs in them is told to stop. Trio doesn't tell in public; where a later version keeps them elsewhere, nothing is done.
    """
    import trio

    task: Any = trio.lowlevel.current_task()
    left = getattr(task, "_child_nurseries", [])
    while left:
        nursery = left.pop()
        nursery.cancel_scope.cancel()
        nursery._closed = True  # nothing more can be started in it


async def absorb_own_cancellation() -> bool:
    """Take back a cancellation that the current asyncio task asked for itself; return whether there was one.

    `uncancel` alone leaves the request pending up to Python 3.12, so one suspension takes it in.
    """
    if not on_asyncio():
        return False
    task = asyncio.current_task()
    if task is None or not task.cancelling():
        return False
    while task.cancelling():
        task.uncancel()
    with suppress(asyncio.CancelledError):
        await asyncio.sleep(0)
    return True
