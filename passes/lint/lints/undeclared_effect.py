"""Find tools that declare no effect where that keeps the optimizer from saving a call."""

from __future__ import annotations

from collections.abc import Iterator

from lcc.grammar.diagnostics import Diagnostic, Rule, Severity
from lcc.grammar.ir import Task
from lcc.grammar.signatures import Effect
from lcc.passes.lint.facts import LintContext, finding

RULE = Rule(
    "L013",
    "undeclared-effect",
    "a tool's undeclared effect keeps a call that could be saved",
    "Nobody said what the tool does, so lcc assumes the worst: equal calls aren't merged, and calls whose result nothing uses "
    "aren't dropped. One word in the declaration would allow both, and more: retries, and an early start.",
    '1. lookup("K2")\n2. lookup("K2")\n3. compare($1, $2)\n4. join($3)\n',
    '1. search("K2")\n2. search("Denali")\n3. compare($1, $2)\n4. join($3)\n',
    """\
import lcc

def lookup(name: str) -> str: ...
@lcc.tool(effect="read", resource="web")
def search(query: str) -> str: ...
@lcc.tool(effect="pure")
def compare(a: str, b: str) -> str: ...
""",
)


def check(context: LintContext) -> Iterator[Diagnostic]:
    """Yield a finding for each tool of which something could be saved, at the first such call."""
    told: set[str] = set()
    for change in (*context.repeats, *context.dead):
        task = context.tasks[change.ids[0]]
        if task.tool in told or task.tool not in context.tools:
            continue
        if context.effect(task) is Effect.UNDECLARED:
            told.add(task.tool)
            yield _finding(task, f"repeats task {change.ids[1]}" if len(change.ids) > 1 else "gives what nothing uses")


def _finding(task: Task, why: str) -> Diagnostic:
    return finding(
        RULE,
        f"task {task.id} {why}, and is kept because `{task.tool}` declares no effect",
        task.span,
        'declare what it does: `effect="pure"`, `"read"`, `"write"` or `"destructive"`',
        severity=Severity.REMARK,
    )
