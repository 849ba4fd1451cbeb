"""Add tasks while a run goes on, take them back, and finish it with the plan that the passes made."""

from __future__ import annotations

import anyio
import pytest
from running_plans import ECHO, add, on_both, plan_of, run_main, statuses, tool, tools

from lcc.grammar.ir import Arg, Const, Element, Expanded, Join, ListOf, Merged, Plan, Ref, Task
from lcc.grammar.signatures import Effect
from lcc.runtime.events import TaskRetracted
from lcc.runtime.inputs import RunError
from lcc.runtime.options import Options
from lcc.runtime.run import Run


class Log:
    """Tools that note their calls, and read calls that wait until they are let go."""

    def __init__(self) -> None:
        self.calls: list[object] = []
        self.cancelled: list[object] = []
        self.go: dict[object, anyio.Event] = {}

    def tools(self):
        async def held(value):
            self.calls.append(value)
            try:
                await self.go.setdefault(str(value), anyio.Event()).wait()
            except BaseException:
                self.cancelled.append(value)
                raise
            return value

        async def note(value):
            self.calls.append(value)
            return value

        effects = {"pure": Effect.PURE, "read": Effect.READ, "write": Effect.WRITE, "undeclared": Effect.UNDECLARED}
        return tools(
            tool(held, "value"), *(tool(note, "value", name=name, effect=effect) for name, effect in effects.items())
        )


def parse(text):
    return plan_of(text + "join()\n")


async def settle():
    for _ in range(5):
        await anyio.lowlevel.checkpoint()


@on_both
def test_a_read_starts_as_soon_as_it_is_added(backend):
    async def main():
        log = Log()
        plan = parse("1. read(1)\n2. pure($1)\n")
        async with Run(None, log.tools()) as run:
            run.add(plan.tasks[0])
            await settle()
            assert log.calls == [1]
            run.add(plan.tasks[1])
            await settle()
            assert log.calls == [1, 1]
            run.finish(plan)
            assert (await run.wait()).join == {1: 1, 2: 1}
        assert log.calls == [1, 1]

    run_main(main, backend)


@on_both
@pytest.mark.parametrize("effect", ["write", "undeclared"])
def test_a_write_never_starts_before_the_plan_is_finished(backend, effect):
    async def main():
        log = Log()
        plan = parse(f"1. read(1)\n2. {effect}($1)\n3. read([$2, 'late'])\n4. read(4)\n")
        async with Run(None, log.tools()) as run:
            add(run, plan)
            await settle()
            assert log.calls == [1, 4]
            run.finish(plan)
            await run.wait()
        assert log.calls == [1, 4, 1, [1, "late"]]

    run_main(main, backend)


@on_both
def test_a_read_ordered_behind_a_write_waits_with_it(backend):
    async def main():
        log = Log()
        tasks = (Task(1, "write", (Arg(None, Const(1)),)), Task(2, "read", (Arg(None, Const(2)),), after=(1,)))
        async with Run(None, log.tools()) as run:
            for task in tasks:
                run.add(task)
            await settle()
            assert log.calls == []
            run.finish(Plan(tasks=tasks, join=Join((Ref(2),))))
            assert (await run.wait()).join == [2]
        assert log.calls == [1, 2]

    run_main(main, backend)


@on_both
def test_what_reads_an_input_waits_for_its_value_and_its_readers_for_it(backend):
    async def main():
        log = Log()
        text = (
            'input city: str = "Oslo"\ninput all: list = [1, 2]\n'
            '1. read("$city")\n2. pure([$1])\n3. read(4)\n4. read(each $all)\n5. pure($4[1])\n6. read(each ["$city", 3])\n'
            '7. pure("$1 of $6[0]")\n'
        )
        plan = parse(text)
        async with Run(None, log.tools()) as run:
            add(run, plan)
            await settle()
            assert log.calls == [4]
            run.finish(plan)
            result = await run.wait()
        assert statuses(result) == dict.fromkeys(statuses(result), "ok")
        assert result.join == {1: "Oslo", 2: ["Oslo"], 3: 4, 4: [1, 2], 5: 2, 6: ["Oslo", 3], 7: "Oslo of Oslo"}
        assert log.calls.count(4) == 1

    run_main(main, backend)


@on_both
def test_a_plan_that_is_never_finished_has_changed_nothing(backend):
    async def main():
        log = Log()
        plan = parse("1. read(1)\n2. write(2)\n3. read($2)\n")
        async with Run(None, log.tools()) as run:
            add(run, plan)
            await settle()
        assert log.calls == [1]
        assert statuses(run.result) == {"1": "ok", "2": "cancelled", "3": "cancelled"}
        assert run.result.tasks[2].error.message == "the plan was never finished"

    run_main(main, backend)


@on_both
def test_a_retracted_read_is_cancelled_and_its_result_dropped(backend):
    async def main():
        log = Log()
        plan = parse("1. read(1)\n2. held(2)\n3. read([$2])\n4. read([$1])\n")
        async with Run(None, log.tools()) as run:
            add(run, plan)
            await settle()
            run.retract(2)
            run.retract(1)
            await settle()
            assert log.cancelled == [2]
            again = parse("1. read('new')\n2. read($1)\n")
            add(run, again)
            run.finish(again)
            events = [event async for event in run]
        assert run.result.join == {1: "new", 2: "new"}
        assert run.result.ok
        assert {e.id for e in events if isinstance(e, TaskRetracted)} == {1, 2, 4}

    run_main(main, backend)


