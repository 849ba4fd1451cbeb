"""Find calls that wait for one another only because their tools don't say what they use."""

from __future__ import annotations

from collections.abc import Iterator

from lcc.grammar.diagnostics import Diagnostic, Label, Rule, Severity
from lcc.grammar.ir import Task, flat
from lcc.grammar.signatures import OUTSIDE
from lcc.passes.analysis.effects import Ordering
from lcc.passes.lint.facts import LintContext, finding

RULE = Rule(
    "L010",
    "unnamed-resource",
    "a call waits for another only because neither tool names a resource",
    "Tools that declare an effect and no resource share one, `outside`, so that a write among them keeps its place. A search "
    "then waits for a message to be sent. With resources declared, only calls on the same one wait.",
    '1. send("ada", "I am looking it up.")\n2. search("tides")\n3. join($2)\n',
    '1. notify("ada", "I am looking it up.")\n2. search("tides")\n3. join($2)\n',
    """\
import lcc

@lcc.tool(effect="read")
def search(query: str) -> str: ...
@lcc.tool(effect="write")
def send(to: str, text: str) -> int: ...
@lcc.tool(effect="write", resource="outbox")
def notify(to: str, text: str) -> int: ...
""",
)


def check(context: LintContext) -> Iterator[Diagnostic]:
    """Yield a finding for each pair of tools of which one waits for the other without need."""
    ordering = Ordering(context.accesses.families)
    told: set[frozenset[str]] = set()
    for task in flat(context.merged, "unnamed-resource"):
        accesses = context.accesses.of(task)
        if not accesses:
            continue
        for id, access in ordering.add(task.id, accesses).items():
            other = context.tasks[id]
            pair = frozenset((task.tool, other.tool))
            if access.key != OUTSIDE or len(pair) == 1 or pair in told:
                continue
            if not context.depends(task, id):
                told.add(pair)
                yield _finding(task, other)


def _finding(task: Task, other: Task) -> Diagnostic:
    return finding(
        RULE,
        f"task {task.id} waits for task {other.id}: neither `{task.tool}` nor `{other.tool}` names what it uses",
        task.span,
        'declare it for one of them: `resource="…"`',
        severity=Severity.REMARK,
        labels=(Label(other.span, "the call that it waits for"),),
    )
