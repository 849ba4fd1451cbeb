"""Find fan-outs of destructive calls over a list that only the run knows."""

from __future__ import annotations

from collections.abc import Iterator

from lcc.grammar.diagnostics import Diagnostic, Rule
from lcc.grammar.ir import ListOf, Ref, flat
from lcc.grammar.signatures import Effect
from lcc.passes.analysis.lengths import known_length
from lcc.passes.lint.facts import LintContext, calls_in_loops, finding, span_of

RULE = Rule(
    "L006",
    "unbounded-destruction",
    "a destructive call fans out over a list that only the run knows",
    "What it destroys can't be brought back, and the plan doesn't say what that will be: a search that matches too much "
    "deletes too much. The elements written out can be reviewed with the plan; else the approval at run time is all there is.",
    '1. find("drafts")\n2. delete(each $1)\n3. join($2)\n',
    '1. find("drafts")\n2. delete(each ["draft-1", "draft-2"])\n3. join($1, $2)\n',
    """\
import lcc

@lcc.tool(effect="read", resource="documents", trusted=True)
def find(query: str) -> list[str]: ...
@lcc.tool(effect="destructive", resource="documents")
def delete(name: str) -> bool: ...
""",
)


def check(context: LintContext) -> Iterator[Diagnostic]:
    """Yield a finding for each destructive fan-out over anything but a literal list."""
    for task in flat(context.plan, "unbounded-destruction"):
        spread = task.each
        if spread is None or context.effect(task) is not Effect.DESTRUCTIVE or isinstance(spread.value, ListOf):
            continue
        message = f"`{task.tool}` is destructive, and only the run knows how often it is called"
        yield finding(
            RULE,
            message,
            span_of(task, spread),
            "write the elements out, or run the plan in two: find, review, then destroy",
            labels=context.label(spread.value.task, "the list comes from here")
            if isinstance(spread.value, Ref)
            else (),
        )


def check_body(context: LintContext) -> Iterator[Diagnostic]:
    """Yield the same, and a finding for each destructive call in a loop whose turns only the run knows."""
    for task, around in calls_in_loops(context.body):
        if context.effect(task) is not Effect.DESTRUCTIVE:
            continue
        items = (*around, *([] if task.each is None else [task.each.value]))
        if any(one is None or known_length(one, context.plan) is None for one in items):
            message = f"`{task.tool}` is destructive, and only the run knows how often it is called"
            help = "write the elements out, or run the plan in two: find, review, then destroy"
            yield finding(RULE, message, task.span, help)
