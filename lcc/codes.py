"""Collect the documentation of every diagnostic's code."""

from __future__ import annotations

import lcc.ask.codes
import lcc.grammar.codes
import lcc.runtime.codes
from lcc import text_files
from lcc.grammar.diagnostics import Rule
from lcc.passes import lint, remarks
from lcc.passes.verify import errors as verify_errors


def all_rules() -> tuple[Rule, ...]:
    """Return the rule of every code, in the order of codes."""
    rules = (
        *lcc.grammar.codes.RULES,
        *verify_errors.RULES,
        *remarks.RULES,
        *lint.RULES,
        *lcc.runtime.codes.RULES,
        *lcc.ask.codes.RULES,
        *text_files.RULES,
    )
    return tuple(sorted(rules, key=lambda rule: rule.code))
