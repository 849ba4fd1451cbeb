"""Repeat calls where the effect allows it: retries after a while, and a second call beside a slow one."""

from __future__ import annotations

import time
from dataclasses import replace
from email.utils import formatdate
from itertools import pairwise

import anyio
import pytest
from running_plans import ECHO, WAIT, on_both, plan_of, run_plan, statuses, tool, tools
from virtual_time import run_virtually

from lcc.grammar.signatures import Batch, CallLimits, Effect
from lcc.passes.pipeline import optimize
from lcc.runtime.events import AttemptFailed, TaskHedged, TaskRetried, TaskStarted
from lcc.runtime.failures import retry_after
from lcc.runtime.options import Backoff, Options
from lcc.runtime.result import FailureKind
from lcc.runtime.run import Run
from lcc.runtime.tool import ArgumentError, ResultError

ONE = "1. flaky(1)\n2. echo($1)\njoin()\n"


NOT_YET = ValueError("not yet")


def flaky(failures, error=NOT_YET, **declared):
    """Return a tool that fails a number of times, and the times at which it was called."""
    calls = []

    async def flaky(value):
        calls.append(anyio.current_time())
        if len(calls) <= failures:
            raise error
        return len(calls)

    return tools(tool(flaky, "value", **declared), ECHO), calls


def no_jitter():
    return 1.0


def run(given, text=ONE, **options):
    return run_plan(text, given, backend="clock", random=no_jitter, backoff=Backoff(base=1.0, cap=5.0), **options)


def test_a_failed_read_is_tried_again_after_growing_delays():
    given, calls = flaky(4, retries=4)
    events = []
    result = run(given, on_event=events.append)
    assert result.join == {1: 5, 2: 5}
    assert [b - a for a, b in pairwise(calls)] == [1, 2, 4, 5]
    assert [e.attempt for e in events if isinstance(e, AttemptFailed)] == [1, 2, 3, 4]
    assert [e.delay for e in events if isinstance(e, TaskRetried)] == [1, 2, 4, 5]
    assert [e.attempt for e in events if isinstance(e, TaskStarted) and e.id == 1] == [1, 2, 3, 4, 5]
    assert (result.tasks[1].start, result.tasks[1].end) == (0, 12)


def test_the_last_failure_is_reported_with_the_number_of_attempts():
    given, calls = flaky(9, retries=2)
    error = run(given).tasks[1].error
    assert (error.kind, error.message, error.attempts, len(calls)) == (FailureKind.RAISED, "not yet", 3, 3)


def test_without_retries_nothing_is_repeated():
    given, calls = flaky(1)
    assert statuses(run(given)) == {"1": "failed", "2": "skipped"}
    assert len(calls) == 1


@pytest.mark.parametrize(
    ("effect", "idempotent", "repeated"),
    [
        (Effect.PURE, False, True),
        (Effect.READ, False, True),
        (Effect.WRITE, False, False),
        (Effect.WRITE, True, True),
        (Effect.UNDECLARED, False, False),
        (Effect.UNDECLARED, True, False),
    ],
)
def test_only_what_may_be_repeated_is(effect, idempotent, repeated):
    given, calls = flaky(1, effect=effect, idempotent=idempotent)
    run(given, retries=3)
    assert len(calls) == (2 if repeated else 1)


@pytest.mark.parametrize("error", [ArgumentError("no"), ResultError("no")])
def test_what_cannot_get_better_is_not_repeated(error):
    given, calls = flaky(1, error, retries=3)
    run(given)
    assert len(calls) == 1


def test_a_timeout_is_repeated():
    starts = []

    async def slow(value):
        starts.append(anyio.current_time())
        await anyio.sleep(9 if len(starts) == 1 else 1)
        return "ok"

    result = run(tools(tool(slow, "value", timeout=2.0, retries=1)), "1. slow(1)\njoin($1)\n")
    assert (result.join, starts[1] - starts[0]) == (["ok"], 3)


def test_a_delay_holds_no_worker_and_no_place_at_a_limit():
    given, _ = flaky(1, retries=1, concurrency=1)
    text = "1. flaky(1)\n2. flaky(2)\n3. wait(1)\n4. wait(1, $3)\njoin()\n"
    result = run(given | tools(WAIT), text, concurrency=1)
    assert result.ok
    assert result.tasks[2].end == 0
    assert result.tasks[3].start == 0


