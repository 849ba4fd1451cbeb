"""Eliminate tasks whose result never reaches `join`.

    1. search("tides")
    2. search("moon")      # nothing reads $2
    3. join($1)
=>
    1. search("tides")
    3. join($1)

Pure calls and reads go. A write, a destructive call and a call of an undeclared tool stay, and with them what they read.

Requires: a verified plan, so references point backwards. Keeps: order, ids, spans, and every task whose effect forbids
dropping it.
"""

from __future__ import annotations

from lcc.grammar.ir import Dropped, Plan, Task, TaskId, references, rewrite_after, task_references
from lcc.grammar.ir.origins import Origins
from lcc.passes.context import Action, Context


def eliminate_dead_tasks(plan: Plan, context: Context) -> Plan:
    """Drop what nothing needs, in one walk from the end."""
    if plan.join is None:
        return plan
    origins = Origins(plan.origins)
    wanted: set[TaskId] = set()
    for value in plan.join.values:
        for ref in references(value):
            _want(ref.task, wanted, origins)
    dead: list[Task] = []
    kept: list[Task] = []
    for task in reversed(plan.tasks):
        if task.id not in wanted:
            if context.calls.effect(task.tool).may_start_early:
                dead.append(task)
                continue
            kept.append(task)
        for ref in task_references(task):
            _want(ref.task, wanted, origins)
    for task in reversed(kept):
        why = f"`{task.tool}` is {context.calls.effect(task.tool)}"
        context.report(Action.KEPT, f"{task.id} doesn't reach join, kept", why, (task,))
    return _without(plan, dead[::-1], context) if dead else plan


def _want(id: TaskId, wanted: set[TaskId], origins: Origins) -> None:
    """Note that a result is read; that of an expanded fan-out is its elements."""
    if id not in wanted:
        wanted.add(id)
        value = origins.value_of(id) if id in origins else None
        if value is not None:
            wanted.update(ref.task for ref in references(value))


def _without(plan: Plan, dead: list[Task], context: Context) -> Plan:
    instead: dict[TaskId, tuple[TaskId, ...]] = {}
    for task in dead:
        why = f"`{task.tool}` is {context.calls.effect(task.tool)}, and nothing reads its result"
        context.report(Action.DROPPED, f"{task.id} is dropped", why, (task,))
        instead[task.id] = rewrite_after(task, instead).after
    tasks = tuple(rewrite_after(task, instead) for task in plan.tasks if task.id not in instead)
    return Plan(plan.inputs, tasks, plan.join, (*plan.origins, *(Dropped(task.id) for task in dead)))
