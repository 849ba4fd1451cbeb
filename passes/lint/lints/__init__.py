"""Find what is legal in a plan and yet likely wrong, wasteful or dangerous.

In: a `LintContext`. Out: findings, each with the place, the remedy, and a fix where one is sure.
Must not know: one another.

Read any: a docstring, its `RULE`, and `check(context)`, which yields its findings. One line in `NAMES` registers it. One that looks at plans with
bodies has `check_body(context)`, too; for others `SKIPPED` says why not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from types import MappingProxyType
from typing import Final, Protocol, cast

from lcc.grammar.diagnostics import Diagnostic, Rule
from lcc.grammar.ir import Plan
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
    "constant_condition",
    "unguarded_write",
    "unread_value",
    "needless_fallback",
    "needless_expression",
    "needless_select",
)

SKIPPED: Final = MappingProxyType(
    {
        "repeated_call": "equal reads are merged during the run, where nothing can have written between them",
        "unordered_writes": "writes of a program keep their order",
        "pasted_result": "it looks at texts of plan files, and names aren't followed into texts",
        "false_dependency": "order in a program is that of its statements",
        "unnamed_resource": "writes of a program keep their order, whatever they name",
        "needless_chain": "operations compute what a chain of calls would",
        "bulky_join": "a program hands back what it names",
        "undeclared_effect": "the remark O012 says what an undeclared tool holds up",
        "shadowed_input": "it looks at dollars in texts of plan files",
        "swallowed_suffix": "it looks at dollars in texts of plan files",
        "foreign_reference": "it looks at references in texts of plan files",
        "null_as_text": "a text of what may be null is what Python makes of it",
        "quoted_reference": "it looks at references in texts of plan files",
    }
)
"""The lints that don't look at plans with bodies, and why; all others have a `check_body`."""


class Lint(Protocol):
    """What a lint's module offers, and `check_body` besides, if it looks at plans with bodies."""

    RULE: Rule

    def check(self, context: LintContext) -> Iterator[Diagnostic]:
        """Yield what the lint finds in a plan."""


def check_of(lint: Lint, plan: Plan) -> Callable[[LintContext], Iterator[Diagnostic]]:
    """Return what a lint does with a plan: nothing where it doesn't look at such plans."""
    if plan.body is None:
        return lint.check
    found: Callable[[LintContext], Iterator[Diagnostic]] | None = getattr(lint, "check_body", None)
    return found or (lambda context: iter(()))


LINTS: Final = tuple(cast(Lint, import_module(f"{__name__}.{name}")) for name in NAMES)
"""The lints, by code."""
