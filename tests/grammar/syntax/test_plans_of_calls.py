"""Plans of calls alone mean what they always meant: tests/golden/plans_of_calls.txt holds each with its IR, from before there were steps.

A case is `=== NAME`, the plan, `>>>`, and its IR. It is not rewritten.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from lcc.grammar.ir.text_form import print_ir
from lcc.grammar.syntax.parser import parse_plan

GOLDEN = Path(__file__).parents[2] / "golden" / "plans_of_calls.txt"
CASES = [case.partition("\n") for case in GOLDEN.read_text(encoding="utf-8").split("=== ")[1:]]


@pytest.mark.parametrize(("name", "case"), [(name, case) for name, _, case in CASES])
def test_a_plan_of_calls_has_the_ir_that_it_always_had(name: str, case: str) -> None:
    text, _, wanted = case.partition("\n>>>\n")
    parsed = parse_plan(text)
    assert parsed.ok, name
    assert print_ir(parsed.plan) == wanted
