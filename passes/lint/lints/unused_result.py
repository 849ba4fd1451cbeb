"""Find calls whose result never reaches the join, though they are made for nothing else.

The optimizer drops them; here somebody most likely forgot to use what they return. Of a chain that leads nowhere the last
call is found, since that is where the use is missing.
"""

from __future__ import annotations

from collections.abc import Iterator

from lcc.grammar.diagnostics import Diagnostic, Fix, Rule
from lcc.grammar.flow import Node
from lcc.grammar.ir import Apply, Let, Ref, Task, Try, block_calls, block_statements, calls_of
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


def check_body(context: LintContext) -> Iterator[Diagnostic]:
    """Yield a finding for each call whose result nothing uses, though it is made for nothing else; in a try it may be a question."""
    nodes = context.flow.nodes
    tried = {
        task.id for one in block_statements(context.body) if isinstance(one, Try) for task in block_calls(one.body)
    }
    used = {place for node in nodes for place in (*node.control, *(node.data if _uses(node) else ()))}
    carried = {read: last for loop in context.flow.loops for read, last in loop.carried.values()}
    todo = list(used)
    while todo:
        place = todo.pop()
        before = [*nodes[place].data, *([carried[place]] if place in carried else [])]
        new = [one for one in before if one not in used]
        used.update(new)
        todo += new
    for task in calls_of(context.plan):
        if context.flow.calls[task.id] not in used and task.id not in tried and context.effect(task).may_start_early:
            yield finding(
                RULE,
                f"nothing uses the result of `{task.tool}`",
                task.span,
                "read it where it was meant to be used, or remove the call",
            )


def _uses(node: Node) -> bool:
    """Whether something is done with what a node reads, other than to name it."""
    if node.kind == "value":
        return (
            isinstance(node.statement, Let)
            and not node.statement.targets
            and node.statement.id is None
            and not node.label
            and not (isinstance(node.statement.value, Apply) and node.statement.value.op == "check method")
        )
    return node.kind not in ("merge", "carry", "item", "gather")
