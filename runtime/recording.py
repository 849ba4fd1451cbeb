"""Fix what the scheduler asks of a journal. The scheduler decides when; a journal decides how.

For a call that may change the outside, the order is

    note_start, commit, the call, note_end, commit, its dependents

and for every other call the first commit is left out: it is safe to make again. So a write that was started and never ended is
seen as such after a crash, and whatever a dependent has read is on the disk. Notes are cheap and wait for nothing; commits of
calls that end together share one transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol, TypeAlias

from lcc.grammar.dataclass import dataclass
from lcc.grammar.ir import TaskId
from lcc.grammar.values import Json
from lcc.runtime.result import Failure, TaskRecord


@dataclass(frozen=True, slots=True)
class InDoubt:
    """An earlier process started this call and didn't see it end. `attempts` were made; `message` says what is known."""

    attempts: int
    message: str = "an earlier process started this call and didn't see it end; look whether it was done"


Recalled: TypeAlias = TaskRecord | InDoubt | None


class ResultGone(Exception):
    """A result that a journal keeps can't be read back from it. The message says which, and why."""


class NotWritten(Exception):
    """A call isn't made, because its start can't be written down."""


class Journal(Protocol):
    """A durable record of one run. Methods are called on the event loop; none may block it.

    The scheduler never mutates what it passes, nor keeps what it is given. If `commit` raises, nothing else is called: running
    reads are told to stop, running writes end by themselves, and the run gives back what it has, with a failure of kind `journal`.
    Errors that another method raises end the run and are raised from it.
    """

    def recall(self, id: TaskId) -> Recalled:
        """Return what an earlier process knew of a task: its ok record, or that it is in doubt.

        A task with a record isn't run again. One in doubt fails, unless its tool is idempotent or only reads.
        """

    def arguments(self, id: TaskId) -> Mapping[str, Json] | None:
        """Return what an earlier process called a task with; None if it didn't, or if they were withheld."""

    def instant(self, now: datetime) -> datetime:
        """Return the instant that the run shows to its plan: that of an earlier process, else `now`, which is taken down."""

    def note_wait(self, id: TaskId, on: str, at: float) -> None:
        """Take down what a call that could be made waits for. Times are seconds from the run's start."""

    def note_start(self, id: TaskId, tool: str, attempt: int, arguments: Mapping[str, Json], at: float) -> None:
        """Take down that attempt number `attempt` is about to be made."""

    def note_failure(self, id: TaskId, attempt: int, failure: Failure, at: float) -> None:
        """Take down a failed attempt that will be repeated."""

    def note_end(self, id: TaskId, record: TaskRecord) -> None:
        """Take down the end of a task; also of tasks that never started."""

    async def commit(self) -> None:
        """Return once everything noted so far is durable. It is called where cancellation doesn't reach it."""
