"""Call functions at times, and forget those whose call has ended."""

from __future__ import annotations

import gc
import random
import tracemalloc

import anyio
import pytest
from running_plans import ECHO, on_both, plan_of, run_main, run_plan, tool, tools

from lcc.runtime.calls.timers import Timers
from lcc.runtime.options import Options
from lcc.runtime.run import Run, execute


def timed(body):
    async def main():
        async with anyio.create_task_group() as group:
            timers = Timers(anyio.current_time, group.start_soon)
            await body(timers)
            group.cancel_scope.cancel()

    run_main(main, "clock")


@pytest.mark.parametrize("seed", range(3))
def test_functions_are_called_in_order_of_time_and_dead_ones_never(seed):
    rng = random.Random(seed)
    called = []
    times = [rng.randrange(1, 1_000) / 10 for _ in range(500)]
    alive = {n for n in range(500) if rng.random() < 0.3}

    async def body(timers):
        for n, when in enumerate(times):
            timers.at(when, lambda n, _: called.append((anyio.current_time(), n)), n, None, lambda n, _: n in alive)
            if n % 50 == 0:
                await anyio.sleep(0)
        await anyio.sleep(200)

    timed(body)
    assert sorted(n for _, n in called) == sorted(alive)
    assert called == sorted(called, key=lambda entry: entry[0])
    assert all(time == times[n] for time, n in called)


def test_an_earlier_time_that_comes_later_is_kept():
    called = []

    async def body(timers):
        timers.at(50.0, lambda *_: called.append(anyio.current_time()))
        await anyio.sleep(1)
        timers.at(3.0, lambda *_: called.append(anyio.current_time()))
        await anyio.sleep(100)

    timed(body)
    assert called == [3, 50]


@on_both
def test_ended_calls_with_timeouts_leave_nothing_behind(backend):
    async def peak(count):
        text = "".join(f"{k}. quick({k})\n" for k in range(1, count + 1)) + "join($1)\n"
        plan = plan_of(text)
        gc.collect()
        before = tracemalloc.get_traced_memory()[0]
        seen = []

        async def quick(value):
            if value == count:
                gc.collect()  # what is garbage isn't left behind
                seen.append(tracemalloc.get_traced_memory()[0] - before)

        await execute(plan, tools(tool(quick, "value", timeout=1e6)), options=Options(concurrency=1))
        return seen[0] / count

    async def main():
        tracemalloc.start()
        try:
            return await peak(300), await peak(3_000)
        finally:
            tracemalloc.stop()

    small, large = run_main(main, backend)
    assert large < 1.5 * small + 100  # bytes a task: a timer left for each would add 200


@on_both
def test_a_task_that_is_added_to_a_stopped_run_never_starts(backend):
    calls = []

    async def note(value):
        calls.append(value)

    async def main():
        plan = plan_of("1. note(1)\n2. note(each [1, $1])\njoin()\n")
        async with Run(None, tools(tool(note, "value"))) as run:
            run.cancel()
            for task in plan.tasks:
                run.add(task)
        return {str(id_): record.status.value for id_, record in run.result.tasks.items()}

    assert run_main(main, backend) == {"1": "cancelled", "2": "cancelled"}
    assert calls == []


def test_a_clock_that_jumps_ends_runs_without_timers_too():
    assert run_plan("1. echo(1)\njoin()\n", tools(ECHO), backend="clock").makespan == 0
