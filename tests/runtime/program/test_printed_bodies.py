"""A plan file of a strict body does what the body does: it is run, and held to the reference of the body."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from body_world import Outside, Pause, random_pause
from random_strict_plans import Body, make_body
from shape_counts import used_seed
from strict_runs import compare, run

from lcc.grammar.syntax.parser import parse_plan
from lcc.grammar.syntax.print_plan import print_plan
from lcc.runtime.result import RunResult

FEW = 20
MANY = 4_000


async def run_printed(body: Body, world: Outside, pause: Pause) -> RunResult:
    parsed = parse_plan(print_plan(body.plan))
    assert parsed.ok
    return await run(replace(body, plan=parsed.plan), world, pause)


def check(seed: str) -> bool:
    """Hold a run of a body's plan file to the body; return whether the file needs no IR text."""
    body = make_body(Random(seed))
    wrong = compare(body, random_pause(Random(seed)), "asyncio", run_printed)
    assert wrong is None, f"{seed!r}: {wrong}"
    return not print_plan(body.plan).startswith("ir:")


def test_plan_files_of_random_bodies_do_what_the_bodies_do() -> None:
    assert sum(check(f"printed {number}") for number in range(FEW)) > FEW / 4


@pytest.mark.slow
@pytest.mark.timeout(3_000)
def test_many_plan_files_of_random_bodies_do_what_the_bodies_do() -> None:
    seed = used_seed()
    for number in range(MANY):
        check(f"{seed} {number}")
