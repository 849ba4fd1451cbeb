"""Collect the codes that this folder reports, for `lcc explain` and the tests of their examples."""

from __future__ import annotations

from typing import Final

from lcc.grammar.diagnostics import Rule
from lcc.grammar.front_ends import ir_json, ir_text, openai, python, rewoo, skeleton
from lcc.grammar.lenient.marks import repairs
from lcc.grammar.python import python_rules
from lcc.grammar.signatures import tool_rules
from lcc.grammar.syntax import plan_rules

RULES: Final[tuple[Rule, ...]] = (
    *plan_rules.RULES,
    *rewoo.RULES,
    *openai.RULES,
    *skeleton.RULES,
    *python.RULES,
    *ir_text.RULES,
    *ir_json.RULES,
    *repairs.RULES,
    *tool_rules.RULES,
    *python_rules.RULES,
)
