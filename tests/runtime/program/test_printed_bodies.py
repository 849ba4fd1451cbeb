"""A plan file, or a program, of a strict body does what the body does: it is run, and held to the reference of the body."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random

import pytest
from body_world import Outside, Pause, random_pause
from random_strict_plans import Body, make_body
from shape_counts import used_seed
from strict_runs import compare, run

from lcc.cli.views.plan_text import UNPROVED, emit
from lcc.grammar.front_ends import parse
from lcc.grammar.ir import Plan
from lcc.grammar.syntax.parser import parse_plan
from lcc.grammar.syntax.print_plan import print_plan
from lcc.grammar.writing.values.written_values import NotSayable
from lcc.runtime.result import RunResult

FEW = 20
MANY = 320
PARTS = 4


def as_plan_file(body: Body) -> Plan:
    parsed = parse_plan(print_plan(body.plan))
    assert parsed.ok
    return parsed.plan


def as_program(body: Body) -> Plan:
    text = emit(body.plan, body.tools, "python")
    parsed = parse(text, "python", tools=body.tools)
    assert parsed.ok, (text, parsed.diagnostics)
    return parsed.plan


def check(seed: str, again: Callable[[Body], Plan]) -> None:
    """Hold a run of what a body's text says to the body."""
    body = make_body(Random(seed))

    async def run_again(body: Body, world: Outside, pause: Pause) -> RunResult:
        return await run(replace(body, plan=again(body)), world, pause)

    wrong = compare(body, random_pause(Random(seed)), "asyncio", run_again)
    assert wrong is None, f"{seed!r}: {wrong}"


def test_plan_files_of_random_bodies_do_what_the_bodies_do() -> None:
    for number in range(FEW):
        check(f"printed {number}", as_plan_file)
    texts = [print_plan(make_body(Random(f"printed {number}")).plan) for number in range(FEW)]
    assert sum(not text.startswith("ir:") for text in texts) > FEW / 4


def test_programs_of_random_bodies_do_what_the_bodies_do() -> None:
    assert sum(says_it(f"program {number}") for number in range(FEW)) > FEW / 4


def says_it(seed: str) -> bool:
    """Hold a body's program to it; return whether there is one that says no doubt of itself."""
    body = make_body(Random(seed))
    try:
        text = emit(body.plan, body.tools, "python")
    except NotSayable:
        return False
    if text.startswith(UNPROVED):
        return False
    check(seed, as_program)
    return True


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_many_plan_files_and_programs_of_random_bodies_do_what_the_bodies_do(part: int) -> None:
    seed = used_seed()
    for number in range(part, MANY, PARTS):
        check(f"{seed} {number}", as_plan_file)
        says_it(f"{seed} {number}")
