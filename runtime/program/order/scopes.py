"""End what was issued in program order: the reorder buffer of the machine.

A scope holds entries: calls, evaluations that wait, other scopes. They may end in any order; the scope takes them off its head. An
entry that failed takes effect when it is the head: then everything before it has ended well, and nothing behind it counts.

`FRONT`: everything before an entry in the whole program has ended well; writes start there. `CLEAR`: everything before it in the
outermost try around it has; changes of objects wait for that, since a handler could see them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Final, Protocol

from lcc.grammar.ir.operations import OperationError
from lcc.runtime.program.order.cells import NOT_BOUND, OK, PENDING, Cell, Env
from lcc.runtime.program.order.state import Leaving, State

OPEN: Final = 0
DONE: Final = 1
FAILED: Final = 2
GONE: Final = 3
"""States of an entry. What is gone won't be reached any more."""

UNHARMED: Final = 0
LACKING: Final = 1
HARMED: Final = 2
"""What befell a step: nothing, it was skipped, or it failed."""

CLEAR: Final = 1
FRONT: Final = 2
"""Levels of an entry."""


class Entry(Protocol):
    """What stands in a scope. `error`: why it failed. `names`: those bound there, as far as a handler may ask for them."""

    state: int
    error: BaseException | None
    names: Env | None

    @property
    def text(self) -> str | None:
        """What it printed."""

    def promote(self, level: int) -> None:
        """Everything before it has ended well, as far as the level says."""

    def abandon(self) -> None:
        """It won't be reached."""

    def reaches(self) -> Iterable[Env | None]:
        """Return the cells that it needs, and those that it owes."""


class Ended:
    """An entry that has ended where it was issued: it failed, or it printed a text before what stands in front of it has ended."""

    __slots__ = ("error", "names", "state", "text")

    def __init__(self, error: BaseException | None, names: Env | None = None, text: str | None = None) -> None:
        self.state = DONE if error is None else FAILED
        self.error = error
        self.names = names
        self.text = text

    def promote(self, level: int) -> None:
        """Nothing waits for that."""

    def abandon(self) -> None:
        """It has ended."""

    def reaches(self) -> Iterable[Env | None]:
        """Return the names that a handler may ask for."""
        return (self.names,)


