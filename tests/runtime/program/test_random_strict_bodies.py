"""Run random strict bodies at random paces: what they give, print, write and call is what the reference does."""

from __future__ import annotations

from random import Random

import pytest
from body_world import random_pause, reversed_pause
from random_strict_plans import make_body
from strict_runs import compare, with_equal_calls

BODIES = 100


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_random_bodies_do_what_their_statements_say(backend: str) -> None:
    for seed in range(BODIES):
        body = make_body(Random(f"{backend} {seed}"))
        if seed % 3 == 0:
            body = with_equal_calls(body, Random(seed))
        for pause in (random_pause(Random(seed)), reversed_pause()):
            wrong = compare(body, pause, backend)
            assert wrong is None, f"seed {backend} {seed}: {wrong}"


@pytest.mark.slow
def test_many_random_bodies_do_what_their_statements_say() -> None:
    for seed in range(3_000):
        body = make_body(Random(seed))
        if seed % 3 == 0:
            body = with_equal_calls(body, Random(seed))
        wrong = compare(body, random_pause(Random(seed)), ("asyncio", "trio")[seed % 2])
        assert wrong is None, f"seed {seed}: {wrong}"
