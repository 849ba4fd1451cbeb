"""Say what ran before, where a program goes on in the names of earlier ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from lcc.grammar.dataclass import dataclass
from lcc.grammar.ir import Block, Task, TaskId
from lcc.runtime.result import TaskRecord


@dataclass(frozen=True, slots=True)
class Done:
    """The statements of one program, as far as they were reached; the last may have failed, and then handles that itself.

    `failed`: it didn't end well, so its calls that did answer for equal ones of the next program.
    """

    statements: Block
    failed: bool


@dataclass(frozen=True, slots=True)
class Before:
    """Programs in the order in which they ran, and what became of their calls. They are done again without making one.

    `ahead`: calls that will come and stand in for steps, or are ordered after them, as far as that is known.
    """

    programs: tuple[Done, ...] = ()
    records: Mapping[TaskId, TaskRecord] = field(default_factory=dict)
    ahead: tuple[Task, ...] = ()


NOTHING_BEFORE = Before()