class Scope:
    """Entries in program order; itself one of its parent's.

    `parallel`: its entries don't stand behind one another: parts of a gather, steps of an independent plan. `tolerant`: a failure
    among them isn't one of the scope. `guarded`: it stands in a try, or what else keeps a failure from ending the program.
    `done`: resolved when the scope ends, well or not; whoever waits for it decides what a failure means. `keeps`: the names
    that a handler may ask for, `base` those bound before the scope, `drops` those unbound when it fails. `harm`: the worst that befell
    what is in it, and `ended`: that, once all has ended. `forgives`: a step stands in its place if it failed; `forgiven`: or for what is
    around it.
    """

    __slots__ = (
        "among", "base", "closed", "count", "done", "drops", "ended", "entries", "error", "forgiven", "forgives", "guarded", "harm",
        "keeps", "level", "mute",
        "names", "parallel", "parent", "part", "path", "printed", "state", "strand", "tolerant", "turned", "world",
    )  # fmt: skip
    text: str | None = None

    def __init__(
        self,
        world: State,
        parent: Scope | None,
        *,
        parallel: bool = False,
        tolerant: bool = False,
        guards: bool = False,
        forgives: bool = False,
    ) -> None:
        self.world = world
        self.parent = parent
        self.parallel = parallel
        self.tolerant = tolerant
        self.state = OPEN
        self.error: BaseException | None = None
        self.names: Env | None = None
        self.entries: deque[Entry] = deque()
        self.count = 0
        self.closed = False
        self.level = 0
        self.done: Cell | None = None
        self.ended: Cell | None = None
        self.turned: Cell | None = None
        self.harm = UNHARMED
        self.base: Env | None = None
        self.drops: tuple[str, ...] = ()
        self.strand: Leaving | None = None
        self.printed: list[str] = []
        self.forgives = forgives
        self.forgiven: bool = forgives or (parent is not None and parent.forgiven)
        self._place(parent, guards)

    def _place(self, parent: Scope | None, guards: bool) -> None:
        """Put it behind what stands in its parent."""
        if parent is None:
            self.path: tuple[int, ...] = ()
            self.guarded, self.mute, self.among, self.keeps = guards, False, self.parallel, frozenset[str]()
            self.part: tuple[int, ...] | None = None
        else:
            self.path = (*parent.path, parent.count)
            self.guarded, self.mute = guards or parent.guarded, parent.mute
            self.among, self.keeps = self.parallel or parent.among, parent.keeps
            self.part = self.path if parent.parallel else parent.part
            if guards and not parent.guarded:
                self.level = CLEAR
            parent.add(self)

    def add(self, entry: Entry) -> None:
        """Put an entry behind those that are there."""
        self.count += 1
        self.entries.append(entry)
        if self.level and (self.parallel or len(self.entries) == 1):
            entry.promote(self.level)

    def is_head(self, entry: Entry) -> bool:
        """Whether nothing stands before an entry here."""
        return self.parallel or (bool(self.entries) and self.entries[0] is entry)

    def promote(self, level: int) -> None:
        """Everything before the scope has ended well."""
        if level <= self.level:
            return
        self.level = level
        if self.parallel:
            for entry in list(self.entries):
                entry.promote(level)
        elif self.entries:
            self.entries[0].promote(level)

    def close(self) -> None:
        """Nothing will be added."""
        self.closed = True
        self.advance()

    def advance(self) -> None:
        """Take off the head what has ended."""
        if self.state != OPEN:
            return
        entries = self.entries
        moved = False
        while entries and entries[0].state == DONE:
            self._count_in(entries.popleft())
            moved = True
            if entries and self.level and not self.parallel:
                entries[0].promote(self.level)
        if entries and entries[0].state == FAILED:
            self._count_in(entries[0])
            self.settle(FAILED, entries[0].error, entries[0].names)
            return
        if moved and self.turned is not None:
            turned, self.turned = self.turned, None
            turned.resolve(self.world.todo, OK, None)
        if self.closed and not entries:
            self.settle(DONE, None, None)

    def _count_in(self, entry: Entry) -> None:
        if isinstance(entry, Scope):
            self.printed += entry.printed
        elif entry.text is not None:
            self.printed.append(entry.text)

    def settle(self, state: int, error: BaseException | None, names: Env | None) -> None:
        """End the scope. One that somebody waits for stays the head of its parent until that one says so, unless it ended well."""
        if state == FAILED:
            self.error = error
            self.names = {**(self.base or {}), **(names or {})}
            for name in self.drops:
                self.names[name] = NOT_BOUND
            self.leave_behind()
        self.state = state
        self._end(self.harm if state == DONE else HARMED)
        if self.strand is not None:
            self.strand.leave_region()
        if self.done is not None:
            self.state = DONE if state == DONE else GONE
            self.done.resolve(self.world.todo, OK, None)
        if self.parent is None:
            self.world.finish()
        elif self.state != GONE:
            self.parent.advance()

    def suffer(self, harm: int) -> None:
        """Know of something that went wrong in here, or lacked what it reads."""
        self.harm = max(self.harm, harm)

    def _end(self, harm: int) -> None:
        if self.ended is not None and self.ended.state == PENDING:
            self.ended.resolve(self.world.todo, OK, harm)
        if self.parent is not None and not (self.forgives and harm == HARMED):
            self.parent.suffer(harm)

    def problem(self, error: BaseException) -> None:
        """Know of a failure in here that belongs to no call."""
        self.suffer(HARMED)
        if not self.forgiven:
            self.world.problems.append(error)

    def let_off(self) -> None:
        """Say that a failure that somebody waited for is dealt with."""
        assert self.parent is not None
        self.state = DONE
        self.parent.advance()

    def leave_behind(self) -> None:
        """Nothing that is open here will be reached, nor what has failed behind the head."""
        for place, entry in enumerate(self.entries):
            if entry.state == OPEN:
                entry.abandon()
            elif entry.state == FAILED and place:
                _pass_over(entry)

    def abandon(self) -> None:
        """The scope won't be reached."""
        self.state = GONE
        self._end(HARMED)
        self.leave_behind()
        if self.strand is not None:
            self.strand.leave_region()

    def reaches(self) -> Iterable[Env | None]:
        """Return its names, without what its entries hold."""
        return (self.base, self.names, None if self.strand is None else self.strand.env)

    def fail(self, error: BaseException, env: Env) -> None:
        """Add an entry that failed."""
        self.add(Ended(error, self.snapshot(env)))
        self.advance()

    def snapshot(self, env: Env) -> Env | None:
        """Return the names as they are here, as far as a handler may ask for them."""
        return {name: env[name] for name in self.keeps if name in env} if self.keeps else None


def _pass_over(entry: Entry) -> None:
    """Count a failure as one that isn't reached."""
    entry.state = GONE
    for inner in entry.entries if isinstance(entry, Scope) else ():
        if inner.state == FAILED:
            _pass_over(inner)


@contextmanager
def closing(scope: Scope) -> Iterator[None]:
    """Close a scope behind what is issued into it, also where a limit ends that."""
    try:
        yield
    except OperationError:
        scope.done = None  # nobody waits for it any more
        scope.close()
        raise
    scope.close()
