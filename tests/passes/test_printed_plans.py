"""Check that what passes make of a plan is valid, and still is when it is printed and read again."""

from __future__ import annotations

import pytest
from daring_programs import Daring, any_value, daring_programs
from hypothesis import HealthCheck, given, settings, strategies as st

from lcc.compiler import check
from lcc.grammar.syntax.parser import parse_plan
from lcc.grammar.syntax.print_plan import print_plan
from lcc.passes.pipeline import LEVELS, PASSES, optimize

CHECKS = [HealthCheck.filter_too_much, HealthCheck.too_slow, HealthCheck.data_too_large]


def check_printing(program: Daring, data: st.DataObject) -> None:
    evaluate = any_value(program.tools, data.draw)
    for how in (*range(len(LEVELS)), *PASSES):
        level, passes = (how, None) if isinstance(how, int) else (0, [how])
        optimized = optimize(
            program.plan, program.tools, level=level, passes=passes, evaluate=evaluate, verify_each=True
        )
        text = print_plan(optimized.plan)
        found = check(parse_plan(text), program.tools)
        assert not [d for d in found if d.is_error], (how, text)


@settings(max_examples=30, deadline=None, suppress_health_check=CHECKS)
@given(daring_programs(), st.data())
def test_what_a_pass_makes_is_valid_and_prints_as_a_valid_plan(program: Daring, data: st.DataObject) -> None:
    check_printing(program, data)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@settings(max_examples=2_000, deadline=None, suppress_health_check=CHECKS)
@given(daring_programs(most_tasks=16), st.data())
def test_what_a_pass_makes_of_many_plans_prints_as_a_valid_plan(program: Daring, data: st.DataObject) -> None:
    check_printing(program, data)
