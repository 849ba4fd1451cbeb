"""Warnings: what is legal in a plan and yet likely wrong, wasteful or dangerous.

In: a verified plan and its source. Out: diagnostics with L codes, some with a fix.
Must not know: how a plan is run.

One lint, one file, in `lints`. Read `run`, then `context`, which makes each analysis once; `ignores` and `selection` say what is
not reported, `fixes` and `edits` mend the source.
"""

from lcc.passes.lint.run import RULES, lint

__all__ = ["RULES", "lint"]
