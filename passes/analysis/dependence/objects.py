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
from lcc.passes.analysis.dependence.points_to import NotUnderstood, PointsTo, Sites
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
        self._block = block
        try:
            self._found: Flow | None = Flow(block)
        except NotUnderstood:
            self._found = None
            return
        self._settle(self._found)

    def touches(self, statement: Statement) -> tuple[str, ...]:
        """Return the tokens of a statement; of a statement with blocks, of the values that are its own."""
        if self._found is None:
            return (EVERYTHING,) if any(map(frame_keys, statement_values(statement))) else ()
        return self._touches.get(key_of(statement), ())

    def restarts(self, loop: ForEach) -> tuple[str, ...]:
        """Return the tokens of the objects that each turn of a loop has for itself."""
        return self._restarts.get(loop.id, ())

    def _settle(self, flow: Flow) -> None:
        private = flow.private()
        changed = flow.points.changed - private
        found: dict[Key, set[int]] = {}
        for record in flow.records:
            found.setdefault(key_of(record.statement), set()).update(record.touched & changed)
        self._touches = {key: tuple([f"@{site}" for site in sorted(sites)]) for key, sites in found.items()}
        for start, end, loop in flow.loops:
            own = flow.own(start, end, loop) & changed
            if own:
                self._restarts[loop.id] = tuple([f"@{site}" for site in sorted(own)])


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
        self._number = self._touches = 0
        self._results: list[int] = []
        self.follow(block)

    def follow(self, block: Block) -> None:
        """Go through a body until nothing new is found; what was found of less of it holds on."""
        for _ in range(MOST_ROUNDS):
            size = self.points.size()
            self.points.check()
            self.records, self.loops, self._number, self._touches = [], [], 0, 0
            self._walk(block)
            if size == self.points.size():
                return
        raise NotUnderstood

    def extend(self, block: Block) -> int:
        """Go through the last statement of a body, and through all where that changes what was found; return how many were.

        What stands before it has been done by then, so only what reads objects later than where it stands may have to be followed again.
        """
        records, loops, number, touches = len(self.records), len(self.loops), self._number, self._touches
        old, held = self.points.count(), self.points.held(self.points.count())
        for _ in range(MOST_ROUNDS):
            size = self.points.size()
            self.points.check()
            del self.records[records:], self.loops[loops:]
            self._number, self._touches = number, touches
            self._walk(block[-1:])
            if size == self.points.size():
                break
        else:
            raise NotUnderstood
        if held != self.points.held(old) and self.points.reads_later(old):
            self.follow(block)
            return len(self.records)
        return len(self.records) - records

    def _walk(self, block: Block) -> None:
        for statement in block:
            self._number += 1
            start = len(self.records)
            record = Record(statement)
            self.records.append(record)
            self.points.at(self._number)
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

    def private(self) -> set[int]:
        """Return the objects that never leave the statement that makes them."""
        return set().union(*[record.made for record in self.records]) - self.points.reachable()

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
