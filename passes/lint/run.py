"""Lint a plan: find what is legal and yet likely wrong, wasteful or dangerous.

The lints are the modules of `lcc.passes.lint.lints`. Findings are warnings and remarks, never errors; a comment silences one line
(`# lcc: ignore[L004]`), `select` and `ignore` choose among the lints.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from lcc.grammar.diagnostics import Diagnostic, Rule
from lcc.grammar.ir import Plan
from lcc.grammar.signatures import Tools
from lcc.grammar.source import Source
from lcc.passes.lint import selection as selecting
from lcc.passes.lint.facts import LintContext
from lcc.passes.lint.lints import LINTS, check_of
from lcc.passes.lint.selection import Ignores, Selection

RULES: Final[tuple[Rule, ...]] = (*(lint.RULE for lint in LINTS), *selecting.RULES)


def lint(
    plan: Plan, tools: Tools, source: Source, select: Iterable[str] | None = None, ignore: Iterable[str] = ()
) -> tuple[Diagnostic, ...]:
    """Return what lints find in a plan that was read from `source` and verified without an error, in the order of the text.

    Lints that depend on what tools do are silent without tools. A selector is a code (`L004`), the beginning of one (`L00`), a
    name (`tainted-write`) or `ALL`; the longest that fits decides, and `ignore` wins a tie. Raises UnknownSelector.
    """
    selection = Selection(RULES, select, ignore)
    context = LintContext(plan, tools, source)
    ignores = Ignores(source, RULES)
    found = [
        diagnostic
        for lint in LINTS
        if selection.enables(lint.RULE)
        for diagnostic in check_of(lint, plan)(context)
        if not ignores.silence(diagnostic)
    ]
    found += ignores.findings(selection, bool(tools))
    return tuple(sorted(found, key=_place))


def _place(diagnostic: Diagnostic) -> tuple[int, str]:
    return (0 if diagnostic.span is None else diagnostic.span.start), diagnostic.code
