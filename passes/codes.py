"""Collect the documentation of the codes that passes report: V verify, O optimizer, L lints."""

from __future__ import annotations

from typing import Final

from lcc.grammar.diagnostics import Rule
from lcc.passes import remarks as remark_rules
from lcc.passes.lint import run as lint
from lcc.passes.verify import rules as verify_rules

RULES: Final[tuple[Rule, ...]] = (*verify_rules.RULES, *remark_rules.RULES, *lint.RULES)
