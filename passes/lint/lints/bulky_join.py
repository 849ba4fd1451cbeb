"""Find a `join()` that hands over long results which other calls have digested already."""

from __future__ import annotations

from collections.abc import Iterator

from lcc.grammar.diagnostics import Diagnostic, Label, Rule, Severity
from lcc.grammar.ir import Join, Ref, TaskId, flat
from lcc.grammar.signatures import Effect
from lcc.passes.analysis.inference import is_bulky
from lcc.passes.lint.facts import LintContext, finding, task_list

RULE = Rule(
    "L012",
    "bulky-join",
    "`join()` hands over long results that other calls have read already",
    "The joiner's model reads every result that the join holds, and its tokens are paid for. Pages that a calculation has read "
    "are rarely needed again; `join($3)` names what the answer needs. `--passes narrow-join` does it for a run.",
    '1. search("height of K2")\n2. search("height of Denali")\n3. math("height of K2 / height of Denali", context=[$1, $2])\n'
    "4. join()\n",
    '1. search("height of K2")\n2. search("height of Denali")\n3. math("height of K2 / height of Denali", context=[$1, $2])\n'
    "4. join($3)\n",
    """\
import lcc

@lcc.tool(effect="read", resource="web")
def search(query: str) -> str: ...
@lcc.tool(effect="pure")
def math(problem: str, context: list[str] = []) -> float: ...
""",
)


def check(context: LintContext) -> Iterator[Diagnostic]:
    """Yield at most one finding: a bare `join()` that reads what it need not."""
    join = context.plan.join
    if join is None or join.labels is None or not _is_bare(join):
        return
    bulky = [
        task.id
        for task in flat(context.plan, "bulky-join")
        if _is_read(context, task.id) and _is_long(context, task.id)
    ]
    if bulky:
        yield _finding(context, join, bulky)


def _is_bare(join: Join) -> bool:
    """Whether a join is written `join()`, so that nobody chose what it reads: its references stand where it stands."""
    return all(isinstance(value, Ref) and value.span == join.span for value in join.values)


def _is_read(context: LintContext, id: TaskId) -> bool:
    return any(use.task is not None for use in context.readers.get(id, ()))


def _is_long(context: LintContext, id: TaskId) -> bool:
    return context.effect(context.tasks[id]) is Effect.READ and is_bulky(context.types.result(id))


def _finding(context: LintContext, join: Join, bulky: list[TaskId]) -> Diagnostic:
    last = [task.id for task in flat(context.plan, "bulky-join") if not _is_read(context, task.id)]
    help = "name what the answer needs"
    if last and len(last) <= 8:
        help += f": `join({', '.join(f'${id}' for id in last)})`"
    return finding(
        RULE,
        f"`join()` hands over all that {task_list(bulky)} returned, which other calls have read",
        join.span,
        help,
        severity=Severity.REMARK,
        labels=[Label(context.tasks[id].span, "read by other calls") for id in bulky[:3]],
    )
