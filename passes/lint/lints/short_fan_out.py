"""Find fan-outs over a literal list of no element or one."""

from __future__ import annotations

from collections.abc import Iterator

from lcc.grammar.diagnostics import Diagnostic, Rule, Severity
from lcc.grammar.ir import ForEach, Input, ListOf, block_calls, block_statements, flat
from lcc.passes.analysis.lengths import known_length
from lcc.passes.lint.facts import LintContext, finding, span_of

RULE = Rule(
    "L016",
    "short-fan-out",
    "a fan-out has no element, or only one",
    "`each []` calls nothing, though the plan looks as if it did. `each [x]` is one call with its result in a list: the call "
    "alone is shorter, and its result needs no `[0]`.",
    "1. search(each [])\n2. join($1)\n",
    '1. search(each ["K2", "Denali"])\n2. join($1)\n',
)


def check(context: LintContext) -> Iterator[Diagnostic]:
    """Yield a warning for each fan-out over nothing, a remark for each over one element."""
    for task in flat(context.plan, "short-fan-out"):
        spread = task.each
        if spread is None or not isinstance(spread.value, ListOf) or len(spread.value.items) > 1:
            continue
        at = span_of(task, spread)
        if spread.value.items:
            help = "make it a single call; its result is then the element, not a list of one"
            message = f"task {task.id} fans out over one element"
            yield finding(RULE, message, at, help, severity=Severity.REMARK)
        else:
            message = f"task {task.id} never calls `{task.tool}`: its list is empty"
            yield finding(RULE, message, at, "fill the list, or remove the task")


def check_body(context: LintContext) -> Iterator[Diagnostic]:
    """Yield a warning for each loop with calls that has nothing to run over."""
    for one in block_statements(context.body):
        if not isinstance(one, ForEach) or isinstance(one.items, Input) or next(block_calls(one.body), None) is None:
            continue
        if known_length(one.items, context.plan) == 0:
            message = "this loop makes no call: its list is empty"
            yield finding(RULE, message, one.span, "fill the list, or remove the loop")
