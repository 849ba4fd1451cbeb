"""Independent steps with conditions, fallbacks and loops do what they do one after the other; and calls alone what a graph does."""

from __future__ import annotations

from functools import partial
from random import Random

import anyio
import pytest
from random_steps import SHAPES, SIGNATURES, Outside, Reference, make_steps
from shape_counts import used_seed
from virtual_time import run_virtually

from lcc.grammar.ir import Arg, Const, Element, ForEach, Join, Plan, Ref, Task, TaskId, block_calls, block_statements
from lcc.passes.pipeline import optimize
from lcc.runtime.options import Options
from lcc.runtime.result import RunResult
from lcc.runtime.run import Run

FEW = 150
MANY = 8_000
BACKENDS = ("asyncio", "trio")


async def execute(plan: Plan, world: Outside, chance: Random) -> RunResult:
    async def pause() -> None:
        await anyio.sleep(chance.choice((0.0, 0.1, 1.0, 5.0)))

    async with Run(plan, world.tools(pause), options=Options(), keep_events=False) as run:
        return await run.wait()


def check(seed: str, backend: str) -> None:
    plan, world_seed, _ = make_steps(Random(seed))
    wanted = Reference(plan, world_seed)
    world = Outside(world_seed)
    result = run_virtually(partial(execute, plan, world, Random(seed)), backend)
    shown = f"{seed!r} on {backend}"
    assert {id: record.status.value for id, record in result.tasks.items()} == wanted.statuses, shown
    assert result.join == wanted.join, shown
    assert world.writes == wanted.world.writes, shown
    assert result.ok == wanted.ok, shown
    assert set(world.calls) == set(wanted.world.calls), shown
    check_order(plan, result, shown)


def check_order(plan: Plan, result: RunResult, shown: str) -> None:
    """Check that what is ordered after a step began when every call in that had ended."""
    blocks = [plan.body or (), *(one.body for one in block_statements(plan.body or ()) if isinstance(one, ForEach))]
    for block in blocks:
        inside = {one.id: {call.id for call in block_calls((one,))} for one in block}  # type: ignore[union-attr]
        for task in (one for one in block if isinstance(one, Task) and one.after):
            before = {call for id in task.after for call in inside[id]}
            for id, record in result.tasks.items():
                if record.start is None or site_of(id) != task.id or result.merged.get(id) is not None:
                    continue
                turns = turns_of(id)
                for other, earlier in result.tasks.items():
                    if (
                        site_of(other) in before
                        and turns_of(other)[: len(turns)] == turns
                        and earlier.start is not None
                    ):
                        assert (earlier.end or 0) <= record.start, f"{shown}: {id} {other}"


def site_of(id: TaskId) -> int:
    return id.task if isinstance(id, Element) else id


def turns_of(id: TaskId) -> tuple[int, ...]:
    return (id.place, *id.inner) if isinstance(id, Element) else ()


@pytest.mark.parametrize("backend", BACKENDS)
def test_random_steps_do_what_they_do_in_turn(backend: str) -> None:
    for number in range(FEW):
        check(f"{backend} {number}", backend)


@pytest.mark.slow
@pytest.mark.timeout(3_000)
def test_many_random_steps_do_what_they_do_in_turn() -> None:
    seed = used_seed()
    for number in range(MANY):
        check(f"{seed} {number}", BACKENDS[number % 2])


def test_the_generator_reaches_every_shape() -> None:
    reached = {shape for number in range(100) for shape in make_steps(Random(number))[2]}
    assert reached == SHAPES


def make_line(chance: Random) -> tuple[Plan, Plan]:
    """Make up calls without conditions, as a line and as a body."""
    tasks: list[Task] = []
    for id in range(1, chance.randrange(3, 10)):
        read = Ref(chance.randrange(1, id)) if id > 1 and chance.random() < 0.6 else Const(chance.randrange(3))
        tool = chance.choice(("shape", "look", "survey", "put", "pack", "ring"))
        tasks.append(Task(id, tool, (Arg("x", read), Arg("k", Const(chance.randrange(3))))))
    join = Join(tuple(Ref(task.id) for task in tasks))
    return Plan(tasks=tuple(tasks), join=join), Plan(body=tuple(tasks), join=join, fails="independent")


@pytest.mark.parametrize("backend", BACKENDS)
def test_calls_alone_do_as_a_body_what_they_do_as_a_line(backend: str) -> None:
    for number in range(FEW):
        chance = Random(f"line {number}")
        line, body = make_line(chance)
        seed = chance.randrange(1 << 16)
        wanted = Reference(body, seed)
        for plan in (optimize(line, SIGNATURES, level=0).plan, body):
            world = Outside(seed)
            result = run_virtually(partial(execute, plan, world, Random(number)), backend)
            assert {id: record.status.value for id, record in result.tasks.items()} == wanted.statuses, number
            assert (result.join, result.ok) == (wanted.join, wanted.ok), number
            assert world.writes == wanted.world.writes, number
