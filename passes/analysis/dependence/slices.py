"""Find for each call the calls on whose outcome its arguments, or whether it is made, may depend.

Two equal reads may be one call only if the later doesn't depend on the earlier: a retry, a poll, a read that is made only since the
earlier one said something must each be made. The analysis takes every order of the statements for possible (it is insensitive to
flow), so what it leaves out is left out for good: a call that isn't in the slice of another has no influence on it but by failing.

After a statement by which control may leave, and in loops that may be left or go on by a condition, all depends on what is in them;
what a handler does depends on all that stands in its `try`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from typing import TypeAlias

from lcc.grammar.ir import (
    Block,
    Exit,
    ForEach,
    Gather,
    If,
    Inline,
    Let,
    Region,
    Statement,
    Target,
    Task,
    Try,
    Value,
    While,
    block_calls,
    block_statements,
    blocks_of,
    names_of,
    statement_values,
)
from lcc.grammar.ir.evaluation import frame_keys

MOST_CALLS: int = 2_000
"""A plan that says more calls than this isn't sliced: finding out would take long, and nobody writes so many by hand."""

Key: TypeAlias = object
"""A name, an id, a token of an object that changes."""
Tokens: TypeAlias = Callable[[Statement], Iterable[str]]
_NONE: frozenset[Key] = frozenset()


class Slices(Mapping[int, frozenset[int]]):
    """The slice of each call by its id, found when it is asked for."""

    def __init__(self, needs: dict[Key, set[Key]], calls: Set[int]) -> None:
        self._needs = needs
        self._calls = calls
        self._found: dict[int, frozenset[int]] = {}

    def __iter__(self) -> Iterator[int]:
        return iter(self._calls)

    def __len__(self) -> int:
        return len(self._calls)

    def __getitem__(self, call: int) -> frozenset[int]:
        if call not in self._calls:
            raise KeyError(call)
        if call in self._found:
            return self._found[call]
        seen: set[Key] = set()
        todo = list(self._needs.get(call, ()))
        while todo:
            one = todo.pop()
            if one not in seen:
                seen.add(one)
                todo += self._needs.get(one, ())
        found = self._found[call] = frozenset(one for one in seen if isinstance(one, int) and one in self._calls)
        return found


def slices(block: Block, tokens: Tokens) -> Slices | None:
    """Return the slices of the calls of a body; None if there are too many. `tokens`: the changing objects that a statement touches."""
    calls = [task.id for task in block_calls(block) if isinstance(task.id, int)]
    if len(calls) > MOST_CALLS:
        return None
    found = Dependence(tokens)
    found.block(block, _NONE)
    return Slices(found.needs, frozenset(calls))


class _Control:
    """Stands for what decides whether something is reached."""


