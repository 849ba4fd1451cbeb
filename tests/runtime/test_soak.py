"""Run a million tasks through one process, and a thousand runs at once: nothing grows, nothing is mixed up."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from pathlib import Path

import anyio
import pytest
from running_plans import ECHO, on_both, plan_of, run_main, tool, tools

from lcc.grammar.ir import Arg, Const, Join, Plan, Ref, Task
from lcc.runtime.options import Options
from lcc.runtime.run import Run, execute

STATM = Path("/proc/self/statm")
MIB = 2**20
TASKS = 10_000
RUNS = 90
STREAMED = 50_000

pytestmark = pytest.mark.slow


def resident() -> int:
    """Return the bytes of memory that this process holds."""
    gc.collect()
    return int(STATM.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def layered(count: int) -> Plan:
    """Return a plan of rows of 100 tasks, each of which reads the one above it."""
    tasks = tuple(Task(k, "echo", (Arg(None, Const(k) if k <= 100 else Ref(k - 100)),)) for k in range(1, count + 1))
    return Plan((), tasks, Join((Ref(count),)))


def a_million_tasks() -> list[int]:
    """Run them; return how many bytes all whole runs but the first five added, and the second streamed one."""
    plan = layered(TASKS)
    long = layered(STREAMED)
    given = tools(ECHO)
    done = 0

    def count(event):
        nonlocal done
        done += type(event).__name__ == "TaskEnded"

    async def whole(times: int) -> None:
        for _ in range(times):
            result = await execute(plan, given, options=Options(on_event=count, timeout=3600.0))
            assert result.ok
            assert result.join == [100]

    async def streamed() -> None:
        async with Run(None, given, options=Options(on_event=count), keep_events=False) as run:
            for task in long.tasks:
                run.add(task)
                if task.id % 1_000 == 0:
                    await anyio.lowlevel.checkpoint()
            run.finish(long)
            result = await run.wait()
        assert result.ok
        assert result.join == [100]

    async def main() -> list[int]:
        await whole(5)
        before = resident()
        await whole(RUNS - 5)
        added = [resident() - before]
        await streamed()
        before = resident()
        await streamed()
        return [*added, resident() - before]

    added = run_main(main, "asyncio")
    assert done == RUNS * TASKS + 2 * STREAMED == 1_000_000
    return added


@pytest.mark.skipif(not STATM.exists(), reason="memory is read from /proc")
@pytest.mark.timeout(3000)
def test_a_million_tasks_leave_memory_as_it_was():
    # In a process of its own: what other tests left in this one would be measured, too.
    code = "import test_soak; print(*test_soak.a_million_tasks())"
    here = Path(__file__).parent
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(here), str(here.parent)])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    whole, streamed = map(int, done.stdout.split())
    assert whole < 8 * MIB
    assert streamed < 8 * MIB


@on_both
def test_a_thousand_runs_at_once_each_get_their_own_results(backend):
    runs = 1_000
    meeting = Meeting(runs)
    given = tools(ECHO, tool(meeting.all_here, "value"), tool(fail_on_odd, "value"))
    plan = plan_of(
        "input number\n1. all_here($number)\n2. echo([$1, $1])\n3. echo(each $2)\n4. fail_on_odd($1)\n5. echo($4)\njoin($3, $5)\n"
    )
    joins: dict[int, object] = {}

    async def one(number: int) -> None:
        result = await execute(plan, given, {"number": number})
        assert result.ok is (number % 2 == 0)
        joins[number] = result.join

    async def main() -> None:
        meeting.go = anyio.Event()
        async with anyio.create_task_group() as group:
            for number in range(runs):
                group.start_soon(one, number)

    run_main(main, backend)
    assert joins == {n: [[n, n], None if n % 2 else n] for n in range(runs)}


class Meeting:
    """Holds every call until as many are waiting as are expected."""

    def __init__(self, expected: int) -> None:
        self.missing = expected
        self.go = anyio.Event()

    async def all_here(self, value: int) -> int:
        """Wait for the others, and return the own number."""
        self.missing -= 1
        if not self.missing:
            self.go.set()
        await self.go.wait()
        return value


async def fail_on_odd(value: int) -> int:
    """Return an even number."""
    if value % 2:
        raise ValueError("odd")
    return value
