"""Let every kind of tool misbehave in every way, under both policies: the run ends, keeps what finished, and leaks nothing."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from contextlib import contextmanager, suppress
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import anyio
import faulty
import pytest
import watched
from plain_json import json_only
from running_plans import ECHO, plan_of, run_main, run_plan, statuses, tool, tools

from lcc.grammar.ir import Plan, Task
from lcc.grammar.signatures import Effect
from lcc.runtime.options import Backoff, Options, Policy
from lcc.runtime.result import FailureKind as Kind
from lcc.runtime.run import Run, execute

TIMEOUT = 0.05


def grace(status):
    """Give what will stop time for it on a busy machine; it costs nothing where that is quick."""
    return TIMEOUT if status == "abandoned" else 60.0


def isolation_of(kind):
    return kind if kind in OUTSIDE else "auto"


@pytest.fixture(scope="module")
def cluster():
    """Start Ray on this machine once; it listens on 127.0.0.1 only and ends with the tests."""
    if find_spec("ray") is None:
        pytest.skip("Ray is not installed (the extra `ray`)")
    from lcc.runtime.backends.ray_cluster import connect

    ray = connect(None, 4)
    yield
    ray.shutdown()


@pytest.fixture(autouse=True)
def cluster_for_ray(request):
    if "kind" in request.fixturenames and request.getfixturevalue("kind") == "ray":
        request.getfixturevalue("cluster")


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
    "raises what can't be shown": (Kind.RAISED, faulty.raise_mute, faulty.raise_mute_async),
    "raises what can't be changed": (Kind.RAISED, faulty.raise_frozen, faulty.raise_frozen_async),
    "raises what says nothing of itself": (Kind.RAISED, faulty.raise_disguised, faulty.raise_disguised_async),
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
on_ray = [pytest.mark.slow, pytest.mark.xdist_group("ray")]
all_kinds = pytest.mark.parametrize("kind", ["async", "sync", "process", pytest.param("ray", marks=on_ray)])
elsewhere = pytest.mark.parametrize("kind", ["process", pytest.param("ray", marks=on_ray)])
OUTSIDE = ("process", "ray")
"""Kinds whose calls are made in another process, which is killed."""
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


def open_files() -> set[tuple[str, str]]:
    """Return the files that this process has open, where the system tells."""
    found: set[tuple[str, str]] = set()
    for listed in Path("/proc/self/fd").iterdir() if sys.platform == "linux" else ():
        with suppress(FileNotFoundError):  # that of the listing itself
            found.add((listed.name, os.readlink(listed)))
    return found


def children() -> set[str]:
    """Return the processes that this one has started and not seen the end of."""
    found: set[str] = set()
    for listed in Path("/proc/self/task").glob("*/children") if sys.platform == "linux" else ():
        with suppress(FileNotFoundError, ProcessLookupError):  # the thread ended meanwhile
            found |= set(listed.read_text().split())
    return found


@contextmanager
def nothing_leaks(kind="async"):
    """Check that no thread of lcc's stays, once hung ones were let go, no file and no process. Ray's own go on.

    What other tests left may go meanwhile.
    """
    faulty.RELEASE.clear()
    before = set(threading.enumerate())
    files, processes = open_files(), children()
    try:
        yield
        if kind != "ray":
            assert open_files() <= files
            assert children() <= processes
    finally:
        faulty.RELEASE.set()
        for thread in set(threading.enumerate()) - before:
            if thread.name != "lcc tool thread":  # trio keeps its own for a while
                continue
            thread.join(100)
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
@all_kinds
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_ends_its_task_and_the_run(fault, kind, policy, backend):
    expected, sync, coroutine = FAULTS[fault]
    function = coroutine if kind == "async" else sync
    limits = {"timeout": TIMEOUT} if fault == "hangs" else {}
    if fault == "hangs" and kind in OUTSIDE:
        function, limits = faulty.block_process, {"timeout": 1.0}
    given = tools(ECHO, declare(function, isolation_of(kind), **limits))

    async def main():
        status = STATUS.get((fault, kind), "failed")
        result = await execute(plan(), given, options=Options(on_failure=policy, grace=grace(status)))
        check(result, policy, status, expected)
        await no_tasks_left()

    with nothing_leaks(kind):
        run_main(main, backend)


@backends
@both_policies
@all_kinds
def test_a_call_that_ignores_cancellation(kind, policy, backend):
    async def main():
        stubborn = Stubborn()
        function = {"async": stubborn, "sync": faulty.hang_thread}.get(kind, faulty.block_process)
        given = tools(ECHO, declare(function, isolation_of(kind), timeout=1.0 if kind in OUTSIDE else TIMEOUT))
        status = STATUS.get(("ignores cancellation", kind), "failed")
        result = await execute(plan(), given, options=Options(on_failure=policy, grace=grace(status)))
        stubborn.release.set()
        await no_tasks_left()
        check(result, policy, status, Kind.TIMEOUT)

    with nothing_leaks(kind):
        run_main(main, backend)


@backends
@both_policies
@all_kinds
@pytest.mark.parametrize("how", ["run.cancel", "scope"])
def test_a_run_cancelled_from_outside_keeps_what_finished(how, kind, policy, backend):
    async def main():
        started = anyio.Event()

        def watch(event):
            if type(event).__name__ == "TaskStarted" and event.id == 2:
                started.set()

        function = {"async": faulty.hang_coroutine, "sync": faulty.hang_thread}.get(kind, faulty.block_process)
        given = tools(ECHO, declare(function, isolation_of(kind)))
        expected = "abandoned" if kind == "sync" else "cancelled"
        options = Options(on_failure=policy, grace=grace(expected), on_event=watch)
        with anyio.CancelScope() as scope:
            async with Run(plan(), given, options=options) as run:
                await started.wait()
                (run if how == "run.cancel" else scope).cancel()
                await run.wait()
        assert scope.cancelled_caught is (how == "scope")
        assert statuses(run.result)["1"] == "ok"
        assert statuses(run.result)["2"] == expected
        assert statuses(run.result)["4"] == "cancelled"
        assert run.result.join == {1: "done", 2: None, 3: None, 4: None}
        await no_tasks_left()

    with nothing_leaks(kind):
        run_main(main, backend)


LOST = {
    ("process", "kills it"): (faulty.kill_process, "the process of the call was killed by SIGKILL"),
    ("process", "leaves it"): (faulty.leave_process, "the process of the call ended with status 3"),
    ("ray", "kills it"): (faulty.kill_process, "the Ray worker of the call was lost: WorkerCrashedError"),
    ("ray", "leaves it"): (faulty.leave_process, "the Ray worker of the call was lost: WorkerCrashedError"),
}


@backends
@both_policies
@elsewhere
@pytest.mark.parametrize("how", ["kills it", "leaves it"])
def test_a_tool_that_ends_its_process_is_a_failure(how, kind, policy, backend):
    function, message = LOST[kind, how]

    async def main():
        given = tools(ECHO, declare(function, kind))
        result = await execute(plan(), given, options=Options(on_failure=policy, grace=grace("failed")))
        check(result, policy, "failed", Kind.LOST)
        assert result.tasks[2].error.message == message
        await no_tasks_left()

    with nothing_leaks(kind):
        run_main(main, backend)


@backends
@elsewhere
def test_after_a_lost_process_others_make_the_calls(kind, backend):
    async def main():
        given = tools(declare(faulty.kill_process, kind), tool(watched.double, "value", isolation=kind))
        result = await execute(
            plan_of("1. bad(1)\n2. double(2)\n3. double(each [3, 4])\njoin()\n"), given, options=Options(processes=1)
        )
        assert result.join == {1: None, 2: 4, 3: [6, 8]}

    run_main(main, backend)


@backends
@elsewhere
@pytest.mark.parametrize(("effect", "outcome"), [(Effect.READ, ("ok", 2)), (Effect.WRITE, ("failed", 1))])
def test_a_read_whose_process_dies_is_made_again_and_a_write_is_not(effect, outcome, kind, backend, tmp_path):
    path = tmp_path / "calls"
    given = tools(tool(watched.die_the_first_time, "path", effect=effect, isolation=kind, retries=3))
    text = "input path\n1. die_the_first_time($path)\njoin()\n"
    result = run_plan(text, given, {"path": str(path)}, backend=backend, backoff=Backoff(base=0.0))
    assert (statuses(result)["1"], len(path.read_text().splitlines())) == outcome


@backends
@elsewhere
def test_a_cancelled_run_kills_the_process_itself(kind, backend):
    async def main():
        async with await anyio.create_tcp_listener(local_host="127.0.0.1") as listener:
            port = listener.extra(anyio.abc.SocketAttribute.local_port)
            given = tools(tool(watched.call_home_and_block, "port", isolation=kind))
            text = f"1. call_home_and_block({port})\njoin()\n"
            async with Run(plan_of(text), given, options=Options(grace=grace("cancelled"))) as run:
                line = await listener.listeners[0].accept()
                assert await line.receive() == b"started"
                run.cancel()
                await run.wait()
            with pytest.raises((anyio.EndOfStream, anyio.BrokenResourceError)):
                await line.receive()
            await line.aclose()
        assert statuses(run.result) == {"1": "cancelled"}

    run_main(main, backend)


@backends
@elsewhere
def test_values_cross_as_they_are(kind, backend):
    value = {"text": "ä \ud800 $1", "list": [1, 2.5, None, True, {"a": []}], "big": 2**80}
    given = tools(tool(watched.same, "value", isolation=kind))
    result = run_plan("input value\n1. same($value)\n2. same($1)\njoin()\n", given, {"value": value}, backend=backend)
    assert result.join == {1: value, 2: value}


@backends
@elsewhere
def test_a_limit_of_the_run_holds_before_a_result_crosses(kind, backend):
    given = tools(tool(watched.same, "value", isolation=kind))
    result = run_plan("1. same('four')\n2. same('eleven more')\njoin()\n", given, backend=backend, max_result_bytes=10)
    assert result.join == {1: "four", 2: None}
    assert result.tasks[2].error.cause == "TooLarge"


@backends
@elsewhere
def test_what_a_process_prints_is_no_reply(kind, backend, capfd):
    given = tools(tool(faulty.print_noise, "value", isolation=kind))
    first, second = run_plan("1. print_noise(1)\n2. print_noise($1)\njoin($1, $2)\n", given, backend=backend).join
    assert first[:2] == [1, ""]
    assert second[0] == first
    assert capfd.readouterr().out == ""
    if kind == "process":
        assert first[2] == second[2], "the process is used again"


@backends
@elsewhere
def test_a_local_function_cannot_run_in_a_process(kind, backend):
    async def main():
        result = await execute(plan_of("1. bad(1)\njoin()\n"), tools(declare(lambda value: value, kind)))
        error = result.tasks[1].error
        assert error.kind is Kind.TOOL
        assert "top level of a module" in error.message

    run_main(main, backend)


@backends
@elsewhere
def test_a_result_from_a_process_passes_the_same_conversion(kind, backend):
    async def main():
        given = tools(replace(declare(faulty.return_nonsense, kind), to_json=json_only))
        error = (await execute(plan_of("1. bad(1)\njoin()\n"), given)).tasks[1].error
        assert (error.kind, error.message) == (Kind.RESULT, "object is no JSON value")

    run_main(main, backend)
