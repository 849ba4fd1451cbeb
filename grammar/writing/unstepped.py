"""Make strict statements of steps, as a program has them: conditions become `if`, blocks of Python their statements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from lcc.grammar.ir import (
    Apply,
    Block,
    Const,
    ForEach,
    If,
    Let,
    Local,
    Plan,
    Ref,
    Region,
    Statement,
    Task,
    TaskId,
    Value,
    block_statements,
    blocks_of,
    map_values,
    rebuild,
    statement_values,
    with_blocks,
)
from lcc.grammar.writing.renaming import renamed
from lcc.grammar.writing.values.written_names import all_names, keys_of
from lcc.grammar.writing.values.written_values import NotSayable


def unstepped(plan: Plan) -> Plan:
    """Return a strict plan without what only steps have; raise NotSayable where a program can't mean the same."""
    if plan.body is None or not any(_is_stepped(one) for one in block_statements(plan.body)):
        return plan
    regions: dict[TaskId, Region] = {one.id: one for one in block_statements(plan.body) if isinstance(one, Region)}
    names: dict[TaskId, dict[str, str]] = {}
    whole = _distinct(plan.body, names)

    def change(value: Value) -> Value:
        if isinstance(value, Ref) and value.task in regions and value.path:
            made: Value = Local(names[value.task].get(str(value.path[0]), str(value.path[0])))
            for step in value.path[1:]:
                made = _part(made, step)
            return made
        return rebuild(value, change)

    body = _block(map_values(whole, change), ())
    join = plan.join
    if join is not None:
        join = replace(join, values=tuple(map(change, join.values)))
    return replace(plan, body=body, join=join)


def _is_stepped(one: Statement) -> bool:
    return isinstance(one, Region) or getattr(one, "when", None) is not None


def _part(value: Value, step: str | int) -> Value:
    if isinstance(step, str) and step.isidentifier():
        return Apply(f"attribute {step}", (value,))
    return Apply("subscript load", (value, Const(step)))


def _distinct(body: Block, names: dict[TaskId, dict[str, str]]) -> Block:
    """Return a body whose blocks have names of their own: in a program they would be one. `names` gets what each has now."""
    found: dict[str, int] = {}
    for name in [name for one in body for name in set(all_names((one,)))]:
        found[name] = found.get(name, 0) + 1
    made: list[Statement] = []
    for one in body:
        if isinstance(one, Region):
            new = {name: f"{name}_{one.id}" for name in set(all_names(one.body)) if found[name] > 1}
            names[one.id] = new
            one = replace(one, body=renamed(one.body, new))
        elif isinstance(one, ForEach):
            one = replace(one, body=_distinct(one.body, names))
        made.append(one)
    return tuple(made)


def _block(block: Block, guards: tuple[Value, ...]) -> Block:
    """Return statements; those under one condition, one after the other, stand below one `if`."""
    made: list[Statement] = []
    for place, one in enumerate(block):
        when = getattr(one, "when", None)
        inner = _unguarded(one, guards if when is None else (*guards, when))
        if when is None:
            made += inner
            continue
        _check_readers(one, when, (*block[:place], *block[place + 1 :]))
        match made[-1:]:
            case [If(test, body, ())] if test == when and not any(isinstance(s, If) for s in inner):
                made[-1] = If(when, (*body, *inner))
            case _:
                made.append(If(when, tuple(inner)))
    return tuple(made)


def _unguarded(one: Statement, guards: tuple[Value, ...]) -> Sequence[Statement]:
    if isinstance(one, Region):
        return _block(one.body, guards)
    if isinstance(one, ForEach):
        return (_loop(replace(one, when=None), guards),)
    one = with_blocks(one, tuple([_block(block, guards) for block in blocks_of(one)]))
    return (replace(one, when=None),) if isinstance(one, Task | Let) else (one,)


def _loop(one: ForEach, guards: tuple[Value, ...]) -> ForEach:
    """Return a loop whose steps under the condition of its `yield` stand in one `if` at its end."""
    return replace(one, body=_block(one.body, guards), orelse=_block(one.orelse, guards))


def _check_readers(one: Statement, when: Value, others: Sequence[Statement]) -> None:
    """Refuse a result that isn't there without its condition, where something reads it that has another."""
    id = getattr(one, "id", None)
    for other in others:
        if getattr(other, "when", None) == when:
            continue
        if id is not None and any(
            id in keys_of(value) for s in block_statements((other,)) for value in statement_values(s)
        ):
            raise NotSayable(f"`${id}` is read where its condition isn't known to be true")