@on_both
def test_finished_work_is_kept_when_passes_changed_the_plan(backend):
    async def main():
        log = Log()
        plan = parse("1. read(1)\n2. held(2)\n3. read(1)\n4. write([$1, $2])\n")
        async with Run(None, log.tools()) as run:
            add(run, plan)
            await settle()
            assert log.calls == [1, 2, 1]
            tasks = tuple(t for t in plan.tasks if t.id != 3)
            run.finish(Plan(tasks=tasks, join=Join((Ref(1), Ref(1), Ref(4))), origins=(Merged(3, 1),)))
            await settle()
            log.go["2"].set()
            result = await run.wait()
        assert result.join == [1, 1, [1, 2]]
        assert result.merged == {3: 1}
        assert list(result.tasks) == [1, 2, 4]
        assert log.calls == [1, 2, 1, [1, 2]]

    run_main(main, backend)


@on_both
def test_a_running_read_that_turned_out_dead_is_cancelled(backend):
    async def main():
        log = Log()
        plan = parse("1. held(1)\n2. read(2)\n")
        async with Run(None, log.tools()) as run:
            add(run, plan)
            await settle()
            run.finish(Plan(tasks=plan.tasks[1:], join=Join((Ref(2),))))
            result = await run.wait()
        assert log.cancelled == [1]
        assert (result.join, result.ok) == ([2], True)

    run_main(main, backend)


@on_both
@pytest.mark.parametrize("expanded", [False, True])
def test_elements_that_started_are_kept(backend, expanded):
    async def main():
        log = Log()
        plan = parse("1. held(each ['a', 'b'])\n2. write($1)\n")
        async with Run(None, log.tools()) as run:
            add(run, plan)
            await settle()
            assert log.calls == ["a", "b"]
            log.go["a"].set()
            await settle()
            whole = plan
            if expanded:
                elements = tuple(Task(Element(1, k), "held", (Arg(None, Const(v)),)) for k, v in enumerate("ab"))
                both = ListOf((Ref(Element(1, 0)), Ref(Element(1, 1))))
                write = Task(2, "write", (Arg(None, both),))
                whole = Plan(tasks=(*elements, write), join=Join((both, Ref(2)), (1, 2)), origins=(Expanded(1, 2),))
            run.finish(whole)
            await settle()
            log.go["b"].set()
            result = await run.wait()
        assert log.calls == ["a", "b", ["a", "b"]]
        assert result.join == {1: ["a", "b"], 2: ["a", "b"]}
        assert statuses(result) == {"1": "ok", "1[0]": "ok", "1[1]": "ok", "2": "ok"}

    run_main(main, backend)


@on_both
def test_a_finish_that_is_refused_changes_nothing(backend):
    async def main():
        log = Log()
        plan = parse("1. read(1)\n")
        async with Run(None, log.tools()) as run:
            run.add(plan.tasks[0])
            with pytest.raises(RunError):
                run.finish(parse("1. read(1)\n2. gone(1)\n"))
            with pytest.raises(RunError):
                run.add(Task(2, "gone"))
            run.finish(plan)
            assert (await run.wait()).ok

    run_main(main, backend)


@on_both
def test_a_finished_plan_sets_the_priorities(backend):
    async def main():
        log = Log()
        given = log.tools()
        plan = parse("1. held(1)\n2. read(2)\n3. read(3)\n")
        from lcc.runtime.options import Options

        async with Run(None, given, options=Options(concurrency=1)) as run:
            add(run, plan)
            await settle()
            assert log.calls == [1]
            first, second, third = plan.tasks
            run.finish(Plan(tasks=(first, second, Task(3, third.tool, third.args, priority=9.0)), join=plan.join))
            log.go["1"].set()
            await run.wait()
        assert log.calls == [1, 3, 2]

    run_main(main, backend)


@on_both
def test_results_of_earlier_plans_can_be_read(backend):
    async def main():
        async with Run(parse("4. echo([$1.x, $2])\n"), tools(ECHO), earlier={1: {"x": 5}, 2: "y"}) as run:
            result = await run.wait()
        assert result.join == {4: [5, "y"]}
        assert list(result.tasks) == [4]

    def parse(text):
        task = Task(4, "echo", (Arg(None, ListOf((Ref(1, ("x",)), Ref(2)))),))
        return Plan(tasks=(task,), join=Join((Ref(4),), (4,)))

    run_main(main, backend)


@pytest.mark.parametrize("how", ["dropped by the whole plan", "retracted"])
@pytest.mark.parametrize("twice", [True, False])
def test_no_write_starts_while_a_read_that_is_no_longer_needed_winds_up(how, twice):
    order = []

    async def look(value):
        try:
            await anyio.sleep(60)
        finally:
            with anyio.CancelScope(shield=True):
                await anyio.sleep(0.3 * value)
            order.append(f"read {value}")

    async def save(value):
        order.append("saved")

    async def main():
        given = tools(tool(look, "value"), tool(save, "value", effect=Effect.WRITE), ECHO)
        plan = parse('1. look(1)\n2. look(0.5)\n3. save("x")\n4. echo("y")\n')
        async with Run(None, given, options=Options(grace=1.0)) as run:
            for task in plan.tasks[not twice :]:
                run.add(task)
            await anyio.sleep(1)
            if how == "retracted":
                run.retract(1)
                run.retract(2)
            run.finish(parse('3. save("x")\n4. echo("y")\n'))
            result = await run.wait()
        assert statuses(result) == {"3": "ok", "4": "ok"}
        assert order == ["read 0.5", *(["read 1"] if twice else []), "saved"]
        assert result.makespan == pytest.approx(1.3 if twice else 1.15)

    run_main(main, "clock")
