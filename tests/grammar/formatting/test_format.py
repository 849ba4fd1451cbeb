"""`fmt` has one layout, keeps comments and blank lines, and never changes what a plan says."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, strategies as st
from strategies import plans

from lcc.grammar.formatting.format import format_plan
from lcc.grammar.ir import Plan
from lcc.grammar.syntax.parser import parse_plan
from lcc.grammar.syntax.print_plan import print_plan

GOLDEN = Path(__file__).parents[2] / "golden" / "format.plan"
CASE = "=" * 8 + "\n"
ARROW = "-" * 8 + "\n"


def _cases() -> list[tuple[str, str]]:
    cases = [case.split(ARROW) for case in GOLDEN.read_text(encoding="utf-8").split(CASE)]
    assert all(len(case) == 2 for case in cases), "every case is a text, a line of dashes and the text it becomes"
    return [(case[0], case[1]) for case in cases]


def test_golden(request: pytest.FixtureRequest) -> None:
    printed = [(given_, format_plan(given_).text) for given_, _ in _cases()]
    if request.config.getoption("--bless"):
        GOLDEN.write_text(CASE.join(f"{a}{ARROW}{b}" for a, b in printed), encoding="utf-8")
    assert printed == _cases()


@pytest.mark.parametrize("case", range(len(_cases())))
def test_a_golden_text_is_a_fixed_point_and_says_the_same(case: int) -> None:
    before, after = _cases()[case]
    assert format_plan(after).text == after
    assert parse_plan(before).plan == parse_plan(after).plan


@given(plans())
def test_the_layout_keeps_the_plan_and_is_a_fixed_point(plan: Plan) -> None:
    text = print_plan(plan)
    formatted = format_plan(text)
    assert not [d for d in formatted.diagnostics if d.is_error]
    assert parse_plan(formatted.text).plan == parse_plan(text).plan
    assert format_plan(formatted.text).text == formatted.text


@given(st.text(alphabet="\"'\\$1x\n{}#", max_size=30), st.sampled_from(["'", '"', "'''", '"""']))
def test_any_string_keeps_its_meaning(body: str, quote: str) -> None:
    text = f"1. f(0)\n2. g({quote}{body}{quote})\n3. join()\n"
    formatted = format_plan(text)
    assert parse_plan(formatted.text).plan == parse_plan(text).plan
    assert format_plan(formatted.text).text == formatted.text


def test_a_text_with_errors_is_left_alone() -> None:
    text = "1. f(  1\n2. join( )\n"
    formatted = format_plan(text)
    assert formatted.text == text
    assert [d.code for d in formatted.diagnostics] == ["P003"]
