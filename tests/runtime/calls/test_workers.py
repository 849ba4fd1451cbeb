"""Share workers between calls so that no call can tell: cancellation, context variables, turns of the loop."""

from __future__ import annotations

import asyncio
import contextvars
import threading

import anyio
import pytest
import trio
from running_plans import BOOM, ECHO, WAIT, on_both, plan_of, run_main, run_plan, statuses, tool, tools

import lcc
from lcc.grammar.ir import Arg, Const, Join, Plan, Ref, Task
from lcc.runtime.options import Backoff, Options
from lcc.runtime.result import FailureKind
from lcc.runtime.run import Run, execute

VARIABLE = contextvars.ContextVar("VARIABLE", default="base")


async def leak(value):
    before = VARIABLE.get()
    VARIABLE.set(f"leaked {value}")
    return before


async def look(value):
    return VARIABLE.get()


@on_both
@pytest.mark.parametrize("isolation", ["auto", "thread"])
def test_context_variables_that_a_tool_sets_reach_no_other_call(backend, isolation):
    text = "".join(f"{k}. leak({k})\n" for k in range(1, 6)) + "".join(f"{k}. look(${k - 5})\n" for k in range(6, 16))
    given = tools(tool(leak, "value"), tool(look, "value"))
    result = run_plan(text + "join()\n", given, backend=backend, concurrency=2)
    assert set(result.join.values()) == {"base"}


@on_both
def test_a_variable_that_is_set_back_costs_nothing_and_changes_nothing(backend):
    async def polite(value):
        token = VARIABLE.set("mine")
        await anyio.lowlevel.checkpoint()
        VARIABLE.reset(token)
        return VARIABLE.get()

    text = "1. polite(1)\n2. polite($1)\njoin()\n"
    assert run_plan(text, tools(tool(polite, "value")), backend=backend).join == {1: "base", 2: "base"}


@on_both
def test_calls_see_the_callers_context_variables(backend):
    def look_in_thread(value):
        return VARIABLE.get()

    async def main():
        VARIABLE.set("caller's")
        given = tools(tool(look, "value"), tool(look_in_thread, "value"))
        result = await execute(plan_of("1. look(1)\n2. look_in_thread(2)\njoin()\n"), given)
        return result.join

    assert run_main(main, backend) == {1: "caller's", 2: "caller's"}


async def pause(value):
    await anyio.lowlevel.checkpoint()
    return value


PAUSE = tool(pause, "value")


def innocent(first, count=40):
    """Return a plan of a first call and many that share its worker and suspend."""
    tasks = (Task(1, first), *(Task(k, "pause", (Arg(None, Const(k)),), after=(k - 1,)) for k in range(2, count)))
    return Plan(tasks=tasks, join=Join((Ref(count - 1),)))


async def raise_cancelled():
    raise asyncio.CancelledError("mine")


async def cancel_own_task():
    asyncio.current_task().cancel()
    await asyncio.sleep(0)


async def cancel_own_task_and_return():
    asyncio.current_task().cancel()
    return "returned"


async def cancel_own_task_twice_and_raise():
    asyncio.current_task().cancel()
    asyncio.current_task().cancel()
    raise ValueError("x")


@pytest.mark.parametrize(
    ("function", "status"),
    [
        (raise_cancelled, "failed"),
        (cancel_own_task, "failed"),
        (cancel_own_task_and_return, "ok"),
        (cancel_own_task_twice_and_raise, "failed"),
    ],
)
def test_a_tool_that_cancels_itself_cancels_nobody_else(function, status):
    given = tools(tool(function, name="first"), PAUSE)
    result = run_plan(innocent("first"), given, backend="asyncio")
    shown = statuses(result)
    assert shown.pop("1") == status
    assert set(shown.values()) == {"ok"}
    if function in (raise_cancelled, cancel_own_task):
        error = result.tasks[1].error
        assert (error.kind, error.message) == (FailureKind.RAISED, "the tool cancelled itself")


