"""Say what ran before, where a program goes on in the names of earlier ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from typing import TYPE_CHECKING

from lcc.grammar.dataclass import dataclass
from lcc.grammar.ir import Block, Task, TaskId
from lcc.runtime.result import TaskRecord

if TYPE_CHECKING:
    from lcc.runtime.program.table import Table


@dataclass(frozen=True, slots=True)
class Done:
    """The statements of one program, as far as they were reached; the last may have failed, and then handles that itself.

    `failed`: it didn't end well, so its calls that did answer for equal ones of the next program.
    """

    statements: Block
    failed: bool


def _new(id: int) -> int | None:
    """Know of no call that it stood there before."""
    return None


@dataclass(frozen=True, slots=True)
class Before:
    """Programs in the order in which they ran, and what became of their calls. They are done again without making one.

    `ahead`: calls that will come and stand in for steps, or are ordered after them, as far as that is known. `table`: what those that failed have
    read; it takes what this one reads. `place_of`: where the program begins as the last one did, which failed, the id that a call had there.
    """

    programs: tuple[Done, ...] = ()
    records: Mapping[TaskId, TaskRecord] = field(default_factory=dict)
    ahead: tuple[Task, ...] = ()
    table: Table | None = None
    place_of: Callable[[int], int | None] = _new


NOTHING_BEFORE = Before()
