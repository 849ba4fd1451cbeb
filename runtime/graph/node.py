"""Keep the state of what is scheduled: calls, fan-outs, and the steps between them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeAlias

from lcc.grammar.dataclass import dataclass
from lcc.grammar.ir import Task, TaskId, Value
from lcc.grammar.values import Json, PathError
from lcc.runtime.binding import Binding
from lcc.runtime.limits.gate import Gate
from lcc.runtime.recording import ResultGone
from lcc.runtime.result import Failure, TaskRecord, TaskStatus

NEVER: Final = 1 << 60
"""The count of a step that left the graph: its predecessors' ends never bring it to zero."""

PLACES: Final = 1 << 32
"""Places between two tasks of a plan, for the elements of a fan-out."""


class Step:
    """What comes to its end once all that it waits for has. By itself it is one that nothing is done for: that the
    plan is whole.

    `waiting` counts the predecessors that haven't ended. `readers` take this step's result and are skipped without it;
    `followers` only wait for its end. `doom` is how the step will end, once nothing is left to wait for, instead of being done:
    not before, since order edges through it must hold. `in_doubt`: a write that can't be stopped may still be going on,
    here or before here. `place` is the position in the plan, to break ties by.
    """

    __slots__ = (
        "doom",
        "failure",
        "followers",
        "id",
        "in_doubt",
        "place",
        "readers",
        "status",
        "value",
        "waiting",
    )

    def __init__(self, id: TaskId, place: int) -> None:
        self.id = id
        self.place = place
        self.waiting = 0
        self.readers: list[Step] | None = None
        self.followers: list[Step] | None = None
        self.status: TaskStatus | None = None
        self.value: Json = None
        self.failure: Failure | None = None
        self.doom: tuple[TaskStatus, Failure] | None = None
        self.in_doubt = False


class Earlier(Step):
    """A result of an earlier plan, by its id among those `results`: it is had from there when it is first read, and held for the run."""

    __slots__ = ("_held", "_results")

    def __init__(self, id: TaskId, results: Mapping[TaskId, Json]) -> None:
        super().__init__(id, 0)
        self._results: Mapping[TaskId, Json] | None = results
        self.status = TaskStatus.OK

    @property
    def value(self) -> Json:
        """The result; raises PathError where it can't be had any more."""
        if self._results is not None:
            try:
                self._held = self._results[self.id]
            except ResultGone as gone:
                raise PathError(f"${self.id}: {gone}") from None
            self._results = None
        return self._held

    @value.setter
    def value(self, value: Json) -> None:
        self._held = value


class Planned(Step):
    """A task, or an element of a fan-out: it has a record. `attempts` counts the calls that were made for it.

    `holds`: what was built for its arguments. `merged`: the call whose result stands for its own.
    """

    merged: TaskId | None = None
    __slots__ = ("attempts", "binding", "end", "holds", "start", "task")

    def __init__(self, id: TaskId, place: int, binding: Binding, task: Task) -> None:
        super().__init__(id, place)
        self.binding = binding
        self.task = task
        self.start: float | None = None
        self.end = 0.0
        self.attempts = 0
        self.holds = 0

    def record(self, began: float) -> TaskRecord:
        """Return what is reported of an ended task; `began` is the run's start on the loop's clock."""
        assert self.status is not None
        start = self.start
        return TaskRecord(
            self.status,
            self.value,
            self.failure,
            None if start is None else start - began,
            self.end - began,
            self.merged,
        )


class Call(Planned):
    """A task that a call is made for. `item` stands where an element's task says `each`; `parent` is the element's fan-out.

    `running` counts the calls being made. `held_by` is the last limit that made it wait.
    """

    __slots__ = ("held_by", "item", "parent", "priority", "running")

    def __init__(
        self,
        id: TaskId,
        place: int,
        binding: Binding,
        task: Task,
        parent: FanOut | None = None,
        item: Source | None = None,
    ) -> None:
        # Written out: it is done for every call, and two calls of `super` cost a tenth of what the runtime does for one.
        self.id = id
        self.place = place
        self.waiting = self.attempts = self.holds = 0
        self.readers = self.followers = self.status = self.value = self.failure = self.doom = self.start = None
        self.in_doubt = False
        self.end = 0.0
        self.binding = binding
        self.task = task
        self.parent = parent
        self.item = item
        self.priority = task.priority
        self.running = 0
        self.held_by: Gate | None = None

    def __lt__(self, other: Call) -> bool:
        """Break a heap's ties, which only an entry and its own repetition have."""
        return False


@dataclass(frozen=True, slots=True)
class Given:
    """An element of a list that came as a result; it stands where the plan says `each`."""

    value: Json


Source: TypeAlias = Value | Given


class FanOut(Planned):
    """A task with `each`: its elements are summed up.

    `unroll` is the step that waits for the list. `elements` is None until it has run. `picks` are readers of one element that
    came before that, with its place and whether they read it (or only follow it); `pipes` are the unrolling steps of fan-outs
    over this one, which need its length and not its results. `approval` is the step that asks about all elements at once.
    """

    __slots__ = ("approval", "each", "elements", "picks", "pipes", "unroll")

    def __init__(self, id: TaskId, place: int, binding: Binding, task: Task, each: Value) -> None:
        super().__init__(id, place, binding, task)
        self.each = each
        self.unroll = Unroll(self)
        self.elements: list[Call] | None = None
        self.picks: list[tuple[Step, int, bool]] = []
        self.pipes: list[Unroll] = []
        self.approval: Approval | None = None

    def element(self, place: int) -> Call | None:
        """Return an element by place, counted from the end if negative; None where the list is shorter, or isn't known."""
        elements = self.elements or ()
        return elements[place] if -len(elements) <= place < len(elements) else None


class Unroll(Step):
    """The list of a fan-out becomes its elements."""

    __slots__ = ("owner",)

    def __init__(self, owner: FanOut) -> None:
        super().__init__(owner.id, owner.place)
        self.owner = owner


class Approval(Step):
    """Somebody is asked about all elements of a fan-out."""

    __slots__ = ("owner",)

    def __init__(self, owner: FanOut) -> None:
        super().__init__(owner.id, owner.place)
        self.owner = owner
