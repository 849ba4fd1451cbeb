"""Linting four times as many tasks makes four times as many calls, whatever the plan looks like."""

from __future__ import annotations

import runpy
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import pytest

from lcc.grammar.syntax.parser import parse_plan
from lcc.passes.lint import lint

BENCHMARK = runpy.run_path(str(Path(__file__).parents[3] / "benchmarks" / "lints.py"))
SHAPES = BENCHMARK["SHAPES"]


def calls_made(shape: Callable[[int], str], tasks: int) -> int:
    """Return how many Python and C functions linting a plan calls: a measure of time that no other program disturbs."""
    parsed = parse_plan(shape(tasks))
    assert parsed.ok
    declared = BENCHMARK["tools"]()
    made = 0

    def count(frame: FrameType, event: str, argument: object) -> None:
        nonlocal made
        made += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        lint(parsed.plan, declared, parsed.source)
    finally:
        sys.setprofile(before)
    return made


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
def test_lints_take_time_in_proportion_to_the_plan(shape: Callable[[int], str]) -> None:
    assert calls_made(shape, 1_200) < 5 * calls_made(shape, 300)
