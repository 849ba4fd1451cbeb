"""Keep the state of one task while it is scheduled."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from lcc.grammar.ir import TaskId
from lcc.grammar.values import Json
from lcc.runtime.result import Failure, TaskRecord, TaskStatus

if TYPE_CHECKING:
    from lcc.runtime.arguments import Call
    from lcc.runtime.binding import Binding
    from lcc.runtime.fan_out import FanOut
    from lcc.runtime.worker import Worker

NEVER = 1 << 60
"""The count of a node that left the graph: its predecessors' ends never bring it to zero."""


class Kind(IntEnum):
    """What happens when nothing is left to wait for: a call is made, a list unrolled, a fan-out summed up, a gate opened.

    `GIVEN`: nothing; the result of an earlier plan.
    """

    CALL = 0
    UNROLL = 1
    FAN_OUT = 2
    GATE = 3
    GIVEN = 4


class Node:
    """One task, or a step of the scheduler's own.

    `waiting` counts the predecessors that haven't ended. `readers` take this node's result and are skipped without it;
    `followers` only wait for its end. `doom` is how the node will end, once nothing is left to wait for, instead of running:
    not before, since order edges through it must hold. `in_doubt`: a write that can't be stopped may still be going on,
    here or before here.
    """

    __slots__ = (
        "attempts",
        "binding",
        "call",
        "doom",
        "end",
        "failure",
        "fan_out",
        "followers",
        "id",
        "in_doubt",
        "kind",
        "parent",
        "place",
        "priority",
        "readers",
        "start",
        "status",
        "value",
        "waiting",
        "worker",
    )

    def __init__(
        self,
        kind: Kind,
        id: TaskId,
        place: tuple[int, int],
        binding: Binding | None = None,
        call: Call | None = None,
        priority: float = 0.0,
        parent: Node | None = None,
    ) -> None:
        self.kind = kind
        self.id = id
        self.place = place
        self.binding = binding
        self.call = call
        self.priority = priority
        self.parent = parent
        self.waiting = 0
        self.readers: list[Node] = []
        self.followers: list[Node] = []
        self.status: TaskStatus | None = None
        self.value: Json = None
        self.failure: Failure | None = None
        self.doom: tuple[TaskStatus, Failure] | None = None
        self.in_doubt = False
        self.start: float | None = None
        self.end = 0.0
        self.attempts = 0
        self.worker: Worker | None = None
        self.fan_out: FanOut | None = None

    def __lt__(self, other: Node) -> bool:
        """Break a heap's ties; places are unique among live nodes."""
        return self.place < other.place

    def record(self, began: float) -> TaskRecord:
        """Return what is reported of an ended task; `began` is the run's start on the loop's clock."""
        assert self.status is not None
        start = None if self.start is None else self.start - began
        return TaskRecord(self.status, self.value, self.failure, start, self.end - began)
