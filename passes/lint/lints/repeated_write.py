"""Find writes that are made twice, with nothing written between them."""

from __future__ import annotations

from collections.abc import Hashable, Iterator

from lcc.grammar.diagnostics import Diagnostic, Label, Rule
from lcc.grammar.ir import Task
from lcc.passes.analysis.effects import Versions
from lcc.passes.lint.facts import LintContext, finding

RULE = Rule(
    "L003",
    "repeated-write",
    "a call that writes is made twice with the same arguments",
    "Writes are never merged: the message goes out twice, the order is placed twice. Models repeat lines, so this is more "
    "often a slip than a wish. Where something else is written to the same resource in between, twice may be meant, and "
    "nothing is said.",
    '1. search("tides")\n2. send("ada", "$1")\n3. send(to="ada", text="$1")\n4. join($2, $3)\n',
    '1. search("tides")\n2. send("ada", "$1")\n3. send("bob", "$1")\n4. join($2, $3)\n',
    """\
import lcc

@lcc.tool(effect="read", resource="web", trusted=True)
def search(query: str) -> str: ...
@lcc.tool(effect="write", resource="outbox:{to}")
def send(to: str, text: str) -> int: ...
""",
)


def check(context: LintContext) -> Iterator[Diagnostic]:
    """Yield a finding for each write that repeats an earlier one."""
    versions = Versions(context.accesses.families)
    seen: dict[Hashable, tuple[Task, tuple[int, ...]]] = {}
    for task in context.merged.tasks:
        if not context.effect(task).writes:
            continue
        accesses = context.accesses.of(task)
        key = context.calls.key(task)
        first = seen.get(key)
        if first is not None and versions.stamp(accesses) == first[1]:
            yield _repeated(context, task, first[0])
        versions.write(task.id, accesses)
        seen[key] = task, versions.stamp(accesses)


def _repeated(context: LintContext, task: Task, first: Task) -> Diagnostic:
    signature = context.tools[task.tool]
    again = ", which changes nothing the second time" if signature.idempotent else f": `{task.tool}` writes both times"
    message = f"task {task.id} repeats task {first.id}{again}"
    return finding(RULE, message, task.span, "remove one of them", labels=(Label(first.span, "the first call"),))
