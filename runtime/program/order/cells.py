"""Hold what a name, a result or a token stands for, from the moment at which it is promised."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Final, TypeAlias

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


Env: TypeAlias = dict[str | int, Cell]
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


def link(todo: Todo, out: Cell, source: Cell) -> None:
    """Let a promised cell become what another one is."""
    if source.state != PENDING:
        out.resolve(todo, source.state, source.value)
    else:
        source.wait(lambda: out.resolve(todo, source.state, source.value))
