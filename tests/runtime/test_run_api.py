"""Follow a run by its events, and get its results whatever happens."""

from __future__ import annotations

import anyio
import pytest
from running_plans import BOOM, ECHO, WAIT, on_both, plan_of, run_main, run_plan, statuses, tool, tools

from lcc.grammar.ir import (
    Arg,
    Batched,
    Const,
    Dropped,
    Element,
    Expanded,
    Folded,
    Join,
    ListOf,
    Merged,
    Plan,
    Ref,
    Task,
)  # fmt: skip
from lcc.grammar.signatures import Effect
from lcc.passes.pipeline import optimize
from lcc.runtime.events import RunEnded, RunStarted, TaskAdded, TaskEnded, TaskReady, TaskReported, TaskStarted
from lcc.runtime.options import Options
from lcc.runtime.result import RunStatus
from lcc.runtime.run import Run, execute


@on_both
def test_events_tell_the_whole_story_in_order(backend):
    async def main():
        async with Run(
            plan_of("1. echo([1])\n2. echo(each $1)\n3. boom($2)\n4. echo($3)\njoin()\n"), tools(ECHO, BOOM)
        ) as run:
            return [event async for event in run], run.result

    events, result = run_main(main, backend)
    assert isinstance(events[0], RunStarted)
    assert isinstance(events[-1], RunEnded)
    assert [e.time for e in events] == sorted(e.time for e in events)
    story = {}
    for event in events[1:-1]:
        story.setdefault(str(event.id), []).append(type(event).__name__)
    whole = ["TaskAdded", "TaskReady", "TaskStarted", "TaskEnded"]
    assert story == {
        "1": whole, "2": ["TaskAdded", "TaskEnded"], "2[0]": whole, "3": whole, "4": ["TaskAdded", "TaskEnded"],
    }  # fmt: skip
    reads = {str(e.id): e.reads for e in events if isinstance(e, TaskAdded)}
    assert reads == {"1": (), "2": (1,), "2[0]": (), "3": (2,), "4": (3,)}
    began = events[0].time
    for event in events:
        if isinstance(event, TaskEnded):
            assert result.tasks[event.id].end == event.time - began
        if isinstance(event, TaskStarted):
            assert result.tasks[event.id].start == event.time - began


def test_nothing_waits_for_whoever_reads_the_events():
    async def main():
        async with Run(plan_of("1. wait(1)\n2. wait(1, $1)\njoin()\n"), tools(WAIT)) as run:
            async for event in run:
                if isinstance(event, TaskReady):
                    await anyio.sleep(100)
        return run.result.makespan

    assert run_main(main, "clock") == 2


@on_both
def test_a_callback_sees_the_same_events(backend):
    seen = []

    async def main():
        options = Options(on_event=seen.append)
        async with Run(plan_of("1. echo(1)\njoin()\n"), tools(ECHO), options=options) as run:
            return [event async for event in run]

    assert run_main(main, backend) == seen


@on_both
@pytest.mark.parametrize("on", [RunStarted, TaskStarted, TaskEnded])
def test_a_callback_that_raises_ends_the_run_with_its_exception(backend, on):
    def watch(event):
        if isinstance(event, on):
            raise ZeroDivisionError("in the callback")

    async def main():
        run = Run(plan_of("1. echo(1)\n2. wait(99)\njoin()\n"), tools(ECHO, WAIT), options=Options(on_event=watch))
        with pytest.raises(ZeroDivisionError):
            async with run:
                await run.wait()
        assert statuses(run.result)["2"] == "cancelled"
        with pytest.raises(ZeroDivisionError) as raised:
            await execute(plan_of("1. echo(1)\njoin()\n"), tools(ECHO), options=Options(on_event=watch))
        assert statuses(raised.value.lcc_result) == {"1": "cancelled" if on is RunStarted else "ok"}

    run_main(main, backend)


@on_both
def test_no_call_starts_once_a_callback_has_raised_and_it_is_not_called_again(backend):
    seen = []

    def watch(event):
        seen.append(event)
        if isinstance(event, TaskEnded):
            raise ZeroDivisionError("in the callback")

    async def main():
        plan = plan_of("1. echo(1)\n2. echo($1)\n3. echo(3)\n4. echo(each [$1, 4])\njoin()\n")
        run = Run(plan, tools(ECHO), options=Options(on_event=watch, concurrency=1))
        with pytest.raises(ZeroDivisionError):
            async with run:
                events = [event async for event in run]
        assert isinstance(seen[-1], TaskEnded)
        assert isinstance(events[-1], RunEnded)
        return statuses(run.result)

    ended = run_main(main, backend)
    assert ended.pop("1") == "ok"
    assert set(ended.values()) == {"cancelled"}


