"""Eliminate tasks whose result never reaches `join`.

    1. search("tides")
    2. search("moon")      # nothing reads $2
    3. join($1)
=>
    1. search("tides")
    3. join($1)

Pure calls and reads go; so they do in loops, and values with them, but for strict plans. A write, a destructive call and a call of an undeclared tool stay, and with them what they read.

Requires: a verified plan, so references point backwards. Keeps: order, ids, spans, and every task whose effect forbids
dropping it.
"""

from __future__ import annotations

from dataclasses import replace
from operator import is_

from lcc.grammar.ir import (
    Block,
    Dropped,
    ForEach,
    Let,
    Plan,
    Statement,
    Task,
    TaskId,
    block_calls,
    block_statements,
    blocks_of,
    references,
    rewrite_after,
    statement_values,
    task_references,
    with_blocks,
)
from lcc.grammar.ir.origins import Origins
from lcc.passes.context import Action, Context


def eliminate_dead_tasks(plan: Plan, context: Context) -> Plan:
    """Drop what nothing needs, in one walk from the end."""
    if plan.body is not None:
        return _without_dead_steps(plan, plan.body, context)
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


def _without_dead_steps(plan: Plan, body: Block, context: Context) -> Plan:
    """Drop the calls and values of an independent body that nothing reads. In a strict plan no call is dropped: its failure counts."""
    if plan.fails == "strict" or plan.join is None:
        return plan
    read: set[TaskId] = set()
    for value in plan.join.values:
        read |= {ref.task for ref in references(value)}
    dead: list[Task] = []
    followed = {id for task in block_calls(body) for id in (*task.after, *task.ok, task.instead)}
    kept = _living(body, read, followed, dead, context)
    if kept is body:
        return plan
    for task in reversed(dead):
        why = f"`{task.tool}` is {context.calls.effect(task.tool)}, and nothing reads its result"
        context.report(Action.DROPPED, f"{task.id} is dropped", why, (task,))
    origins = (*plan.origins, *[Dropped(task.id) for task in reversed(dead)])
    return replace(plan, body=kept, origins=origins)


def _living(block: Block, read: set[TaskId], followed: set[TaskId | None], dead: list[Task], context: Context) -> Block:
    """Return the steps of a block that are needed, from the last to the first; note what they read. `followed`: others mind how they end."""
    kept: list[Statement] = []
    for step in reversed(block):
        new: Statement = step
        if isinstance(step, Task) and _is_dead(step, read, context):
            dead.append(step)
            continue
        if isinstance(step, Let) and step.id is not None and step.id not in read | followed and not step.targets:
            continue
        if isinstance(step, ForEach) and step.id not in followed:
            _read_by(step, read)
            body = _living(step.body, read, followed, dead, context)
            if not body and step.id not in read:
                continue
            new = with_blocks(step, (body, step.orelse))
        for one in (new, *[inner for block in blocks_of(new) for inner in block_statements(block)]):
            _read_by(one, read)
        kept.append(new)
    kept.reverse()
    return block if len(kept) == len(block) and all(map(is_, kept, block)) else tuple(kept)


def _is_dead(task: Task, read: set[TaskId], context: Context) -> bool:
    """Whether nothing needs a call; one that stands in the place of a failed one makes that one's failure handled."""
    return task.id not in read and task.instead is None and context.calls.effect(task.tool).may_start_early


def _read_by(step: Statement, read: set[TaskId]) -> None:
    for value in statement_values(step):
        read |= {ref.task for ref in references(value)}
    if isinstance(step, Task):
        read |= {*step.after, *step.ok, *(() if step.instead is None else (step.instead,))}


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
