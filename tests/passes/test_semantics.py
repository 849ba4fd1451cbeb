"""Compare optimized plans, run in any legal order, with the plan as written, run call by call."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from random import Random
from zlib import crc32

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings, strategies as st
from random_programs import INPUTS, Program, programs
from random_runs import evaluator, hold
from reference_interpreter import Interpreter, Outcome, never

import lcc.passes.eliminate_dead_tasks
from lcc.grammar.diagnostics import has_errors
from lcc.grammar.ir import Dropped, Plan, Task, TaskId, references
from lcc.grammar.ir.origins import Origins
from lcc.grammar.ir.text_form import parse_ir, print_ir
from lcc.grammar.signatures import Tools
from lcc.grammar.values import Json
from lcc.passes.bind import bind
from lcc.passes.context import NotEvaluated
from lcc.passes.deduplicate import Merger
from lcc.passes.order_effects import Orderer
from lcc.passes.pipeline import PASSES, BrokenPass, optimize
from lcc.passes.verify import verify

LEVELS = ("0", "1", "2", "3")
SINGLE = tuple(name for name in PASSES if name != "narrow-join")
HOWS = (*LEVELS, *SINGLE)
checks = [HealthCheck.filter_too_much, HealthCheck.too_slow, HealthCheck.data_too_large]
# `hold` makes what failed small, and knows better how; Hypothesis would need minutes for it.
drawn = [Phase.explicit, Phase.generate]
quick = settings(max_examples=30, deadline=None, suppress_health_check=checks, phases=drawn)
thorough = settings(quick, max_examples=500)


def optimized(program: Program, how: str) -> Plan:
    evaluate = evaluator(program)
    if how in LEVELS:
        return optimize(program.plan, program.tools, level=int(how), evaluate=evaluate, verify_each=True).plan
    return optimize(program.plan, program.tools, passes=[how], evaluate=evaluate, verify_each=True).plan


def run(plan: Plan, tools: Tools, seed: int | None = None, fails: Callable[[str], bool] = never) -> Outcome:
    return Interpreter(plan, tools, INPUTS, fails, None if seed is None else Random(seed)).run()


def reference(program: Program, fails: Callable[[str], bool] = never) -> Outcome:
    assume(not has_errors(verify(program.plan, program.tools)))
    return run(optimize(program.plan, program.tools, level=0).plan, program.tools, None, fails)


def check_semantics(program: Program, seed: int) -> None:
    expected = reference(program)
    for how in HOWS:
        plan = optimized(program, how)
        for order in (None, seed, seed + 1):
            got = run(plan, program.tools, order)
            assert json.dumps(got.join) == json.dumps(expected.join), how
            assert got.writes == expected.writes, how


def check_failures(program: Program, seed: int) -> None:
    def fails(call: str) -> bool:
        return crc32(f"{seed} {call}".encode()) % 4 == 0

    def not_folded(tool: str, arguments: Mapping[str, Json]) -> Json:
        raise NotEvaluated("it fails or it doesn't, at run time")

    expected = reference(program, fails)
    for how in HOWS:
        level, passes = (int(how), None) if how in LEVELS else (2, [how])
        result = optimize(
            program.plan, program.tools, level=level, passes=passes, evaluate=not_folded, verify_each=True
        )
        for order in (None, seed):
            got = run(result.plan, program.tools, order, fails)
            assert got.missing <= expected.missing, how
            assert got.writes == expected.writes, how
            assert present(got, expected.missing) == present(expected, expected.missing), how


def present(outcome: Outcome, missing: frozenset[int]) -> dict[int, str]:
    """Return the values of a join that are there, by label or place."""
    join = outcome.join
    assert isinstance(join, dict | list)
    items = enumerate(join) if isinstance(join, list) else ((int(label), value) for label, value in join.items())
    return {at: json.dumps(value) for at, value in items if at not in missing}


def check_stability(program: Program) -> None:
    assume(not has_errors(verify(program.plan, program.tools)))
    for how in HOWS:
        once = optimized(program, how)
        assert not has_errors(verify(once, program.tools)), how
        assert parse_ir(print_ir(once)) == once, how
        again = optimized(Program(program.tools, once), how)
        assert print_ir(again) == print_ir(once), how


@quick
@given(programs(), st.integers(0, 1 << 30))
def test_an_optimized_plan_gives_the_same_join_and_the_same_writes(program: Program, seed: int) -> None:
    hold(lambda p: check_semantics(p, seed), program)


@quick
@given(programs(), st.integers(0, 1 << 30))
def test_with_failing_tools_every_value_is_equal_and_no_failure_is_added(program: Program, seed: int) -> None:
    hold(lambda p: check_failures(p, seed), program)


@quick
@given(programs())
def test_optimizing_again_changes_nothing_and_the_plan_prints_and_verifies(program: Program) -> None:
    hold(check_stability, program)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@thorough
@given(programs(most_tasks=12), st.integers(0, 1 << 30))
def test_all_of_that_holds_for_many_larger_programs(program: Program, seed: int) -> None:
    hold(lambda p: check_semantics(p, seed), program)
    hold(lambda p: check_failures(p, seed), program)
    hold(check_stability, program)
    hold(check_sources, program)


@quick
@given(programs())
def test_every_source_id_can_be_followed_to_its_value(program: Program) -> None:
    hold(check_sources, program)


def check_sources(program: Program) -> None:
    expected = reference(program)
    for level in LEVELS:
        plan = optimized(program, level)
        interpreter = Interpreter(plan, program.tools, INPUTS)
        interpreter.run()
        origins = Origins(plan.origins)
        for task in program.plan.tasks:
            value = origins.value_of(task.id)
            known = {t.id for t in plan.tasks}
            if value is None or any(ref.task not in known for ref in references(value)):
                assert any(isinstance(origin, Dropped) for origin in plan.origins)
            elif task.id in expected.results:
                assert interpreter.value(value) == expected.results[task.id]


@quick
@given(programs())
def test_narrow_join_keeps_the_values_that_it_keeps(program: Program) -> None:
    expected = reference(program)
    got = run(optimize(program.plan, program.tools, passes=["narrow-join"]).plan, program.tools)
    assert got.writes == expected.writes
    if isinstance(expected.join, dict):
        assert isinstance(got.join, dict)
        assert got.join.items() or not expected.join
        assert all(expected.join[label] == value for label, value in got.join.items())
    else:
        assert got.join == expected.join


@quick
@given(programs())
def test_binding_again_changes_nothing(program: Program) -> None:
    assume(not has_errors(verify(program.plan, program.tools)))
    once = bind(program.plan, program.tools)
    assert bind(once, program.tools) == once
    assert not has_errors(verify(once, program.tools))


def no_order(self: Orderer, task: Task) -> Task:
    return task


def no_reason(self: Merger, *args: object) -> str:
    return ""


def nothing_wanted(id: TaskId, wanted: set[TaskId], origins: Origins) -> None:
    """Note nothing, so that what is read counts as dead."""


@pytest.mark.parametrize(
    ("owner", "name", "broken"),
    [
        (Orderer, "task", no_order),
        (Merger, "_reason_to_keep", no_reason),
        (lcc.passes.eliminate_dead_tasks, "_want", nothing_wanted),
    ],
)
def test_a_broken_pass_is_caught(owner: object, name: str, broken: object, monkeypatch: pytest.MonkeyPatch) -> None:
    @settings(quick, max_examples=400, derandomize=True, database=None, phases=[Phase.generate])
    @given(programs(), st.integers(0, 1 << 30))
    def every_program_keeps_its_meaning(program: Program, seed: int) -> None:
        check_semantics(program, seed)

    monkeypatch.setattr(owner, name, broken)
    with pytest.raises((AssertionError, BrokenPass)):
        every_program_keeps_its_meaning()
