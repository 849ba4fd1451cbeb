"""Write a run's journal: every start, attempt and result, durable before anything depends on it.

Notes are collected on the event loop. A few are written there, where that waits for neither lock nor disk; else one thread at a time
writes them, in one transaction for all calls that ended meanwhile. So the loop never waits, and a wide run costs few transactions.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextlib import closing, nullcontext
from dataclasses import asdict
from datetime import datetime
from hashlib import sha256
from typing import Final, NamedTuple

from anyio import CapacityLimiter, Event, to_thread

from lcc.grammar.ir import Element, Plan, Region, TaskId, block_calls, block_statements, calls_of
from lcc.grammar.signatures import Tools
from lcc.grammar.source import Source
from lcc.grammar.values import Json
from lcc.runtime.calls.secrets import WITHHELD
from lcc.runtime.failures import is_fatal
from lcc.runtime.journal.compilation import Compilation
from lcc.runtime.journal.file import (
    COMPILED,
    SPENT,
    JournalError,
    JournalFile,
    Row,
    StoredRun,
    declaration,
    detail,
    failure_text,
    value_text,
)
from lcc.runtime.recording import InDoubt, Recalled
from lcc.runtime.result import Failure, RunResult, TaskRecord, TaskStatus, Usage

_START: Final = (
    "INSERT INTO starts (run, task, attempt, tool, arguments, at, since, waited) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)
_FAILURE: Final = "UPDATE starts SET failure = ?, failed = ? WHERE run = ? AND task = ? AND attempt = ?"
_FINAL: Final = "UPDATE ends SET failure = ? WHERE run = ? AND task = ?"
_INSTANT: Final = "UPDATE runs SET clock = ? WHERE id = ?"
_END: Final = (
    "INSERT OR REPLACE INTO ends (run, task, status, value, failure, start, finish, merged)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)

LARGE_BYTES: Final = 64 * 1024
"""A result that takes more than this as JSON stays in the journal alone, once its run has ended."""

_LOG: Final = logging.getLogger("lcc.journal")
_LOG.addHandler(logging.NullHandler())  # else what nobody listens to goes to standard error


class Large(NamedTuple):
    """A large result that was taken down whole: the value, and the size and digest of its text."""

    value: Json
    size: int
    digest: bytes

    @classmethod
    def of(cls, value: Json, text: str) -> Large:
        """Return what recognizes a value by its text."""
        return cls(value, len(text), sha256(text.encode("ascii")).digest())


class RunJournal:
    """The journal of one run; give it to the run's options. Make one with `begin_run` or `resume_run`.

    `large`: the large results that were taken down, of which none held a secret. `known`: what an earlier process took down.
    """

    def __init__(
        self,
        file: JournalFile,
        run: str,
        plan: Plan | None,
        tools: Tools,
        known: StoredRun | None = None,
        *,
        shared: bool = False,
    ) -> None:
        """`plan`: None for one of a question, which is had again from what models said: whatever ended stays as it ended.

        `shared`: the file is somebody else's, who closes it.
        """
        self.file = file
        self.run = run
        self._tools = tools
        self._tool_of: dict[TaskId, str] = {} if known is None else dict(known.tools)
        self._tool_of |= {task.id: task.tool for task in calls_of(plan or Plan())}
        self._hidden = _hidden(plan or Plan())
        self._relied_on = None if plan is None else _relied_on(plan)
        self.known = known
        self.large: dict[TaskId, Large] = {}
        self._waits: dict[TaskId, tuple[float, str]] = {}
        file.claim(run)
        self._notes: list[Row] = []
        self._noted = self._durable = 0
        self._shared = shared
        self._writing: Event | None = None
        self._limiter: CapacityLimiter | None = None

    def recall(self, id: TaskId) -> Recalled:
        """Return what an earlier process knew of a task. What failed and may be repeated is not known."""
        known = self.known
        if known is None:
            return None
        attempts = known.started.get(id, 0)
        record = known.records.get(id)
        if self._relied_on is None and known.entry.ended is not None and record is not None:
            return record
        if record is None:
            return InDoubt(attempts) if attempts else None
        if record.status is TaskStatus.OK and id not in known.withheld:
            return record
        if record.status is TaskStatus.FAILED and attempts and self._is_relied_on(id) and not self._ended(id, record):
            return record  # what the plan has done since depends on it
        if not attempts or self._repeatable(id):
            return None
        if id in known.withheld:
            return InDoubt(attempts, f"it was done, but {WITHHELD}")
        return record if record.status is TaskStatus.FAILED else InDoubt(attempts)

    def _is_relied_on(self, id: TaskId) -> bool:
        return self._relied_on is None or (id.task if isinstance(id, Element) else id) in self._relied_on

    def _ended(self, id: TaskId, record: TaskRecord) -> bool:
        """Whether the plan ended by a failure: nothing was built on it, so it may go otherwise this time."""
        assert self.known is not None
        return id in self.known.final or (record.error is not None and is_fatal(record.error))

    def arguments(self, id: TaskId) -> Mapping[str, Json] | None:
        """Return what an earlier process called a task with, unless they were withheld."""
        return None if self.known is None else self.known.arguments.get(id)

    def instant(self, now: datetime) -> datetime:
        """Return the instant of the run, of an earlier process if there was one; else take it down."""
        if self.known is not None and self.known.clock is not None:
            return self.known.clock
        self._note(_INSTANT, (now.isoformat(), self.run))
        return now

    def _repeatable(self, id: TaskId) -> bool:
        name = self._tool_of.get(id) or (self._tool_of.get(id.task) if isinstance(id, Element) else None)
        return name is not None and name in self._tools and self._tools[name].may_retry

    def note_compilation(self, compilation: Compilation) -> None:
        """Take down how a plan was compiled that wasn't known when the run began."""
        self._note(*detail(self.run, COMPILED, compilation.to_json()))

    def note_wait(self, id: TaskId, on: str, at: float) -> None:
        """Keep what a call waits for, until it starts."""
        since, _ = self._waits.get(id, (at, on))
        self._waits[id] = since, on

    def note_start(self, id: TaskId, tool: str, attempt: int, arguments: Mapping[str, Json], at: float) -> None:
        """Take down a start; the arguments of a task that reads a secret input are left out."""
        shown = None if self._is_hidden(id) else value_text(dict(arguments))
        waited = self._waits.pop(id, (None, None))
        self._note(_START, (self.run, str(id), attempt, tool, shown, at, *waited))

    def note_failure(self, id: TaskId, attempt: int, failure: Failure, at: float) -> None:
        """Take down a failed attempt."""
        self._note(_FAILURE, (failure_text(failure), at, self.run, str(id), attempt))

    def note_end(self, id: TaskId, record: TaskRecord) -> None:
        """Take down an end."""
        value = value_text(record.value) if record.status is TaskStatus.OK else None
        failure = failure_text(record.error)
        self.large.pop(id, None)
        if value is not None and failure is None and len(value) > LARGE_BYTES:
            self.large[id] = Large.of(record.value, value)
        merged = None if record.merged is None else str(record.merged)
        self._note(_END, (self.run, str(id), record.status.value, value, failure, record.start, record.end, merged))

    def _note(self, statement: str, values: tuple[object, ...]) -> None:
        self._notes.append((statement, values))
        self._noted += 1

    async def commit(self) -> None:
        """Return once everything noted so far is durable; calls that come meanwhile share the next transaction."""
        target = self._noted
        if self._writing is None and self.file.write_at_once(self._notes):
            self._written(len(self._notes))
        while self._durable < target:
            if self._writing is not None:
                await self._writing.wait()
                continue
            self._writing = Event()
            try:
                self._limiter = self._limiter or CapacityLimiter(1)
                await to_thread.run_sync(self._write, limiter=self._limiter)
            finally:
                self._writing.set()
                self._writing = None

    def _write(self) -> None:
        """Write what was noted, if nobody did meanwhile; what can't be written stays noted."""
        with self.file.in_use:
            notes = self._notes[:]
            if not notes:
                return
            connection = self.file.connection
            with self.file.transaction():
                for statement, values in notes:
                    connection.execute(statement, values)
            self._written(len(notes))

    def _written(self, count: int) -> None:
        del self._notes[:count]
        self._durable += count

    def close(self, result: RunResult | None, spent: Usage | None = None) -> None:
        """Write what is left and, if the run has ended, its status; then close the file, if it is its own. Blocks for a moment.

        `spent`: by a run that goes on.
        A thread may still be writing when a run has ended that was stopped: it is waited for.
        """
        with self.file.in_use, nullcontext() if self._shared else closing(self.file):
            self.file.release(self.run)
            for id_, record in () if result is None or self._relied_on is None else result.tasks.items():
                if record.bad and record.status is TaskStatus.FAILED and self._is_relied_on(id_):
                    self._note(_FINAL, (failure_text(record.error, final=True), self.run, str(id_)))
            spent = spent if result is None else result.usage
            if spent is not None:
                self._note(*detail(self.run, SPENT, asdict(self.file.spent(self.run) + spent)))
            self._write()
            if result is not None:
                self.file.finish(self.run, result.status.value, result.makespan)

    def _is_hidden(self, id: TaskId) -> bool:
        return id in self._hidden or (isinstance(id, Element) and id.task in self._hidden)


