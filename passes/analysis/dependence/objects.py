"""Find which objects that change each statement touches, so that changes and reads of one object keep their order.

Objects are told apart by where they are made: a display, an operation that makes something new, a call (its answer with all parts is
one object). From what names may hold and what objects may hold (`grammar.ir.operations.sharing` says what operations do) follow the
objects that evaluating a value may read or change. An object is *changed* if any operation may change it, in whatever order; iterators
are, since reading one changes it. A statement has a token for each changed object that it touches, `@7`; statements that share a token
must be evaluated one after the other. Handing an object on is no touch: only reading what is in it is.

What isn't understood makes all objects one, `@`: right, and slow. `restarts` are objects that each turn of a loop makes for itself and
reaches by names of its own alone: no turn has to wait for what another does with its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, TypeAlias

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
    Task,
    Try,
    While,
    blocks_of,
    statement_values,
)
from lcc.grammar.ir.evaluation import frame_keys
from lcc.passes.analysis.dependence.holding import NotUnderstood, Sites
from lcc.passes.analysis.dependence.points_to import PointsTo
from lcc.passes.analysis.dependence.turn_names import carried_names

EVERYTHING: Final = "@"
"""The token of all objects, where they can't be told apart."""
MOST_ROUNDS: Final = 40
"""Objects that need more walks through the body to be followed are one: a chain of names against the order of the text needs many."""
MOST_TOUCHES: Final = 200_000
"""So many tokens statements may have altogether."""
Key: TypeAlias = object


class Objects:
    """What the statements of a body touch."""

    def __init__(self, block: Block) -> None:
        self._touches: dict[Key, tuple[str, ...]] = {}
        self._restarts: dict[int, tuple[str, ...]] = {}
        try:
            flow = Flow(block)
        except NotUnderstood:
            self._understood = False
        else:
            self._understood = True
            self._touches, self._restarts = flow.tokens()

    def touches(self, statement: Statement) -> tuple[str, ...]:
        """Return the tokens of a statement; of a statement with blocks, of the values that are its own."""
        if not self._understood:
            return (EVERYTHING,) if any(map(frame_keys, statement_values(statement))) else ()
        return self._touches.get(key_of(statement), ())

    def restarts(self, loop: ForEach) -> tuple[str, ...]:
        """Return the tokens of the objects that each turn of a loop has for itself."""
        return self._restarts.get(loop.id, ())


def key_of(statement: Statement) -> Key:
    """Return what a statement is found by: its id, which rewriting keeps, or else itself."""
    id = getattr(statement, "id", None)
    return id if id is not None else ("statement", _identity(statement))


def _identity(statement: Statement) -> int:
    return id(statement)


class Record:
    """What was found out about one statement. `made`: the objects that it makes; `looked`: those whose parts it gets at."""

    __slots__ = ("looked", "made", "statement", "touched")

    def __init__(self, statement: Statement) -> None:
        self.statement = statement
        self.touched: set[int] = set()
        self.made: set[int] = set()
        self.looked: set[int] = set()


