"""Run random programs in random circumstances, and hold what they give to the reference interpreter's.

    run_whole        optimized at a level, or by passes in any order
    run_printed      printed as a plan file, read, and run
    run_streamed     written in random chunks while it runs
    run_cancelled    cancelled at some moment, and again when it has ended
    run_resumed      cancelled with a journal, and resumed
    run_threads      with one thread for all that only reads

Each returns a `Seen`; `agrees` and `is_safe` say what must be so. `hold` runs a check and, where it fails, shows a small program.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Final

import anyio
from random_programs import DEFAULTED, INPUTS, Program, shapes_of
from random_world import Circumstances, World, checked
from reference_interpreter import Interpreter, Outcome, fake_result
from virtual_time import MOST_PAUSE, run_virtually

from lcc.ask.memory import Memory
from lcc.ask.planning.plan_run import PlanRun
from lcc.cli.views.plan_text import emit
from lcc.grammar.diagnostics import has_errors
from lcc.grammar.ir import Join, Plan, Ref, Task, Value, references
from lcc.grammar.source import Source
from lcc.grammar.syntax.parser import parse_plan
from lcc.grammar.syntax.print_plan import print_plan
from lcc.grammar.values import Json
from lcc.passes.context import NotEvaluated
from lcc.passes.pipeline import PASSES, optimize
from lcc.passes.verify import verify
from lcc.runtime.journal.record import begin_run, resume_run
from lcc.runtime.result import FailureKind, RunResult, TaskStatus
from lcc.runtime.run import Run
from lcc.runtime.tool import ArgumentError

PASS_NAMES: Final = tuple(name for name in PASSES if name != "narrow-join")
REDUCING_SECONDS: Final = 15.0


@dataclass
class Seen:
    """A run that ended, the world afterwards, and what is expected of it."""

    program: Program
    circumstances: Circumstances
    world: World
    result: RunResult
    expected: Outcome


# runs


def inputs_of(c: Circumstances) -> dict[str, Json]:
    """Return the inputs that are given; the others have their defaults."""
    return {name: value for name, value in INPUTS.items() if c.given_all or name not in DEFAULTED}


def expectation(program: Program, c: Circumstances) -> Outcome:
    """Return what the program gives, run call by call as it is written."""
    by_name = program.tools
    plain = optimize(program.plan, program.tools, level=0).plan

    def fails(call: str) -> bool:
        return c.fails(by_name[json.loads(call)[0]], call)

    return Interpreter(plain, program.tools, INPUTS, fails).run()


def compiled(program: Program, c: Circumstances) -> Plan:
    """Return the plan optimized at the level; what is evaluated is what the tools would return."""
    return optimize(program.plan, program.tools, level=c.level, evaluate=evaluator(program), verify_each=True).plan


def evaluator(program: Program) -> Callable[[str, Mapping[str, Json]], Json]:
    """Return what evaluates calls while compiling."""
    world = World(program.tools, Circumstances())

    def evaluate(tool: str, arguments: Mapping[str, Json]) -> Json:
        signature = program.tools[tool]
        try:
            checked(signature, arguments)
        except ArgumentError as error:
            raise NotEvaluated(str(error)) from None
        return fake_result(signature, world.text(signature, arguments), [])

    return evaluate


def run_plan(program: Program, plan: Plan, c: Circumstances, *, threads: bool = False) -> Seen:
    """Run a plan that was made of a program. `threads`, on asyncio only: what only reads has its code in threads."""
    world = World(program.tools, c)

    async def main() -> RunResult:
        if threads:
            world.loop = asyncio.get_running_loop()
        options = world.options()
        async with Run(plan, world.bound(), inputs_of(c), options=options, keep_events=False) as run:
            return await run.wait()

    result = run_virtually(main, c.backend, threads=threads)
    world.count(threads=threads)
    return Seen(program, c, world, result, expectation(program, c))


def run_threads(program: Program, c: Circumstances) -> Seen:
    """Run a program whose reads share one thread."""
    c = replace(c, backend="asyncio")
    return run_plan(program, compiled(program, c), c, threads=True)


def run_whole(program: Program, c: Circumstances, passes: Sequence[str] | None = None) -> Seen:
    """Run a program optimized at the level, or by some passes."""
    if passes is None:
        return run_plan(program, compiled(program, c), c)
    evaluate = evaluator(program)
    plan = optimize(program.plan, program.tools, passes=passes, evaluate=evaluate, verify_each=True).plan
    seen = run_plan(program, plan, c)
    seen.world.shapes["passes in random order"] += 1
    return seen


def run_printed(program: Program, c: Circumstances) -> Seen:
    """Print the optimized program as a plan file, read it, check it, and run it as it is."""
    plan = compiled(program, c)
    assert plan.join is not None
    if not plan.join.values:  # no plan file can say that nothing is read
        return run_plan(program, plan, c)
    parsed = parse_plan(emit(plan, program.tools, "plan"))
    found = (*parsed.diagnostics, *verify(parsed.plan, program.tools))
    assert not has_errors(found), f"the printed plan is refused: {[d.message for d in found if d.is_error]}"
    seen = run_plan(program, optimize(parsed.plan, program.tools, level=0).plan, c)
    seen.world.shapes["printed at -O3"] += c.level == 3
    return seen


def run_streamed(program: Program, c: Circumstances) -> Seen:
    """Run a program while its text comes in random chunks, with pauses."""
    world, chance = World(program.tools, c), Random(c.seed)
    text = print_plan(program.plan) + "<END_OF_PLAN>\n"

    async def main() -> RunResult:
        memory = Memory(program.tools)
        options = world.options()
        async with Run(None, world.bound(), inputs_of(c), options=options, keep_events=False) as run:
            writing = PlanRun(run, program.tools, memory, level=c.level, round_=1, emit=lambda _: None)
            place = 0
            while place < len(text):
                size = chance.choice([1, 3, 20, 80])
                writing.feed(text[place : place + size])
                place += size
                if chance.random() < 0.3:
                    await anyio.sleep(chance.choice([0.0, 0.1, 0.5]))
            verdict = writing.end()
            assert verdict.plan is not None, [d.message for d in verdict.diagnostics if d.is_error]
            return await run.wait()

    result = run_virtually(main, c.backend)
    world.shapes["streamed with an input"] += "input" in set(shapes_of(program))
    return Seen(program, c, world, result, expectation(program, c))


def run_cancelled(program: Program, c: Circumstances, at: float, *, by_scope: bool = False) -> Seen:
    """Cancel a run after some virtual seconds, twice, and once more when it has ended."""
    world = World(program.tools, c)
    plan = compiled(program, c)

    async def main() -> RunResult:
        run = Run(plan, world.bound(), inputs_of(c), options=world.options(), keep_events=False)

        async def follow() -> None:
            with suppress(RuntimeError):
                async with run:
                    await run.wait()

        async with anyio.create_task_group() as group:
            group.start_soon(follow)
            await anyio.sleep(at)
            if by_scope:
                group.cancel_scope.cancel()  # reaches the run a moment later
            else:
                run.cancel()
                world.stopped = True
                run.cancel()
        run.cancel()
        await anyio.sleep(1)
        return run.result

    result = run_virtually(main, c.backend)
    world.shapes["cancelled in the middle"] += any(r.status is TaskStatus.CANCELLED for r in result.tasks.values())
    return Seen(program, c, world, result, expectation(program, c))


def run_resumed(program: Program, c: Circumstances, moments: Sequence[float], folder: Path) -> Seen:
    """Run a program with a journal, cancelled at some moments and resumed each time, the last time to its end."""
    world, path = World(program.tools, c, by_task=True), folder / "journal"
    plan = compiled(program, c)
    path.unlink(missing_ok=True)
    journal = begin_run(str(path), plan, Source("<plan>", ""), program.tools, inputs_of(c))

    async def main() -> RunResult:
        nonlocal journal
        for moment in [*moments, None]:
            options = world.options(journal=journal, grace=2 * MOST_PAUSE)  # in which a thread writes in real time
            async with Run(
                plan, world.bound(), inputs_of(c), options=options, run_id=journal.run, keep_events=False
            ) as run:
                if moment is not None:
                    await anyio.sleep(moment)
                    run.cancel()
                result = await run.wait()
            journal.close(result)
            world.allowed.clear()
            statuses = {record.status for record in result.tasks.values()}
            world.shapes["resumed in the middle"] += {TaskStatus.OK, TaskStatus.CANCELLED} <= statuses
            if moment is not None:
                journal, _ = resume_run(str(path), program.tools)
        return result

    return Seen(program, c, world, run_virtually(main, "asyncio", threads=True), expectation(program, c))


# what must be so


def is_safe(seen: Seen) -> None:
    """Check that nothing was called that nobody allowed, and nothing beside what it conflicts with."""
    assert not seen.world.faults, seen.world.faults


def agrees(seen: Seen) -> None:
    """Check join, writes, records and the account of removed tasks of a run that came to its end."""
    is_safe(seen)
    expected, result = seen.expected, seen.result
    join = result.join if isinstance(result.join, dict) else dict(enumerate(result.join))
    wanted = expected.join if isinstance(expected.join, dict) else dict(enumerate(expected.join))  # type: ignore[arg-type]
    assert [str(key) for key in join] == [str(key) for key in wanted]
    for key, value in join.items():
        if int(key) not in expected.missing:
            assert json.dumps(value) == json.dumps(wanted.get(key, wanted.get(str(key)))), f"join of {key}"  # type: ignore[call-overload]
    assert seen.world.writes == expected.writes, "other writes"


def accounts_for(seen: Seen) -> None:
    """Check that every task of the source has a record or is named among what was removed, and that records tell the truth."""
    expected, result = seen.expected, seen.result
    for task in seen.program.plan.tasks:
        record = result.tasks.get(task.id)
        assert record is not None or task.id in result.merged, f"nothing is said of {task.id}"
        if record is not None and record.status is TaskStatus.OK and task.id in expected.results:
            assert json.dumps(record.value) == json.dumps(expected.results[task.id]), f"record of {task.id}"
    for id, into in result.merged.items():
        assert into is None or into in result.tasks, f"{id} is merged into {into}, which isn't there"
    if seen.circumstances.level == 0:
        for task in seen.program.plan.tasks:
            if task.each is None:
                status = result.tasks[task.id].status
                reads = task.id in expected.skipped
                wanted = "skipped" if reads else "failed" if task.id in expected.failed else "ok"
                assert status == wanted, f"{task.id} is {status}"


def stopped_well(seen: Seen) -> None:
    """Check a cancelled run: what ended well has its right value, and writes are a beginning of what they should be."""
    is_safe(seen)
    expected = seen.expected
    for task in seen.program.plan.tasks:
        record = seen.result.tasks.get(task.id)
        if record is not None and record.status is TaskStatus.OK and task.id in expected.results:
            assert json.dumps(record.value) == json.dumps(expected.results[task.id]), f"record of {task.id}"
    for key, writes in seen.world.writes.items():
        assert writes == expected.writes.get(key, [])[: len(writes)], f"other writes of {key}"


def resumed_well(seen: Seen) -> None:
    """Check a resumed run: no task wrote twice, and with nothing in doubt or done twice all is as in one run."""
    assert not seen.world.faults, seen.world.faults
    again = {str(id): times for id, times in seen.world.done.items() if times > 1}
    assert not again, f"writes made more than once: {again}"
    doubtful = any(r.error is not None and r.error.kind is FailureKind.DOUBT for r in seen.result.tasks.values())
    if not doubtful and not any(times > 1 for times in seen.world.redone.values()):
        agrees(seen)


# small programs


def hold(check: Callable[[Program], None], program: Program, circumstances: object = None) -> None:
    """Make a check of a program without errors; where it fails, raise what the smallest program says for which it fails alike."""
    if has_errors(verify(program.plan, program.tools)):
        return
    error = _failure(check, program)
    if error is None:
        return
    small, error = _reduced(check, program, error)
    raise AssertionError(f"{type(error).__name__}: {error}\n{circumstances}\n{small!r}") from error


def _failure(check: Callable[[Program], None], program: Program) -> Exception | None:
    try:
        check(program)
    except Exception as error:
        return error
    return None


def _reduced(check: Callable[[Program], None], program: Program, error: Exception) -> tuple[Program, Exception]:
    until = time.monotonic() + REDUCING_SECONDS
    changed = True
    while changed:
        changed = False
        for smaller in _smaller(program):
            if time.monotonic() > until:
                break
            if has_errors(verify(smaller.plan, smaller.tools)):
                continue
            found = _failure(check, smaller)
            if found is not None and type(found) is type(error):
                program, error, changed = smaller, found, True
                break
    return program, error


def _smaller(program: Program) -> list[Program]:
    """Return programs with a task less, or an argument less."""
    tools, plan = program
    found = []
    for task in reversed(plan.tasks):
        rest = tuple(other for other in plan.tasks if other is not task)
        read = {ref.task for other in rest for arg in other.args for ref in references(arg.value)}
        if task.id not in read and rest:
            found.append(Program(tools, replace(plan, tasks=rest, join=_join_without(plan, task))))
    for task in plan.tasks:
        for place, arg in enumerate(task.args):
            if place:
                shorter = replace(task, args=tuple(other for other in task.args if other is not arg))
                tasks = tuple(shorter if other is task else other for other in plan.tasks)
                found.append(Program(tools, replace(plan, tasks=tasks)))
    used = {task.tool for task in plan.tasks}
    used |= {s.batch.tool for name, s in tools.items() if name in used and s.batch is not None}
    if len(used) < len(tools):
        found.insert(0, Program({name: s for name, s in tools.items() if name in used}, plan))
    return found


def _join_without(plan: Plan, task: Task) -> Join:
    join = plan.join
    assert join is not None

    def reads(value: Value) -> bool:
        return any(ref.task == task.id for ref in references(value))

    if not any(map(reads, join.values)):
        return join
    if join.labels is None:
        rest = tuple(value for value in join.values if not reads(value))
        other = next(other.id for other in plan.tasks if other is not task)
        return replace(join, values=rest or (Ref(other),))
    kept = [(label, value) for label, value in zip(join.labels, join.values, strict=True) if not reads(value)]
    return replace(join, labels=tuple(label for label, _ in kept), values=tuple(value for _, value in kept))
