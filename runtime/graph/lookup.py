"""Find the results that references name: of tasks, of elements of fan-outs, of earlier plans."""

from __future__ import annotations

from collections.abc import Mapping

from lcc.grammar.ir import Element, Ref, TaskId, Value
from lcc.grammar.values import Json, PathError
from lcc.runtime.failures import Unavailable
from lcc.runtime.graph.arguments import fill, follow, out_of_range, resolve
from lcc.runtime.graph.node import Call, Earlier, FanOut, Planned, Step
from lcc.runtime.graph.room import Held, Room
from lcc.runtime.options import Options
from lcc.runtime.result import TaskStatus


class ResultTable:
    """The tasks of a run by id, the run's inputs, and what both hold.

    `lists` says what the results of fan-outs are made of that were expanded before they came here. `most_bytes`: what the arguments of
    a call may take. `held`: what the run holds.
    """

    def __init__(self, inputs: Mapping[str, Json], options: Options) -> None:
        self.nodes: dict[TaskId, Step] = {}
        self.inputs = inputs
        self.most_bytes = options.max_argument_bytes
        self.held = Held(options.max_run_bytes)
        self.lists: dict[TaskId, Value] = {}

    def seed(self, earlier: Mapping[TaskId, Json]) -> None:
        """Make results of earlier plans known; they aren't tasks of this run."""
        self.nodes.update({id_: Earlier(id_, earlier) for id_ in earlier})

    def result(self, ref: Ref) -> Json:
        """Return what a reference names; raise PathError or Unavailable. It must not be changed."""
        node = self.nodes.get(ref.task)
        if node is None and ref.task in self.lists:
            value = resolve(self.lists[ref.task], self, Room(self.most_bytes))
            return follow(value, ref) if ref.path else value
        if node is None or (isinstance(node, FanOut) and ref.path and type(ref.path[0]) is int):
            node, ref = self._element_of(ref)
        if node.status is not TaskStatus.OK:
            raise Unavailable(f"${node.id} is {node.status or 'not there yet'}")
        return follow(node.value, ref) if ref.path else node.value

    def input(self, name: str) -> Json:
        """Return the value of an input."""
        return self.inputs[name]

    def arguments(self, node: Call) -> dict[str, Json]:
        """Return the arguments of a call whose predecessors have ended; raise PathError or ArgumentError.

        They are held until the task ends, or has others for another attempt.
        """
        if node.holds:
            self.let_go(node)
        room = Room(self.most_bytes, held=self.held)
        try:
            return fill(node.task.args, node.item, node.binding, self, room)
        finally:
            node.holds = room.built

    def let_go(self, node: Planned) -> None:
        """Count the arguments of a task as gone."""
        self.held.size -= node.holds
        node.holds = 0

    def _element_of(self, ref: Ref) -> tuple[Call, Ref]:
        if isinstance(ref.task, Element):
            ref = Ref(ref.task.task, (ref.task.place, *ref.path))
        owner = self.nodes.get(ref.task)
        if not isinstance(owner, FanOut):
            raise PathError(f"${ref.task}: there is no such task")
        if owner.elements is None:
            raise Unavailable(f"${owner.id} is {owner.status or 'not there yet'}")
        place = ref.path[0]
        assert isinstance(place, int)
        node = owner.element(place)
        if node is None:
            raise out_of_range(ref, len(owner.elements))
        return node, Ref(node.id, ref.path[1:])
