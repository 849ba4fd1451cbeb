"""Let every kind of tool misbehave in every way, under both policies: the run ends, keeps what finished, and leaks nothing."""

from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager
from dataclasses import replace

import anyio
import faulty
import pytest
from plain_json import json_only
from running_plans import ECHO, plan_of, run_main, statuses, tool, tools

from lcc.grammar.ir import Plan, Task
from lcc.runtime.options import Options, Policy
from lcc.runtime.result import FailureKind as Kind
from lcc.runtime.run import Run, execute

TIMEOUT = 0.05


def grace(kind):
    """Give a process time to be killed on a busy machine; it costs nothing where that is quick."""
    return 10.0 if kind == "process" else TIMEOUT


class Stubborn:
    """A coroutine that ignores cancellation until the test lets it go."""

    def __init__(self) -> None:
        self.release = anyio.Event()

    async def __call__(self, value):
        with anyio.CancelScope(shield=True):
            await self.release.wait()


def declare(function, isolation="auto", **limits):
    return tool(function, "value", name="bad", isolation=isolation, **limits)


FAULTS = {
    "raises": (Kind.RAISED, faulty.raise_error, faulty.raise_error_async),
    "raises BaseException": (Kind.RAISED, faulty.raise_base, faulty.raise_base_async),
    "calls sys.exit": (Kind.EXIT, faulty.call_exit, faulty.call_exit_async),
    "returns nonsense": (Kind.RESULT, faulty.return_nonsense, faulty.return_nonsense_async),
    "returns 100 MB": (Kind.TOO_LARGE, faulty.return_huge, faulty.return_huge_async),
    "hangs": (Kind.TIMEOUT, faulty.hang_thread, faulty.hang_coroutine),
}
STATUS = {
    ("hangs", "sync"): "abandoned",
    ("ignores cancellation", "async"): "abandoned",
    ("ignores cancellation", "sync"): "abandoned",
}
both_policies = pytest.mark.parametrize("policy", [Policy.SKIP, Policy.STOP])
three_kinds = pytest.mark.parametrize("kind", ["async", "sync", "process"])
backends = pytest.mark.parametrize("backend", ["asyncio", "trio"])


def plan() -> Plan:
    """1 is fine, 2 goes wrong, 3 reads it, 4 only follows it."""
    parsed = plan_of("1. echo('done')\n2. bad($1)\n3. echo($2)\n4. echo('later')\njoin()\n")
    first, second, third, fourth = parsed.tasks
    return replace(parsed, tasks=(first, second, third, Task(4, "echo", fourth.args, after=(2,))))


def check(result, policy, status, kind):
    follower = "ok" if policy is Policy.SKIP else "cancelled"
    reader = "skipped" if policy is Policy.SKIP else statuses(result)["3"]
    assert reader in ("skipped", "cancelled")
    assert statuses(result) == {"1": "ok", "2": status, "3": reader, "4": follower}
    assert result.join[1] == "done"
    error = result.tasks[2].error
    assert (error.kind, error.attempts) == (kind, 1)
    assert result.tasks[2].end is not None


@contextmanager
def nothing_leaks():
    """Check that no thread of lcc's stays, once hung ones were let go."""
    faulty.RELEASE.clear()
    before = set(threading.enumerate())
    try:
        yield
    finally:
        faulty.RELEASE.set()
        for thread in set(threading.enumerate()) - before:
            if thread.name != "lcc tool thread":  # trio keeps its own for a while
                continue
            thread.join(10)
            assert not thread.is_alive()


async def no_tasks_left():
    """Check that the run left no task behind on this loop."""
    for _ in range(10):
        await anyio.lowlevel.checkpoint()
    try:
        tasks = asyncio.all_tasks()
    except RuntimeError:
        return
    assert len(tasks) == 1


@backends
@both_policies
@three_kinds
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_ends_its_task_and_the_run(fault, kind, policy, backend):
    expected, sync, coroutine = FAULTS[fault]
    function = coroutine if kind == "async" else sync
    limits = {"timeout": TIMEOUT} if fault == "hangs" else {}
    if fault == "hangs" and kind == "process":
        function, limits = faulty.block_process, {"timeout": 1.0}
    given = tools(ECHO, declare(function, "process" if kind == "process" else "auto", **limits))

    async def main():
        result = await execute(plan(), given, options=Options(on_failure=policy, grace=grace(kind)))
        check(result, policy, STATUS.get((fault, kind), "failed"), expected)
        await no_tasks_left()

    with nothing_leaks():
        run_main(main, backend)


