"""Find writes that are made twice, with nothing written between them."""

from __future__ import annotations

from collections.abc import Hashable, Iterator

from lcc.grammar.diagnostics import Diagnostic, Label, Rule
from lcc.grammar.ir import Block, Let, Ref, Task, block_statements, blocks_of, flat, names_of, value_locals
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
    for task in flat(context.merged, "repeated-write"):
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


def check_body(context: LintContext) -> Iterator[Diagnostic]:
    """Yield a finding for each write that repeats one right before it: other calls, statements and new names between them don't count."""
    for block in _blocks(context.body):
        first: Task | None = None
        for one in block:
            if isinstance(one, Task) and one.when is None and context.effect(one).writes:
                if first is not None and context.calls.key(one) == context.calls.key(first):
                    yield _repeated_call(context, one, first)
                first = one
            elif first is not None and not (isinstance(one, Let) and isinstance(one.value, Ref) and _keeps(one, first)):
                first = None


def _keeps(let: Let, task: Task) -> bool:
    """Whether a call's arguments mean the same after a statement."""
    read = {name for arg in task.args for name in value_locals(arg.value)}
    return read.isdisjoint(name for target in let.targets for name in names_of(target))


def _repeated_call(context: LintContext, task: Task, first: Task) -> Diagnostic:
    again = (
        ", which changes nothing the second time" if context.tools[task.tool].idempotent else ": it writes both times"
    )
    message = f"this call of `{task.tool}` repeats the one before it{again}"
    return finding(RULE, message, task.span, "remove one of them", labels=(Label(first.span, "the first call"),))


def _blocks(block: Block) -> Iterator[Block]:
    yield block
    for one in block_statements(block):
        yield from blocks_of(one)
