"""Lead a call through its life: its arguments, its turn among those that touch the same, its start, and what its end means."""

from __future__ import annotations

from typing import Any, Final

from lcc.grammar.ir import Element, TaskId
from lcc.grammar.ir.evaluation import NOT_TAKEN, NotTaken
from lcc.grammar.ir.operations import from_plain
from lcc.grammar.values import Json
from lcc.runtime.failures import failure_of, is_fatal
from lcc.runtime.graph.issuer import IssuerEvents
from lcc.runtime.graph.node import Step
from lcc.runtime.program.call_nodes import CallNode
from lcc.runtime.program.evaluations import values_of
from lcc.runtime.program.exceptions import at, failure_behind, seen
from lcc.runtime.program.facts.given import SCALARS, arguments_of
from lcc.runtime.program.facts.sites import END_OF, FAILURE_OF, Key, Site
from lcc.runtime.program.order.cells import LOST, OK, PENDING, Cell, Env, find
from lcc.runtime.program.order.hazards import Use
from lcc.runtime.program.order.scopes import DONE, FAILED, FRONT, GONE, HARMED, LACKING, OPEN, UNHARMED, Scope
from lcc.runtime.program.order.state import State
from lcc.runtime.program.table import Table
from lcc.runtime.result import Failure, FailureKind, TaskStatus
from lcc.runtime.tool import ArgumentError

_HARM: Final = {TaskStatus.OK: UNHARMED, TaskStatus.NOT_TAKEN: UNHARMED, TaskStatus.SKIPPED: LACKING}


