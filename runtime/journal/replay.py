"""Show a recorded run again without its tools: the same machine, where every task ends as the journal says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import NoReturn

from lcc.grammar.ir import Plan, TaskId, calls_of
from lcc.grammar.signatures import Effect, Parameter, Signature
from lcc.grammar.values import Json
from lcc.runtime.inputs import RunError
from lcc.runtime.journal.file import JournalError, StoredRun
from lcc.runtime.options import Options
from lcc.runtime.recording import InDoubt, Recalled
from lcc.runtime.result import Failure, FailureKind, RunResult, TaskRecord, TaskStatus
from lcc.runtime.run import Run
from lcc.runtime.tool import Arguments, Tool

_NOT_RUN = Failure(FailureKind.CANCELLED, "the process ended before this call was made")
_NOT_ENDED = Failure(FailureKind.DOUBT, "the process ended before this call did")


class _Recording:
    """A journal that knows the end of every task, and takes nothing down."""

    def __init__(self, stored: StoredRun) -> None:
        self._stored = stored

    def recall(self, id: TaskId) -> Recalled:
        record = self._stored.records.get(id)
        if record is not None:
            return record
        attempts = self._stored.started.get(id, 0)
        if attempts and self._stored.entry.ended is not None:  # it was resumed, and didn't repeat the call
            return TaskRecord(TaskStatus.FAILED, None, Failure(FailureKind.DOUBT, InDoubt(attempts).message, attempts))
        failure = replace(_NOT_ENDED, attempts=attempts) if attempts else _NOT_RUN
        return TaskRecord(TaskStatus.CANCELLED, None, failure)

    def arguments(self, id: TaskId) -> Mapping[str, Json] | None:
        return None  # the tools of a replay don't know their parameters' names

    def instant(self, now: datetime) -> datetime:
        return self._stored.clock or now

    def note_wait(self, id: TaskId, on: str, at: float) -> None:
        """Nothing that waits is waited for."""

    def note_start(self, id: TaskId, tool: str, attempt: int, arguments: Mapping[str, Json], at: float) -> None:
        raise AssertionError("a replayed run calls nothing")

    def note_failure(self, id: TaskId, attempt: int, failure: Failure, at: float) -> None:
        raise AssertionError("a replayed run calls nothing")

    def note_end(self, id: TaskId, record: TaskRecord) -> None:
        """Skipped tasks end here once more."""

    async def commit(self) -> None:
        """Nothing was noted."""


async def replay(stored: StoredRun) -> RunResult:
    """Return the result of a recorded run, as far as it got, with the times that were recorded. No tool is called.

    Raises JournalError if what was recorded can't be so.
    """
    plan = stored.plan
    options = Options(journal=_Recording(stored))
    inputs = dict(stored.inputs)
    hidden = {declared.name: None for declared in plan.inputs if declared.secret}
    plan = replace(plan, inputs=tuple(replace(d, type="Any") if d.secret else d for d in plan.inputs))
    try:
        async with Run(plan, _tools(plan), {**inputs, **hidden}, options=options, keep_events=False) as run:
            result = await run.wait()
    except RunError as error:
        raise JournalError(f"run {stored.entry.id[:8]} is damaged: {error}") from None
    tasks = {id_: as_recorded(record, stored.records.get(id_)) for id_, record in result.tasks.items()}
    return replace(result, tasks=tasks, makespan=_makespan(stored))


def as_recorded(record: TaskRecord, known: TaskRecord | None) -> TaskRecord:
    """Return the record of a call with the times that were recorded; what the plan made of a failure is found again."""
    if known is None or record.status is not known.status:
        return known or record
    return replace(known, error=record.error)


def _makespan(stored: StoredRun) -> float:
    if stored.makespan is not None:
        return stored.makespan
    return max((record.end for record in stored.records.values()), default=0.0)


def _tools(plan: Plan) -> dict[str, Tool]:
    """Return a tool of every name in the plan that takes what it is given there, and can't be called."""
    positions: dict[str, int] = {}
    keywords: dict[str, dict[str, None]] = {}
    for task in calls_of(plan):
        positions[task.tool] = max(positions.get(task.tool, 0), sum(arg.name is None for arg in task.args))
        keywords.setdefault(task.tool, {}).update(dict.fromkeys(arg.name for arg in task.args if arg.name is not None))
    effect = Effect.READ if plan.body is None else Effect.UNDECLARED  # equal calls of a body may have been writes
    return {name: _tool(name, positions[name], keywords[name], effect) for name in positions}


def _tool(name: str, positions: int, keywords: Mapping[str, None], effect: Effect) -> Tool:
    names = [f"argument {place}" for place in range(positions)]
    parameters = [Parameter(n, required=False) for n in names] + [
        Parameter(n, required=False, keyword_only=True) for n in keywords
    ]
    return Tool(Signature(name, tuple(parameters), effect=effect), _no_code, _as_given, _no_result)


def _no_code(*args: object, **keywords: object) -> NoReturn:
    raise AssertionError("a replayed run calls nothing")


def _as_given(arguments: Arguments) -> Mapping[str, object]:
    return arguments


def _no_result(value: object) -> Json:
    raise AssertionError("a replayed run calls nothing")