class Flow:
    """Follows objects through the statements of a body until nothing new is found."""

    def __init__(self, block: Block) -> None:
        self.points = PointsTo()
        self.records: list[Record] = []
        self.loops: list[tuple[int, int, ForEach]] = []
        self.number = self._touches = 0
        self._results: list[int] = []
        self.follow(((0, block),))

    def follow(self, parts: Iterable[tuple[int, Block]]) -> None:
        """Go through parts of a body until nothing new is found: each with the number of the statement before it."""
        touches = self._touches
        for _ in range(MOST_ROUNDS):
            size = self.points.size
            self.points.check()
            self.records, self.loops, self._touches = [], [], touches
            for self.number, block in parts:
                self._walk(block)
            if size == self.points.size:
                return
        raise NotUnderstood

    def _walk(self, block: Block) -> None:
        for statement in block:
            self.number += 1
            start = len(self.records)
            record = Record(statement)
            self.records.append(record)
            self.points.at(self.number)
            record.touched = self._statement(statement)
            self._touches += len(record.touched)
            if self._touches > MOST_TOUCHES:
                raise NotUnderstood
            record.made, record.looked = self.points.made, self.points.looked
            if isinstance(statement, Inline):
                self._results.append(statement.id)
            for inner in blocks_of(statement):
                self._walk(inner)
            if isinstance(statement, Inline):
                self._results.pop()
            if isinstance(statement, ForEach):
                self.loops.append((start + 1, len(self.records), statement))

    def _statement(self, statement: Statement) -> set[int]:
        """Follow the values of a statement; return what they touch."""
        points = self.points
        match statement:
            case Task():
                return self._call(statement)
            case Let(value=value, when=when):
                found, touched = points.value(value)
                for target in statement.targets:
                    touched |= points.bind(target, found)
                points.name(statement.id, found)
                return touched | points.tested(when)
            case ForEach():
                return self._loop(statement)
            case If(test=test) | While(test=test):
                return points.tested(test)
            case Try(handlers=handlers):
                for handler in handlers:
                    points.name(handler.name, points.exceptions())
                return set().union(*[points.tested(handler.classes) for handler in handlers])
            case Region(id=id, names=names, when=when):
                points.name(id, points.container(names, [points.of_name(name) for name in names]))
                return points.tested(when)
            case Gather():
                return self._gather(statement)
            case Exit():
                return self._exit(statement)
            case Inline():
                return set()

    def _call(self, task: Task) -> set[int]:
        points = self.points
        touched = points.tested(task.when)
        for arg in task.args:
            touched |= points.handed_over(arg.value)
        answer = points.answer(task)
        points.name(task.id, points.container("each", [answer]) if task.each is not None else answer)
        return touched

    def _loop(self, loop: ForEach) -> set[int]:
        points = self.points
        touched = points.tested(loop.items) | points.tested(loop.when)
        items, _ = points.value(loop.items)
        touched |= points.bind(loop.target, points.parts(items))
        if loop.yields is not None:
            found, more = points.value(loop.yields)
            touched |= more | points.tested(loop.yield_when)
            points.name(loop.id, points.container("yields", [found]))
        return touched

    def _gather(self, gather: Gather) -> set[int]:
        points = self.points
        touched: set[int] = set()
        values: list[Sites] = [points.exceptions()] if gather.exceptions else []
        for part in gather.parts:
            if part.items is not None:
                touched |= points.tested(part.items)
                items, _ = points.value(part.items)
                if part.target is not None:
                    touched |= points.bind(part.target, points.parts(items))
            found, more = points.value(part.value)
            values.append(found)
            touched |= more
        points.name(gather.id, points.container("gather", values))
        return touched

    def _exit(self, exit: Exit) -> set[int]:
        points = self.points
        if exit.value is None:
            return set()
        found, touched = points.value(exit.value)
        if exit.kind == "return" and self._results:
            points.name(self._results[-1], found)
            return touched
        if exit.kind == "raise":
            points.raised(found)
        return touched | points.read_all(found)

    def tokens(self) -> tuple[dict[Key, tuple[str, ...]], dict[int, tuple[str, ...]]]:
        """Return the tokens that each statement touches, by its key, and those that each turn of a loop has for itself, by its id."""
        changing = self.points.changing
        found: dict[Key, set[int]] = {}
        for record in self.records:
            found.setdefault(key_of(record.statement), set()).update(record.touched & changing)
        touches = {key: _tokens(sites) for key, sites in found.items()}
        own = {loop.id: self.own(start, end, loop) & changing for start, end, loop in self.loops}
        return touches, {id: _tokens(sites) for id, sites in own.items() if sites}

    def own(self, start: int, end: int, loop: ForEach) -> set[int]:
        """Return the objects that the turns of a loop make and reach by names that they bind themselves, and by such objects."""
        inside = self.records[start:end]
        own = set().union(*[record.made for record in inside]) if inside else set()
        for name in carried_names(loop):
            own -= self.points.of_name(name)
        looked = set().union(*[record.looked for record in self.records[start - 1 : end]])
        todo = looked - own
        while todo:
            lost = own & self.points.held_by(todo)
            own -= lost
            todo = looked & lost
        return own


def _tokens(sites: set[int]) -> tuple[str, ...]:
    return tuple([f"@{site}" for site in sorted(sites)])
