"""Rewrite the references of a plan when passes replace tasks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from lcc.grammar.ir import Arg, Join, Ref, Task, TaskId, Value, map_references

Rewrite: TypeAlias = Callable[[Ref], Value]


def rewrite_task(task: Task, rewrite: Rewrite) -> Task:
    """Replace every reference in a task's arguments; the same task if nothing changes."""
    changed = False
    args = []
    for arg in task.args:
        value = map_references(arg.value, rewrite)
        if value is not arg.value:
            changed = True
            arg = Arg(arg.name, value, arg.each, arg.span)
        args.append(arg)
    return with_args(task, tuple(args)) if changed else task


def rewrite_join(join: Join, rewrite: Rewrite) -> Join:
    """Replace every reference in a join's values; the same join if nothing changes. Labels stay."""
    values = tuple(map_references(value, rewrite) for value in join.values)
    return join if all(a is b for a, b in zip(values, join.values, strict=True)) else with_values(join, values)


def rewrite_after(task: Task, instead: Mapping[TaskId, tuple[TaskId, ...]]) -> Task:
    """Replace the order predecessors that are gone by others; the same task if none is."""
    if not task.after or not any(id in instead for id in task.after):
        return task
    after: dict[TaskId, None] = {}
    for id in task.after:
        after.update(dict.fromkeys(instead.get(id, (id,))))
    return with_after(task, tuple(after))


def with_args(task: Task, args: tuple[Arg, ...]) -> Task:
    """Return a task with other arguments. `dataclasses.replace` takes four times as long."""
    return Task(task.id, task.tool, args, task.after, task.priority, task.thought, task.span, task.name_at)


def with_after(task: Task, after: tuple[TaskId, ...]) -> Task:
    """Return a task with other order predecessors."""
    return Task(task.id, task.tool, task.args, after, task.priority, task.thought, task.span, task.name_at)


def with_priority(task: Task, priority: float) -> Task:
    """Return a task with another priority."""
    return Task(task.id, task.tool, task.args, task.after, priority, task.thought, task.span, task.name_at)


def with_values(join: Join, values: tuple[Value, ...]) -> Join:
    """Return a join with other values."""
    return Join(values, join.labels, join.direct, join.id, join.thought, join.span)
