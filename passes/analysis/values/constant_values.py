"""Evaluate what reads nothing in the values of a body, and take the branches that are known to be taken.

A value that fails, takes long or becomes long stays as it is: it is for the run to do. What is made anew each time (a list, a dict,
a set) stays too, since it may be changed. A branch that isn't taken goes only if nothing else reads what it binds or calls.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import isfinite
from typing import Final

from lcc.grammar.ir import (
    Apply,
    Block,
    Builtin,
    Choose,
    Const,
    If,
    Logic,
    Statement,
    Task,
    TaskId,
    Value,
    While,
    block_statements,
    blocks_of,
    children,
    map_values,
    names_of,
    rebuild,
    references,
    statement_values,
    targets_of,
    value_locals,
    with_blocks,
)
from lcc.grammar.ir.evaluation import Evaluation, changes_values, compile_value
from lcc.grammar.ir.operations import Meter, OperationLimits
from lcc.passes.analysis.values.value_types import operation_named

_LONGEST: Final = 1_000
"""Characters of a text, or bits of a number, that a plan is given in the place of an operation."""
_LIMITS: Final = OperationLimits(steps=2_000, memory=200_000)
_SCALARS: Final = (type(None), bool, int, float, str)


def fold_body(body: Block) -> tuple[Block, tuple[Statement, ...]]:
    """Return a body with what is constant evaluated, and the statements that were replaced by a branch of them."""
    folded = map_values(body, fold_value)
    if not any(_branch(one) is not None for one in block_statements(folded)):
        return folded, ()
    chosen: list[Statement] = []
    return _choose(folded, _Readers(folded), chosen), tuple(chosen)


def fold_value(value: Value) -> Value:
    """Return a value with what is constant in it evaluated; the same value if nothing is."""
    folded = rebuild(value, fold_value)
    match folded:
        case Choose(Const(test), then, other):
            return then if test else other
        case Logic(op, items):
            return _logic(folded, op == "or", items)
        case Apply() if all(isinstance(child, Const | Builtin) for child in children(folded)) and _is_pure(folded):
            return _evaluated(folded)
        case _:
            return folded


def _logic(value: Logic, wanted: bool, items: tuple[Value, ...]) -> Value:
    """Leave out what doesn't decide, and what stands behind what does."""
    left: list[Value] = []
    for at, item in enumerate(items):
        if isinstance(item, Const) and at < len(items) - 1:
            if bool(item.value) is not wanted:
                continue
            left.append(item)
            break
        left.append(item)
    if len(left) == len(items):
        return value
    return left[0] if len(left) == 1 else Logic(value.op, tuple(left), value.span)


def _is_pure(value: Apply) -> bool:
    operation = operation_named(value.op)
    clock = operation is not None and operation.clock
    return not clock and value.op != "builtin print" and not changes_values(value)


def _evaluated(value: Apply) -> Value:
    try:
        found = compile_value(value, Evaluation(Meter(_LIMITS)))({})
    except Exception:
        return value
    if type(found) not in _SCALARS or (type(found) is float and not isfinite(found)):
        return value
    size = len(found) if type(found) is str else found.bit_length() if type(found) is int else 0
    return value if size > _LONGEST else Const(found)


def _branch(statement: Statement) -> Block | None:
    """Return the block that a statement is for sure; None if that isn't known."""
    match statement:
        case If(Const(test), body, orelse):
            return body if test else orelse
        case While(_, Const(test), _, orelse) if not test:
            return orelse
        case _:
            return None


class _Readers:
    """How often names are bound in a body, and how often names and results are read."""

    def __init__(self, body: Block) -> None:
        self.bound: dict[str, int] = {}
        self.names: dict[str, int] = {}
        self.results: dict[TaskId, int] = {}
        self._count((body,), 1)

    def _count(self, blocks: Iterable[Block], by: int) -> None:
        for statement in (one for block in blocks for one in block_statements(block)):
            for name in (name for target in targets_of(statement) for name in names_of(target)):
                self.bound[name] = self.bound.get(name, 0) + by
            for value in statement_values(statement):
                for name in value_locals(value):
                    self.names[name] = self.names.get(name, 0) + by
                for ref in references(value):
                    self.results[ref.task] = self.results.get(ref.task, 0) + by
            for id in (*statement.after, *statement.ok) if isinstance(statement, Task) else ():
                self.results[id] = self.results.get(id, 0) + by

    def drop(self, block: Block) -> bool:
        """Leave a block out, if nothing else needs what it binds; return whether that was done."""
        self._count((block,), -1)
        inside = list(block_statements(block))
        names = {name for one in inside for target in targets_of(one) for name in names_of(target)}
        ids = {id for one in inside if (id := getattr(one, "id", None)) is not None}
        unbound = any(self.names.get(name) and not self.bound.get(name) for name in names)
        if unbound or any(self.results.get(id) for id in ids):
            self._count((block,), 1)
            return False
        return True


def _choose(block: Block, readers: _Readers, chosen: list[Statement]) -> Block:
    out: list[Statement] = []
    for statement in block:
        taken = _branch(statement)
        if taken is not None and all(readers.drop(other) for other in blocks_of(statement) if other is not taken):
            chosen.append(statement)
            out += _choose(taken, readers, chosen)
        else:
            inner = tuple([_choose(one, readers, chosen) for one in blocks_of(statement)])
            out.append(with_blocks(statement, inner))
    return tuple(out)
