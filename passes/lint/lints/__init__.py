"""Find what is legal in a plan and yet likely wrong, wasteful or dangerous.

In: a `LintContext`. Out: findings, each with the place, the remedy, and a fix where one is sure.
Must not know: one another.

Read any: a docstring, its `RULE`, and `check(context)`, which yields its findings. One line in `NAMES` registers it.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Final, Protocol, cast

from lcc.grammar.diagnostics import Diagnostic, Rule
from lcc.passes.lint.facts import LintContext

NAMES: Final = (
    "unused_result",
    "repeated_call",
    "repeated_write",
    "tainted_write",
    "exposed_secret",
    "unbounded_destruction",
    "unordered_writes",
    "pasted_result",
    "false_dependency",
    "unnamed_resource",
    "needless_chain",
    "bulky_join",
    "undeclared_effect",
    "number_as_text",
    "wide_fan_out",
    "short_fan_out",
    "unused_input",
    "shadowed_input",
    "swallowed_suffix",
    "foreign_reference",
    "optional_path",
    "null_as_text",
    "quoted_reference",
)


class Lint(Protocol):
    """What a lint's module offers."""

    RULE: Rule

    def check(self, context: LintContext) -> Iterator[Diagnostic]:
        """Yield what the lint finds in a plan."""


LINTS: Final = tuple(cast(Lint, import_module(f"{__name__}.{name}")) for name in NAMES)
"""The lints, by code."""