class Throttled(Exception):
    """What HTTP clients raise: the response is on the exception."""

    def __init__(self, value):
        super().__init__("429")
        self.response = type("Response", (), {"headers": {"retry-after": value}})()


def test_retry_after_is_respected():
    given, calls = flaky(1, Throttled("7"), retries=1)
    assert run(given).ok
    assert calls[1] - calls[0] == 7


def test_retry_after_is_read_from_seconds_dates_and_attributes():
    direct = ValueError("x")
    direct.retry_after = 3
    assert retry_after(direct) == 3
    assert retry_after(Throttled("2.5")) == 2.5
    assert retry_after(Throttled("-3")) == 0
    assert 50 < retry_after(Throttled(formatdate(usegmt=True, timeval=time.time() + 60))) <= 60
    for nonsense in ("soon", "", None, object(), True, "nan" * 3):
        assert retry_after(Throttled(nonsense)) is None
    assert retry_after(None) is None


@pytest.mark.parametrize("value", ["inf", "nan", "1e400"])
def test_a_retry_after_that_is_no_time_is_ignored(value):
    assert retry_after(Throttled(value)) is None


def test_no_attempt_is_planned_beyond_the_deadline_of_the_run():
    given, calls = flaky(1, Throttled("70"), retries=1)
    result = run(given, deadline=60.0)
    assert (result.makespan, len(calls), result.failure) == (0, 1, None)


def test_jitter_spreads_attempts():
    backoff = Backoff(base=2.0, cap=5.0)
    assert [backoff.delay(k, lambda: 1.0) for k in (1, 2, 3, 2_000)] == [2, 4, 5, 5]
    assert backoff.delay(1, lambda: 0.0) == 0
    assert backoff.delay(3, lambda: 0.5) == 2.5
    assert backoff.delay(1, lambda: 0.0, 3.0) == 3


def test_retries_of_elements_are_their_own():
    seen = {}

    async def once(value):
        seen[value] = seen.get(value, 0) + 1
        if seen[value] == 1:
            raise ValueError("first")
        return value

    result = run(tools(tool(once, "value", retries=1)), "1. once(each [1, 2])\njoin($1)\n")
    assert (result.join, seen) == ([[1, 2]], {1: 2, 2: 2})


def hedged(durations, **declared):
    """Return a tool whose calls take these times, one after the other, and a log."""
    log = []

    async def slow(value):
        mine = durations[len([entry for entry in log if entry[0] == "start"])]
        log.append(("start", mine))
        began = anyio.current_time()
        try:
            await anyio.sleep(mine)
        except BaseException:
            log.append(("stopped", mine, anyio.current_time() - began))
            raise
        return mine

    return tools(tool(slow, "value", **declared)), log


def test_a_slow_read_gets_a_second_call_and_the_first_answer_wins():
    given, log = hedged([10, 1])
    events = []
    text = "1. slow(1)\n2. wait(20)\njoin($1)\n"
    result = run(given | tools(WAIT), text, hedge={"slow": 2.0}, on_event=events.append)
    assert (result.join, result.tasks[1].end) == ([1], 3)
    assert log == [("start", 10), ("start", 1), ("stopped", 10, 3)]
    assert [e.id for e in events if isinstance(e, TaskHedged)] == [1]
    assert result.ok


def test_a_second_call_is_told_of_when_it_starts_and_not_when_a_limit_holds_it_back():
    given, log = hedged([5, 1], concurrency=1)
    events = []
    assert run(given, "1. slow(1)\njoin($1)\n", hedge={"slow": 2.0}, on_event=events.append).join == [5]
    assert log == [("start", 5)]
    assert not any(isinstance(event, TaskHedged) for event in events)


def test_the_first_call_may_win_as_well():
    given, log = hedged([3, 10])
    result = run(given, "1. slow(1)\njoin($1)\n", hedge={"slow": 2.0})
    assert (result.join, result.makespan) == ([3], 3)
    assert ("stopped", 10, 1) in log


def test_a_quick_call_is_not_hedged():
    given, log = hedged([1])
    assert run(given, "1. slow(1)\njoin($1)\n", hedge={"slow": 2.0}).makespan == 1
    assert len(log) == 1


