"""TODO."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias, assert_never

from lcc.grammar.ir.nodes import (
    Arg,
    Const,
    DictOf,
    Format,
    Input,
    Join,
    ListOf,
    Plan,
    Ref,
    Task,
    TaskId,
    Value,
    text_of,
)
from lcc.grammar.values import to_text

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


def references(value: Value) -> Iterator[Ref]:
    """Yield every reference to a task in a value, in text order."""
    match value:
        case Ref():
            yield value
        case Format(parts):
            for part in parts:
                if isinstance(part, Ref):
                    yield part
        case ListOf(items):
            for item in items:
                yield from references(item)
        case DictOf(pairs):
            for _, item in pairs:
                yield from references(item)
        case Const() | Input():
            return
        case _:
            assert_never(value)


def inputs_of(value: Value) -> Iterator[Input]:
    """Yield every input that a value reads, in text order."""
    match value:
        case Input():
            yield value
        case Format(parts):
            for part in parts:
                if isinstance(part, Input):
                    yield part
        case ListOf(items):
            for item in items:
                yield from inputs_of(item)
        case DictOf(pairs):
            for _, item in pairs:
                yield from inputs_of(item)
        case Const() | Ref():
            return
        case _:
            assert_never(value)


def task_references(task: Task) -> Iterator[Ref]:
    """Yield every reference in a task's arguments, in text order, repeats included."""
    for arg in task.args:
        yield from references(arg.value)


def dependencies(task: Task) -> tuple[TaskId, ...]:
    """Return the ids whose results a task reads, each once, in order of first appearance. `after` is not among them."""
    return tuple(dict.fromkeys(ref.task for ref in task_references(task)))


def map_references(value: Value, rewrite: Callable[[Ref], Value]) -> Value:
    """Replace every reference. Returns `value` itself where nothing changed.

    Inside a format a constant becomes its text and a format is spliced in; a list or dict there is a ValueError, since its
    text is only known once its own references are.
    """
    match value:
        case Ref():
            return rewrite(value)
        case Format(parts):
            new: list[str | Ref | Input] = []
            for part in parts:
                if not isinstance(part, Ref):
                    new.append(part)
                    continue
                match rewrite(part):
                    case Ref() | Input() as same:
                        new.append(same)
                    case Const(scalar):
                        new.append(to_text(scalar))
                    case Format(inner):
                        new.extend(inner)
                    case ListOf() | DictOf():
                        raise ValueError("a container can't replace a reference inside a text")
            return (
                value
                if len(new) == len(parts) and all(a is b for a, b in zip(new, parts, strict=True))
                else text_of(new)
            )
        case ListOf(items):
            mapped = tuple(map_references(item, rewrite) for item in items)
            return value if all(a is b for a, b in zip(mapped, items, strict=True)) else ListOf(mapped)
        case DictOf(pairs):
            mapped_pairs = tuple((key, map_references(item, rewrite)) for key, item in pairs)
            same_pairs = all(a[1] is b[1] for a, b in zip(mapped_pairs, pairs, strict=True))
            return value if same_pairs else DictOf(mapped_pairs)
        case Const() | Input():
            return value
        case _:
            assert_never(value)


def tasks_by_id(plan: Plan) -> Mapping[TaskId, Task]:
    """Index the tasks of a plan."""
    return {task.id: task for task in plan.tasks}
