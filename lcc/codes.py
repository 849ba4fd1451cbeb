"""Collect the documentation of every diagnostic's code."""

from __future__ import annotations

import lcc.ask.codes
import lcc.grammar.codes
import lcc.passes.codes
import lcc.runtime.codes
from lcc.grammar.diagnostics import Rule


def all_rules() -> tuple[Rule, ...]:
    """Return the rule of every code, in the order of codes."""
    rules = (
        *lcc.grammar.codes.RULES,
        *lcc.passes.codes.RULES,
        *lcc.runtime.codes.RULES,
        *lcc.ask.codes.RULES,
    )
    return tuple(sorted(rules, key=lambda rule: rule.code))
