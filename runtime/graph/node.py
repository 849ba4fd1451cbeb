"""Keep the state of one task while it is scheduled."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Final, TypeAlias

from lcc.grammar.ir import TaskId, Value
from lcc.grammar.values import Json
from lcc.runtime.result import Failure, TaskRecord, TaskStatus

if TYPE_CHECKING:
    from lcc.grammar.ir import Task
    from lcc.runtime.binding import Binding
    from lcc.runtime.gate import Gate

NEVER: Final = 1 << 60
"""The count of a node that left the graph: its predecessors' ends never bring it to zero."""

PLACES: Final = 1 << 32
"""Places between two tasks of a plan, for the elements of a fan-out."""


class Kind(IntEnum):
    """What happens when nothing is left to wait for.

    `CALL`: a call is made. `FAN_OUT`: the elements are summed up. `UNROLL`: a fan-out's list becomes its elements.
    `COMMIT`: what had to wait for the whole plan may start. `APPROVAL`: somebody is asked. `GIVEN`: nothing; it is the result
    of an earlier plan. `BATCH`: a call is made for several tasks. Only the first two are tasks, with a record.
    """

    CALL = 0
    FAN_OUT = 1
    UNROLL = 2
    COMMIT = 3
    APPROVAL = 4
    GIVEN = 5
    BATCH = 6


class Node:
    """One task, or a step of the scheduler's own.

    `waiting` counts the predecessors that haven't ended. `readers` take this node's result and are skipped without it;
    `followers` only wait for its end. `doom` is how the node will end, once nothing is left to wait for, instead of running:
    not before, since order edges through it must hold. `in_doubt`: a write that can't be stopped may still be going on,
    here or before here. `running` counts the calls being made. `item` stands where an element's
    task says `each`. `place` is the position in the plan, to break ties by. `held_by` is the last limit that made it wait.
    """

    __slots__ = (
        "attempts",
        "binding",
        "doom",
        "end",
        "failure",
        "fan_out",
        "followers",
        "held_by",
        "id",
        "in_doubt",
        "item",
        "kind",
        "parent",
        "place",
        "priority",
        "readers",
        "running",
        "start",
        "status",
        "task",
        "value",
        "waiting",
    )

    def __init__(
        self,
        kind: Kind,
        id: TaskId,
        place: int,
        binding: Binding | None = None,
        task: Task | None = None,
        parent: Node | None = None,
        item: Source | None = None,
    ) -> None:
        self.kind = kind
        self.id = id
        self.place = place
        self.binding = binding
        self.task = task
        self.item = item
        self.priority = 0.0 if task is None else task.priority
        self.parent = parent
        self.waiting = 0
        self.readers: list[Node] | None = None
        self.followers: list[Node] | None = None
        self.status: TaskStatus | None = None
        self.value: Json = None
        self.failure: Failure | None = None
        self.doom: tuple[TaskStatus, Failure] | None = None
        self.in_doubt = False
        self.start: float | None = None
        self.end = 0.0
        self.attempts = 0
        self.running = 0
        self.fan_out: FanOut | None = None
        self.held_by: Gate | None = None

    def __lt__(self, other: Node) -> bool:
        """Break a heap's ties, which only an entry and its own repetition have."""
        return False

    def record(self, began: float) -> TaskRecord:
        """Return what is reported of an ended task; `began` is the run's start on the loop's clock."""
        assert self.status is not None
        start = self.start
        return TaskRecord(
            self.status, self.value, self.failure, None if start is None else start - began, self.end - began
        )


@dataclass(frozen=True, slots=True)
class Given:
    """An element of a list that came as a result; it stands where the plan says `each`."""

    value: Json


Source: TypeAlias = Value | Given


class FanOut:
    """A task with `each`.

    `unroll` is the step that waits for the list. `elements` is None until it has run. `picks` are readers of one element that
    came before that, with its place and whether they read it (or only follow it); `pipes` are the unrolling steps of fan-outs
    over this one, which need its length and not its results. `approval` is the step that asks about all elements at once.
    """

    __slots__ = ("approval", "each", "elements", "picks", "pipes", "task", "unroll")

    def __init__(self, task: Task, each: Value, unroll: Node) -> None:
        self.task = task
        self.each = each
        self.unroll = unroll
        self.elements: list[Node] | None = None
        self.picks: list[tuple[Node, int, bool]] = []
        self.pipes: list[Node] = []
        self.approval: Node | None = None

    def element(self, place: int) -> Node | None:
        """Return an element by place, counted from the end if negative; None where the list is shorter."""
        assert self.elements is not None
        return self.elements[place] if -len(self.elements) <= place < len(self.elements) else None
