"""Say what the scheduler asks of the one who knows what a run does next, and what that one tells it.

The scheduler makes calls and ends them; an issuer says which, and what follows from an end. There are two: `Graph`, for a plan that is
a line of tasks, and the machine, for one with a body.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable, Mapping
from typing import Any, Protocol, TypeAlias

from lcc.grammar.ir import Plan, Statement, TaskId, Value
from lcc.grammar.values import Json
from lcc.runtime.binding import Binding
from lcc.runtime.graph.node import Approval, Call, Planned, Step
from lcc.runtime.graph.room import Held
from lcc.runtime.options import Options
from lcc.runtime.result import Failure, RunResult, TaskStatus, Usage


class IssuerEvents(Protocol):
    """Who is told of what an issuer finds."""

    def task_added(self, task: Planned, reads: Iterable[TaskId], after: tuple[TaskId, ...]) -> None:
        """A task, or a turn of one, is part of the run."""

    def call_ready(self, call: Call) -> bool:
        """A call has nothing left to wait for. False if it needs no run: its `status` is set, and what else an end has."""

    def approval_ready(self, step: Approval) -> bool:
        """Somebody may be asked about a fan-out. False if nobody is: its `status` is set."""

    def task_ended(self, task: Planned) -> None:
        """A task is over; its record is complete."""

    def start(self, function: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run a coroutine function of the issuer's own until it ends or the run does."""

    def dismiss(self, calls: Iterable[Call]) -> None:
        """Calls that are being made are over without their results: nobody needs them."""

    def moved(self) -> None:
        """Calls have become ready, or the last has ended, outside of what the scheduler asked for."""


class Issuer(Protocol):
    """Who knows the calls of a run, what they wait for, and what their ends mean for the others. Nothing here awaits.

    `nodes`: what has been issued, by id; calls among it are `Call`. `inputs`: the run's. `held`: what the run holds. `open` counts what
    hasn't ended. `recalls`: its calls are those of the run that it resumes, as long as the tools answer the same: which is checked. `now` is the time of the latest event. `doom`, once set, is what becomes of what is issued from then on.
    """

    recalls: bool
    nodes: dict[TaskId, Step]
    inputs: Mapping[str, Json]
    held: Held
    open: int
    now: float
    doom: tuple[TaskStatus, Failure] | None

    @property
    def batched(self) -> Mapping[TaskId, TaskId]:
        """Which calls may be made together: for each, the first of them."""

    def seed(self, earlier: Mapping[TaskId, Json]) -> None:
        """Make results of earlier plans known, before anything is issued. Each is taken from the mapping once it is needed."""

    def begin(self, plan: Plan) -> None:
        """Issue a whole plan."""

    def declare(self, inputs: Mapping[str, Json]) -> None:
        """Know inputs that a plan has declared which is still being written."""

    def add(self, statement: Statement) -> None:
        """Issue a statement of a plan that is still being written, behind those before it."""

    def gather(self, lists: Mapping[TaskId, Value]) -> None:
        """Say what the results of fan-outs are made of that were expanded before their calls were added."""

    def retract(self, id_: TaskId) -> Iterable[Call]:
        """Take back a task that was added, with all that reads it; return the calls among them that have started."""

    def revise(self, plan: Plan) -> Iterable[Call]:
        """Take the whole plan of what was added; return the calls that have started and are no longer part of it."""

    def open_commit(self) -> None:
        """Let calls start that had to wait until the plan is whole."""

    def arguments(self, node: Call) -> dict[str, Json]:
        """Return the arguments of a call that is ready; raise PathError or ArgumentError."""

    def foreseen(self, node: Call) -> Iterable[Call]:
        """Return destructive calls behind one that will be made with arguments that are known by now, if all goes well.

        Somebody is asked about them together. Returns none where each is asked about alone.
        """

    def end(self, node: Step, status: TaskStatus, value: Json = None, failure: Failure | None = None) -> None:
        """End a call, and work off all that follows from it."""

    def tells(self, node: Planned) -> bool:
        """Whether the failure of a call is one of the run at once, or something may handle it yet."""

    def doom_pending(self, status: TaskStatus, failure: Failure) -> Iterable[Step]:
        """Let nothing start any more that hasn't; return what has nothing to wait for, and must be ended so."""

    def outcome(self, plan: Plan, began: float, ended: float, usage: Usage, failure: Failure | None) -> RunResult:
        """Return what the run gives back, once it has ended. `plan` is the whole one."""


NewIssuer: TypeAlias = Callable[
    [Mapping[str, Binding], Mapping[str, Json], Callable[[], float], IssuerEvents, Options], Issuer
]
"""Makes the issuer of a run: of bound tools, inputs, the loop's clock, whom to tell, options."""
