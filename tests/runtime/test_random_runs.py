"""Run random programs in every way that there is: what they give, and what they do to the outside, is what their text says."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from random_programs import SHAPES, Program, make_program, shapes_of
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
from random_world import RUN_SHAPES, Circumstances, make_circumstances
from shape_counts import count, used_seed

from lcc.passes.order_effects import Orderer
from lcc.runtime.approvals import Approvals

QUICK, MANY = 60, 1_000
Check = Callable[[Program, Circumstances, Random], Seen]


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


def tried(check: Check, seed: int, many: int) -> None:
    """Try a check on many programs, `COSTLY` ones on fewer."""
    for number in range(many // COSTLY.get(check, 1)):
        program, c, key = case(seed, number)
        count(shapes_of(program))

        def once(smaller: Program, program: Program = program, c: Circumstances = c, key: str = key) -> None:
            seen = check(smaller, c, Random(key))
            if smaller is program:
                count(shape for shape, times in seen.world.shapes.items() if times)

        hold(once, program, f"LCC_SEED={seed} program {number}: {c}")


def case(seed: int, number: int) -> tuple[Program, Circumstances, str]:
    """Return one of the programs of a seed, what it is run under, and what decides the rest."""
    chance = Random(f"{seed} {number}")
    return make_program(chance), make_circumstances(chance), f"{number} of {seed}"


@pytest.mark.parametrize("check", CHECKED)
def test_a_random_program_keeps_its_promises(check: Check) -> None:
    tried(check, 0, QUICK)


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("part", range(2))
@pytest.mark.parametrize("check", CHECKED)
def test_many_random_programs_keep_their_promises(check: Check, part: int) -> None:
    tried(check, used_seed() + part, MANY)


def resumed(folder: Path) -> Check:
    def check(program: Program, c: Circumstances, chance: Random) -> Seen:
        moments = [chance.uniform(0, 2) for _ in range(chance.choice([1, 1, 2]))]
        seen = run_resumed(program, c, moments, folder)
        resumed_well(seen)
        return seen

    return check


def test_a_random_program_is_resumed_wherever_it_stopped(tmp_path: Path) -> None:
    tried(resumed(tmp_path), 0, QUICK // 6)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_many_random_programs_are_resumed_wherever_they_stopped(tmp_path: Path) -> None:
    tried(resumed(tmp_path), used_seed(), MANY // 4)


def test_the_generators_reach_every_listed_shape(tmp_path: Path) -> None:
    checks = [*CHECKED, resumed(tmp_path)]
    reached: set[str] = set()
    for number in range(160):
        program, c, key = case(1, number)
        shapes = set(shapes_of(program))
        if number % 2 == 0:
            with suppress(Exception):  # other tests say what goes wrong
                seen = checks[number // 2 % len(checks)](program, c, Random(key))
                shapes |= {shape for shape, times in seen.world.shapes.items() if times}
        count(shapes)
        reached |= shapes
    assert [shape for shape in (*SHAPES, *RUN_SHAPES) if shape not in reached] == []


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
    for number in range(QUICK):
        program, c, key = case(2, number)
        try:
            check(program, c, Random(key))
        except Exception as error:
            found += said in str(error)
    assert found > 3