@pytest.mark.parametrize("effect", [Effect.WRITE, Effect.UNDECLARED])
def test_what_changes_the_outside_is_never_hedged(effect):
    given, log = hedged([5, 5], effect=effect, idempotent=True)
    run(given, "1. slow(1)\njoin($1)\n", hedge={"slow": 2.0})
    assert log == [("start", 5)]


def test_when_one_of_two_calls_fails_the_other_decides():
    calls = []

    async def slow(value):
        calls.append(1)
        if len(calls) == 2:
            raise ValueError("second")
        await anyio.sleep(5)
        return "first"

    result = run(tools(tool(slow, "value")), "1. slow(1)\njoin($1)\n", hedge={"slow": 2.0})
    assert (result.join, result.makespan, result.ok) == (["first"], 5, True)


def test_a_hedge_counts_at_the_limits():
    given, _ = hedged([10, 1], concurrency=1)
    assert run(given, "1. slow(1)\njoin($1)\n", hedge={"slow": 2.0}).makespan == 10
    given, _ = hedged([3, 3, 3, 3])
    options = {"tools": {"slow": CallLimits(concurrency=2)}}
    assert run(given, "1. slow(1)\n2. slow(2)\njoin()\n", hedge={"slow": 2.0}, **options).makespan == 3


@pytest.mark.parametrize("limit", [{"concurrency": 1}, {"rate": 2.0}, {"concurrency": 1, "rate": 20.0}])
@pytest.mark.parametrize("hedge", [0.03, 0.1, 0.5])
def test_a_call_that_waited_for_a_limit_beside_its_task_leaves_its_room_to_others(limit, hedge):
    async def slow(value):
        await anyio.sleep(0.1)
        return value

    text = "".join(f"{k}. slow({k})\n" for k in range(1, 5)) + "join()\n"
    result = run(tools(tool(slow, "value", **limit)), text, hedge={"slow": hedge}, deadline=60.0)
    assert result.join == {k: k for k in range(1, 5)}


@pytest.mark.parametrize(("grace", "last"), [(0.5, "read"), (0.1, "saved")])
@pytest.mark.parametrize("behind", ["$1", "$2"])
def test_no_write_starts_while_the_slower_of_two_reads_winds_up(grace, last, behind):
    log = []

    async def read():
        log.append("started")
        if len(log) == 2:
            return "fast"
        try:
            await anyio.sleep(60)
        finally:
            with anyio.CancelScope(shield=True):
                await anyio.sleep(0.3)
            log.append("read")

    async def save(value):
        log.append("saved")
        await anyio.sleep(1)

    given = tools(tool(read), tool(save, "value", effect=Effect.WRITE), ECHO)
    result = run(given, f"1. read()\n2. echo($1)\n3. save({behind})\njoin()\n", hedge={"read": 1.0}, grace=grace)
    assert result.ok
    assert result.tasks[2].end == 1
    assert log[2:] == (["read", "saved"] if last == "read" else ["saved", "read"])
    assert result.tasks[3].start == pytest.approx(1 + min(grace, 0.3))


@on_both
@pytest.mark.parametrize("form", ["alone", "in a batch"])
@pytest.mark.parametrize(
    ("at", "rate"), [(0.05, 100.0), (0.15, 1.0)], ids=["before the second call is due", "while it waits for a limit"]
)
def test_a_stopped_run_starts_no_second_call(backend, form, at, rate):
    calls = []

    async def slow(value):
        calls.append(value)
        try:
            await anyio.sleep(60)
        finally:
            with anyio.CancelScope(shield=True):
                await anyio.sleep(2)

    async def slow_all(items):
        return await slow(len(items))

    one = tool(slow, "value", rate=rate)
    given = tools(one)
    if form == "in a batch":
        declared = replace(one.signature, batch=Batch("slow_all", 8))
        given = tools(replace(one, signature=declared), tool(slow_all, "items", rate=rate))
    plan = optimize(
        plan_of("1. slow(1)\n2. slow(2)\njoin()\n"), {n: t.signature for n, t in given.items()}, level=3
    ).plan

    async def main():
        options = Options(hedge=dict.fromkeys(given, 0.1), retries=3, grace=5.0)
        async with Run(plan, given, options=options) as run:
            await anyio.sleep(at)
            started = len(calls)
            run.cancel()
            result = await run.wait()
            assert started == len(calls) > 0
            return result

    assert statuses(run_virtually(main, backend)) == {"1": "cancelled", "2": "cancelled"}