class Calls:
    """The calls of a run. `nodes`: all that were issued, by id; `open` counts those that haven't ended.

    `destructive`: the calls that somebody may have to be asked about.
    """

    def __init__(self, world: State, table: Table, events: IssuerEvents) -> None:
        self.nodes: dict[TaskId, Step] = {}
        self.open = 0
        self.stopped = False
        self.now = 0.0
        self.destructive: list[CallNode] = []
        self._world = world
        self._table = table
        self._events = events
        world.arrive = self._arrive
        world.start = self._start
        world.give_up = self.give_up

    def issue(self, site: Site, env: Env, scope: Scope, turns: tuple[int, ...]) -> None:
        """Make a call part of the run; it starts once nothing holds it."""
        task = site.node
        node = CallNode(Element(task.id, turns[0], turns[1:]) if turns else task.id, len(self.nodes), site, scope)
        todo = self._world.todo
        node.frame = frame = tuple([find(todo, env, key) for key in site.keys])
        node.waiting = pending = sum([cell is not None and cell.state != OK for cell in frame])
        if scope.keeps:
            node.names = scope.snapshot(env)
        free = site.reach.undeclared and scope.tolerant
        if site.touches and not free and (site.reach.writes or scope.among):
            node.use = Use(node.position, site.touches, writes=site.reach.writes)
            self._world.hazards.enter(node.use)
        self.nodes[node.id] = node
        if site.binding.destructive:
            self.destructive.append(node)
        self.open += 1
        self._events.task_added(node, (), ())
        scope.add(node)
        self._bind(site, node, env)
        if pending:
            self._wait(node, frame)
        else:
            self._arrive(node)

    def _bind(self, site: Site, node: CallNode, env: Env) -> None:
        env[site.node.id] = node.cell
        if site.tokens:
            node.token = Cell()
            env.update(dict.fromkeys(site.tokens, node.token))
        if site.awaited:
            env[END_OF + str(site.node.id)] = node.ended = Cell()
        if site.handled:
            env[FAILURE_OF + str(site.node.id)] = node.handled = Cell()

    def _wait(self, node: CallNode, frame: tuple[Cell | None, ...]) -> None:
        for cell in filter(None, frame):
            if cell.state == PENDING:
                cell.wait(node.one_arrived)
            elif cell.state == LOST:
                self._world.todo.append(node.one_arrived)

    def _arrive(self, node: CallNode) -> None:
        """All that a call reads is there, or lost."""
        if node.state != OPEN or node.frame is None:
            return
        cells, node.frame = node.read(), None
        site = node.site
        values = values_of(cells)
        lost = next((key for key, cell in cells.items() if cell.state == LOST), None)
        if lost is None:
            asked = (id for id in node.task.ok if f"{FAILURE_OF}{id}" not in values)
            lost = next((id for id in asked if values.get(f"{END_OF}{id}")), None)
        if lost is not None:
            self._lose(node, lost)
            return
        try:
            node.given = self._given(node, values)
        except NotTaken:
            self.conclude(node, TaskStatus.NOT_TAKEN, None, None)
        except Exception as error:
            self._misfit(node, error)
        else:
            self._settle_token(node)
            node.touches = site.reach.of(node.given, site.defaults)
            if node.use is not None:
                self._world.todo += self._world.hazards.refine(node.use, node.touches)
            self._start(node)

    def _given(self, node: CallNode, values: dict[Any, Any]) -> dict[str, Json]:
        """Return the arguments of a call; raise NotTaken if it isn't to be made."""
        site, evaluation = node.site, self._world.evaluation
        evaluation.begin()
        evaluation.at_work = True
        try:
            if site.when is not None and not site.when.code(values):
                raise NotTaken
            if any(values.get(FAILURE_OF + str(id)) for id in node.task.ok):  # it failed, and another stands in for it
                raise NotTaken
            if node.task.instead is not None and not values.get(FAILURE_OF + str(node.task.instead)):
                raise NotTaken
            return arguments_of(site, values, self._world.meter, strict=not node.scope.tolerant)
        finally:
            evaluation.at_work = False

    def _misfit(self, node: CallNode, error: Exception) -> None:
        """End a call whose arguments can't be had: by a failure of what they are made of, or since they don't fit the tool."""
        node.error = error if not isinstance(error, ArgumentError) else None
        failure = failure_of(error, 0) if isinstance(error, ArgumentError) else failure_behind(error)
        self.conclude(node, TaskStatus.FAILED, None, failure)

    def _lose(self, node: CallNode, lost: Key) -> None:
        if node.scope.tolerant:
            what = f"reads ${lost}, which" if isinstance(lost, int | Element) else "what it reads"
            failure = Failure(FailureKind.SKIPPED, f"{what} did not end well")
            self.conclude(node, TaskStatus.SKIPPED, None, failure)
        else:
            node.cell.resolve(self._world.todo, LOST, None)
            self._settle_token(node, LOST)

    def _settle_token(self, node: CallNode, state: int = OK) -> None:
        if node.token is not None:
            token, node.token = node.token, None
            token.resolve(self._world.todo, state, None)

    def _start(self, node: CallNode) -> None:
        """Start a call whose arguments are known, if its turn has come."""
        scope, reach = node.scope, node.site.reach
        if node.sent or node.state != OPEN or node.given is None:
            return
        if reach.writes and node.level < FRONT:
            return
        blocker = self._blocker(node, scope)
        if blocker is not None:
            blocker.block(node.try_to_start)
            return
        if self._answered(node):
            return
        node.sent = True
        if not self._events.call_ready(node):
            assert node.status is not None
            self.conclude(node, node.status, node.value, node.failure)

    def _answered(self, node: CallNode) -> bool:
        """Answer a call whose turn has come without making it, if that can be."""
        if node.site.reach.writes:
            return False
        twin = self._table.equal(node, node.touches, node.scope.part)
        if twin is None:
            return False
        self._follow(node, twin)
        return True

    def _blocker(self, node: CallNode, scope: Scope) -> Use | None:
        """Return what a call must wait for among those that touch the same."""
        hazards, reach = self._world.hazards, node.site.reach
        if not hazards.count or not node.touches:
            return None
        if reach.undeclared or (reach.writes and not scope.among):
            return None
        return hazards.before(
            node.touches,
            node.position,
            reads_too=reach.writes,
            undeclared=not reach.writes and not scope.tolerant,
        )

    def _follow(self, node: CallNode, twin: CallNode) -> None:
        """Let a call be answered by an equal one."""
        node.sent = True
        if twin.status is None:
            if twin.twins is None:
                twin.twins = []
            twin.twins.append(node)
        else:
            self._serve(node, twin)

    def _serve(self, node: CallNode, twin: CallNode) -> None:
        self._take(node, twin.id, twin.value)

    def _take(self, node: CallNode, merged: TaskId, value: Json) -> None:
        """End a call with the result of an equal one."""
        node.sent = True
        node.merged = merged
        node.start = self.now
        self.conclude(node, TaskStatus.OK, value, None)

    def conclude(self, node: CallNode, status: TaskStatus, value: Json, failure: Failure | None) -> None:
        """End a call, and work off what follows from it."""
        world = self._world
        node.sent = True
        node.status, node.value, node.failure, node.end = status, value, failure, self.now
        self.open -= 1
        self._release(node, status)
        harm = _HARM.get(status, HARMED)
        if failure is not None and is_fatal(failure):
            harm = LACKING
        if node.handled is not None and harm is HARMED:
            harm = UNHARMED
        if node.ended is not None:
            node.ended.resolve(world.todo, OK, harm)
        node.scope.suffer(harm)
        if node.state == OPEN:
            self._tell(node, status, value, failure)
        elif self.stopped and status is TaskStatus.OK:  # a join may still read it
            node.cell.resolve(world.todo, OK, from_plain(value))
        node.given = node.frame = None
        self._events.task_ended(node)
        if node.twins is not None:
            twins, node.twins = node.twins, None
            for twin in twins:
                if twin.status is not None:
                    continue
                if status is TaskStatus.OK:
                    self._serve(twin, node)
                elif twin.state == OPEN:
                    twin.sent = False
                    world.todo.append(twin.try_to_start)
                else:
                    self.give_up(twin)

    def _tell(self, node: CallNode, status: TaskStatus, value: Json, failure: Failure | None) -> None:
        """Tell those that read a call, and its scope, what became of it."""
        todo, scope = self._world.todo, node.scope
        failed = status not in (TaskStatus.OK, TaskStatus.NOT_TAKEN)
        replaced = status is TaskStatus.FAILED and failure is not None and not is_fatal(failure)
        if not failed:
            result = (
                NOT_TAKEN if status is TaskStatus.NOT_TAKEN else value if type(value) in SCALARS else from_plain(value)
            )
            node.cell.resolve(todo, OK, result)
        elif node.handled is not None and replaced:
            node.cell.resolve(todo, OK, NOT_TAKEN)
        else:
            node.cell.resolve(todo, LOST, None)
        if node.handled is not None:
            node.handled.resolve(todo, LOST if failed and not replaced else OK, failed)
        ends = failed and not scope.tolerant and (node.handled is None or not replaced)
        self._settle_token(node, LOST if ends else OK)
        if ends:
            assert failure is not None
            node.state, node.error = FAILED, at(node.error or seen(failure), node.task.span)
        else:
            node.state = DONE
        if scope.is_head(node):
            scope.advance()

    def _release(self, node: CallNode, status: TaskStatus) -> None:
        use, node.use = node.use, None
        if use is not None:
            if node.site.reach.writes and node.attempts:
                self._table.versions.wrote(use.touches)
            self._world.todo += self._world.hazards.leave(use)
        elif node.site.reach.writes and node.attempts:
            self._table.versions.wrote(node.touches)

    def give_up(self, node: CallNode) -> None:
        """End a call that won't be reached."""
        node.state = GONE
        if node.status is None and not self.stopped:
            self.conclude(
                node, TaskStatus.CANCELLED, None, Failure(FailureKind.CANCELLED, "not reached", reached=False)
            )
