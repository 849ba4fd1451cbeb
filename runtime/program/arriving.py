"""Run a program while it is written: each statement is issued as it is added, and what changes something waits until all are there.

Where it goes on in the names of earlier programs, those are done again first, from what is known of their calls: so names have the
values that they had where the earlier program ended.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from lcc.grammar.ir import Element, Plan, Statement, TaskId, block_calls
from lcc.grammar.signatures import Tools
from lcc.grammar.values import Json
from lcc.runtime.binding import Binding
from lcc.runtime.failures import is_fatal
from lcc.runtime.graph.issuer import IssuerEvents
from lcc.runtime.graph.node import Call, Planned
from lcc.runtime.options import Options
from lcc.runtime.program.before import Before, Done
from lcc.runtime.program.call_nodes import CallNode
from lcc.runtime.program.facts.builder import Builder
from lcc.runtime.program.facts.knowledge import GrowingKnowledge
from lcc.runtime.program.facts.sites import Site
from lcc.runtime.program.issue import Issue
from lcc.runtime.program.machine import Machine, not_bound, own_names
from lcc.runtime.program.order.cells import OK, PENDING, Cell
from lcc.runtime.program.order.hazards import reach_of
from lcc.runtime.program.order.scopes import FRONT, OPEN, Scope
from lcc.runtime.program.strands import Issuing
from lcc.runtime.result import Failure, FailureKind, RunResult, TaskStatus, Usage


class ArrivingMachine(Machine):
    """The run of a strict body that is still being written. `signatures`: of all tools that it may call."""

    def __init__(
        self,
        bindings: Mapping[str, Binding],
        inputs: Mapping[str, Json],
        clock: Callable[[], float],
        events: IssuerEvents,
        options: Options,
        *,
        signatures: Tools,
        before: Before,
    ) -> None:
        super().__init__(bindings, inputs, clock, events, options)
        self._all_events = events
        self._before = before
        self._own: set[str] = set()
        self._known = GrowingKnowledge()
        self._builder = Builder(bindings, reach_of(signatures), self.world.evaluation, self._known.knowledge)
        self._sites: deque[tuple[Site, bool]] = deque()
        self._more = Cell()
        self._closed = self._opened = self._again = False
        self._begun: list[int] = []
        self._left: int | None = None
        self._carriers: list[CallNode] = []
        self._equal: dict[str, list[CallNode]] = {}
        self._places: dict[TaskId, tuple[str, CallNode]] = {}
        if before.table is not None:
            self._table = before.table
        self.world.evaluation.unbound = lambda name: not_bound(name, self._own)

    def begin(self, plan: Plan) -> None:
        """Begin with what ran before, and the statements that are there."""
        self._builder.program(())
        self._builder.expect(self._before.ahead)
        self._begin(self._arriving)
        for statement in plan.body or ():
            self.add(statement)

    def declare(self, inputs: Mapping[str, Json]) -> None:
        """Know inputs that the program has declared meanwhile."""
        self._know_inputs(inputs)

    def add(self, statement: Statement) -> None:
        """Issue a statement behind those before it. One that the program never comes to is left out."""
        root = self._root
        if root is None or root.state != OPEN or self._left is not None:
            return
        self._sites.append(self._site(statement))
        self._wake()

    def _site(self, statement: Statement) -> tuple[Site, bool]:
        waits = self._known.add(statement)
        self._table.learn(self._known.depends)
        self._own.update(own_names((statement,)))
        self._builder.expect(block_calls((statement,)))
        return self._builder.site(statement), waits

    def _wake(self) -> None:
        if self._more.state == PENDING:
            self._more.resolve(self.world.todo, OK, None)
        self._work()

    def revise(self, plan: Plan) -> Iterable[Call]:
        """Take the end of the program."""
        self._closed = True
        self._wake()
        return ()

    def open_commit(self) -> None:
        """Let start what had to wait for the whole program."""
        self._opened = True
        self.world.todo += [node.try_to_start for node in self._carriers]
        self._carriers.clear()
        if not self._again:
            super().open_commit()
        self._work()

    def _start(self, node: CallNode) -> None:
        """Start a call, unless it could carry a result away before the program is whole."""
        if self._opened or self._again or not node.binding.discloses or not self._may_carry(node):
            super()._start(node)
        else:
            self._carriers.append(node)

    def _may_carry(self, node: CallNode) -> bool:
        if not node.site.keys:
            return False
        depends = self._known.depends
        return bool(self._before.programs) or depends is None or bool(depends.get(node.site.node.id, True))

    def outcome(self, plan: Plan, began: float, ended: float, usage: Usage, failure: Failure | None) -> RunResult:
        """Return what the run gives back, and which statement ended it."""
        result = super().outcome(plan, began, ended, usage, failure)
        root = self._root
        if root is not None and root.error is not None and self._begun:
            return replace(result, statement=bisect_right(self._begun, root.count - len(root.entries)) - 1)
        return replace(result, statement=self._left)

    def _arriving(self, issue: Issue, root: Scope) -> Issuing:
        """Issue what ran before, then what comes."""
        for done in self._before.programs:
            yield from self._once_more(done, issue, root)
        while True:
            while self._sites:
                site, waits = self._sites.popleft()
                if waits:
                    yield from _drained(root)
                self._begun.append(root.count)
                leave = yield from issue.block((site,), self._env, root, ())
                if leave is not None:
                    self._left = len(self._begun) - 1
                    return leave
            if self._closed:
                return None
            self._more = Cell()
            yield self._more

    # what ran before

    def _once_more(self, done: Done, issue: Issue, root: Scope) -> Issuing:
        """Do a program again that has ended, from what is known of its calls; nothing of it is told."""
        self._again, self._events = True, _Quiet(self._all_events)
        self._places.clear()
        root.promote(FRONT)
        for statement in done.statements:
            site, _ = self._site(statement)
            leave = yield from issue.block((site,), self._env, root, ())
            yield from _drained(root)
            if leave is not None:
                break
        for node in self.nodes.values():
            if isinstance(node, CallNode) and node.status is None:
                self.give_up(node)
        self._again, self._events = False, self._all_events
        self.nodes.clear()
        root.printed.clear()
        self.world.offer = None
        self._known.begin_anew()
        self._table.learn(self._known.depends)
        if not done.failed:
            self._equal.clear()
        root.level = 0
        if self._opened:
            super().open_commit()
        return None

    def _answered(self, node: CallNode) -> bool:
        if self._again:
            self._recall(node)
            return True
        if self._stood_there(node):
            return True
        if node.site.reach.writes:
            equal = self._equal.get(_key(node))
            if equal:
                self._follow(node, equal.pop(0))
                return True
        elif (known := self._table.earlier(node, node.touches, node.scope.part)) is not None:
            self._take(node, known, self._before.records[known].value)
            return True
        return super()._answered(node)

    def _stood_there(self, node: CallNode) -> bool:
        """Let a call end as it did before, if the program begins as the one that failed, and it has the same arguments there."""
        id = node.id
        place = self._before.place_of(id.task if isinstance(id, Element) else id)
        if place is None:
            return False
        key, before = self._places.get(id._replace(task=place) if isinstance(id, Element) else place, ("", node))
        failure = before.failure
        if key != _key(node) or (failure is not None and not failure.handled):
            return False
        if before in self._equal.get(key, ()):
            self._equal[key].remove(before)
        if failure is None:
            self._take(node, before.id, before.value)
        else:
            node.start = self.now
            self.conclude(node, TaskStatus.FAILED, None, _catchable(failure))
        return True

    def _recall(self, node: CallNode) -> None:
        """End a call as it ended before."""
        known = self._before.records.get(node.id)
        if known is None or known.status not in (TaskStatus.OK, TaskStatus.FAILED, TaskStatus.ABANDONED):
            self.conclude(node, TaskStatus.CANCELLED, None, Failure(FailureKind.CANCELLED, "not reached"))
            return
        key = _key(node)
        self._places[node.id] = key, node
        if node.site.reach.writes and known.status is TaskStatus.OK and known.merged is None:
            self._equal.setdefault(key, []).append(node)
        failure = None if known.error is None else _catchable(known.error)
        self.conclude(node, TaskStatus.OK if failure is None else TaskStatus.FAILED, known.value, failure)
        node.failure = known.error


class _Quiet:
    """Passes on what the machine needs of others, and tells nobody of calls."""

    def __init__(self, events: IssuerEvents) -> None:
        self.call_ready, self.approval_ready = events.call_ready, events.approval_ready
        self.start, self.dismiss, self.moved = events.start, events.dismiss, events.moved

    def task_added(self, task: Planned, reads: Iterable[TaskId], after: tuple[TaskId, ...]) -> None:
        """Nothing is new."""

    def task_ended(self, task: Planned) -> None:
        """It ended before."""


def _drained(scope: Scope) -> Issuing:
    """Wait until all that was issued into a scope is done."""
    while scope.entries:
        if scope.turned is None:
            scope.turned = Cell()
        yield scope.turned
    return None


def _catchable(failure: Failure) -> Failure:
    """Return a failure as one that ends a statement, and not the program that goes on behind it."""
    if is_fatal(failure):
        return Failure(FailureKind.RAISED, failure.message, failure.attempts, "RuntimeError", bases=("RuntimeError",))
    return replace(failure, handled=False, reached=True)


def _key(node: CallNode) -> str:
    return f"{node.binding.name} {json.dumps(node.given, sort_keys=True)}"
