"""Programs run as CPython runs them, the whole way from text to machine, at random paces, on asyncio and trio, at every level."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from random import Random

import pytest
from body_world import random_pause, reversed_pause
from both_ways import TOOLS
from random_python import Maker
from shape_counts import count, used_seed
from whole_path import Skipped, compare

from lcc.grammar.front_ends.python import parse

HERE = Path(__file__).parent
SAME = HERE.joinpath("hard_programs.txt").read_text().split("#---\n")
REFUSED = HERE.joinpath("refused_programs.txt").read_text().split("#---\n")
"""In each the first line is a comment, the code of the error that it is refused by."""
FEW = 24
MANY = 1_200
PARTS = 4


@pytest.mark.filterwarnings("ignore:coroutine")
@pytest.mark.parametrize("text", SAME, ids=lambda text: text[:40])
def test_a_hard_program_runs_as_in_cpython(text: str) -> None:
    for level in (0, 2):
        assert compare(text, level, reversed_pause(), "asyncio") is None
    assert compare(text, 2, random_pause(Random(text)), "trio") is None


@pytest.mark.parametrize("text", REFUSED, ids=lambda text: text[:60])
def test_what_would_mean_something_else_is_refused(text: str) -> None:
    errors = [one for one in parse(text, tools=TOOLS).diagnostics if one.is_error]
    assert errors[0].code == text[2:6]
    assert errors[0].span is not None


@pytest.mark.filterwarnings("ignore")
def test_random_programs_run_as_in_cpython() -> None:
    assert _run_many([f"few {number}" for number in range(FEW)])["accepted"] > FEW // 2


@pytest.mark.slow
@pytest.mark.timeout(3_000)
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("part", range(PARTS))
def test_many_random_programs_run_as_in_cpython(part: int) -> None:
    seed = used_seed()
    found = _run_many([f"{seed} {number}" for number in range(part, MANY, PARTS)])
    print(f"LCC_SEED={seed}", dict(found))
    assert found["accepted"] > MANY // PARTS // 2


def _run_many(seeds: list[str]) -> Counter[str]:
    """Run a program for each seed; return how many were accepted, and why others weren't compared."""
    found: Counter[str] = Counter()
    for seed in seeds:
        chance = Random(seed)
        maker = Maker(chance, waits=chance.random() < 0.5)
        text = maker.program()
        pause = reversed_pause() if chance.random() < 0.3 else random_pause(chance)
        level, backend = chance.randrange(4), chance.choice(["asyncio", "asyncio", "trio"])
        try:
            wrong = compare(text, level, pause, backend)
        except Skipped as skipped:
            found[str(skipped)] += 1
            continue
        found["accepted"] += 1
        count(f"program: {shape}" for shape in maker.shapes)
        assert wrong is None, f"{seed!r} at -O{level} on {backend}: {wrong}\n{text}"
    return found
