"""Know which task waits for which, and what the end of one means for the others.

A data edge makes its reader wait for a result and skips it where there is none. An order edge (`after`) only makes its follower
wait for the end, however it ends. A task that will be skipped still waits for all its predecessors: tasks ordered behind it may
rely on being ordered behind them. Nothing here awaits, and nothing recurses: a chain of any length is worked off in a loop.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

from lcc.grammar.ir import Element, ListOf, Ref, Task, TaskId, references
from lcc.grammar.values import Json, PathError
from lcc.runtime.arguments import Call, Given, Source, bind_call, follow, out_of_range, resolve
from lcc.runtime.binding import Binding
from lcc.runtime.fan_out import FanOut, NotAList, items_of, list_failure, summed_up
from lcc.runtime.node import Kind, Node
from lcc.runtime.result import Failure, FailureKind, TaskStatus

_NONE: list[Node] = []  # shared by all ended nodes, never added to


class Unavailable(LookupError):
    """A result that isn't there, because its task didn't end well. The message names the task and how it ended."""


class GraphEvents(Protocol):
    """Who is told of what happens in the graph."""

    def node_added(self, node: Node, reads: tuple[TaskId, ...], after: tuple[TaskId, ...]) -> None:
        """A task, or an element of a fan-out, is part of the run."""

    def node_ready(self, node: Node) -> None:
        """A call has nothing left to wait for."""

    def node_ended(self, node: Node) -> None:
        """A task is over; its record is complete."""


class Graph:
    """The tasks of a run and the edges between them. `open` counts the tasks that haven't ended."""

    def __init__(
        self,
        bindings: Mapping[str, Binding],
        inputs: Mapping[str, Json],
        clock: Callable[[], float],
        events: GraphEvents,
    ) -> None:
        self.nodes: dict[TaskId, Node] = {}
        self.inputs = inputs
        self.open = 0
        self.gate = Node(Kind.GATE, 0, (0, 0))
        self.doom: tuple[TaskStatus, Failure] | None = None
        self._bindings = bindings
        self._clock = clock
        self._events = events
        self._places = 0

    def result(self, ref: Ref) -> Json:
        """Return what a reference names; raise PathError or Unavailable. It must not be changed."""
        node = self.nodes.get(ref.task)
        if node is None or (node.fan_out is not None and ref.path and type(ref.path[0]) is int):
            node, ref = self._element_of(ref)
        if node.status is not TaskStatus.OK:
            raise Unavailable(f"${node.id} is {node.status or 'not there yet'}")
        return follow(node.value, ref) if ref.path else node.value

    def input(self, name: str) -> Json:
        """Return the value of an input."""
        return self.inputs[name]

    def _element_of(self, ref: Ref) -> tuple[Node, Ref]:
        if isinstance(ref.task, Element):
            ref = Ref(ref.task.task, (ref.task.place, *ref.path))
        owner = self.nodes.get(ref.task)
        if owner is None or owner.fan_out is None:
            raise PathError(f"${ref.task}: there is no such task")
        if owner.fan_out.elements is None:
            raise Unavailable(f"${owner.id} is {owner.status or 'not there yet'}")
        place = ref.path[0]
        assert isinstance(place, int)
        node = owner.fan_out.element(place)
        if node is None:
            raise out_of_range(ref, len(owner.fan_out.elements))
        return node, Ref(node.id, ref.path[1:])

    def add(self, task: Task) -> Node:
        """Add a task behind those added before. It is ready at once if nothing holds it."""
        binding = self._bindings[task.tool]
        self._places += 1
        node = Node(
            Kind.CALL, task.id, (self._places, 0), binding, bind_call(task.args, binding.signature), task.priority
        )
        self.nodes[task.id] = node
        self.open += 1
        node.doom = self.doom
        assert node.call is not None
        if node.call.each is not None:
            self._add_fan_out(node, task, node.call)
        else:
            self._connect(node, node.call.sources, task.after)
            if node.waiting == 0:
                self._settle([node])
        return node

    def seed(self, id_: TaskId, value: Json) -> None:
        """Make a result of an earlier plan known; it isn't a task of this run."""
        node = Node(Kind.GIVEN, id_, (0, 0))
        node.status, node.value = TaskStatus.OK, value
        self.nodes[id_] = node

    def open_gate(self) -> None:
        """Let calls start that had to wait until the plan is whole."""
        if self.gate.status is None:
            self.gate.status = TaskStatus.OK
            self._settle([self.gate])

    def _connect(self, node: Node, sources: Iterable[tuple[object, Source]], after: tuple[TaskId, ...]) -> None:
        reads: dict[TaskId, None] = {}
        for _, source in sources:
            for ref in references_of(source):
                if ref.task not in reads or ref.path:
                    reads[ref.task] = None
                    self._read(node, ref)
        for id_ in after:
            self._follow(node, id_)
        assert node.binding is not None
        if self.gate.status is None and not node.binding.early:
            _order(self.gate, node)
        self._events.node_added(node, tuple(reads), after)

    def _read(self, node: Node, ref: Ref) -> None:
        target = self.nodes.get(ref.task)
        if target is not None and (target.fan_out is None or not ref.path or type(ref.path[0]) is not int):
            _data(target, node)
            return
        place = ref.task.place if isinstance(ref.task, Element) else ref.path[0]
        assert isinstance(place, int)
        self._pick(node, ref.task.task if isinstance(ref.task, Element) else ref.task, place, reads=True)

    def _follow(self, node: Node, id_: TaskId) -> None:
        target = self.nodes.get(id_)
        if target is not None:
            _order(target, node)
        elif isinstance(id_, Element):
            self._pick(node, id_.task, id_.place, reads=False)
        else:
            _missing(node, id_)

    def _pick(self, node: Node, id_: TaskId, place: int, *, reads: bool) -> None:
        owner = self.nodes.get(id_)
        if owner is None or owner.fan_out is None:
            _missing(node, id_)
        elif owner.fan_out.elements is not None:
            element = owner.fan_out.element(place)
            if element is not None:
                (_data if reads else _order)(element, node)
        elif owner.fan_out.unroll.status is not None:
            (_data if reads else _order)(owner, node)
        else:
            node.waiting += 1
            owner.fan_out.picks.append((node, place, reads))

    def _add_fan_out(self, node: Node, task: Task, call: Call) -> None:
        unroll = Node(Kind.UNROLL, task.id, node.place, parent=node)
        node.kind = Kind.FAN_OUT
        node.fan_out = FanOut(task, call, unroll)
        node.waiting = 1
        assert call.each is not None
        value = call.each[1]
        others = [ref for _, source in call.sources for ref in references_of(source)]
        listed = list(references(value))
        for ref in (*others, *listed):
            target = self.nodes.get(ref.task)
            if target is not None:
                _order(target, node)
        for id_ in task.after:
            self._follow(node, id_)
        self._events.node_added(node, tuple(dict.fromkeys(r.task for r in (*others, *listed))), task.after)
        source = self._piped(value) if isinstance(value, Ref) else None
        if source is not None:
            self._wait_for_length(unroll, source)
        elif not isinstance(value, ListOf):
            for ref in listed:
                self._read(unroll, ref)
        if unroll.waiting == 0:
            self._settle([unroll])

    def _wait_for_length(self, unroll: Node, source: FanOut) -> None:
        if source.elements is None and source.unroll.status is None:
            unroll.waiting += 1
            source.pipes.append(unroll)
        elif source.elements is None:
            _data(self.nodes[source.task.id], unroll)

    def _piped(self, ref: Ref) -> FanOut | None:
        if ref.path or ref.task not in self.nodes:
            return None
        return self.nodes[ref.task].fan_out

    def _unroll(self, unroll: Node, work: list[Node]) -> None:
        owner = unroll.parent
        assert owner is not None
        assert owner.fan_out is not None
        fan_out = owner.fan_out
        unroll.status = TaskStatus.OK
        if unroll.doom is not None:
            owner.doom = owner.doom or unroll.doom
            self._without_elements(owner, fan_out, work)
        else:
            try:
                items = items_of(fan_out, self._piped, lambda source: resolve(source, self))
            except (PathError, NotAList) as error:
                owner.doom = owner.doom or (TaskStatus.FAILED, list_failure(error))
                self._without_elements(owner, fan_out, work)
            else:
                self._create_elements(owner, fan_out, items, work)
        self._count_down(owner, work)

    def _without_elements(self, owner: Node, fan_out: FanOut, work: list[Node]) -> None:
        for reader, _, reads in fan_out.picks:
            (owner.readers if reads else owner.followers).append(reader)
        for pipe in fan_out.pipes:
            _skip(pipe, owner, owner.doom[0] if owner.doom else None)
            self._count_down(pipe, work)
        fan_out.picks, fan_out.pipes = [], []

    def _create_elements(self, owner: Node, fan_out: FanOut, items: Iterable[Source], work: list[Node]) -> None:
        task, binding = fan_out.task, owner.binding
        assert binding is not None
        elements: list[Node] = []
        fan_out.elements = elements
        for k, source in enumerate(items):
            call = fan_out.call.with_element(source)
            id_ = Element(task.id, k)  # type: ignore[arg-type]
            element = Node(Kind.CALL, id_, (owner.place[0], k), binding, call, owner.priority, owner)
            owner.waiting += 1
            self.open += 1
            self.nodes[element.id] = element
            self._connect(element, call.sources, task.after)
            if binding.writes and elements:
                _order(elements[-1], element)
            elements.append(element)
        for element in elements:
            if element.waiting == 0:
                self._arrive(element, work)
        for reader, place, reads in fan_out.picks:
            target = fan_out.element(place)
            if target is not None:
                (_data if reads else _order)(target, reader)
            self._count_down(reader, work)
        for pipe in fan_out.pipes:
            self._count_down(pipe, work)
        fan_out.picks, fan_out.pipes = [], []

    def end(self, node: Node, status: TaskStatus, value: Json = None, failure: Failure | None = None) -> None:
        """End a task and work off all that follows from it."""
        node.status = status
        node.value = value
        node.failure = failure
        self._settle([node])

    def _settle(self, work: list[Node]) -> None:
        while work:
            node = work.pop()
            if node.status is None:
                self._resolve(node, work)
            else:
                self._propagate(node, work)

    def _resolve(self, node: Node, work: list[Node]) -> None:
        """Nothing is left to wait for: start, unroll, sum up, or end without having run."""
        if node.kind is Kind.UNROLL:
            self._unroll(node, work)
            return
        if node.fan_out is not None and node.fan_out.elements is not None:
            node.status, node.value, node.failure = summed_up(node.fan_out.elements)
            self._span(node, node.fan_out.elements)
        elif node.doom is not None:
            node.status, node.failure = node.doom
        else:
            self._events.node_ready(node)
            return
        work.append(node)

    def _span(self, owner: Node, elements: list[Node]) -> None:
        starts = [e.start for e in elements if e.start is not None]
        owner.start = min(starts) if starts else self._clock() if owner.status is TaskStatus.OK else None
        owner.attempts = sum(e.attempts for e in elements)
        owner.in_doubt = owner.in_doubt or any(e.in_doubt for e in elements)

    def _propagate(self, node: Node, work: list[Node]) -> None:
        if node.kind is not Kind.GATE:
            self.open -= 1
            node.end = self._clock()
            self._events.node_ended(node)
        failed = node.status is not TaskStatus.OK
        for reader in node.readers:
            if failed:
                _skip(reader, node)
            reader.waiting -= 1
            if reader.waiting == 0:
                self._arrive(reader, work)
        for follower in node.followers:
            if node.in_doubt:
                _doubt(follower, node)
            self._count_down(follower, work)
        node.readers = node.followers = _NONE
        if node.parent is not None:
            self._count_down(node.parent, work)

    def _count_down(self, node: Node, work: list[Node]) -> None:
        node.waiting -= 1
        if node.waiting == 0:
            self._arrive(node, work)

    def _arrive(self, node: Node, work: list[Node]) -> None:
        if node.kind is Kind.CALL and node.doom is None:
            self._events.node_ready(node)
        else:
            work.append(node)


