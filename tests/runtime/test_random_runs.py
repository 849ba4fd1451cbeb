"""Run random programs in every way that there is: what they give, and what they do to the outside, is what their text says."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from random_programs import SHAPES, Program, programs, shapes_of
from random_runs import (
    PASS_NAMES,
    Seen,
    accounts_for,
    agrees,
    hold,
    is_safe,
    resumed_well,
    run_cancelled,
    run_printed,
    run_resumed,
    run_streamed,
    run_threads,
    run_whole,
    stopped_well,
)
from random_world import RUN_SHAPES, Circumstances, circumstances
from shape_counts import REACHED, count, used_seed

from lcc.passes.order_effects import Orderer
from lcc.runtime.approvals import Approvals

CHECKS = list(HealthCheck)
# `hold` makes what failed small, and knows better how; Hypothesis would need minutes for it.
drawn = settings(suppress_health_check=CHECKS, phases=[Phase.explicit, Phase.generate], deadline=None)
QUICK = settings(drawn, max_examples=40)
LONG = settings(drawn, max_examples=1_000, derandomize=False, database=None)

Case = tuple[Program, Circumstances, int]
Check = Callable[[Program, Circumstances, Random], Seen]


def cases() -> st.SearchStrategy[Case]:
    return st.tuples(programs(), circumstances(), st.integers(0, 1 << 16))


def whole(program: Program, c: Circumstances, _: Random) -> Seen:
    """Optimized at any level, under any limits, a program gives what it gives call by call."""
    seen = run_whole(program, c)
    agrees(seen)
    accounts_for(seen)
    return seen


def asking(program: Program, c: Circumstances, _: Random) -> Seen:
    """Nothing is destroyed that nobody allowed, whatever somebody allows."""
    seen = run_whole(program, replace(c, by_call=True, refused=frozenset()))
    is_safe(seen)
    return seen


def passes(program: Program, c: Circumstances, chance: Random) -> Seen:
    """Passes in any order keep the meaning, and each gives a plan that verifies."""
    seen = run_whole(program, replace(c, level=2), chance.sample(PASS_NAMES, chance.randint(1, len(PASS_NAMES))))
    agrees(seen)
    accounts_for(seen)
    return seen


def printed(program: Program, c: Circumstances, _: Random) -> Seen:
    """What is printed at any level is accepted again, and means the same."""
    seen = run_printed(program, c)
    agrees(seen)
    return seen


def streamed(program: Program, c: Circumstances, chance: Random) -> Seen:
    """Written in pieces while it runs, a program gives what it gives as a whole, and asks for what it destroys."""
    if chance.random() < 0.5:
        seen = run_streamed(program, replace(c, by_call=True, refused=frozenset()))
        is_safe(seen)
        return seen
    seen = run_streamed(program, c)
    agrees(seen)
    return seen


def cancelled(program: Program, c: Circumstances, chance: Random) -> Seen:
    """Cancelled at any moment, also when it has ended, a run ends, and what it has is right."""
    seen = run_cancelled(program, c, chance.uniform(0, 2), by_scope=chance.random() < 0.3)
    stopped_well(seen)
    return seen


def threads(program: Program, c: Circumstances, _: Random) -> Seen:
    """With one thread for all that reads, a run ends and gives the same."""
    seen = run_threads(program, c)
    agrees(seen)
    return seen


COSTLY: dict[Check, int] = {threads: 4}
"""How many times fewer programs are tried of a check that waits for threads."""
CHECKED: tuple[Check, ...] = (whole, asking, passes, printed, streamed, cancelled, threads)


def tried(check: Check, case: Case, said: str = "") -> None:
    program, c, number = case
    count(shapes_of(program))

    def once(smaller: Program) -> None:
        seen = check(smaller, c, Random(number))
        if smaller is program:
            count(shape for shape, times in seen.world.shapes.items() if times)

    hold(once, program, f"{said}{c} Random({number})")


@pytest.mark.parametrize("check", CHECKED)
def test_a_random_program_keeps_its_promises(check: Check) -> None:
    @settings(QUICK, max_examples=QUICK.max_examples // COSTLY.get(check, 1))
    @given(cases())
    def every(case: Case) -> None:
        tried(check, case)

    every()


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("part", range(2))
@pytest.mark.parametrize("check", CHECKED)
def test_many_random_programs_keep_their_promises(check: Check, part: int) -> None:
    drawn_by = used_seed() + part

    @settings(LONG, max_examples=LONG.max_examples // COSTLY.get(check, 1))
    @seed(drawn_by)
    @given(cases())
    def every(case: Case) -> None:
        tried(check, case, f"LCC_SEED={drawn_by - part} ")

    every()


def resumed(folder: Path) -> Check:
    def check(program: Program, c: Circumstances, chance: Random) -> Seen:
        moments = [chance.uniform(0, 2) for _ in range(chance.choice([1, 1, 2]))]
        seen = run_resumed(program, c, moments, folder)
        resumed_well(seen)
        return seen

    return check


def test_a_random_program_is_resumed_wherever_it_stopped(tmp_path: Path) -> None:
    @settings(QUICK, max_examples=10)
    @given(cases())
    def every(case: Case) -> None:
        tried(resumed(tmp_path), case)

    every()


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_many_random_programs_are_resumed_wherever_they_stopped(tmp_path: Path) -> None:
    @settings(LONG, max_examples=300)
    @seed(used_seed())
    @given(cases())
    def every(case: Case) -> None:
        tried(resumed(tmp_path), case, f"LCC_SEED={used_seed()} ")

    every()


def test_the_generators_reach_every_listed_shape(tmp_path: Path) -> None:
    checks = [*CHECKED, resumed(tmp_path)]
    before = REACHED.copy()
    turn = 0

    @settings(QUICK, max_examples=200)
    @given(cases())
    def reach(case: Case) -> None:
        nonlocal turn
        turn += 1
        program, c, number = case
        count(shapes_of(program))
        if turn % 2 == 0:
            with suppress(Exception):  # other tests say what goes wrong
                seen = checks[turn // 2 % len(checks)](program, c, Random(number))
                count(shape for shape, times in seen.world.shapes.items() if times)

    reach()
    reached = REACHED - before
    assert [shape for shape in (*SHAPES, *RUN_SHAPES) if not reached[shape]] == []


async def everything(self: Approvals, node: object) -> None:
    """Say yes to everything, unseen."""


def no_order(self: Orderer, task: object) -> object:
    return task


@pytest.mark.parametrize(
    ("check", "owner", "name", "broken", "said"),
    [
        (asking, Approvals, "_answer", everything, "nobody allowed"),
        (whole, Orderer, "task", no_order, "while another call does"),
    ],
)
def test_what_is_broken_on_purpose_is_noticed(
    check: Check, owner: object, name: str, broken: object, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(owner, name, broken)
    found = 0

    @settings(QUICK, max_examples=60)
    @given(cases())
    def every(case: Case) -> None:
        nonlocal found
        program, c, number = case
        try:
            check(program, c, Random(number))
        except Exception as error:
            found += said in str(error)

    every()
    assert found > 3
