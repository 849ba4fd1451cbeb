"""Run random strict bodies while they are written: what they give, print, write and call is what the reference does."""

from __future__ import annotations

from functools import partial
from random import Random

import pytest
from body_world import Outside, Pause, random_pause, reversed_pause
from random_strict_plans import Body, make_body
from reference_program import interpret
from shape_counts import used_seed
from strict_runs import MOST_CALLS, compare, tools_of, with_equal_calls
from virtual_time import run_virtually

from lcc.grammar.ir import Apply, Exit, Handler, Let, Local, Plan, Statement, Try, names_of
from lcc.runtime.options import Options
from lcc.runtime.program.before import NOTHING_BEFORE, Before, Done
from lcc.runtime.result import RunResult
from lcc.runtime.run import Run

FEW = 25
MANY = 1_200
BACKENDS = ("asyncio", "trio")
EMPTY = Plan(body=(), fails="strict")


async def arriving(
    body: tuple[Statement, ...], world: Outside, pause: Pause, written: Pause, before: Before = NOTHING_BEFORE
) -> RunResult:
    """Run statements that come one by one, with pauses between them."""

    async def yes(_: object) -> bool:
        return True

    options = Options(approve=yes)
    async with Run(EMPTY, tools_of(world, pause), options=options, keep_events=False, before=before) as run:
        for statement in body:
            await written()
            run.add(statement)
        await written()
        assert not any(world.tools[name].effect.writes for name, _ in world.calls) or before.programs
        run.finish(Plan(body=body, fails="strict"))
        return await run.wait()


async def _whole(body: Body, world: Outside, pause: Pause, *, written: Pause) -> RunResult:
    return await arriving(body.plan.body or (), world, pause, written)


def _check(seed: str, backend: str) -> None:
    body = make_body(Random(seed))
    if Random(seed).randrange(3) == 0:
        body = with_equal_calls(body, Random(seed))
    for pause in (reversed_pause(), random_pause(Random(seed))):
        wrong = compare(body, pause, backend, partial(_whole, written=random_pause(Random(f"{seed} text"))))
        assert wrong is None, f"{seed!r} on {backend}: {wrong}"


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_body_does_the_same_while_it_is_written(backend: str) -> None:
    for number in range(FEW):
        _check(f"arriving {backend} {number}", backend)


@pytest.mark.slow
@pytest.mark.timeout(3_000)
@pytest.mark.parametrize("part", range(4))
def test_many_bodies_do_the_same_while_they_are_written(part: int) -> None:
    seed = used_seed()
    for number in range(part, MANY, 4):
        _check(f"arriving {seed} {number}", BACKENDS[number // 4 % 2])


def _reached(body: tuple[Statement, ...], result: RunResult) -> tuple[Statement, ...]:
    """Return the statements that ran, with the one that failed in a `try`."""
    assert result.statement is not None
    before, last = body[: result.statement], body[result.statement]
    return (*before, Try((last,), (Handler(None, ()),)))


def _reading(statements: tuple[Statement, ...]) -> tuple[Statement, ...]:
    """Return statements that answer with the names which were bound for sure."""
    lets = [one for one in statements if isinstance(one, Let)]
    names = sorted({name for one in lets for target in one.targets for name in names_of(target)})
    return (Exit("answer", Apply("display list", tuple(map(Local, names)))),)


def _goes_on(seed: str, backend: str) -> bool:
    """Go on behind a body that failed; return whether this one did."""
    made = make_body(Random(seed))
    body = made.plan.body or ()
    alone = Outside(made.tools, made.seed)
    wanted = interpret(made.plan, alone.functions())
    if len(alone.calls) > MOST_CALLS or wanted.error is None or wanted.error.startswith("OperationError"):
        return False
    world = Outside(made.tools, made.seed)
    written = random_pause(Random(f"{seed} text"))
    first = run_virtually(partial(arriving, body, world, reversed_pause(), written), backend)
    assert first.failure is not None
    reached = _reached(body, first)
    more = _reading(reached)
    calls = len(world.calls)
    before = Before((Done(reached, failed=True),), first.tasks)
    second = run_virtually(partial(arriving, more, world, reversed_pause(), written, before), backend)
    assert len(world.calls) == calls, f"{seed}: a call is made again"
    assert not second.tasks
    assert second.printed == ""
    both = interpret(Plan(body=(*reached, *more), fails="strict"), Outside(made.tools, made.seed).functions())
    assert second.answer == both.given, f"{seed}: {second.answer} {second.failure}"
    return True


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_program_goes_on_with_the_names_of_one_that_failed(backend: str) -> None:
    assert sum(_goes_on(f"next {backend} {number}", backend) for number in range(2 * FEW)) > 5


@pytest.mark.slow
@pytest.mark.timeout(3_000)
def test_many_programs_go_on_with_the_names_of_one_that_failed() -> None:
    seed = used_seed()
    assert sum(_goes_on(f"next {seed} {number}", BACKENDS[number % 2]) for number in range(MANY)) > 100
