"""Find calls that read a result which says nothing, and so only wait for it."""

from __future__ import annotations

from collections.abc import Iterator

from lcc.grammar.diagnostics import Diagnostic, Rule
from lcc.grammar.ir import Ref, Task, TaskId
from lcc.grammar.signatures import ListType, NullType, Type
from lcc.passes.lint.facts import LintContext, finding

RULE = Rule(
    "L009",
    "false-dependency",
    "a call reads a result that is always null",
    "The reader gets nothing from it, `null` in a text, and can't start before the other call has ended: two calls that could "
    "run side by side run one after the other. Where the order matters, a resource that both declare says so, and keeps it "
    "when the plan is rewritten.",
    '1. log("start")\n2. search("tides $1")\n3. join($2)\n',
    '1. log("start")\n2. search("tides")\n3. join($2)\n',
    """\
import lcc

@lcc.tool(effect="write", resource="log")
def log(text: str) -> None: ...
@lcc.tool(effect="read", resource="web")
def search(query: str) -> str: ...
""",
)


def check(context: LintContext) -> Iterator[Diagnostic]:
    """Yield a finding for each call and each empty result that it reads."""
    seen: set[tuple[TaskId, TaskId]] = set()
    for use in context.uses:
        if use.task is None or not isinstance(use.part, Ref) or (use.task.id, use.part.task) in seen:
            continue
        if use.part.task in context.tasks and _is_empty(context.types.result(use.part.task)):
            seen.add((use.task.id, use.part.task))
            yield _finding(context, use.task, use.part)


def _is_empty(type_: Type) -> bool:
    return isinstance(type_, NullType) or (isinstance(type_, ListType) and _is_empty(type_.item))


def _finding(context: LintContext, reader: Task, ref: Ref) -> Diagnostic:
    return finding(
        RULE,
        f"`{context.tasks[ref.task].tool}` returns nothing, so task {reader.id} only waits for it",
        ref.span,
        "remove the reference; if the order matters, declare the resource that both calls use",
        labels=context.label(ref.task, "always null"),
    )