def _relied_on(plan: Plan) -> frozenset[TaskId]:
    """Return the calls whose failures the plan may have gone on by: in strict statements, and where another step stands in."""
    if plan.body is None:
        return frozenset()
    calls = {task.id: task for task in calls_of(plan)}
    if plan.fails == "strict":
        return frozenset(calls)
    handled = {task.instead for task in calls.values() if task.instead is not None}
    regions = (one for one in block_statements(plan.body) if isinstance(one, Region))
    return frozenset(handled.union(*({task.id for task in block_calls(one.body)} for one in regions)))


def begin_run(
    path: str,
    plan: Plan,
    source: Source,
    tools: Tools,
    inputs: Mapping[str, Json],
    *,
    written: Plan | None = None,
    durable: bool = False,
    compilation: Compilation | None = None,
) -> RunJournal:
    """Enter a new run in a journal, which is made if it doesn't exist; raises JournalError.

    `written`: the plan before any pass, where it isn't the plan that is run. `compilation`: what a report tells of how it was made.
    """
    with JournalFile(path, durable=durable, create=True).kept_open() as file:
        id_ = file.begin(plan, source, tools, inputs, written or plan, compilation=compilation)
    _LOG.info("run %s is recorded in %s", id_[:8], path)
    return RunJournal(file, id_, plan, tools)


