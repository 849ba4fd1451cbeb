"""Hold what a name, a result or a token stands for, from the moment at which it is promised."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any, Final, NamedTuple, TypeAlias

from lcc.grammar.ir import Element
from lcc.grammar.ir.evaluation import NOT_TAKEN, NoElement
from lcc.grammar.ir.operations import Value

PENDING: Final = 0
OK: Final = 1
LOST: Final = 2
"""The states of a cell. What is lost will never be there: its statement failed, wasn't reached, or was skipped."""


class _Unbound:
    """The value of a name that isn't bound where it stands."""

    def __repr__(self) -> str:
        return "UNBOUND"


UNBOUND: Final = _Unbound()

Todo: TypeAlias = deque[Callable[[], None]]
"""What the machine does next, so that nothing recurses."""


class Cell:
    """One value. `waiters` are called, in a turn of their own, once it is there or lost."""

    __slots__ = ("state", "value", "waiters")

    def __init__(self) -> None:
        self.state = PENDING
        self.value: Value = None
        self.waiters: list[Callable[[], None]] | None = None

    def wait(self, waiter: Callable[[], None]) -> None:
        """Have a waiter called once the cell isn't pending any more."""
        if self.waiters is None:
            self.waiters = [waiter]
        else:
            self.waiters.append(waiter)

    def resolve(self, todo: Todo, state: int, value: Value) -> None:
        """Say what became of it, once."""
        self.state = state
        self.value = value
        if self.waiters is not None:
            todo += self.waiters
            self.waiters = None


class Listing(Cell):
    """The list of what turns give. `parts`: their cells, once all turns are issued; `opened` is resolved then, or with the list.

    `gaps`: some turns may give nothing, and have no place in the list then.
    """

    __slots__ = ("gaps", "opened", "parts")

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[Cell] | None = None
        self.gaps = False
        self.opened = Cell()

    def open(self, todo: Todo, parts: list[Cell], *, gaps: bool) -> None:
        """Say which turns there are."""
        self.parts, self.gaps = parts, gaps
        self.opened.resolve(todo, OK, None)

    def resolve(self, todo: Todo, state: int, value: Value) -> None:
        """Say what became of it, once."""
        super().resolve(todo, state, value)
        if self.opened.state == PENDING:
            self.opened.resolve(todo, OK, None)


class Turns(NamedTuple):
    """The key of a list as its turns, for who goes over it; the value under it is the Listing, or what there is in its place."""

    id: int


Env: TypeAlias = dict[Any, Cell]
"""The cells of names (texts), results (ids), inputs (`$city`) and tokens (`@1`) where a statement stands."""


def known(value: Value) -> Cell:
    """Return the cell of a value that is there."""
    cell = Cell()
    cell.state = OK
    cell.value = value
    return cell


def lost() -> Cell:
    """Return the cell of a value that will never be there."""
    cell = Cell()
    cell.state = LOST
    return cell


NOT_BOUND: Final = known(UNBOUND)
"""The cell of every name that isn't bound."""
DONE_TOKEN: Final = known(None)
"""The token of an object that nothing uses."""


def whole(key: Any) -> Any:
    """Return the key of the list of which a key is an element, or the turns; any other key itself."""
    if type(key) is Element:
        return key.task
    return key.id if type(key) is Turns else key


def find(todo: Todo, env: Env, key: Any) -> Cell | None:
    """Return the cell of a key. One element of a list, and its turns, don't wait for the other elements."""
    cell = env.get(key)
    if cell is not None or (type(key) is not Element and type(key) is not Turns):
        return cell
    found = env.get(whole(key))
    if type(key) is Element:
        return None if found is None or key.inner else _Element(todo, found, key.place).cell
    return _turns(todo, found) if isinstance(found, Listing) else found


def _turns(todo: Todo, listing: Listing) -> Cell:
    out = Cell()

    def look() -> None:
        if listing.parts is None:
            link(todo, out, listing)
        else:
            out.resolve(todo, OK, listing)

    after(listing.opened, look)
    return out


class _Element:
    """Finds one element of a list: of one with gaps, once it is known which turns have a place in it."""

    def __init__(self, todo: Todo, whole: Cell, place: int) -> None:
        self.cell = Cell()
        self._todo = todo
        self._whole = whole
        self._place = place
        self._seen = 0
        after(whole.opened if isinstance(whole, Listing) else whole, self._look)

    def _look(self) -> None:
        whole, todo = self._whole, self._todo
        if not isinstance(whole, Listing) or whole.parts is None:
            value = whole.value
            if whole.state == OK and isinstance(value, list):
                there = -len(value) <= self._place < len(value)
                value = value[self._place] if there else NoElement(len(value))
            self.cell.resolve(todo, whole.state, value)
            return
        parts = whole.parts
        if whole.gaps:
            while self._seen < len(parts):
                if parts[self._seen].state == PENDING:
                    parts[self._seen].wait(self._look)
                    return
                self._seen += 1
            parts = [part for part in parts if part.value is not NOT_TAKEN]
        if -len(parts) <= self._place < len(parts):
            link(todo, self.cell, parts[self._place])
        else:
            self.cell.resolve(todo, OK, NoElement(len(parts)))


def after(cell: Cell, do: Callable[[], None]) -> None:
    """Do something once a cell isn't pending: now, if it isn't."""
    if cell.state == PENDING:
        cell.wait(do)
    else:
        do()


def settled(todo: Todo, cell: Cell) -> Cell:
    """Return a cell that is there once another one isn't pending, whatever became of that."""
    if cell.state != PENDING:
        return DONE_TOKEN
    out = Cell()
    cell.wait(lambda: out.resolve(todo, OK, None))
    return out


def link(todo: Todo, out: Cell, source: Cell) -> None:
    """Let a promised cell become what another one is."""
    if isinstance(out, Listing) and isinstance(source, Listing) and source.parts is not None:
        out.open(todo, source.parts, gaps=source.gaps)
    if source.state != PENDING:
        out.resolve(todo, source.state, source.value)
    else:
        source.wait(lambda: out.resolve(todo, source.state, source.value))
