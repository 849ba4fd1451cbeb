"""Run random programs in every way that there is: what they give, and what they do to the outside, is what their text says."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import NamedTuple

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
from lcc.runtime.consent.approvals import Approvals
from lcc.runtime.run import Run

QUICK, MANY = 40, 400


class Check(NamedTuple):
    """A way to run programs and what must be so then. `share`: it is tried on one program in so many, since it takes long."""

    run: Callable[[Program, Circumstances, Random], Seen]
    judges: tuple[Callable[[Seen], None], ...]
    share: int = 1

    def __call__(self, program: Program, c: Circumstances, chance: Random) -> Seen:
        """Run a program, and judge."""
        seen = self.run(program, c, chance)
        for judge in self.judges:
            judge(seen)
        return seen


def by_call(c: Circumstances) -> Circumstances:
    """Return the same with somebody who looks at each request for approval."""
    return replace(c, by_call=True, refused=frozenset())


def in_any_order(program: Program, c: Circumstances, chance: Random) -> Seen:
    return run_whole(program, replace(c, level=2), chance.sample(PASS_NAMES, chance.randint(1, len(PASS_NAMES))))


def stopped(program: Program, c: Circumstances, chance: Random) -> Seen:
    return run_cancelled(program, c, chance.uniform(0.001, 2), by_scope=chance.random() < 0.3)


def resumed(folder: Path) -> Check:
    def run(program: Program, c: Circumstances, chance: Random) -> Seen:
        return run_resumed(program, c, [chance.uniform(0, 2) for _ in range(chance.choice([1, 1, 2]))], folder)

    return Check(run, (resumed_well,), 4)


CHECKS = {
    "optimized at any level": Check(lambda p, c, _: run_whole(p, c), (agrees, accounts_for)),
    "optimized by passes in any order": Check(in_any_order, (agrees, accounts_for)),
    "asking for each call": Check(lambda p, c, _: run_whole(p, by_call(c)), (is_safe,)),
    "printed and read again": Check(lambda p, c, _: run_printed(p, c), (agrees,)),
    "written while it runs": Check(lambda p, c, _: run_streamed(p, c), (agrees,)),
    "written while it asks": Check(lambda p, c, _: run_streamed(p, by_call(c)), (is_safe,)),
    "cancelled": Check(stopped, (stopped_well,)),
    "with one thread": Check(lambda p, c, _: run_threads(p, c), (agrees,), 4),
}
ways = pytest.mark.parametrize("way", CHECKS)


def tried(check: Check, seed: int, many: int) -> None:
    """Try a check on many programs."""
    for number in range(many // check.share):
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


@ways
def test_a_random_program_keeps_its_promises(way: str) -> None:
    tried(CHECKS[way], 0, QUICK)


@pytest.mark.slow
@pytest.mark.timeout(3_000)
@pytest.mark.parametrize("part", range(2))
@ways
def test_many_random_programs_keep_their_promises(way: str, part: int) -> None:
    tried(CHECKS[way], used_seed() + part, MANY)


def test_a_random_program_is_resumed_wherever_it_stopped(tmp_path: Path) -> None:
    tried(resumed(tmp_path), 0, QUICK)


@pytest.mark.slow
@pytest.mark.timeout(3_000)
def test_many_random_programs_are_resumed_wherever_they_stopped(tmp_path: Path) -> None:
    tried(resumed(tmp_path), used_seed(), MANY)


def test_the_generators_reach_every_listed_shape(tmp_path: Path) -> None:
    checks = [*CHECKS.values(), resumed(tmp_path)]
    reached: set[str] = set()
    for number in range(160):
        program, c, key = case(1, number)
        shapes = set(shapes_of(program))
        with suppress(Exception):  # other tests say what goes wrong
            seen = checks[number % len(checks)].run(program, c, Random(key))
            shapes |= {shape for shape, times in seen.world.shapes.items() if times}
        count(shapes)
        reached |= shapes
    assert [shape for shape in (*SHAPES, *RUN_SHAPES) if shape not in reached] == []


async def everything(self: Approvals, *_: object) -> None:
    """Say yes to everything, unseen."""


def no_order(self: Orderer, task: object) -> object:
    return task


def no_cancel(self: Run, message: str = "") -> None:
    """Go on."""


@pytest.mark.parametrize(
    ("way", "owner", "name", "broken", "said"),
    [
        ("asking for each call", Approvals, "_answer", everything, "nobody allowed"),
        ("optimized at any level", Orderer, "task", no_order, "while another call does"),
        ("cancelled", Run, "cancel", no_cancel, "begun after the run was cancelled"),
    ],
)
def test_what_is_broken_on_purpose_is_noticed(
    way: str, owner: object, name: str, broken: object, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(owner, name, broken)
    found = 0
    for number in range(QUICK):
        program, c, key = case(2, number)
        try:
            CHECKS[way](program, c, Random(key))
        except Exception as error:
            found += said in str(error)
    assert found > 3
