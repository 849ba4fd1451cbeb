"""Run random strict bodies at random paces: what they give, print, write and call is what the reference does."""

from __future__ import annotations

from random import Random

import pytest
from body_world import random_pause, reversed_pause
from random_strict_plans import BODY_SHAPES, make_body
from shape_counts import count, used_seed
from strict_runs import compare, with_equal_calls

FEW = 25
MANY = 1_200
BACKENDS = ("asyncio", "trio")


@pytest.mark.parametrize("backend", BACKENDS)
def test_random_bodies_do_what_their_statements_say(backend: str) -> None:
    for number in range(FEW):
        _check(f"{backend} {number}", backend)


@pytest.mark.slow
@pytest.mark.timeout(3_000)
@pytest.mark.parametrize("part", range(4))
def test_many_random_bodies_do_what_their_statements_say(part: int) -> None:
    seed = used_seed()
    for number in range(part, MANY, 4):
        _check(f"{seed} {number}", BACKENDS[number // 4 % 2])


def _check(seed: str, backend: str) -> None:
    """Run a body with what began last ending first, and at a random pace; in every third most calls are equal to others."""
    body = make_body(Random(seed))
    if Random(seed).randrange(3) == 0:
        body = with_equal_calls(body, Random(seed))
    count(f"body: {shape}" for shape in body.shapes)
    for pause in (reversed_pause(), random_pause(Random(seed))):
        wrong = compare(body, pause, backend)
        assert wrong is None, f"{seed!r} on {backend}: {wrong}"


def test_the_generator_reaches_every_shape() -> None:
    reached = {shape for number in range(400) for shape in make_body(Random(number)).shapes}
    assert reached == set(BODY_SHAPES)
