"""Find fan-outs wider than the tool lets run at once."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil, prod

from lcc.grammar.diagnostics import Diagnostic, Rule, Severity
from lcc.grammar.ir import Input, ListOf, Ref, TaskId, Value, flat
from lcc.passes.analysis.lengths import known_length
from lcc.passes.lint.facts import LintContext, calls_in_loops, finding, span_of

RULE = Rule(
    "L015",
    "wide-fan-out",
    "a fan-out has more elements than its tool runs at once",
    "The rest wait their turn, and the run takes that many rounds of the tool's time. A tool with a batch form, a higher "
    "limit, or a shorter list is faster.",
    '1. search(each ["K2", "Denali", "Elbrus"])\n2. join($1)\n',
    '1. search(each ["K2", "Denali"])\n2. join($1)\n',
    """\
import lcc

@lcc.tool(effect="read", resource="web", concurrency=2)
def search(query: str) -> str: ...
""",
)


def check(context: LintContext) -> Iterator[Diagnostic]:
    """Yield a finding for each fan-out whose width is known and over the limit. Writes run in turn anyway."""
    inputs = {declared.name: declared.default for declared in context.plan.inputs}
    widths: dict[TaskId, int] = {}
    for task in flat(context.plan, "wide-fan-out"):
        spread = task.each
        width = None if spread is None else _width(spread.value, inputs, widths)
        if spread is None or width is None:
            continue
        widths[task.id] = width
        signature = context.signature(task)
        limit = None if signature is None else signature.limits.concurrency
        if limit is None or width <= limit or context.effect(task).writes:
            continue
        yield finding(
            RULE,
            f"{width:,} elements, and `{task.tool}` runs {limit:,} at once: {ceil(width / limit):,} rounds",
            span_of(task, spread),
            "raise the limit if the tool can bear it, or give the tool a batch form",
            severity=Severity.REMARK,
        )


def _width(value: Value, inputs: dict[str, Value | None], widths: dict[TaskId, int]) -> int | None:
    """Return how many elements a fan-out has: of a literal list, of a default, of another fan-out; else None."""
    match value:
        case ListOf(items):
            return len(items)
        case Ref(task, ()):
            return widths.get(task)
        case Input(name, ()):
            default = inputs.get(name)
            return len(default.items) if isinstance(default, ListOf) else None
        case _:
            return None


def check_body(context: LintContext) -> Iterator[Diagnostic]:
    """Yield a finding for each call that loops of a known length make more often than its tool runs at once."""
    for task, around in calls_in_loops(context.body):
        items = (*around, *([] if task.each is None else [task.each.value]))
        widths = [None if one is None else known_length(one, context.plan) for one in items]
        signature = context.signature(task)
        limit = None if signature is None else signature.limits.concurrency
        if not widths or None in widths or limit is None or context.effect(task).writes:
            continue
        width = prod(one for one in widths if one is not None)
        if width > limit:
            yield finding(
                RULE,
                f"{width:,} calls, and `{task.tool}` runs {limit:,} at once: {ceil(width / limit):,} rounds",
                task.span,
                "raise the limit if the tool can bear it",
                severity=Severity.REMARK,
            )