@on_both
@pytest.mark.parametrize("fault", [SystemExit(2), GeneratorExit(), StopIteration(), StopAsyncIteration()])
def test_odd_exceptions_are_failures(backend, fault):
    async def odd():
        raise fault

    def odd_sync():
        raise fault

    for function in (odd, odd_sync):
        result = run_plan(innocent("first", 3), tools(tool(function, name="first"), PAUSE), backend=backend)
        assert statuses(result) == {"1": "failed", "2": "ok"}


@on_both
def test_a_group_of_one_exception_is_that_exception(backend):
    async def grouped():
        async with anyio.create_task_group() as group:
            group.start_soon(BOOM.function, 7)
            await anyio.sleep_forever()

    error = run_plan(innocent("first", 3), tools(tool(grouped, name="first"), PAUSE), backend=backend).tasks[1].error
    assert (error.message, error.cause) == ("boom 7", "ValueError")


@on_both
def test_an_exception_whose_text_raises_is_still_reported(backend):
    class Rude(Exception):
        def __str__(self):
            raise RuntimeError("no text")

    async def rude():
        raise Rude

    error = run_plan(innocent("first", 3), tools(tool(rude, name="first"), PAUSE), backend=backend).tasks[1].error
    assert error.message == "Rude (its message can't be had: RuntimeError)"


@on_both
def test_long_messages_are_cut_and_say_so(backend):
    async def long():
        raise ValueError("x" * 10_000)

    error = run_plan(innocent("first", 3), tools(tool(long, name="first"), PAUSE), backend=backend).tasks[1].error
    assert error.message == "x" * 2_000 + "… (10000 characters)"


@on_both
def test_tools_that_return_at_once_let_others_have_their_turn(backend):
    turns = []

    async def main():
        async with anyio.create_task_group() as group:
            group.start_soon(count)
            plan = plan_of("".join(f"{k}. echo({k})\n" for k in range(1, 2_001)) + "join()\n")
            await execute(plan, tools(ECHO))
            group.cancel_scope.cancel()
        return len(turns)

    async def count():
        while True:
            turns.append(1)
            await anyio.lowlevel.checkpoint()

    assert run_main(main, backend) > 20


@on_both
def test_a_run_of_calls_that_never_suspend_can_be_cancelled(backend):
    async def main():
        plan = plan_of("".join(f"{k}. echo({k})\n" for k in range(1, 5_001)) + "join()\n")
        async with Run(plan, tools(ECHO)) as run:
            for _ in range(3):
                await anyio.lowlevel.checkpoint()
            run.cancel()
        found = set(statuses(run.result).values())
        assert found == {"ok", "cancelled"}

    run_main(main, backend)


@on_both
def test_a_failure_keeps_the_exception_and_its_traceback_without_lccs_frames(backend):
    error = run_plan("1. boom(1)\njoin()\n", tools(BOOM), backend=backend).tasks[1].error
    names = []
    trace = error.exception.__traceback__
    while trace is not None:
        names.append(trace.tb_frame.f_code.co_name)
        trace = trace.tb_next
    assert names == ["boom"]


@on_both
def test_keyboard_interrupt_in_the_loop_stops_the_run_and_is_raised(backend):
    async def interrupt(value):
        raise KeyboardInterrupt

    async def main():
        given = tools(tool(interrupt, "value"), ECHO, WAIT)
        run = Run(plan_of("1. echo(1)\n2. interrupt($1)\n3. wait(99)\n4. echo($3)\njoin()\n"), given)
        with pytest.raises(KeyboardInterrupt):
            async with run:
                await run.wait()
        assert statuses(run.result) == {"1": "ok", "2": "cancelled", "3": "cancelled", "4": "cancelled"}

    run_main(main, backend)


@on_both
def test_keyboard_interrupt_in_a_thread_is_only_a_failure(backend):
    def interrupt(value):
        raise KeyboardInterrupt

    result = run_plan("1. interrupt(1)\n2. echo(1)\njoin()\n", tools(tool(interrupt, "value"), ECHO), backend=backend)
    assert statuses(result) == {"1": "failed", "2": "ok"}


