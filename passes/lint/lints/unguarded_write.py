"""Find writes that are made whatever becomes of the calls before them.

In an independent plan a failure stops only what reads the result. A write that reads no result at all is made also where a call
before it failed: the mail goes out although the payment didn't. Where that isn't meant, the write says `after ok`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from lcc.grammar.diagnostics import Diagnostic, Label, Rule, Severity
from lcc.grammar.ir import Const, Ref, Task, flat, task_references
from lcc.grammar.ir.walk import walk
from lcc.passes.lint.facts import LintContext, finding, task_list

RULE = Rule(
    "L025",
    "unguarded-write",
    "a write is made whatever becomes of the calls before it",
    "In a plan file a failure stops only what reads the result. This write reads none, so it is made also if a call before it "
    "fails. Where it waits for success, say so with `after ok`; a plan that begins with `strict` means that of all its lines.",
    '1. pay("ann", 5)\n2. mail("ann", "you were paid")\n3. join()\n',
    '1. pay("ann", 5)\n2. mail("ann", "you were paid") after ok $1\n3. join()\n',
    """\
import lcc

@lcc.tool(effect="write", resource="bank")
def pay(to: str, amount: float) -> str: ...
@lcc.tool(effect="write", resource="mail")
def mail(to: str, text: str) -> bool: ...
""",
)


def check(context: LintContext) -> Iterator[Diagnostic]:
    """Yield at most one finding: the first such write, and how many there are."""
    return _found(context, flat(context.plan, "unguarded-write"))


def check_body(context: LintContext) -> Iterator[Diagnostic]:
    """Yield at most one finding for the steps of an independent plan; calls in loops and branches have their conditions."""
    if context.plan.fails == "independent":
        yield from _found(context, (one for one in context.body if isinstance(one, Task)))


def _found(context: LintContext, tasks: Iterable[Task]) -> Iterator[Diagnostic]:
    written: dict[str, Task] = {}
    about: dict[str, Task] = {}
    first: tuple[Task, Task] | None = None
    more = 0
    for task in tasks:
        writes = context.effect(task).writes
        texts = [
            arg.value.value for arg in task.args if isinstance(arg.value, Const) and isinstance(arg.value.value, str)
        ]
        if writes and not _waits(task):
            others = [written[name] for name in islice(written, 2) if name != task.tool]
            before = next((about[text] for text in texts if text in about), None) or (others[0] if others else None)
            if before is not None:
                more += first is not None
                first = first or (task, before)
        if writes:
            written.setdefault(task.tool, task)
        else:
            about.update(dict.fromkeys(filter(None, texts), task))
    if first is not None:
        yield _finding(*first, more)


def _waits(task: Task) -> bool:
    """Whether a call isn't made where some other has failed."""
    said = task.when is not None and any(isinstance(one, Ref) for one in walk(task.when))
    return bool(task.ok) or task.instead is not None or said or any(True for _ in task_references(task))


def _finding(task: Task, before: Task, more: int) -> Diagnostic:
    others = "" if not more else f", and so {'is' if more == 1 else 'are'} {more} more"
    return finding(
        RULE,
        f"task {task.id} is made also if {task_list([before.id])} fails{others}",
        task.span,
        f"if it isn't meant so, write `after ok ${before.id}` behind it",
        severity=Severity.REMARK,
        labels=(Label(before.span, "this may fail"),),
    )
