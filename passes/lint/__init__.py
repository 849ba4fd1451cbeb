"""Warnings: what is legal in a plan and yet likely wrong, wasteful or dangerous.

In: a verified plan and its source. Out: diagnostics with L codes, some with a fix.
Must not know: how a plan is run.

One lint, one file, in `lints`. Read `run`, then `facts`, which makes each analysis once; `selection` says what is not reported,
`fixes` mends the source.
"""

from lcc.passes.lint.run import RULES, lint

__all__ = ["RULES", "lint"]
