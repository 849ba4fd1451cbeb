"""Walk values and rebuild them. Only this module knows which values are in a value.

`children` are the values right inside of a value, `walk` all of them, `reads` the references and inputs among them; `rebuild`
puts others in the place of the children. Text order is kept, and so is the identity of what doesn't change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from operator import is_
from typing import Final, TypeAlias, assert_never

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
    return change_args(task, lambda arg, _: map_references(arg.value, rewrite))


def change_args(task: Task, change: Callable[[Arg, int], Value]) -> Task:
    """Give each of a task's arguments the value that `change` returns for it and its place; the same task if nothing changes."""
    args = []
    for place, arg in enumerate(task.args):
        value = change(arg, place)
        args.append(arg if value is arg.value else Arg(arg.name, value, arg.each, arg.span))
    return task if all(map(is_, args, task.args)) else with_args(task, tuple(args))


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


def children(value: Value) -> tuple[Value, ...]:
    """Return the values right inside of a value, in text order."""
    match value:
        case ListOf(items):
            return items
        case DictOf(pairs):
            return tuple([item for _, item in pairs])
        case Format(parts):
            return tuple([part for part in parts if not isinstance(part, str)])
        case Const() | Ref() | Input():
            return ()
        case _:
            assert_never(value)


def walk(value: Value) -> Iterator[Value]:
    """Yield a value and all that is in it, in text order, what holds others before them."""
    todo = [value]
    while todo:
        one = todo.pop()
        yield one
        if type(one) not in _LEAVES:
            todo += reversed(children(one))


_LEAVES: Final = frozenset({Const, Ref, Input})


def rebuild(value: Value, change: Callable[[Value], Value]) -> Value:
    """Return a value with each of its children changed; `value` itself where nothing changed.

    Inside a format a constant becomes its text and a format is spliced in; a list or dict there is a ValueError, since its
    text is only known once its own references are.
    """
    match value:
        case ListOf(items):
            new = tuple(map(change, items))
            return value if all(map(is_, new, items)) else ListOf(new)
        case DictOf(pairs):
            new = tuple([change(item) for _, item in pairs])
            same = all(map(is_, new, [item for _, item in pairs]))
            return value if same else DictOf(tuple([(key, item) for (key, _), item in zip(pairs, new, strict=True)]))
        case Format(parts):
            texts = [one for part in parts for one in _parts_of(part if isinstance(part, str) else change(part))]
            return value if len(texts) == len(parts) and all(map(is_, texts, parts)) else text_of(texts)
        case Const() | Ref() | Input():
            return value
        case _:
            assert_never(value)


def _parts_of(part: str | Value) -> tuple[str | Ref | Input, ...]:
    """Return what a value is inside of a format."""
    match part:
        case str() | Ref() | Input():
            return (part,)
        case Const(scalar):
            return (to_text(scalar),)
        case Format(parts):
            return parts
        case ListOf() | DictOf():
            raise ValueError("a container can't replace a reference inside a text")
        case _:
            assert_never(part)


def reads(value: Value) -> Iterable[tuple[Ref | Input, Format | None]]:
    """Return every reference and input in a value, in text order, each with the text that it stands in, if any."""
    if type(value) is Const:  # most values are one of these two
        return ()
    if type(value) is Ref:
        return ((value, None),)
    found: list[tuple[Ref | Input, Format | None]] = []
    todo: list[Value] = [value]
    while todo:
        one = todo.pop()
        if type(one) is Ref or type(one) is Input:
            found.append((one, None))
        elif type(one) is Format:
            found += [(part, one) for part in one.parts if not isinstance(part, str)]
        elif type(one) is not Const:
            todo += reversed(children(one))
    return found


def references(value: Value) -> Iterable[Ref]:
    """Return every reference to a task in a value, in text order."""
    return [one for one, _ in reads(value) if type(one) is Ref]


def inputs_of(value: Value) -> Iterable[Input]:
    """Return every input that a value reads, in text order."""
    return [one for one, _ in reads(value) if type(one) is Input]


def task_references(task: Task) -> Iterator[Ref]:
    """Yield every reference in a task's arguments, in text order, repeats included."""
    for arg in task.args:
        yield from references(arg.value)


def dependencies(task: Task) -> tuple[TaskId, ...]:
    """Return the ids whose results a task reads, each once, in order of first appearance. `after` is not among them."""
    return tuple(dict.fromkeys(ref.task for ref in task_references(task)))


def map_references(value: Value, rewrite: Rewrite) -> Value:
    """Replace every reference, as `rebuild` does."""

    def change(item: Value) -> Value:
        return rewrite(item) if isinstance(item, Ref) else rebuild(item, change)

    return change(value)


def tasks_by_id(plan: Plan) -> Mapping[TaskId, Task]:
    """Index the tasks of a plan."""
    return {task.id: task for task in plan.tasks}
