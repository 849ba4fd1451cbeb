"""Tell what a run does while it does it: one typed stream for views, traces and callbacks.

`time` is seconds on the event loop's monotonic clock; subtract `RunStarted.time` for seconds from the run's start. Events of a
run come in order, and for one task as

    TaskReady  (TaskWaiting)*  TaskStarted  (AttemptFailed  TaskRetried  TaskStarted)*  TaskEnded

A task that never starts has only its `TaskEnded`. Arguments are not in events: they may be large, and secret.

Events are named tuples because there are four for every task: 0.3 µs each to make, where a frozen dataclass takes 0.7. Tell them apart
by their class (`isinstance`, `match`), not by comparing them.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, NamedTuple, TypeAlias

from lcc.grammar.ir import TaskId
from lcc.grammar.values import Json
from lcc.runtime.result import Failure, RunStatus, TaskStatus


class RunStarted(NamedTuple):
    """The run began; `tasks` counts those known by then: of a plan with a body the calls in its text, which loops make more often."""

    time: float
    tasks: int


class TaskAdded(NamedTuple):
    """A task joined the run. `reads` are its data predecessors, `after` those by order of effect."""

    time: float
    id: TaskId
    tool: str
    reads: tuple[TaskId, ...]
    after: tuple[TaskId, ...]


class TaskReady(NamedTuple):
    """Everything the task waits for has ended."""

    time: float
    id: TaskId


class TaskWaiting(NamedTuple):
    """A ready task can't start yet; `on` names the limit, or `approval`."""

    time: float
    id: TaskId
    on: str


class TaskStarted(NamedTuple):
    """A call began; `attempt` counts from 1."""

    time: float
    id: TaskId
    tool: str
    attempt: int


class AttemptFailed(NamedTuple):
    """A call failed and another will follow."""

    time: float
    id: TaskId
    attempt: int
    failure: Failure


class TaskRetried(NamedTuple):
    """The next attempt is due in `delay` seconds."""

    time: float
    id: TaskId
    attempt: int
    delay: float


def another_try(delay: float) -> str:
    """Return what a call waits for that is made again."""
    return f"another try in {delay:.3g} s"


class TaskHedged(NamedTuple):
    """A second call of the same task was set off beside a slow one; the first to answer wins."""

    time: float
    id: TaskId


class TaskReported(NamedTuple):
    """A tool said what it is at. The text is the tool's: escape it for a terminal."""

    time: float
    id: TaskId
    message: str


class TaskSpent(NamedTuple):
    """A tool said what its call cost. It may come after the task's end, if the tool says so last of all."""

    time: float
    id: TaskId
    tokens: int
    usd: float


class TaskEnded(NamedTuple):
    """A task is over, whether it ever started or not. `value`: its result, without secrets; it must not be changed."""

    time: float
    id: TaskId
    status: TaskStatus
    failure: Failure | None
    value: Json = None


class TaskRetracted(NamedTuple):
    """A task left the run without a result: the planner took it back, or a pass found it dead."""

    time: float
    id: TaskId


class LoopBlocked(NamedTuple):
    """Code ran for `seconds` without giving the event loop back; `stack` is where it stood."""

    time: float
    id: TaskId | None
    seconds: float
    stack: str


class RunEnded(NamedTuple):
    """Every task is over."""

    time: float
    status: RunStatus


Event: TypeAlias = (
    RunStarted
    | TaskAdded
    | TaskReady
    | TaskWaiting
    | TaskStarted
    | AttemptFailed
    | TaskRetried
    | TaskHedged
    | TaskReported
    | TaskSpent
    | TaskEnded
    | TaskRetracted
    | LoopBlocked
    | RunEnded
)

EventSink: TypeAlias = Callable[[Event], None]
"""Called on the event loop, in order, and not awaited. An exception that it raises stops the run: what runs is told to stop, and the
exception is raised from the run as it is. What had ended is in `Run.result`, and in its attribute `lcc_result`. It is not called again."""

AsyncEventSink: TypeAlias = Callable[[Event], Coroutine[Any, Any, object]]
"""Awaited for each event in order, beside the run, which doesn't wait for it until its end."""
