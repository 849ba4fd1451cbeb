"""Run random programs at every level, whole and as a stream, on a clock that jumps; compare with what they give call by call.

Calls take time, which shuffles them; some fail. What is compared is what a user sees: values, which of them are missing, writes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from itertools import count
from random import Random
from zlib import crc32

import anyio
import pytest
from hypothesis import HealthCheck, Phase, assume, event, given, settings
from hypothesis import strategies as st
from random_programs import INPUTS, Program, programs
from reference_interpreter import Failed, Interpreter
from trio.testing import MockClock

from lcc.grammar.diagnostics import has_errors
from lcc.grammar.ir import Const, ListOf, Plan, Ref, Task, TaskId
from lcc.grammar.signature import Batch, Parameter, Resource, Signature, Tools
from lcc.grammar.types import ANY, ListType
from lcc.grammar.values import Json, copy_json
from lcc.passes.online import Online, complete
from lcc.passes.pipeline import optimize
from lcc.passes.verify import verify
from lcc.runtime.options import Options
from lcc.runtime.result import RunResult, TaskStatus
from lcc.runtime.run import Run, execute
from lcc.runtime.tool import Tool

checks = [HealthCheck.filter_too_much, HealthCheck.too_slow, HealthCheck.data_too_large]


async def allow(request: object) -> bool:
    return True


ALLOWED = Options(approve=allow)


class Stage:
    """The tools of a program, on a world of their own."""

    def __init__(self, program: Program, seed: int, share: int) -> None:
        def fails(call: str) -> bool:
            return bool(share) and crc32(f"{seed} {call}".encode()) % share == 0

        self.world = Interpreter(program.plan, program.tools, INPUTS, fails)
        self._random = Random(seed)
        singles = {s.batch.tool: s for s in program.tools.values() if s.batch is not None}
        self.tools = {
            name: Tool(signature, self._function(signature, singles.get(name)), dict, copy_json)  # type: ignore[arg-type]
            for name, signature in program.tools.items()
        }

    def _function(self, signature: Signature, single: Signature | None) -> object:
        async def call(**arguments: Json) -> Json:
            await anyio.sleep(self._random.randrange(3))
            if single is None:
                result: Json = self.world._tool(signature, arguments)
            else:
                event("calls made together")
                result = [self._outcome(single, one) for one in arguments["items"]]  # type: ignore[misc, union-attr]
            await anyio.sleep(self._random.randrange(3))
            return result

        return call

    def _outcome(self, signature: Signature, arguments: dict[str, Json]) -> object:
        try:
            return self.world._tool(signature, dict(arguments))
        except Failed as error:
            return error


def with_batch_forms(program: Program) -> Program:
    """Return a program whose pure and read tools all have batch forms."""
    tools = dict(program.tools)
    for name, one in program.tools.items():
        if one.effect.may_start_early and one.batch is None and not name.endswith("_all"):
            tools[name] = replace(one, batch=Batch(f"{name}_all", 3))
            families = tuple(Resource(resource.parts[0]) for resource in one.resources)
            items = (Parameter("items", ListType(ANY)),)
            tools[f"{name}_all"] = Signature(f"{name}_all", items, ListType(ANY), one.effect, families)
    return Program(tools, _with_siblings(program.plan, tools))


def _with_siblings(plan: Plan, tools: Tools) -> Plan:
    """Return a plan that has two more calls, with other arguments, beside each that can be batched; its join reads them."""
    assert plan.join is not None
    tasks: list[Task] = []
    added: list[int] = []
    free = count(1 + max(plan.join.id or 0, *(task.id for task in plan.tasks)))  # type: ignore[type-var, operator]
    for task in plan.tasks:
        tasks.append(task)
        if tools[task.tool].batch is None or task.each is not None:
            continue
        for value in (Const("c"), ListOf((task.args[0].value, Const("d")))):
            added.append(next(free))
            first = replace(task.args[0], value=value)
            tasks.append(replace(task, id=added[-1], args=(first, *task.args[1:])))
    join = plan.join
    if not join.direct:
        labels = None if join.labels is None else (*join.labels, *added)
        join = replace(join, values=(*join.values, *map(Ref, added)), labels=labels)
    return replace(plan, tasks=tuple(tasks), join=join)


def run_whole(stage: Stage, program: Program, level: int) -> RunResult:
    plan = optimize(program.plan, program.tools, level=level, verify_each=True).plan
    return on_clock(partial(execute, plan, stage.tools, INPUTS, options=ALLOWED))


def run_streamed(stage: Stage, program: Program, level: int, random: Random) -> RunResult:
    async def main() -> RunResult:
        online = Online(program.tools, level=level)
        started: set[TaskId] = set()
        for declared in program.plan.inputs:
            online.declare(declared)
        async with Run(None, stage.tools, INPUTS, options=ALLOWED) as run:
            for task in program.plan.tasks:
                step = online.add(task)
                run.gather(step.lists)
                for one in step.tasks:
                    run.add(one)
                    started.add(one.id)
                await anyio.sleep(random.randrange(3))
            online.finish(program.plan.join)
            run.finish(complete(online.plan(), program.tools, level=level, started=started).plan)
            return await run.wait()

    return on_clock(main)


def on_clock(main: object) -> RunResult:
    return anyio.run(main, backend="trio", backend_options={"clock": MockClock(autojump_threshold=0)})  # type: ignore[arg-type, return-value]


def values(join: Json) -> Iterator[tuple[int, str]]:
    assert isinstance(join, dict | list)
    items = enumerate(join) if isinstance(join, list) else ((int(label), value) for label, value in join.items())
    return ((at, json.dumps(value)) for at, value in items)


@settings(max_examples=50, deadline=None, suppress_health_check=checks, phases=set(Phase) - {Phase.explain})
@given(programs(), st.integers(0, 1 << 30), st.sampled_from([0, 4]))
def test_a_run_gives_what_the_plan_gives_call_by_call(program: Program, seed: int, share: int) -> None:
    check(program, seed, share)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@settings(max_examples=1_000, deadline=None, suppress_health_check=checks, phases=set(Phase) - {Phase.explain})
@given(programs(most_tasks=12), st.integers(0, 1 << 30), st.sampled_from([0, 4]))
def test_so_do_many_larger_programs(program: Program, seed: int, share: int) -> None:
    check(program, seed, share)


def check(program: Program, seed: int, share: int) -> None:
    program = with_batch_forms(program)
    assume(not has_errors(verify(program.plan, program.tools)))
    outcome = Stage(
        Program(program.tools, optimize(program.plan, program.tools, level=0).plan), seed, share
    ).world.run()
    for level in range(4):
        for streamed in (False, True):
            stage = Stage(program, seed, share)
            result = run_streamed(stage, program, level, Random(seed)) if streamed else run_whole(stage, program, level)
            got = dict(values(result.join))  # type: ignore[arg-type]
            for at, value in values(outcome.join):
                if at not in outcome.missing:
                    assert got[at] == value, (level, streamed, at)
            assert stage.world.world.writes == outcome.writes, (level, streamed)
            assert result.merged.keys() | result.tasks.keys() >= {task.id for task in program.plan.tasks}
            known = result.tasks.keys()
            assert all(into is None or into in known for into in result.merged.values())
            assert not any(r.status in (TaskStatus.CANCELLED, TaskStatus.ABANDONED) for r in result.tasks.values())
