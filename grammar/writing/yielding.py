"""Make loops that fill a list loops that yield it, and put what begins a name next to what uses it. The meaning stays the same.

rows = []                          for m in members:
for m in members:                      yield f(m) when m.active
    if m.active:
        rows.append(f(m))
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from lcc.grammar.ir import (
    Apply,
    Block,
    Const,
    Exit,
    ForEach,
    If,
    Inline,
    Let,
    Local,
    Ref,
    Statement,
    TaskId,
    Try,
    Value,
    block_statements,
    blocks_of,
    statement_values,
    with_blocks,
)
from lcc.grammar.ir.evaluation import changes_values
from lcc.grammar.writing.values.written_names import all_names, bindings, constant, counted

_CONTAINERS: Final = frozenset({
    "display list", "display dict", "builtin set", "builtin dict", "builtin list", "module collections.Counter",
    "module collections.defaultdict",
})  # fmt: skip
"""What makes a container of a program's own."""


class Filled:
    """Rewrites a body. `fresh` gives names and ids that nothing has."""

    def __init__(self, body: Block) -> None:
        self._uses: Mapping[str | TaskId, int] = counted(body)
        self._bound = bindings(body)
        self._names = set(all_names(body))

    def block(self, block: Block, *, tried: bool = False) -> Block:
        """Return a block, and the blocks in it, with loops that yield. `tried`: what a failure leaves behind in a list could be seen."""
        inner = [self._inner(one, tried) for one in block]
        sunk = sink(tuple(inner))
        made: list[Statement] = []
        for one in sunk:
            if isinstance(one, ForEach) and made:
                filled = self._filled(made[-1], one, tried)
                if filled is not None:
                    made[-1:] = filled
                    continue
            made.append(one)
        return tuple(made)

    def _inner(self, one: Statement, tried: bool) -> Statement:
        tried = tried or isinstance(one, Try)
        blocks = tuple([self.block(block, tried=tried) for block in blocks_of(one)])
        return one if blocks == blocks_of(one) else with_blocks(one, blocks)

    def _filled(self, first: Statement, loop: ForEach, tried: bool) -> tuple[Statement, ...] | None:
        match first:
            case Let(Apply("display list", ()), (str(name),), None, None) if self._bound.get(name) == 1:
                pass
            case _:
                return None
        if loop.yields is not None or not loop.body or _leaves(loop.body):
            return None
        if counted((loop,)).get(name) != 1 or ((tried or loop.orelse) and self._uses.get(name) != 1):
            return None
        made = self._appending(loop, name)
        if made is None or name in counted(made.body):
            return None
        return made, Let(Ref(loop.id), (name,), span=first.span)

    def _appending(self, loop: ForEach, name: str) -> ForEach | None:
        """Return a loop that yields what it appends to a list at its end."""
        *before, last = self._plain(loop.body, name)
        value = _appended(last, name)
        if value is not None:
            return replace(loop, body=tuple(before), yields=value)
        match last:
            case If(test, inner, ()) if inner and (value := _appended(self._plain(inner, name)[-1], name)) is not None:
                then = self._plain(inner, name)[:-1]
                if not then:
                    return replace(loop, body=tuple(before), yields=value, yield_when=test)
                if isinstance(test, Local) and self._bound.get(test.name) == 1 and not _changes(tuple(then)):
                    return replace(loop, body=(*before, If(test, tuple(then))), yields=value, yield_when=test)
                kept = self._fresh("is_taken")
                truth = Apply("builtin bool", (test,))
                body = (*before, Let(truth, (kept,)), If(Local(kept), tuple(then)))
                return replace(loop, body=body, yields=value, yield_when=Local(kept))
            case _:
                return None

    def _plain(self, block: Block, name: str) -> Block:
        """Return a block that ends with `name.append(…)`, where lowering kept the list while the argument was made."""
        match block[-1]:
            case Let(Apply("method append", (Local(kept), value), ()), (), None, None) if self._bound.get(kept) == 1:
                alias = Let(Local(name), (kept,))
                check = Let(Apply("check method", (Local(kept), Const("append"))))
                rest = tuple([one for one in block[:-1] if one not in (alias, check)])
                if alias in block:
                    return (*rest, Let(Apply("method append", (Local(name), value))))
            case _:
                pass
        return block

    def _fresh(self, name: str) -> str:
        made, number = f"{name}_1", 2
        while made in self._names:
            made, number = f"{name}_{number}", number + 1
        self._names.add(made)
        return made


def _appended(one: Statement, name: str) -> Value | None:
    match one:
        case Let(Apply("method append", (Local(found), value), ()), (), None, None) if found == name:
            return value
        case _:
            return None


def _changes(block: Block) -> bool:
    return any(changes_values(value) for one in block_statements(block) for value in statement_values(one))


def _leaves(block: Block) -> bool:
    """Whether something in a block leaves it: not a helper in it, nor a loop in it."""
    return any(
        isinstance(one, Exit) or (not isinstance(one, Inline) and any(map(_leaves, blocks_of(one)))) for one in block
    )


def sink(block: Block) -> Block:
    """Put what gives a name a constant or an empty list right before what reads or binds that name next."""
    made = list(block)
    for place in range(len(made) - 1, -1, -1):
        name = begun(made[place])
        if name is None:
            continue
        at = place
        while at + 1 < len(made) and _passes(name, made[at + 1]):
            at += 1
        if at + 1 < len(made):
            made.insert(at, made.pop(place))
    return tuple(made)


def _passes(name: str, following: Statement) -> bool:
    return begun(following) is None and name not in set(all_names((following,))) and not _leaves((following,))


def begun(one: Statement) -> str | None:
    match one:
        case Let(Apply(op, args, ()), (str(name),), None, None) if op in _CONTAINERS and all(map(constant, args)):
            return name
        case Let(value, (str(name),), None, None) if constant(value):
            return name
        case _:
            return None
