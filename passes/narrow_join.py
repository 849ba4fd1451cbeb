"""Narrow `join()` to the results that no task consumed, to save the joiner's tokens.

    1. search("tides")
    2. summarize($1)
    3. join()                # reads $1 and $2
=>
    3. join("2"=$2)

The one pass that changes what join sees, so it runs only when asked for. `join(…)` and `answer(…)` say what they read, and
stay as they are.

Requires: a verified plan. Keeps: tasks, order, and every result that nothing else reads.
"""

from __future__ import annotations

from lcc.grammar.ir import Join, Plan, Task, TaskId, Value, flat, references, task_references
from lcc.passes.context import Action, Context


def narrow_join(plan: Plan, context: Context) -> Plan:
    """Leave out of `join()` what other tasks consumed."""
    join = plan.join
    if join is None or join.labels is None:
        return plan
    consumed = {ref.task for task in flat(plan, "narrow-join") for ref in task_references(task)}
    pairs = list(zip(join.labels, join.values, strict=True))
    kept = [(label, value) for label, value in pairs if not _is_consumed(value, consumed)]
    if len(kept) == len(pairs) or not kept:
        return plan
    by_id = {task.id: task for task in flat(plan, "narrow-join")}
    for label, value in pairs:
        if _is_consumed(value, consumed):
            why = "other tasks consume it, and the joiner is to read as little as possible"
            context.report(Action.NARROWED, f"join no longer reads {label}", why, _tasks_of(value, by_id))
    narrow = Join(
        tuple(value for _, value in kept),
        tuple(label for label, _ in kept),
        join.direct,
        join.id,
        join.thought,
        join.span,
    )
    return Plan(plan.inputs, flat(plan, "narrow-join"), narrow, plan.origins)


def _is_consumed(value: Value, consumed: set[TaskId]) -> bool:
    """Whether every result in a value is read by a task; never for a value that reads none."""
    read = [ref.task for ref in references(value)]
    return bool(read) and all(id in consumed for id in read)


def _tasks_of(value: Value, by_id: dict[TaskId, Task]) -> list[Task]:
    return [by_id[ref.task] for ref in references(value) if ref.task in by_id]
