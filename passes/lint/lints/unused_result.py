"""Find calls whose result never reaches the join, though they are made for nothing else.

The optimizer drops them; here somebody most likely forgot to use what they return. Of a chain that leads nowhere the last
call is found, since that is where the use is missing.
"""

from __future__ import annotations

from collections.abc import Iterator

from lcc.grammar.diagnostics import Diagnostic, Fix, Rule
from lcc.grammar.ir import Ref, Task
from lcc.passes.context import Action
from lcc.passes.lint.facts import LintContext, finding
from lcc.passes.lint.fixes import remove_statement

RULE = Rule(
    "L001",
    "unused-result",
    "nothing uses the result of a call that only reads or computes",
    "The call is made for its result, and no value of the join depends on that. Either a reference was forgotten, so that the "
    "answer misses what the call found, or the call is waste. The optimizer drops it.",
    '1. search("tides")\n2. search("moon phases")\n3. summarize("tides: $1")\n4. join($3)\n',
    '1. search("tides")\n2. search("moon phases")\n3. summarize("tides: $1; moon: $2")\n4. join($3)\n',
    """\
import lcc

@lcc.tool(effect="read", resource="web")
def search(query: str) -> str: ...
@lcc.tool(effect="pure")
def summarize(text: str) -> str: ...
""",
)


def check(context: LintContext) -> Iterator[Diagnostic]:
    """Yield a finding for each call that the optimizer would drop, but for those that only such a call reads."""
    read = {use.part.task for use in context.merged_uses if isinstance(use.part, Ref)}
    for change in context.dead:
        id = change.ids[0]
        if change.action is Action.DROPPED and id not in read:
            yield _unused(context, context.tasks[id])


def _unused(context: LintContext, task: Task) -> Diagnostic:
    removal = remove_statement(context.source, task.span)
    fix = None if removal is None else Fix(f"remove task {task.id}", (removal.edit,), safe=False)
    help = f"read `${task.id}` where it was meant to be used, or remove the task"
    return finding(RULE, f"nothing uses the result of task {task.id}", task.span, help, fix=fix)