class Dependence:
    """Collects what each key depends on. `needs`: of a call, all that its arguments and its being made depend on."""

    def __init__(self, tokens: Tokens) -> None:
        self.needs: dict[Key, set[Key]] = {}
        self._tokens = tokens

    def block(self, block: Block, control: frozenset[Key]) -> frozenset[Key]:
        """Go through a block; return what decides whether anything behind it is reached."""
        for statement in block:
            self.statement(statement, control)
            if _leaves(statement):
                control = self.joined(control, self.inside(statement))
        return control

    def statement(self, statement: Statement, control: frozenset[Key]) -> None:
        reads = control | self.reads(statement)
        for token in self._tokens(statement):
            self.note(token, reads)
        match statement:
            case Task(id=id):
                self.note(id, reads)
                if statement.instead is not None:
                    self.note(id, frozenset((statement.instead,)))
            case Let(targets=targets, id=id):
                self.bind(targets, reads)
                self.note(id, reads)
            case If(body=body, orelse=orelse):
                inner = self.joined(control, reads)
                self.block(body, inner)
                self.block(orelse, inner)
            case ForEach() | While():
                self.loop(statement, control, reads)
            case Try():
                self.attempt(statement, control)
            case Region(id=id, body=body, names=names):
                self.block(body, self.joined(control, reads))
                self.note(id, reads | frozenset(names))
            case Inline(id=id, body=body):
                self.block(body, control)
                self.note(id, control | self.inside(statement))
            case Gather():
                self.gather(statement, control)
            case Exit():
                pass

    def loop(self, loop: ForEach | While, control: frozenset[Key], reads: frozenset[Key]) -> None:
        inner = self.joined(control, reads)
        if isinstance(loop, While) or any(map(_leaves, loop.body)):
            inner = self.joined(inner, self.inside(loop))
        if isinstance(loop, ForEach):
            self.bind((loop.target,), inner)
            self.note(loop.id, inner | self.inside(loop))
        self.block(loop.body, inner)
        self.block(loop.orelse, inner)

    def attempt(self, statement: Try, control: frozenset[Key]) -> None:
        self.block(statement.body, control)
        after = self.joined(control, self.within(statement.body))
        for handler in statement.handlers:
            if handler.name is not None:
                self.note(handler.name, after)
            classes = frozenset() if handler.classes is None else _keys(handler.classes)
            self.block(handler.body, self.joined(after, classes))
        self.block(statement.orelse, after)
        self.block(statement.final, self.joined(after, self.inside(statement)))

    def gather(self, gather: Gather, control: frozenset[Key]) -> None:
        for part in gather.parts:
            inner = control if part.items is None else self.joined(control, _keys(part.items))
            if part.target is not None:
                self.bind((part.target,), inner)
            self.block(part.body, inner)
        self.note(gather.id, control | self.inside(gather))

    def bind(self, targets: Iterable[Target], reads: frozenset[Key]) -> None:
        for target in targets:
            for name in names_of(target):
                self.note(name, reads)

    def joined(self, control: frozenset[Key], reads: frozenset[Key]) -> frozenset[Key]:
        """Return what stands for a control that depends on more: one key, so that long plans take no longer for it."""
        if reads <= control:
            return control
        key = _Control()
        self.note(key, control | reads)
        return frozenset((key,))

    def note(self, key: Key, reads: Iterable[Key]) -> None:
        if key is not None:
            self.needs.setdefault(key, set()).update(reads)

    def reads(self, statement: Statement) -> frozenset[Key]:
        """Return what the values of a statement read."""
        found: set[Key] = set(self._tokens(statement))
        for value in statement_values(statement):
            found |= _keys(value)
        if isinstance(statement, Task):
            found.update(statement.ok)
        return frozenset(found)

    def inside(self, statement: Statement) -> frozenset[Key]:
        """Return what a statement and all in it read, with the calls that are made there."""
        return self.reads(statement) | frozenset().union(*map(self.within, blocks_of(statement)))

    def within(self, block: Block) -> frozenset[Key]:
        """Return what the statements of a block and all in them read, with the calls that are made there."""
        found: set[Key] = set()
        for one in block_statements(block):
            found |= self.reads(one)
            if isinstance(one, Task):
                found.add(one.id)
        return frozenset(found)


def _keys(value: Value) -> frozenset[Key]:
    return frozenset(frame_keys(value))


def _leaves(statement: Statement) -> bool:
    """Whether control may leave a statement for elsewhere than the one behind it, but by a call or operation that fails."""
    return bool(_ways(statement))


def _ways(statement: Statement) -> frozenset[str]:
    match statement:
        case Exit(kind=kind):
            return frozenset() if kind == "offer" else frozenset((kind,))
        case ForEach(body=body, orelse=orelse) | While(body=body, orelse=orelse):
            return (_all_ways(body) - {"break", "continue"}) | _all_ways(orelse)
        case Inline(body=body):
            return _all_ways(body) - {"return"}
        case _:
            return frozenset().union(*map(_all_ways, blocks_of(statement)))


def _all_ways(block: Block) -> frozenset[str]:
    return frozenset().union(*map(_ways, block))