@on_both
def test_threads_are_daemons_are_reused_and_end_with_the_run(backend):
    names = []
    before = set(threading.enumerate())

    def note(value):
        names.append((threading.current_thread().ident, threading.current_thread().daemon))

    text = "".join(f"{k}. note({k})\n" for k in range(1, 30)) + "join()\n"

    async def main():
        await execute(plan_of(text), tools(tool(note, "value")), options=Options(threads=2))

    run_main(main, backend)
    assert len(set(names)) <= 2
    assert {daemon for _, daemon in names} == {True}
    for thread in set(threading.enumerate()) - before:
        if thread.name == "lcc tool thread":
            thread.join(100)
            assert not thread.is_alive()


@on_both
def test_many_runs_share_one_loop(backend):
    async def one(n, results):
        results.append((await execute(plan_of(f"1. echo({n})\n2. echo($1)\njoin($2)\n"), tools(ECHO))).join[0])

    async def main():
        results = []
        async with anyio.create_task_group() as group:
            for n in range(200):
                group.start_soon(one, n, results)
        return sorted(results)

    assert run_main(main, backend) == list(range(200))


@on_both
def test_a_run_inside_a_tool_of_another_run(backend):
    async def outer(value):
        return (await execute(plan_of(f"1. echo({value})\njoin($1)\n"), tools(ECHO))).join[0]

    assert run_plan("1. outer(each [1, 2])\njoin($1)\n", tools(tool(outer, "value")), backend=backend).join == [[1, 2]]


def test_an_eager_task_factory_works():
    if not hasattr(asyncio, "eager_task_factory"):
        pytest.skip("Python 3.12")

    async def main():
        asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)
        plan = plan_of("".join(f"{k}. wait(0.001)\n" for k in range(1, 2_000)) + "join()\n")
        assert (await execute(plan, tools(WAIT))).ok

    asyncio.run(main())


async def leave_open(value):
    anyio.CancelScope().__enter__()
    return value


async def leave_open_with_a_deadline(value):
    anyio.move_on_after(0).__enter__()
    return value


async def leave_open_cancelled(value):
    for _ in range(3):
        scope = anyio.CancelScope()
        scope.__enter__()
    scope.cancel()
    return value


async def leave_open_with_a_task(value):
    group = anyio.create_task_group()
    await group.__aenter__()
    group.start_soon(anyio.sleep, 60)
    return value


async def leave_open_and_fail(value):
    anyio.move_on_after(0).__enter__()
    raise ValueError("no")


async def leave_open_and_be_cancelled(value):
    scope = anyio.CancelScope()
    scope.__enter__()
    scope.cancel()
    await anyio.sleep(60)


async def linger(value):
    for _ in range(20):
        await anyio.lowlevel.checkpoint()
    return value


@on_both
@pytest.mark.parametrize("concurrency", [1, 2])
@pytest.mark.parametrize(
    ("leak", "status"),
    [
        (leave_open, "ok"),
        (leave_open_with_a_deadline, "ok"),
        (leave_open_cancelled, "ok"),
        (leave_open_and_fail, "failed"),
        (leave_open_and_be_cancelled, "failed"),
    ],
)
def test_a_cancel_scope_that_a_tool_left_open_reaches_no_other_call(backend, concurrency, leak, status):
    given = tools(tool(leak, "value", name="leak"), tool(linger, "value"))
    text = "1. leak(1)\n2. linger(2)\n3. leak(3)\n4. linger(4)\n5. linger($2)\njoin()\n"
    result = run_plan(text, given, backend=backend, concurrency=concurrency)
    assert statuses(result) == {"1": status, "2": "ok", "3": status, "4": "ok", "5": "ok"}


def test_what_a_task_group_that_was_left_open_runs_is_told_to_stop():
    given = tools(tool(leave_open_with_a_task, "value", name="leak"), tool(linger, "value"))
    result = run_plan("1. leak(1)\n2. linger(2)\n3. linger($1)\njoin()\n", given, concurrency=2)
    assert statuses(result) == {"1": "ok", "2": "ok", "3": "ok"}


