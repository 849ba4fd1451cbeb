"""Find the values that a program may still read: what else it made is garbage, and doesn't count towards its memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lcc.runtime.program.order.cells import Cell, Listing
from lcc.runtime.program.order.scopes import Entry, Scope
from lcc.runtime.program.order.state import State


def living(world: State, root: Scope) -> Iterator[Any]:
    """Yield the values of all cells that something open holds, or owes to something."""
    entries: list[Entry] = [root]
    cells: list[Any] = [world.offer]
    for values in world.in_hand.values():
        for one in values:
            gathered = isinstance(one, list) and bool(one) and isinstance(one[0], Cell)
            cells += one if gathered else (one,)
    while entries:
        entry = entries.pop()
        for env in entry.reaches():
            cells += env.values() if env else ()
        if isinstance(entry, Scope):
            entries += entry.entries
    while cells:
        cell = cells.pop()
        if not isinstance(cell, Cell):
            yield cell
            continue
        if isinstance(cell, Listing) and cell.parts is not None:
            cells += cell.parts
        yield cell.value