def resume_run(
    path: str, tools: Tools, *, run: str | None = None, durable: bool = False
) -> tuple[RunJournal, StoredRun]:
    """Open a run to go on with it, the last one by default.

    Raises JournalError if its process is alive, if the plan file has changed since, or if a tool is declared differently now.
    """
    with JournalFile(path, durable=durable).kept_open() as file:
        stored = file.load(run)
        if stored.entry.question is not None:
            message = f"run {stored.entry.id[:8]} was made for question {stored.entry.question[:8]}"
            raise JournalError(message, f"resume the question: `lcc resume {path} {stored.entry.question[:8]}`")
        check_unchanged(stored, tools)
        file.take_over(stored.entry.id)
    _LOG.info("run %s goes on from %s", stored.entry.id[:8], path)
    return RunJournal(file, stored.entry.id, stored.plan, tools, stored), stored


def check_unchanged(stored: StoredRun, tools: Tools) -> None:
    """Raise JournalError if the plan file has changed since a run began, or a tool is declared differently now."""
    if stored.changed:
        message = f"{stored.source.path} has changed since run {stored.entry.id[:8]} began"
        raise JournalError(message, "restore the file to resume the run, or begin a new run")
    check_declarations(stored.signatures, tools)


def check_declarations(signatures: Mapping[str, str], tools: Tools) -> None:
    """Raise JournalError if a tool that was recorded isn't there, or is declared differently now."""
    for name, recorded in signatures.items():
        if name not in tools:
            raise JournalError(
                f"the run needs the tool `{name}`", "give the tools that it was started with (`--tools`)"
            )
        current = declaration(tools[name])
        if current != recorded:
            message = f"`{name}` is declared differently than when the run began: {current}; then: {recorded}"
            raise JournalError(message, "give the tools that it was started with")


def _hidden(plan: Plan) -> frozenset[TaskId]:
    """Return the tasks whose arguments hold a secret input; in a plan with a body also what was computed from one, here or by tools."""
    if not any(declared.secret for declared in plan.inputs):
        return frozenset()
    from lcc.passes.analysis.secrecy import BEHIND, SECRET, secrecy  # it loads all operations

    least = SECRET if plan.body is None else BEHIND
    return frozenset(id_ for id_, level in secrecy(plan).items() if level >= least)
