"""Come back from a blocking run whatever its tools do, also where a loop is running already."""

from __future__ import annotations

import asyncio
import signal
import threading
from contextvars import ContextVar

import anyio
import pytest
from running_plans import ECHO, on_both, plan_of, statuses, tool, tools

from lcc.runtime import blocking
from lcc.runtime.blocking import run_blocking, run_in_thread
from lcc.runtime.options import Options
from lcc.runtime.run import execute


def test_the_result_or_the_exception_of_the_coroutine_is_the_callers():
    async def value():
        return 5

    async def fail():
        raise LookupError

    assert run_blocking(value) == 5
    with pytest.raises(LookupError):
        run_blocking(fail)


def test_a_tool_that_swallows_every_cancellation_holds_nobody(monkeypatch):
    monkeypatch.setattr(blocking, "GRACE", 0.05)
    swallowed = []

    async def stubborn(value):
        while True:
            try:
                await asyncio.sleep(3600)
            except asyncio.CancelledError:
                swallowed.append(value)

    async def main():
        given = tools(ECHO, tool(stubborn, "value", timeout=0.02))
        return await execute(plan_of("1. stubborn(1)\n2. echo(2)\njoin()\n"), given, options=Options(grace=0.02))

    result = run_blocking(main)
    assert statuses(result) == {"1": "abandoned", "2": "ok"}
    assert swallowed
    assert run_blocking(lambda: asyncio.sleep(0, "next")) == "next"


CITY = ContextVar("city", default="nowhere")


async def where() -> str:
    return f"{CITY.get()} in {threading.current_thread().name}"


def on_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()


@on_both
def test_in_a_thread_it_runs_beside_a_loop_and_sees_the_callers_context(backend):
    async def main():
        CITY.set("Oslo")
        assert run_in_thread(where) == "Oslo in lcc event loop"
        await anyio.sleep(0)
        with pytest.raises(LookupError, match="inside"):
            run_in_thread(fail)

    async def fail():
        raise LookupError("inside")

    anyio.run(main, backend=backend)
    assert run_in_thread(where) == "nowhere in lcc event loop"


def test_no_thread_stays_behind():
    before = set(threading.enumerate())
    run_in_thread(where)
    assert set(threading.enumerate()) <= before


@pytest.mark.parametrize("backend", [None, "asyncio", "trio"])
def test_ctrl_c_cancels_what_runs_in_the_thread_and_waits_for_it(backend):
    if not on_main_thread():
        pytest.skip("signals reach the main thread only")
    stopped = []

    async def interrupted():
        signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
        try:
            await asyncio.sleep(3600)
        finally:
            await asyncio.sleep(0)
            stopped.append(True)

    def call():
        with pytest.raises(KeyboardInterrupt):
            run_in_thread(interrupted)
        assert stopped == [True]

    async def main():
        call()

    before = signal.getsignal(signal.SIGINT)
    if backend is None:
        call()
    else:
        anyio.run(main, backend=backend)
    assert signal.getsignal(signal.SIGINT) is before


def test_ctrl_c_that_comes_before_the_loop_is_ready_cancels_too(monkeypatch):
    if not on_main_thread():
        pytest.skip("signals reach the main thread only")
    begun = []

    def slow_start(main):
        signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
        cancelled.wait(100)
        return run_blocking(main)

    async def forever():
        begun.append(True)
        await asyncio.sleep(3600)

    cancelled = threading.Event()
    cancel = blocking._Errand.cancel
    monkeypatch.setattr(blocking, "run_blocking", slow_start)
    monkeypatch.setattr(blocking._Errand, "cancel", lambda errand: (cancel(errand), cancelled.set()))
    with pytest.raises(KeyboardInterrupt):
        run_in_thread(forever)
    assert begun == [True]


def test_a_result_is_not_written_out():
    class Large:
        def __repr__(self):
            raise AssertionError

    async def main():
        return Large()

    assert type(run_blocking(main)) is Large


def test_a_results_repr_is_short_whatever_it_holds():
    result = run_blocking(lambda: execute(plan_of(f'1. echo("{"x" * 9999}")\njoin($1)\n'), tools(ECHO)))
    assert repr(result).startswith("RunResult(status='ok', join=['xxx")
    assert len(repr(result)) < 200
