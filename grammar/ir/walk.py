"""Walk values and rebuild them. Only this module knows which values are in a value.

`children` are the values right inside of a value, `walk` all of them, `reads` the references and inputs among them; `rebuild`
puts others in the place of the children. Text order is kept, and so is the identity of what doesn't change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from operator import is_
from typing import Final, TypeAlias, assert_never

from lcc.grammar.ir.expressions import (
    Apply,
    Builtin,
    Choose,
    Clause,
    Comprehension,
    Const,
    DictOf,
    Format,
    Input,
    Lambda,
    ListOf,
    Local,
    Logic,
    Ref,
    Select,
    Spread,
    TaskId,
    Value,
    text_of,
)
from lcc.grammar.ir.nodes import Arg, Join, Task
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
    return _copy(task, args, task.after, task.priority)


def with_after(task: Task, after: tuple[TaskId, ...]) -> Task:
    """Return a task with other order predecessors."""
    return _copy(task, task.args, after, task.priority)


def with_priority(task: Task, priority: float) -> Task:
    """Return a task with another priority."""
    return _copy(task, task.args, task.after, priority)


def _copy(task: Task, args: tuple[Arg, ...], after: tuple[TaskId, ...], priority: float) -> Task:
    if task.when is None and not task.ok and task.instead is None:
        return Task(task.id, task.tool, args, after, priority, task.thought, task.span, task.name_at)
    given = task.when, task.ok, task.instead
    return Task(task.id, task.tool, args, after, priority, task.thought, task.span, task.name_at, *given)


def with_values(join: Join, values: tuple[Value, ...]) -> Join:
    """Return a join with other values."""
    return Join(values, join.labels, join.direct, join.id, join.thought, join.span)


def children(value: Value) -> tuple[Value, ...]:
    """Return the values right inside of a value, in text order; those of a comprehension in the order of their evaluation."""
    if isinstance(value, ListOf):  # most values that hold others
        return value.items
    match value:
        case Const() | Ref() | Input() | Local() | Builtin():
            return ()
        case Logic(_, items) | Select(items):
            return items
        case DictOf(pairs):
            return tuple([item for _, item in pairs])
        case Format(parts):
            return tuple([part for part in parts if not isinstance(part, str)])
        case Apply(_, args, names):
            return (*args, *[item for _, item in names]) if names else args
        case Choose(test, then, other):
            return (test, then, other)
        case Comprehension(_, item, clauses, key):
            inner = [one for clause in clauses for one in (clause.items, *clause.conditions)]
            return (*inner, item) if key is None else (*inner, key, item)
        case Lambda(_, body, defaults):
            return (*defaults, body)
        case Spread(inside):
            return (inside,)
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


_LEAVES: Final = frozenset({Const, Ref, Input, Local, Builtin})


def rebuild(value: Value, change: Callable[[Value], Value]) -> Value:
    """Return a value with each of its children changed; `value` itself where nothing changed.

    Inside a format a constant becomes its text and a format is spliced in; a list or dict there is a ValueError, since its
    text is only known once its own references are.
    """
    if type(value) in _LEAVES:
        return value
    if isinstance(value, Format):
        texts = [one for part in value.parts for one in _parts_of(part if isinstance(part, str) else change(part))]
        return value if len(texts) == len(value.parts) and all(map(is_, texts, value.parts)) else text_of(texts)
    old = children(value)
    new = tuple(map(change, old))
    return value if all(map(is_, new, old)) else _with_children(value, new)


def _with_children(value: Value, new: tuple[Value, ...]) -> Value:
    """Return a value with other children, as many as `children` returns."""
    match value:
        case ListOf():
            return ListOf(new)
        case DictOf(pairs):
            return DictOf(tuple([(key, item) for (key, _), item in zip(pairs, new, strict=True)]))
        case Logic(op, _, span):
            return Logic(op, new, span)
        case Select(_, span):
            return Select(new, span)
        case Apply(op, args, names, span):
            values = new[len(args) :]
            return Apply(op, new[: len(args)], tuple([(n, v) for (n, _), v in zip(names, values, strict=True)]), span)
        case Choose(_, _, _, span):
            return Choose(new[0], new[1], new[2], span)
        case Lambda(params, _, _, span):
            return Lambda(params, new[-1], new[:-1], span)
        case Spread(_, names):
            return Spread(new[0], names)
        case Comprehension(kind, _, clauses, key, span):
            left = iter(new)
            rebuilt = tuple([Clause(c.target, next(left), tuple([next(left) for _ in c.conditions])) for c in clauses])
            new_key = None if key is None else next(left)
            return Comprehension(kind, next(left), rebuilt, new_key, span)
        case Const() | Ref() | Input() | Local() | Builtin() | Format():
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
        case _:
            raise ValueError("only a reference, an input or a scalar can replace a reference inside a text")


def reads(value: Value) -> Iterable[tuple[Ref | Input, Format | None]]:
    """Return every reference and input in a value, in text order, each with the text that it stands in, if any."""
    if type(value) is Const:  # most values are one of these two
        return ()
    if type(value) is Ref:
        return ((value, None),)
    found: list[tuple[Ref | Input, Format | None]] = []
    todo: list[tuple[Value, Format | None]] = [(value, None)]
    while todo:
        one, text = todo.pop()
        if type(one) is Ref or type(one) is Input:
            found.append((one, text))
        elif type(one) is Format:
            todo += [(part, one) for part in reversed(children(one))]
        elif type(one) not in _LEAVES:
            todo += [(part, None) for part in reversed(children(one)) if type(part) is not Const]
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


def beyond_flat(value: Value) -> Value | None:
    """Return the first value in a value that only a plan with a body can hold; None if there is none."""
    if type(value) in _SIMPLE:
        return None
    return next((one for one in walk(value) if type(one) not in _FLAT), None)


_SIMPLE: Final = frozenset({Const, Ref, Input, Format})
_FLAT: Final = _SIMPLE | {ListOf, DictOf}