async def fail_inside(run):
    async with run:
        await anyio.wait_all_tasks_blocked()
        raise LookupError


@on_both
def test_an_exception_in_the_block_cancels_the_run(backend):
    async def main():
        run = Run(plan_of("1. echo(1)\n2. wait(99)\njoin()\n"), tools(ECHO, WAIT))
        with pytest.raises(LookupError):
            await fail_inside(run)
        assert statuses(run.result) == {"1": "ok", "2": "cancelled"}
        assert run.result.status is RunStatus.FAILED

    run_main(main, backend)


@on_both
def test_leaving_the_block_waits_for_the_end(backend):
    async def main():
        async with Run(plan_of("1. echo(1)\njoin()\n"), tools(ECHO)) as run:
            with pytest.raises(RuntimeError, match="has not ended"):
                _ = run.result
        return run.result.join

    assert run_main(main, backend) == {1: 1}


@on_both
@pytest.mark.parametrize("again", ["cancel", "raise", "add", "finish", "retract"])
def test_a_run_that_was_cancelled_and_is_over_takes_everything_and_stays_as_it_is(backend, again):
    plan = plan_of("1. echo(1)\n2. wait(60)\n3. wait(60)\n4. echo(4)\njoin()\n")

    async def main():
        async with Run(plan, tools(WAIT, ECHO), options=Options(concurrency=2)) as run:
            await anyio.sleep(0)
            run.cancel("enough")
            run.cancel()
            before = (await run.wait()).to_json()
            if again == "raise":
                raise KeyError("the caller's own")
            for _ in range(2):
                if again == "add":
                    run.add(Task(9, "echo", (Arg(None, Const(1)),)))
                elif again == "finish":
                    run.finish(plan)
                elif again == "retract":
                    run.retract(1)
                else:
                    run.cancel()
        assert run.result.to_json() == before
        assert run.result.status is RunStatus.FAILED

    if again == "raise":
        with pytest.raises(KeyError, match="own"):
            run_main(main, backend)
    else:
        run_main(main, backend)


@on_both
def test_a_caller_that_is_cancelled_while_it_leaves_the_block_cancels_the_run(backend):
    async def main():
        def watch(event):
            if isinstance(event, TaskEnded):
                scope.cancel()

        run = Run(plan_of("1. echo(1)\n2. wait(99)\njoin()\n"), tools(ECHO, WAIT), options=Options(on_event=watch))
        with anyio.CancelScope() as scope:
            async with run:
                pass
        assert scope.cancelled_caught
        assert statuses(run.result) == {"1": "ok", "2": "cancelled"}

    run_main(main, backend)


@on_both
def test_execute_passes_cancellation_on(backend):
    stopped = []

    async def hold(value):
        try:
            scopes[0].cancel()
            await anyio.sleep_forever()
        finally:
            stopped.append(value)

    scopes = []

    async def main():
        with anyio.CancelScope() as scope:
            scopes.append(scope)
            await execute(plan_of("1. hold(1)\njoin()\n"), tools(tool(hold, "value")))
        assert scope.cancelled_caught
        assert stopped == [1]

    run_main(main, backend)


@on_both
def test_a_tool_can_report_and_ask_about_its_call(backend):
    seen = {}

    async def talk(value, context):
        context.report(f"at {value}")
        seen[str(context.task)] = (context.tool, context.attempt, context.idempotency_key, context.cancelled)
        return context.remaining > 3

    def talk_in_thread(value, context):
        context.report("from a thread")
        return context.run

    given = tools(tool(talk, "value", context="context", timeout=5.0), tool(talk_in_thread, "value", context="context"))

    async def main():
        async with Run(plan_of("1. talk(each [7, 8])\n2. talk_in_thread(1)\njoin()\n"), given, run_id="r") as run:
            events = [event async for event in run]
        return events, run.result

    events, result = run_main(main, backend)
    assert result.join == {1: [True, True], 2: "r"}
    reports = {(str(e.id), e.message) for e in events if isinstance(e, TaskReported)}
    assert reports == {("1[0]", "at 7"), ("1[1]", "at 8"), ("2", "from a thread")}
    assert set(seen) == {"1[0]", "1[1]"}
    assert len({key for *_, key, _ in seen.values()}) == 2