def references_of(source: Source) -> Iterable[Ref]:
    """Return the references in what stands for an argument; an element that came as a result holds none."""
    return () if isinstance(source, Given) else references(source)


def _data(target: Node, reader: Node) -> None:
    if target.status is None:
        reader.waiting += 1
        target.readers.append(reader)
    elif target.status is not TaskStatus.OK:
        _skip(reader, target)


def _order(target: Node, follower: Node) -> None:
    if target.status is None:
        follower.waiting += 1
        target.followers.append(follower)
    elif target.in_doubt:
        _doubt(follower, target)


def _skip(reader: Node, failed: Node, status: TaskStatus | None = None) -> None:
    reader.in_doubt = reader.in_doubt or failed.in_doubt
    if reader.doom is None:
        message = f"reads ${failed.id}, which {_HOW[status or failed.status or TaskStatus.FAILED]}"
        reader.doom = TaskStatus.SKIPPED, Failure(FailureKind.SKIPPED, message, cause=str(failed.id))


_HOW = {
    TaskStatus.OK: "is ok",
    TaskStatus.FAILED: "failed",
    TaskStatus.SKIPPED: "was skipped",
    TaskStatus.CANCELLED: "was cancelled",
    TaskStatus.ABANDONED: "was abandoned",
}


def _doubt(follower: Node, before: Node) -> None:
    follower.in_doubt = True
    if follower.doom is None:
        message = f"resource in doubt: {before.id} writes it, was told to stop, and may still be at it"
        follower.doom = TaskStatus.FAILED, Failure(FailureKind.DOUBT, message, cause=str(before.id))


def _missing(node: Node, id_: TaskId) -> None:
    node.doom = node.doom or (TaskStatus.FAILED, Failure(FailureKind.PATH, f"${id_}: there is no such task"))