OPENED = []


async def leave_a_nursery_open(value):
    manager = trio.open_nursery()
    OPENED.append(manager)
    nursery = await manager.__aenter__()
    nursery.start_soon(trio.sleep_forever)
    await anyio.lowlevel.checkpoint()
    return value


async def leave_a_nursery_open_and_fail(value):
    await leave_a_nursery_open(value)
    raise ValueError("no")


@pytest.mark.parametrize("concurrency", [1, 2, 9])
@pytest.mark.parametrize(("leak", "status"), [(leave_a_nursery_open, "ok"), (leave_a_nursery_open_and_fail, "failed")])
def test_a_nursery_that_a_tool_left_open_ends_no_run(concurrency, leak, status):
    given = tools(tool(leak, "value", name="leak"), tool(linger, "value"))
    text = "1. leak(each [1, 2, 3])\n2. linger(each [1, 2])\n3. leak(3)\n4. linger($2)\njoin()\n"
    result = run_plan(text, given, backend="trio", concurrency=concurrency)
    found = statuses(result)
    assert {found[name] for name in ("1", "1[0]", "1[1]", "1[2]", "3")} == {status}
    assert found["2"] == found["4"] == "ok"


@on_both
def test_context_variables_that_cannot_be_compared_end_no_run(backend):
    class Odd:
        def __eq__(self, other):
            raise ValueError("the truth of this is ambiguous")

        __hash__ = object.__hash__

    async def odd(value):
        VARIABLE.set(Odd())
        return value

    async def main():
        VARIABLE.set(Odd())
        return await execute(plan_of("1. odd(1)\n2. odd($1)\njoin()\n"), tools(tool(odd, "value")))

    assert run_main(main, backend).ok


class Nameless(type):
    """A class that ends the program when it is asked for its name."""

    @property
    def __name__(cls):
        raise SystemExit(9)


class Number(float):
    """A number that does the same when it is read."""

    def __float__(self):
        raise SystemExit(9)


class NamelessError(Exception, metaclass=Nameless):
    retry_after = Number(1)

    def __str__(self):
        raise self


@on_both
@pytest.mark.parametrize("isolation", ["loop", "thread"])
def test_the_class_of_an_exception_is_not_asked_for_its_name(backend, isolation):
    def fail(value):
        raise NamelessError

    given = tools(tool(fail, "value", isolation=isolation, retries=1), ECHO)
    result = run_plan("1. echo(1)\n2. fail(1)\njoin()\n", given, backend=backend, backoff=Backoff(base=0))
    assert result.join == {1: 1, 2: None}
    assert (result.tasks[2].error.cause, result.tasks[2].error.attempts) == ("NamelessError", 2)


@on_both
def test_a_context_variable_that_cannot_be_compared_ends_no_run(backend):
    class Odd:
        def __eq__(self, other):
            raise SystemExit(9)

        __hash__ = None

    async def leave(value):
        VARIABLE.set(Odd())
        return value

    def main():
        VARIABLE.set(Odd())
        return run_plan("1. leave(1)\n2. leave($1)\njoin()\n", tools(tool(leave, "value")), backend=backend)

    assert contextvars.copy_context().run(main).join == {1: 1, 2: 1}  # other tests don't see it


def test_workers_start_where_nothing_names_the_loop() -> None:
    """`asyncio.run`, unlike `anyio.run`, names its library only within tasks; workers are started between two of them."""
    complaints: list[str] = []

    @lcc.tool(effect="read")
    async def wait(number: int) -> int:
        await anyio.lowlevel.checkpoint()
        return number

    async def main() -> lcc.RunResult:
        asyncio.get_running_loop().set_exception_handler(lambda loop, found: complaints.append(found["message"]))
        return await lcc.arun("1. wait(1)\n2. wait(2)\n3. wait(3)\n4. join()\n", [wait])

    assert asyncio.run(main()).join == {1: 1, 2: 2, 3: 3}
    assert complaints == []
