"""Run a body: the machine, as the scheduler sees it."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping
from typing import Any

from anyio.lowlevel import checkpoint

from lcc.grammar.ir import (
    Block,
    BodyNotSupported,
    Inline,
    Plan,
    Statement,
    TaskId,
    Value,
    block_statements,
    calls_of,
)
from lcc.grammar.ir.evaluation import Evaluation, not_defined
from lcc.grammar.ir.operations import Meter, OperationLimits, from_plain
from lcc.grammar.values import Json
from lcc.runtime.binding import Binding
from lcc.runtime.graph.issuer import IssuerEvents
from lcc.runtime.graph.node import Call, Planned, Step
from lcc.runtime.graph.room import Held, Room
from lcc.runtime.options import Options
from lcc.runtime.program.call_nodes import CallNode
from lcc.runtime.program.calls import Calls
from lcc.runtime.program.facts.builder import Builder
from lcc.runtime.program.facts.given import SCALARS
from lcc.runtime.program.facts.knowledge import knowledge_of
from lcc.runtime.program.issue import Issue
from lcc.runtime.program.order.cells import Env, known
from lcc.runtime.program.order.hazards import reach_of
from lcc.runtime.program.order.living import living
from lcc.runtime.program.order.scopes import FRONT, OPEN, Scope
from lcc.runtime.program.order.state import PAUSE, State
from lcc.runtime.program.strands import Issuing, Strand
from lcc.runtime.program.table import Table
from lcc.runtime.program.verdict import verdict
from lcc.runtime.result import Failure, RunResult, TaskStatus, Usage


def _limits(options: Options) -> OperationLimits:
    return OperationLimits(options.steps, options.memory, options.depth, options.digits)


class Machine(Calls):
    """The run of a plan with a body. It counts as one thing that is open, beside its calls, until it has come to its end."""

    recalls = True

    def __init__(
        self,
        bindings: Mapping[str, Binding],
        inputs: Mapping[str, Json],
        clock: Callable[[], float],
        events: IssuerEvents,
        options: Options,
    ) -> None:
        evaluation = Evaluation(Meter(_limits(options)), options.instant(), roots=self._living)
        self.world = State(evaluation, max_turns=options.turns, finish=self._finished)
        super().__init__(self.world, Table(), events)
        self.inputs = inputs
        self.held = Held(options.max_run_bytes)
        self.now = clock()
        self.doom: tuple[TaskStatus, Failure] | None = None
        self.batched: Mapping[TaskId, TaskId] = {}
        self._bindings = bindings
        self._clock = clock
        self._most_bytes = options.max_argument_bytes
        self._env: Env = {}
        self._root: Scope | None = None
        self._strand: Strand | None = None
        self._paused = False
        self._stopped: Failure | None = None

    def seed(self, earlier: Mapping[TaskId, Json]) -> None:
        """Make results of earlier plans known."""
        self._env.update({id_: known(from_plain(value)) for id_, value in earlier.items()})

    def begin(self, plan: Plan) -> None:
        """Issue a whole plan; what changes something waits for `open_commit`."""
        world = self.world
        knowledge = knowledge_of(plan)
        self._table.learn(knowledge.depends)
        world.independent = plan.fails == "independent"
        signatures = {name: self._bindings[name].tool.signature for name in _tools_of(plan)}
        world.evaluation.unbound = unbound_in(plan)
        builder = Builder(self._bindings, reach_of(signatures), world.evaluation, knowledge)
        sites = builder.program(plan.body or (), tolerant=world.independent)
        self._begin(lambda issue, root: issue.block(sites, self._env, root, ()))

    def _begin(self, issuing: Callable[[Issue, Scope], Issuing]) -> None:
        """Begin with the root strand."""
        world = self.world
        self._know_inputs(self.inputs)
        root = self._root = Scope(world, None, parallel=world.independent, tolerant=world.independent)
        self.open += 1
        self._strand = Strand(root, issuing(Issue(world, self), root), self._env, {}, None)
        world.todo.append(self._strand.step)
        self._work()

    def _living(self) -> Iterable[Any]:
        """Return the values that the program may still read."""
        return () if self._root is None else living(self.world, self._root)

    def _know_inputs(self, inputs: Mapping[str, Json]) -> None:
        self._env.update({f"${name}": known(from_plain(value)) for name, value in inputs.items()})

    def declare(self, inputs: Mapping[str, Json]) -> None:
        """A whole plan has declared its inputs."""

    def add(self, statement: Statement) -> None:
        """Refuse a statement of a plan that is still being written."""
        raise BodyNotSupported("a run of single steps")

    def gather(self, lists: Mapping[TaskId, Value]) -> None:
        """Nothing is expanded before it comes here."""

    def retract(self, id_: TaskId) -> Iterable[Call]:
        """Refuse to take a step back."""
        raise BodyNotSupported("a run of single steps")

    def revise(self, plan: Plan) -> Iterable[Call]:
        """Refuse to take a plan whose steps have begun."""
        raise BodyNotSupported("a run of single steps")

    def open_commit(self) -> None:
        """Let writes start."""
        if self._root is not None and self._root.state == OPEN and self.doom is None:
            self._root.promote(FRONT)
            self._work()

    def arguments(self, node: Call) -> dict[str, Json]:
        """Return the arguments of a call, its own; they are held until it ends, or has others for another attempt."""
        assert isinstance(node, CallNode)
        assert node.given is not None
        if node.holds:
            self._let_go(node)
        room = Room(self._most_bytes, held=self.held)
        try:
            copy = room.copy
            return {n: value if type(value) in SCALARS else copy(value) for n, value in node.given.items()}
        finally:
            node.holds = room.built

    def foreseen(self, node: Call) -> Iterable[Call]:
        """Return the destructive calls behind one that have been issued, and whose arguments are known."""
        self.destructive = [one for one in self.destructive if one.state == OPEN and not one.sent]
        return sorted((one for one in self.destructive if one.given is not None), key=lambda one: one.position)

    def _let_go(self, node: CallNode) -> None:
        self.held.size -= node.holds
        node.holds = 0

    def end(self, node: Step, status: TaskStatus, value: Json = None, failure: Failure | None = None) -> None:
        """End a call, and work off all that follows from it."""
        assert isinstance(node, CallNode)
        self.now = self._clock()
        if node.holds:
            self._let_go(node)
        self.conclude(node, status, value, failure)
        self._work()

    def tells(self, node: Planned) -> bool:
        """A failure ends a strict program by itself, where it is reached; in steps that don't, one may stand in for another."""
        if not isinstance(node, CallNode) or not node.scope.tolerant:
            return False
        return node.handled is None and not node.scope.forgiven

    def doom_pending(self, status: TaskStatus, failure: Failure) -> Iterable[Step]:
        """Let nothing start any more; return what hasn't, and must be ended so."""
        root = self._root
        idle = [n for n in self.nodes.values() if isinstance(n, CallNode) and n.status is None and not n.running]
        self.stopped = True
        if root is not None and root.state == OPEN:
            root.abandon()
            self.open -= 1
            self._stopped = failure
        return idle

    def outcome(self, plan: Plan, began: float, ended: float, usage: Usage, failure: Failure | None) -> RunResult:
        """Return what the run gives back."""
        root, strand, todo = self._root, self._strand, self.world.todo
        while todo:  # what is still to be put together; nothing starts any more
            todo.popleft()()
        leave = None if strand is None else strand.leave
        return verdict(plan, self, root, self._env, leave, began, ended, usage, failure or self._stopped)

    def _work(self) -> None:
        """Do what there is to do, and after a while let others have a turn."""
        if self._paused:
            return
        todo, meter = self.world.todo, self.world.meter
        self.world.pausing_at = last = meter.steps_used + PAUSE
        count = 0
        while todo:
            todo.popleft()()
            count += 1
            if count + meter.steps_used > last and todo:
                self._paused = True
                self._events.start(self._go_on)
                return

    async def _go_on(self) -> None:
        await checkpoint()
        self._paused = False
        self._work()
        self._events.moved()

    def _finished(self) -> None:
        """The program has come to its end: what still runs is needed by nobody."""
        self.open -= 1
        left = [n for n in self.nodes.values() if isinstance(n, CallNode) and n.status is None]
        for node in left:
            self.give_up(node)
        self._events.dismiss([node for node in left if node.running])


def unbound_in(plan: Plan) -> Callable[[str], NameError]:
    """Return what makes the error for a name that isn't bound: in a function's own names CPython says so, by the name in the text.

    The names of functions are those of the text with a number behind them.
    """
    own = frozenset(own_names(plan.body or ()))
    return lambda name: not_bound(name, own)


def own_names(block: Block) -> Iterable[str]:
    """Return the names of the functions that are put into a block."""
    return [name for one in block_statements(block) if isinstance(one, Inline) for name in one.names]


def not_bound(name: str, own: Container[str]) -> NameError:
    """Return the error for a name that isn't bound. `own`: the names of functions."""
    if name not in own:
        return not_defined(name)
    said = name.rpartition("_")[0].removesuffix("_") if name.rpartition("_")[2].isdigit() else name
    return UnboundLocalError(f"cannot access local variable '{said}' where it is not associated with a value")


def _tools_of(plan: Plan) -> Iterable[str]:
    return dict.fromkeys(task.tool for task in calls_of(plan))
