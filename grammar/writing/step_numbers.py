"""Number the steps of a body anew, as a plan file that is written and read again has them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from lcc.grammar.ir import (
    Block,
    Exit,
    ForEach,
    Gather,
    If,
    Let,
    Plan,
    Ref,
    Region,
    Statement,
    Task,
    TaskId,
    Try,
    Value,
    blocks_of,
    map_values,
    rebuild,
    with_blocks,
)


def numbered(plan: Plan) -> Plan:
    """Return a plan of steps whose numbers go up in text order; what has none in the text follows, in text order."""
    body = plan.body or ()
    written = list(dict.fromkeys(_written(body)))
    ids: dict[TaskId, int] = {id: number for number, id in enumerate(written, 1)}
    last = len(ids)
    join = plan.join
    if join is not None:
        last += 1
    for id in _unwritten(body):
        if id not in ids:
            last += 1
            ids[id] = last

    made = with_ids(plan, ids)
    if made.join is not None:
        made = replace(made, join=replace(made.join, id=len(written) + 1))
    return made


def with_ids(plan: Plan, ids: Mapping[TaskId, int]) -> Plan:
    """Return a plan whose steps have other ids, and what reads them follows."""

    def change(value: Value) -> Value:
        if isinstance(value, Ref):
            return replace(value, task=ids.get(value.task, value.task))
        return rebuild(value, change)

    tasks = tuple([one for one in _renamed(map_values(plan.tasks, change), ids) if isinstance(one, Task)])
    body = None if plan.body is None else _renamed(map_values(plan.body, change), ids)
    join = plan.join
    if join is not None:
        labels = None if join.labels is None else tuple([ids.get(one, one) for one in join.labels])
        id_ = None if join.id is None else ids.get(join.id, join.id)
        join = replace(join, values=tuple(map(change, join.values)), labels=labels, id=id_)
    return replace(plan, tasks=tasks, body=body, join=join)


def _written(block: Block) -> Iterator[TaskId]:
    for one in block:
        match one:
            case Task(id=id) | Region(id=id) | ForEach(id=id):
                yield id
            case Let(id=int() as id):
                yield id
            case _:
                pass
        if isinstance(one, ForEach):
            yield from _written(one.body)


def _unwritten(block: Block) -> Iterator[TaskId]:
    """Yield the ids of all statements in the order in which reading a block gives them."""
    for one in block:
        late = isinstance(one, Gather)
        if not late and not isinstance(one, If | Try | Exit) and one.id is not None:
            yield one.id
        for inner in blocks_of(one):
            yield from _unwritten(inner)
        if isinstance(one, Gather):
            yield one.id


def _renamed(block: Block, ids: Mapping[TaskId, int]) -> Block:
    return tuple([_statement(one, ids) for one in block])


def _statement(one: Statement, ids: Mapping[TaskId, int]) -> Statement:
    one = with_blocks(one, tuple([_renamed(block, ids) for block in blocks_of(one)]))
    if isinstance(one, Task):
        after, ok = (tuple([ids.get(id, id) for id in given]) for given in (one.after, one.ok))
        instead = None if one.instead is None else ids.get(one.instead, one.instead)
        return replace(one, id=ids.get(one.id, one.id), after=after, ok=ok, instead=instead)
    if isinstance(one, If | Try | Exit) or one.id is None:
        return one
    return replace(one, id=ids.get(one.id, one.id))
