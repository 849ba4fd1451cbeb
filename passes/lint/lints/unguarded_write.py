"""Find writes that are made whatever becomes of the calls before them.

In an independent plan a failure stops only what reads the result. A write that reads no result at all is made also where a call
before it failed: the mail goes out although the payment didn't. Where that isn't meant, the write says `after ok`.

Many plans hold calls that have nothing to do with one another. So a write counts as one that was meant to wait if a call before it

- writes, by another tool: first the payment, then the mail;
- was given a text that the write is given too: `look("ann")`, `pay("ann", 5)`; of the same tool by another parameter: `move("a", "b")`, `move("b", "c")`;
- reads, and is there for nothing else: no step reads its result, and the join doesn't name it.

Equal calls for many, such as mails to ten people, are left alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from lcc.grammar.diagnostics import Diagnostic, Label, Rule, Severity
from lcc.grammar.ir import (
    Const,
    Plan,
    Ref,
    Statement,
    Task,
    TaskId,
    block_statements,
    flat,
    references,
    statement_values,
    task_references,
)
from lcc.grammar.ir.walk import walk
from lcc.passes.lint.facts import LintContext, finding, task_list

RULE = Rule(
    "L025",
    "unguarded-write",
    "a write is made whatever becomes of the calls before it",
    "In a plan file a failure stops only what reads the result. This write reads none, so it is made also if a call before it "
    "fails. It is told where the write seems to depend on the call: that writes by another tool; or was given the same text, if by "
    "the same tool as another parameter; or reads what no step and no named value of the join reads. Where it waits for success, say "
    "so with `after ok`; a plan that begins with `strict` means that of all its lines.",
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
    tasks = flat(context.plan, "unguarded-write")
    return _found(context, tasks, _used(context.plan, tasks))


def check_body(context: LintContext) -> Iterator[Diagnostic]:
    """Yield at most one finding for the steps of an independent plan; calls in loops and branches have their conditions."""
    if context.plan.fails == "independent":
        used = _used(context.plan, block_statements(context.body))
        yield from _found(context, (one for one in context.body if isinstance(one, Task)), used)


def _used(plan: Plan, statements: Iterable[Statement]) -> frozenset[TaskId]:
    """Return the calls that something waits for or reads, a join that names what it reads too."""
    used: set[TaskId] = set()
    for one in statements:
        used.update(ref.task for value in statement_values(one) for ref in references(value))
        if isinstance(one, Task):
            used.update(one.ok if one.instead is None else (*one.ok, one.instead))
    named = () if plan.join is None or plan.join.labels is not None else plan.join.values
    return frozenset(used.union(ref.task for value in named for ref in references(value)))


def _found(context: LintContext, tasks: Iterable[Task], used: frozenset[TaskId]) -> Iterator[Diagnostic]:
    """Yield the finding. `used`: the calls whose results something reads, or the join names."""
    known = _Before()
    first: tuple[Task, Task] | None = None
    more = 0
    for task in tasks:
        texts = [
            (context.parameter_name(task, place), arg.value.value)
            for place, arg in enumerate(task.args)
            if isinstance(arg.value, Const) and isinstance(arg.value.value, str) and arg.value.value
        ]
        writes = context.effect(task).writes
        if writes and not _waits(task):
            before = known.guard_of(task, texts)
            if before is not None:
                more += first is not None
                first = first or (task, before)
        if writes:
            known.note_write(task, texts)
        else:
            known.note_read(task, texts, unused=task.id not in used)
    if first is not None:
        yield _finding(*first, more)


class _Before:
    """The calls before a place, by what a write may be meant to depend on them for."""

    def __init__(self) -> None:
        self._written: dict[str, Task] = {}
        self._about: dict[str, Task] = {}
        self._targets: dict[tuple[str, str], tuple[str, Task]] = {}
        self._unused: Task | None = None

    def note_write(self, task: Task, texts: list[tuple[str, str]]) -> None:
        self._written.setdefault(task.tool, task)
        self._targets.update({(task.tool, text): (name, task) for name, text in texts})

    def note_read(self, task: Task, texts: list[tuple[str, str]], *, unused: bool) -> None:
        self._about.update({text: task for _, text in texts})
        if unused:
            self._unused = task

    def guard_of(self, task: Task, texts: list[tuple[str, str]]) -> Task | None:
        """Return the call that a write was probably meant to wait for, if there is one."""
        for name, text in texts:
            if text in self._about:
                return self._about[text]
            other = self._targets.get((task.tool, text))
            if other is not None and other[0] != name:
                return other[1]
        others = (one for tool, one in islice(self._written.items(), 2) if tool != task.tool)
        return next(others, None) or self._unused


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
