"""Say which steps of a body are read, which may not be taken, and which values can't fail."""

from __future__ import annotations

from lcc.grammar.ir import (
    Const,
    DictOf,
    Element,
    ForEach,
    Input,
    Let,
    ListOf,
    Plan,
    Ref,
    Region,
    Select,
    Task,
    TaskId,
    Value,
    block_statements,
    children,
    statement_values,
)
from lcc.grammar.ir.walk import walk

STEPS = Task | Let | ForEach | Region


def read_steps(plan: Plan) -> set[TaskId]:
    """Return the ids of all steps that something reads, stands in for, or is ordered after."""
    values = [] if plan.join is None else list(plan.join.values)
    found: set[TaskId] = set()
    for one in block_statements(plan.body or ()):
        values += statement_values(one)
        if isinstance(one, Task):
            found.update(map(_step, (*one.after, *one.ok)))
            found.update(() if one.instead is None else (one.instead,))
    found.update(_step(part.task) for value in values for part in walk(value) if isinstance(part, Ref))
    return found


def _step(id_: TaskId) -> TaskId:
    return id_.task if isinstance(id_, Element) else id_


def untaken_steps(plan: Plan) -> set[TaskId]:
    """Return the ids of the steps that may not be taken: by a condition, a failure that is handled, or for what they read."""
    steps = [one for one in block_statements(plan.body or ()) if isinstance(one, STEPS)]
    found: set[TaskId] = {one.instead for one in steps if isinstance(one, Task) and one.instead is not None}
    for one in steps:
        after = (*one.after, *one.ok) if isinstance(one, Task) else ()
        depends = one.when is not None or (isinstance(one, Task) and one.instead is not None)
        reads = {ref for value in statement_values(one) for ref in _plain_reads(value)}
        if one.id is not None and (depends or not found.isdisjoint({*reads, *map(_step, after)})):
            found.add(one.id)
    return found


def _plain_reads(value: Value) -> set[TaskId]:
    """Return what a value reads that has to be taken for it."""
    if isinstance(value, Ref):
        return {_step(value.task)}
    items = value.items[-1:] if isinstance(value, Select) else children(value)
    return {read for item in items for read in _plain_reads(item)}


def cannot_fail(value: Value) -> bool:
    """Whether a value can be had whatever becomes of others."""
    match value:
        case Const():
            return True
        case Input(path=path):
            return not path
        case ListOf() | DictOf():
            return all(map(cannot_fail, children(value)))
        case _:
            return False