@on_both
def test_what_a_tool_reports_fails_its_own_call_if_it_is_no_text(backend):
    class Mute:
        def __str__(self):
            raise SystemExit(3)

    async def tell(value, context):
        context.report(value)
        for _ in range(5):
            await anyio.lowlevel.checkpoint()
        context.report(Mute())

    given = tools(tool(tell, "value", context="context"), ECHO)

    async def main():
        async with Run(plan_of("1. tell([7])\n2. echo(1)\njoin()\n"), given) as run:
            return [event async for event in run], run.result

    events, result = run_main(main, backend)
    assert [e.message for e in events if isinstance(e, TaskReported)] == ["[7]"]
    assert statuses(result) == {"1": "failed", "2": "ok"}


@on_both
def test_a_fan_out_whose_elements_were_dropped_or_evaluated_is_accounted_for(backend):
    plan = Plan(
        tasks=(Task(1, "echo", (Arg(None, Const(5)),)), Task(Element(4, 0), "echo", (Arg(None, Const(6)),))),
        join=Join((Ref(1), Ref(Element(4, 0)))),
        origins=(
            Expanded(2, 2),
            Dropped(Element(2, 0)),
            Dropped(Element(2, 1)),
            Expanded(3, 2),
            Folded(Element(3, 0), Const(1)),
            Merged(Element(3, 1), 1),
            Expanded(4, 2),
            Dropped(Element(4, 1)),
            Merged(5, 2),
            Merged(6, 3),
        ),
    )
    result = run_plan(plan, tools(ECHO), backend=backend)
    assert {str(id_): into for id_, into in result.merged.items()} == {
        "2": None, "2[0]": None, "2[1]": None, "3[0]": None, "3[1]": 1, "4": None, "4[1]": None, "5": None, "6": 3,
    }  # fmt: skip
    assert {str(id_): r.value for id_, r in result.tasks.items()} == {"1": 5, "3": [1, 5], "3[0]": 1, "4[0]": 6}
    assert result.ok


@pytest.mark.parametrize("level", range(4))
@pytest.mark.parametrize("read", ["", "$1[0]", "$1[-1]", "$1"])
def test_every_task_is_among_the_records_or_among_those_that_were_merged(level, read):
    bound = tools(ECHO, tool(ECHO.function, "value", name="look", effect=Effect.READ))
    text = f"1. look(each [1, 2])\n2. look(each [])\n3. look(each $1)\n4. echo(9)\n5. join({read or '$4'})\n"
    plan = optimize(plan_of(text), {name: one.signature for name, one in bound.items()}, level=level).plan
    result = run_plan(plan, bound)
    assert result.tasks.keys() | result.merged.keys() >= {1, 2, 3, 4}
    assert all(into is None or into in result.tasks for into in result.merged.values())


@on_both
def test_merged_says_where_the_value_of_a_removed_task_is(backend):
    plan = Plan(
        tasks=(
            Task(1, "echo", (Arg(None, Const(5)),)),
            Task(Element(4, 0), "echo", (Arg(None, Const(6)),)),
            Task(9, "echo", (Arg(None, ListOf((Const("a"), Const("b")))),)),
        ),
        join=Join((Ref(1), Ref(1), Ref(1), ListOf((Ref(Element(4, 0)), Ref(1))), Const(3)), labels=(1, 2, 3, 4, 7)),
        origins=(
            Merged(3, 2),
            Merged(2, 1),
            Expanded(4, 2),
            Merged(Element(4, 1), 1),
            Dropped(6),
            Folded(7, Const(3)),
            Batched(9, 1),
            Expanded(10, 0),
        ),
    )
    result = run_plan(plan, tools(ECHO), backend=backend)
    assert result.merged == {3: 1, 2: 1, Element(4, 1): 1, 6: None, 7: None}
    assert result.to_json()["merged"] == {
        "3": "1",
        "2": "1",
        "4[1]": "1",
        "6": None,
        "7": None,
    }
    assert result.join == {1: 5, 2: 5, 3: 5, 4: [6, 5], 7: 3}
    assert {str(id_): r.value for id_, r in result.tasks.items()} == {
        "1": 5, "4": [6, 5], "4[0]": 6, "9": ["a", "b"], "7": 3, "10": [],
    }  # fmt: skip


@on_both
def test_an_expanded_fan_out_fails_as_an_unexpanded_one_does(backend):
    expanded = Plan(
        tasks=tuple(Task(Element(1, k), "boom" if k == 1 else "echo", (Arg(None, Const(k)),)) for k in range(3)),
        join=Join((ListOf(tuple(Ref(Element(1, k)) for k in range(3))),), labels=(1,)),
        origins=(Expanded(1, 3),),
    )
    result = run_plan(expanded, tools(ECHO, BOOM), backend=backend)
    assert result.join == {1: None}
    assert result.tasks[1].error.message == "1[1]: ValueError: boom 1"
    assert statuses(result) == {"1": "failed", "1[0]": "ok", "1[1]": "failed", "1[2]": "ok"}