@backends
@both_policies
@three_kinds
def test_a_call_that_ignores_cancellation(kind, policy, backend):
    async def main():
        stubborn = Stubborn()
        function = {"async": stubborn, "sync": faulty.hang_thread, "process": faulty.block_process}[kind]
        isolation = "process" if kind == "process" else "auto"
        given = tools(ECHO, declare(function, isolation, timeout=1.0 if kind == "process" else TIMEOUT))
        result = await execute(plan(), given, options=Options(on_failure=policy, grace=grace(kind)))
        stubborn.release.set()
        await no_tasks_left()
        check(result, policy, STATUS.get(("ignores cancellation", kind), "failed"), Kind.TIMEOUT)

    with nothing_leaks():
        run_main(main, backend)


@backends
@both_policies
@three_kinds
@pytest.mark.parametrize("how", ["run.cancel", "scope"])
def test_a_run_cancelled_from_outside_keeps_what_finished(how, kind, policy, backend):
    async def main():
        started = anyio.Event()

        def watch(event):
            if type(event).__name__ == "TaskStarted" and event.id == 2:
                started.set()

        function = {"async": faulty.hang_coroutine, "sync": faulty.hang_thread, "process": faulty.block_process}[kind]
        given = tools(ECHO, declare(function, "process" if kind == "process" else "auto"))
        options = Options(on_failure=policy, grace=grace(kind), on_event=watch)
        with anyio.CancelScope() as scope:
            async with Run(plan(), given, options=options) as run:
                await started.wait()
                (run if how == "run.cancel" else scope).cancel()
                await run.wait()
        assert scope.cancelled_caught is (how == "scope")
        expected = "abandoned" if kind == "sync" else "cancelled"
        assert statuses(run.result)["1"] == "ok"
        assert statuses(run.result)["2"] == expected
        assert statuses(run.result)["4"] == "cancelled"
        assert run.result.join == {1: "done", 2: None, 3: None, 4: None}
        await no_tasks_left()

    with nothing_leaks():
        run_main(main, backend)


@backends
@pytest.mark.parametrize(
    ("function", "message"),
    [
        (faulty.kill_process, "the process of the call was killed by SIGKILL"),
        (faulty.leave_process, "the process of the call ended with status 3"),
    ],
)
def test_a_tool_that_kills_its_process_is_a_failure(function, message, backend):
    async def main():
        given = tools(ECHO, declare(function, "process"), tool(faulty.print_noise, "value", isolation="process"))
        plan = plan_of("1. bad(1)\n2. print_noise(2)\n3. print_noise(each [3, 4])\njoin()\n")
        result = await execute(plan, given, options=Options(processes=1))
        assert (result.tasks[1].error.kind, result.tasks[1].error.message) == (Kind.LOST, message)
        assert result.tasks[2].status == result.tasks[3].status == "ok"
        return result.tasks[2].value[:2]

    assert run_main(main, backend) == [2, ""]


@backends
def test_what_a_process_prints_is_no_reply_and_it_is_used_again(backend, capfd):
    async def main():
        given = tools(tool(faulty.print_noise, "value", isolation="process"))
        result = await execute(plan_of("1. print_noise(1)\n2. print_noise($1)\njoin()\n"), given)
        first, second = result.join[1], result.join[2]
        assert second[0] == first
        assert first[2] == second[2]

    run_main(main, backend)
    assert capfd.readouterr().out == ""


@backends
def test_a_local_function_cannot_run_in_a_process(backend):
    async def main():
        result = await execute(plan_of("1. bad(1)\njoin()\n"), tools(declare(lambda value: value, "process")))
        error = result.tasks[1].error
        assert error.kind is Kind.TOOL
        assert "top level of a module" in error.message

    run_main(main, backend)


@backends
def test_a_result_from_a_process_passes_the_same_conversion(backend):
    async def main():
        given = tools(replace(declare(faulty.return_nonsense, "process"), to_json=json_only))
        error = (await execute(plan_of("1. bad(1)\njoin()\n"), given)).tasks[1].error
        assert (error.kind, error.message) == (Kind.RESULT, "object is no JSON value")

    run_main(main, backend)
