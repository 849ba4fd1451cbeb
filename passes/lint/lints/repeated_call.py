"""Find calls that an earlier one makes already.

The analysis is that of `deduplicate`: the tool is pure, or it reads and nothing writes between the two what it reads.
"""

from __future__ import annotations

from collections.abc import Iterator

from lcc.grammar.diagnostics import Diagnostic, Fix, Label, Rule
from lcc.grammar.ir import NOWHERE, Ref, Task
from lcc.passes.context import Action
from lcc.passes.lint.facts import LintContext, finding
from lcc.passes.lint.fixes import redirect, remove_statement

RULE = Rule(
    "L002",
    "repeated-call",
    "a call that reads or computes is made twice",
    "Both calls give the same result, so one is enough, and the optimizer makes only one. A second call that was meant to give "
    "something new, such as another roll of a die, never does: tell such calls apart, or don't declare the tool as a read.",
    '1. search("height of K2")\n2. math("$1 / 2")\n3. search(query="height of K2")\n4. math("$3 / 3")\n5. join($2, $4)\n',
    '1. search("height of K2")\n2. math("$1 / 2")\n4. math("$1 / 3")\n5. join($2, $4)\n',
    """\
import lcc

@lcc.tool(effect="read", resource="web")
def search(query: str) -> float: ...
@lcc.tool(effect="pure")
def math(expression: str) -> float: ...
""",
)


def check(context: LintContext) -> Iterator[Diagnostic]:
    """Yield a finding for each call that the optimizer would merge into an earlier one."""
    for change in context.repeats:
        if change.action is Action.MERGED:
            later, first = (context.tasks[id] for id in change.ids)
            yield finding(
                RULE,
                f"task {later.id} makes the same call as task {first.id}",
                later.span,
                f"read `${first.id}` instead of `${later.id}`",
                labels=(Label(first.span, "the first call"),),
                fix=_fix(context, later, first),
            )


def _fix(context: LintContext, later: Task, first: Task) -> Fix | None:
    """Return the removal of the later call. A labelled join names the call, so there it would change the result's shape."""
    join = context.plan.join
    if join is None or join.labels is not None or later.span == NOWHERE:
        return None
    read = [use.part for use in context.readers.get(later.id, ()) if isinstance(use.part, Ref)]
    redirected = redirect(context.source, read, first.id)
    removal = remove_statement(context.source, later.span)
    if redirected is None or removal is None:
        return None
    safe = removal.is_clean and not later.thought
    return Fix(f"remove task {later.id} and read `${first.id}`", (removal.edit, *redirected), safe)
