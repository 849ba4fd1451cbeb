"""Know which task waits for which, and what the end of one means for the others.

A data edge makes its reader wait for a result and skips it where there is none. An order edge (`after`) only makes its follower
wait for the end, however it ends. A task that will be skipped still waits for all its predecessors: tasks ordered behind it may
rely on being ordered behind them. Nothing here awaits, and nothing recurses: a chain of any length is worked off in a loop.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from lcc.grammar.ir import (
    Batched,
    BodyNotSupported,
    Const,
    Element,
    ListOf,
    Origin,
    Ref,
    Statement,
    Task,
    TaskId,
    inputs_of,
    references,
    task_references,
)
from lcc.grammar.ir.origins import Origins
from lcc.grammar.values import Json, PathError
from lcc.runtime.binding import Binding
from lcc.runtime.graph.arguments import resolve
from lcc.runtime.graph.edges import data_edge, doubt, missing, order_edge, skip
from lcc.runtime.graph.fan_out import NotAList, items_of, list_failure, summed_up
from lcc.runtime.graph.issuer import IssuerEvents
from lcc.runtime.graph.lookup import ResultTable
from lcc.runtime.graph.node import PLACES, Approval, Call, FanOut, Given, Planned, Source, Step, Unroll
from lcc.runtime.graph.room import Room, TooMuch
from lcc.runtime.options import Options
from lcc.runtime.result import Failure, TaskStatus


class Graph(ResultTable):
    """The tasks of a run and the edges between them.

    `open` counts the tasks that haven't ended. `now` is the time of the latest event. `doom`, once set, is what becomes of tasks that are
    added from then on. `batched` says which calls may be made together: for each, the first of them. `kept` holds calls that started before the plan was
    revised, until they are adopted; `places` counts the places given to tasks.
    """

    def __init__(
        self,
        bindings: Mapping[str, Binding],
        inputs: Mapping[str, Json],
        clock: Callable[[], float],
        events: IssuerEvents,
        options: Options,
    ) -> None:
        super().__init__(inputs, options)
        self.most_tasks = options.max_tasks
        self.open = 0
        self.now = clock()
        self.commit = Step(0, 0)
        self.doom: tuple[TaskStatus, Failure] | None = None
        self.batched: dict[TaskId, TaskId] = {}
        self._bindings = bindings
        self._clock = clock
        self._events = events
        self.places = 0
        self.kept: dict[TaskId, Call] = {}
        self.told: dict[TaskId, TaskStatus] = {}
        """Fan-outs that had ended before they were built anew: their end is told once."""

    def learn(self, origins: Iterable[Origin]) -> None:
        """Take the record of what passes did to the plan, before its tasks."""
        origins = tuple(origins)
        self.lists = Origins(origins).lists()
        self.batched = {}
        for origin in origins:
            if isinstance(origin, Batched):
                self.batched[origin.id] = self.batched[origin.into] = origin.into

    def add(self, task: Statement) -> None:
        """Add a task behind those added before. It is ready at once if nothing holds it."""
        if not isinstance(task, Task):
            raise BodyNotSupported("a run of single tasks")
        self.places += PLACES
        each = task.each
        if each is not None:
            self._add_fan_out(FanOut(task.id, self.places, self._bindings[task.tool], task, each.value))
            return
        if self.kept and task.id in self.kept:
            self._adopt(task.id, self.places)
            return
        call = Call(task.id, self.places, self._bindings[task.tool], task)
        call.doom = self.doom
        self.nodes[task.id] = call
        self.open += 1
        self._connect(call, task, held=self._is_held(task, call.binding))
        if call.waiting == 0 and (call.doom is not None or not self._events.call_ready(call)):
            self._settle([call])

    def _adopt(self, id_: TaskId, place: int, parent: FanOut | None = None) -> Call:
        node = self.kept.pop(id_)
        node.place, node.parent = place, parent
        node.readers = node.followers = None
        self.nodes[id_] = node
        if node.status is None:
            self.open += 1
            if parent is not None:
                parent.waiting += 1
        return node

    def open_commit(self) -> None:
        """Let calls start that had to wait until the plan is whole."""
        if self.commit.status is None:
            self.end(self.commit, TaskStatus.OK)

    def _is_held(self, task: Task, binding: Binding) -> bool:
        """Whether the calls of a task wait until the plan is whole. It reads the whole task: ask once for all elements."""
        return self.commit.status is None and not (_may_start_early(binding, task) and self._has_inputs(task))

    def _connect(self, node: Call, task: Task, *, held: bool) -> None:
        """Draw the edges of a task, or of an element of a fan-out. `held`: it waits until the plan is whole."""
        reads: dict[TaskId, bool] = {}
        for arg in task.args:
            value: Source = arg.value if node.item is None or not arg.each else node.item
            if type(value) is not Const:
                for ref in references_of(value):
                    self._connect_read(node, ref, reads)
        for id_ in task.after:
            self._follow(node, id_)
        if held:
            order_edge(self.commit, node)
        self._events.task_added(node, reads, task.after)

    def _connect_read(self, node: Step, ref: Ref, reads: dict[TaskId, bool]) -> None:
        """Add the edge of a reference. `reads`: the tasks read so far, and whether that was all of one."""
        whole = not ref.path
        if whole and reads.get(ref.task):
            return
        target = self.nodes.get(ref.task)
        if target is None and ref.task in self.lists:
            for part in references(self.lists[ref.task]):
                self._connect_read(node, part, reads)
            return
        reads[ref.task] = whole or reads.get(ref.task, False)
        self._read(node, ref, target)

    def _read(self, node: Step, ref: Ref, target: Step | None) -> None:
        """Add the edge of a reference that may be to an element of a fan-out."""
        if target is None:
            if isinstance(ref.task, Element):
                self._pick(node, ref.task.task, ref.task.place, reads=True)
            else:
                missing(node, ref.task)
        elif isinstance(target, FanOut) and ref.path and type(ref.path[0]) is int:
            self._pick(node, ref.task, ref.path[0], reads=True)
        else:
            data_edge(target, node)

    def _has_inputs(self, task: Task) -> bool:
        """Whether all inputs that a task reads have values. Those of a plan that is still being written come with its end."""
        return all(
            read.name in self.inputs
            for arg in task.args
            if type(arg.value) is not Const
            for read in inputs_of(arg.value)
        )

    def _follow(self, node: Step, id_: TaskId) -> None:
        target = self.nodes.get(id_)
        if target is not None:
            order_edge(target, node)
        elif isinstance(id_, Element):
            self._pick(node, id_.task, id_.place, reads=False)
        else:
            missing(node, id_)

    def _pick(self, node: Step, id_: TaskId, place: int, *, reads: bool) -> None:
        owner = self.nodes.get(id_)
        edge = data_edge if reads else order_edge
        if not isinstance(owner, FanOut):
            missing(node, id_)
        elif owner.elements is not None:
            element = owner.element(place)
            if element is not None:
                edge(element, node)
        elif owner.unroll.status is not None:
            edge(owner, node)
        else:
            node.waiting += 1
            owner.picks.append((node, place, reads))

    def _add_fan_out(self, node: FanOut) -> None:
        task, value, unroll = node.task, node.each, node.unroll
        self.nodes[task.id] = node
        self.open += 1
        node.doom = unroll.doom = self.doom
        node.waiting = 1
        reads = dict.fromkeys(ref.task for ref in task_references(task))
        for id_ in reads:
            target = self.nodes.get(id_)
            if target is not None and target.status is None:
                order_edge(target, node)
        for id_ in task.after:
            self._follow(node, id_)
        self._events.task_added(node, reads, task.after)
        source = self._piped(value) if isinstance(value, Ref) else None
        if source is not None:
            self._wait_for_length(unroll, source)
        elif not isinstance(value, ListOf):
            read: dict[TaskId, bool] = {}
            for ref in references(value):
                self._connect_read(unroll, ref, read)
        if self.commit.status is None and not self._has_inputs(task):
            order_edge(self.commit, unroll)
        if unroll.waiting == 0:
            self._settle([unroll])

    def _wait_for_length(self, unroll: Unroll, source: FanOut) -> None:
        if source.elements is None and source.unroll.status is None:
            unroll.waiting += 1
            source.pipes.append(unroll)
        elif source.elements is None:
            data_edge(source, unroll)

    def _piped(self, ref: Ref) -> FanOut | None:
        target = self.nodes.get(ref.task)
        return target if isinstance(target, FanOut) and not ref.path else None

    def _unroll(self, unroll: Unroll, work: list[Step]) -> None:
        owner = unroll.owner
        unroll.status = TaskStatus.OK
        if unroll.doom is None:
            room = Room(self.most_bytes, held=self.held)
            try:
                items = items_of(owner, self._piped, lambda source: resolve(source, self, room))
                self._check_room(items)
            except (PathError, NotAList, TooMuch) as error:
                unroll.doom = TaskStatus.FAILED, list_failure(error)
            else:
                self._create_elements(owner, items, work)
            owner.holds = room.built
        if unroll.doom is not None:
            owner.doom = unroll.doom
            self._without_elements(owner, work)
        owner.picks, owner.pipes = [], []
        self._count_down(owner, work)

    def _check_room(self, items: Sequence[object]) -> None:
        """Raise TooMuch for a list whose elements would be more calls than a run may have."""
        if self.most_tasks is not None and len(self.nodes) + len(items) > self.most_tasks:
            raise TooMuch(
                f"{len(items):,} elements are too many: a run may have {self.most_tasks:,} tasks (`max_tasks`)"
            )

    def _without_elements(self, owner: FanOut, work: list[Step]) -> None:
        for reader, _, reads in owner.picks:
            (data_edge if reads else order_edge)(owner, reader)
            reader.waiting -= 1
        for pipe in owner.pipes:
            skip(pipe, owner, owner.doom[0] if owner.doom else None)
            self._count_down(pipe, work)

    def _create_elements(self, owner: FanOut, items: Iterable[Source], work: list[Step]) -> None:
        task, binding = owner.task, owner.binding
        assert isinstance(task.id, int)
        elements: list[Call] = []
        owner.elements = elements
        approval = Approval(owner) if binding.destructive else None
        held = self._is_held(task, binding)
        for k, source in enumerate(items):
            id_ = Element(task.id, k)
            if id_ in self.kept:
                elements.append(self._adopt(id_, owner.place + 1 + k, owner))
                continue
            element = Call(id_, owner.place + 1 + k, binding, task, owner, source)
            owner.waiting += 1
            self.open += 1
            self.nodes[element.id] = element
            self._connect(element, task, held=held)
            if approval is not None:
                self._wait_to_ask(approval, element, task)
            if binding.writes and elements:
                order_edge(elements[-1], element)
            elements.append(element)
        if approval is not None and elements:
            owner.approval = approval
            if approval.waiting == 0:
                work.append(approval)
        for element in elements:
            if element.waiting == 0 and element.status is None and not element.attempts:
                self._arrive(element, work)
        self._connect_late(owner, work)

    def _wait_to_ask(self, approval: Approval, element: Call, task: Task) -> None:
        """Have approval wait for all that its elements wait for, so that it shows every element's arguments."""
        reads: dict[TaskId, bool] = {}
        for arg in task.args:
            for ref in references_of(arg.value if element.item is None or not arg.each else element.item):
                self._connect_read(approval, ref, reads)
        for id_ in task.after:
            self._follow(approval, id_)
        order_edge(approval, element)
        order_edge(self.commit, approval)

    def _connect_late(self, fan_out: FanOut, work: list[Step]) -> None:
        for reader, place, reads in fan_out.picks:
            target = fan_out.element(place)
            if target is not None:
                (data_edge if reads else order_edge)(target, reader)
            self._count_down(reader, work)
        for pipe in fan_out.pipes:
            self._count_down(pipe, work)

    def doom_pending(self, status: TaskStatus, failure: Failure) -> list[Step]:
        """Let nothing start any more that hasn't; return the steps that have nothing to wait for, and must be ended."""
        idle: list[Step] = []
        for node in self.nodes.values():
            if node.status is not None or (isinstance(node, Call) and node.running):
                continue
            node.doom = node.doom or (status, failure)
            if isinstance(node, FanOut):
                unroll, approval = node.unroll, node.approval
                unroll.doom = unroll.doom or node.doom
                if approval is not None and approval.status is None and approval.waiting == 0:
                    idle.append(approval)
            elif node.waiting == 0:
                idle.append(node)
        return idle

    def end(self, node: Step, status: TaskStatus, value: Json = None, failure: Failure | None = None) -> None:
        """End a task and work off all that follows from it."""
        node.status = status
        node.value = value
        node.failure = failure
        self.now = self._clock()
        work: list[Step] = []
        self._propagate(node, work)
        if work:
            self._settle(work)

    def _settle(self, work: list[Step]) -> None:
        while work:
            node = work.pop()
            if node.status is not None:
                self._propagate(node, work)
            elif node.waiting == 0:
                self._resolve(node, work)

    def _resolve(self, node: Step, work: list[Step]) -> None:
        """Nothing is left to wait for: start, unroll, sum up, ask, or end without having run."""
        if isinstance(node, Unroll):
            self._unroll(node, work)
            return
        if isinstance(node, Approval):
            if self._events.approval_ready(node):
                return
        elif isinstance(node, FanOut) and node.elements is not None:
            node.status, node.value, node.failure = summed_up(node.elements, node.id)
            self._span(node, node.elements)
        elif node.doom is not None:
            node.status, node.failure = node.doom
        elif isinstance(node, Call) and self._events.call_ready(node):
            return
        work.append(node)

    def _span(self, owner: FanOut, elements: list[Call]) -> None:
        starts = [e.start for e in elements if e.start is not None]
        owner.start = min(starts) if starts else self.now if owner.status is TaskStatus.OK else None
        owner.attempts = sum(e.attempts for e in elements)
        owner.in_doubt = owner.in_doubt or any(e.in_doubt for e in elements)

    def _propagate(self, node: Step, work: list[Step]) -> None:
        if isinstance(node, Planned):
            self.open -= 1
            node.end = self.now
            if node.holds:
                self.let_go(node)
            if self.told.get(node.id) is not node.status:
                self._events.task_ended(node)
        if node.readers is not None:
            failed = node.status is not TaskStatus.OK
            for reader in node.readers:
                if failed:
                    skip(reader, node)
                reader.waiting -= 1
                if reader.waiting == 0:
                    self._arrive(reader, work)
            node.readers = None
        if node.followers is not None:
            for follower in node.followers:
                if node.in_doubt:
                    doubt(follower, node)
                self._count_down(follower, work)
            node.followers = None
        if isinstance(node, Call):
            node.item = None
            if node.parent is not None:
                self._count_down(node.parent, work)

    def _count_down(self, node: Step, work: list[Step]) -> None:
        node.waiting -= 1
        if node.waiting == 0:
            self._arrive(node, work)

    def _arrive(self, node: Step, work: list[Step]) -> None:
        if not isinstance(node, Call) or node.doom is not None or not self._events.call_ready(node):
            work.append(node)


def references_of(source: Source) -> Iterable[Ref]:
    """Return the references in what stands for an argument; an element that came as a result holds none."""
    if type(source) is Ref:
        return (source,)
    if type(source) is ListOf:  # the usual shapes without a generator in a generator: a third of the time
        found: list[Ref] = []
        for item in source.items:
            if type(item) is Ref:
                found.append(item)
            elif type(item) is not Const:
                found += references(item)
        return found
    return () if isinstance(source, Given) else references(source)


def _may_start_early(binding: Binding, task: Task) -> bool:
    """Whether a call may start before the plan is whole. One that could carry a result away may not."""
    return binding.early and not (binding.discloses and any(True for _ in task_references(task)))
