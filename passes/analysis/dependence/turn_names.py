"""Find the names that turns of a loop carry from one to the next: those that may be read before the turn has bound them."""

from __future__ import annotations

from lcc.grammar.ir import (
    Block,
    ForEach,
    Gather,
    If,
    Inline,
    Let,
    Region,
    Statement,
    Task,
    Try,
    Value,
    blocks_of,
    names_of,
    statement_values,
)
from lcc.grammar.ir.evaluation import frame_keys


def carried_names(loop: ForEach) -> frozenset[object]:
    """Return the names and ids that a turn may read before it binds them, of whatever loop they are."""
    found = _Reads()
    bound = found.block(loop.body, frozenset(names_of(loop.target)))
    for value in (loop.yields, loop.yield_when):
        found.value(value, bound)
    return frozenset(found.carried)


class _Reads:
    def __init__(self) -> None:
        self.carried: set[object] = set()

    def value(self, value: Value | None, bound: frozenset[object]) -> None:
        if value is not None:
            self.carried |= frame_keys(value) - bound

    def block(self, block: Block, bound: frozenset[object]) -> frozenset[object]:
        """Follow a block; return what is bound behind it, whatever way was taken."""
        for statement in block:
            bound = self.statement(statement, bound)
        return bound

    def statement(self, statement: Statement, bound: frozenset[object]) -> frozenset[object]:
        if isinstance(statement, ForEach | Gather):
            return self._own_values(statement, bound)
        for value in statement_values(statement):
            self.value(value, bound)
        match statement:
            case Task(id=id):
                return bound | {id}
            case Let(targets=targets, id=id):
                return bound | {id} | {name for target in targets for name in names_of(target)}
            case If(body=body, orelse=orelse):
                return self.block(body, bound) & self.block(orelse, bound)
            case Region(id=id, body=body, names=names):
                after = self.block(body, bound)
                self.carried |= frozenset(names) - after
                return after | {id}
            case Inline(id=id, body=body):
                self.block(body, bound)
                return bound | {id}
            case Try(body=body, handlers=handlers, orelse=orelse, final=final):
                self.block(orelse, self.block(body, bound))
                for handler in handlers:
                    self.block(handler.body, bound | {handler.name})
                return self.block(final, bound)
            case _:
                for inner in blocks_of(statement):
                    self.block(inner, bound)
                return bound

    def _own_values(self, statement: ForEach | Gather, bound: frozenset[object]) -> frozenset[object]:
        """Follow a statement whose values stand before and behind its blocks."""
        if isinstance(statement, ForEach):
            self.value(statement.items, bound)
            self.value(statement.when, bound)
            inner = self.block(statement.body, bound | set(names_of(statement.target)))
            self.value(statement.yields, inner)
            self.value(statement.yield_when, inner)
            self.block(statement.orelse, bound)
        else:
            for part in statement.parts:
                self.value(part.items, bound)
                names = frozenset() if part.target is None else frozenset(names_of(part.target))
                self.value(part.value, self.block(part.body, bound | names))
        return bound | {statement.id}
