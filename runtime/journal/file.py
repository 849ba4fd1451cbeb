"""Keep journals in one SQLite file: its schema, its version, and the runs in it.

Write-ahead logging, so that readers and other runs don't wait for a writer. The first row of a new log waits for the disk, and so does
closing the file last: so what a run or a question begins with is committed beside it, before all else, and a question's file is closed
beside what follows. With `synchronous=NORMAL` what is committed survives a killed process; `durable` makes it FULL, which survives a power cut too and waits for the disk at every commit.
Nothing in the file names code. Values of secret inputs are never written, nor arguments that hold one.
"""

from __future__ import annotations

import json
import os
import socket
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import field, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from threading import RLock
from time import monotonic, sleep, time
from typing import TYPE_CHECKING, Final, TypeAlias
from uuid import uuid4

from lcc.grammar.dataclass import dataclass
from lcc.grammar.ir import Plan, TaskId, calls_of
from lcc.grammar.ir.json_form import to_json
from lcc.grammar.limits import DEFAULT_LIMITS
from lcc.grammar.signatures import Signature, Tools
from lcc.grammar.source import Source
from lcc.grammar.values import Json
from lcc.runtime.journal import rows as rows_of, schema
from lcc.runtime.journal.rows import Attempt
from lcc.runtime.journal.schema import APPLICATION, EARLIER, SCHEMA, VERSION
from lcc.runtime.result import Failure, FailureKind, TaskRecord, TaskStatus, Usage
from lcc.runtime.text_files import read_regular

if TYPE_CHECKING:
    from lcc.runtime.journal.compilation import Compilation

BUSY_SECONDS: Final = 60.0

MOST_BYTES: Final = 512 * 1024 * 1024
"""Bytes of one value in a journal."""

_BEHIND: Final = ThreadPoolExecutor(1, "lcc journal")
"""Does what nobody waits for; Python ends it before it ends. Starting a thread would wait until it runs."""

_FEW: Final = 32
"""So many rows are written at once."""
_SHORT: Final = 16 * 1024
"""Characters of rows that are written at once. More takes time itself, and fills the log, which SQLite clears by waiting for the disk."""
_AT_ONCE: Final = 200
"""Of so many times that rows could be written at once, two are left to a thread: there SQLite clears its log, and waits for the disk."""

COMPILED: Final = "compiled"
SPENT: Final = "spent"
ANSWERED: Final = "answered"
"""The parts of what reports tell: of a run how its plan was compiled, and what it spent; of a question how it was answered."""


Row: TypeAlias = tuple[str, tuple[object, ...]]
"""A statement, and its values."""

_RUN: Final = (
    "INSERT INTO runs (id, begun, owner, path, text, plan, written, signatures, inputs, question)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_PAUSE: Final = 0.005
_BUSY: Final = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


class JournalError(Exception):
    """A journal can't be used as it was asked for. The message says why, `help` what to do."""

    def __init__(self, message: str, help: str | None = None) -> None:
        super().__init__(message)
        self.help = help


@dataclass(frozen=True, slots=True)
class RunEntry:
    """One run of a journal, as a list shows it. Times are seconds since the epoch; `status` is None until it has ended.

    `question`: the id of the question that it was made for.
    """

    id: str
    begun: float
    ended: float | None
    status: str | None
    path: str
    owner: str | None
    question: str | None = None

    @property
    def alive(self) -> bool:
        """Whether whoever executes it, on this machine, is still there."""
        return self.ended is None and is_alive(self.id, self.owner)


@dataclass(frozen=True, slots=True)
class StoredRun:
    """All that a journal knows of one run.

    `written`: the plan before any pass, which names tasks and results as the plan file does. `records`: the tasks that ended;
    the results of those in `withheld` held a secret, and lack it here. `started`: the attempts made of each task, ended or not.
    `final`: the calls by whose failures a plan with a body ended. `arguments`: what calls were made with, but for what was withheld. `clock`: the instant that the run showed to its plan.
    `tools`: what was called, by task. `makespan` is None until the run has ended. `changed`: the plan file has been changed since the run began; `source` holds no
    text then.
    """

    entry: RunEntry
    plan: Plan
    written: Plan
    source: Source
    signatures: Mapping[str, str]
    inputs: Mapping[str, Json]
    records: Mapping[TaskId, TaskRecord]
    started: Mapping[TaskId, int]
    makespan: float | None
    clock: datetime | None = None
    arguments: Mapping[TaskId, Mapping[str, Json]] = field(default_factory=dict)
    final: frozenset[TaskId] = frozenset()
    withheld: frozenset[TaskId] = frozenset()
    changed: bool = False
    tools: Mapping[TaskId, str] = field(default_factory=dict)

    @property
    def in_doubt(self) -> tuple[TaskId, ...]:
        """The tasks that were started, and of which it isn't known whether they were done."""
        return tuple(id_ for id_, attempts in self.started.items() if attempts and _is_open(self.records.get(id_)))


class JournalFile:
    """An open journal. One connection, used by whoever holds `in_use`. Methods raise JournalError for whatever the file can't do."""

    def __init__(self, path: str | Path, *, durable: bool = False, create: bool = False) -> None:
        """Open a journal, or make one if `create`; raise JournalError for what is none, is damaged, or newer than this lcc."""
        self.path = Path(path)
        self.in_use = RLock()
        self._create = create
        self._durable = durable
        self._at_once = 1
        self._claimed: set[str] = set()
        self._later: list[Row] = []
        self._entering: ExitStack | None = None
        self._broken: JournalError | None = None
        exists = self.path.exists()
        if not create and not exists:
            raise JournalError(f"there is no journal at {self.path}", "name the file that `lcc run --journal` wrote")
        if exists and not self.path.is_file():
            raise JournalError(f"{self.path} is not a regular file", "name another file")
        with self._reported("can't be used as a journal", "name another file"):
            self.connection = sqlite3.connect(
                self.path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
            try:
                self._prepare_together()
            except BaseException:
                self.connection.close()
                raise

    @contextmanager
    def _reported(self, what: str, help: str) -> Iterator[None]:
        """Turn what SQLite and damaged contents raise into a JournalError."""
        try:
            yield
        except (sqlite3.Error, ValueError) as error:
            raise JournalError(f"{self.path} {what}: {error}", help) from None

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Read what is written; report what is damaged."""
        with self.in_use:
            self._finish_entry()
            with self._reported("is damaged", "restore it from a copy, or name another file"):
                yield

    def _prepare_together(self) -> None:
        """Prepare the file while others do, too: SQLite doesn't wait for a lock where it could wait for ever."""
        deadline = monotonic() + BUSY_SECONDS
        while True:
            try:
                return self._prepare()
            except sqlite3.OperationalError as error:
                if getattr(error, "sqlite_errorcode", 0) & 0xFF not in _BUSY or monotonic() > deadline:
                    raise
            sleep(_PAUSE)

    def _prepare(self) -> None:
        connection = self.connection
        connection.text_factory = lambda data: data.decode("utf-8", "replace")
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MOST_BYTES)
        connection.execute("PRAGMA trusted_schema = OFF")
        with self._locked("DEFERRED"):
            empty = self._is_empty()
            version = connection.execute("PRAGMA user_version").fetchone()[0]
        if empty:
            self._make_tables()
        elif version in EARLIER:
            self._renew_tables()
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(f"PRAGMA synchronous = {'FULL' if self._durable else 'NORMAL'}")

    def _is_empty(self) -> bool:
        """Whether nothing is in the file yet; raise JournalError for what isn't of this lcc."""
        application, version = (
            self.connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")
        )
        tables = {row[0] for row in self.connection.execute("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL")}
        if not tables and self._create:
            return True
        if application != APPLICATION:
            what = "is a database, but no journal of lcc" if tables else "is empty, and no journal of lcc"
            raise JournalError(f"{self.path} {what}", "name another file")
        if version > VERSION:
            message = f"{self.path} has schema version {version}, and this lcc reads {VERSION}"
            raise JournalError(message, "use a newer lcc")
        if tables == set(EARLIER.get(version, ())):
            return False
        if 0 < version < VERSION:
            message = f"{self.path} has schema version {version}, and this lcc reads {VERSION}"
            raise JournalError(message, "use the lcc that wrote it, or name another file")
        if tables != set(SCHEMA):  # a view or a trigger could do anything
            raise JournalError(f"{self.path} is damaged: its tables aren't a journal's", "name another file")
        return False

    def _make_tables(self) -> None:
        with self._locked("IMMEDIATE"):
            if self._is_empty():  # else another process was faster
                schema.make(self.connection)

    def _renew_tables(self) -> None:
        with self._locked("IMMEDIATE"):
            if (
                self.connection.execute("PRAGMA user_version").fetchone()[0] in EARLIER
            ):  # else another process was faster
                schema.renew(self.connection)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Hold the write lock; commit at the end, roll back on an exception. Raises JournalError where the file can't be written."""
        with self.in_use:
            self._finish_entry()
            later = self._later[:]
            with self._written():
                for statement, values in later:
                    self.connection.execute(statement, values)
                yield
            del self._later[: len(later)]

    @contextmanager
    def entering(self) -> Iterator[None]:
        """Write what a run or a question begins with. Whether it can be is known at the end; that it is, before anything behind it."""
        with self.in_use, ExitStack() as stack:
            stack.enter_context(self._written())
            yield
            self._entering = stack.pop_all()
        _BEHIND.submit(self._enter)

    def _enter(self) -> None:
        """Finish an entry; whoever uses the file just now does it first, and may wait for others."""
        if self.in_use.acquire(blocking=False):
            try:
                with suppress(JournalError):
                    self._finish_entry()
            finally:
                self.in_use.release()

    def _finish_entry(self) -> None:
        entering, self._entering = self._entering, None
        if entering is not None:
            try:
                entering.close()
            except JournalError as error:
                self._broken = error
        if self._broken is not None:
            raise self._broken

    def write_later(self, statement: str, values: tuple[object, ...]) -> None:
        """Have a row written with what is written next, before it."""
        self._later.append((statement, values))

    @contextmanager
    def _written(self) -> Iterator[None]:
        with self._unwritten(), self._locked("IMMEDIATE"):
            yield

    def _unwritten(self) -> AbstractContextManager[None]:
        return self._reported("can't be written", "make room or mend the file, and go on with `lcc resume`")

    def write_at_once(self, rows: Sequence[Row]) -> bool:
        """Write rows if that waits for nobody, neither for a lock nor for the disk; return whether it was done.

        Handing them to a thread and waiting for it takes longer than writing a few, on a busy machine by far.
        """
        if self._durable or len(rows) > _FEW or _length(rows) > _SHORT or not self.in_use.acquire(blocking=False):
            return False
        try:
            self._at_once = (self._at_once + 1) % _AT_ONCE
            if self._entering is not None or self._broken is not None or self._at_once < 2 or not self._begin_at_once():
                return False
            with self._unwritten(), self._committed():
                for statement, values in (*self._later, *rows):
                    self.connection.execute(statement, values)
            self._later.clear()
            return True
        finally:
            self.in_use.release()

    def _begin_at_once(self) -> bool:
        """Begin to write if nobody else does."""
        try:
            self.connection.execute("PRAGMA busy_timeout = 0")
            self.connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return False  # the thread waits for who writes, and says what is wrong
        finally:
            self.connection.execute(f"PRAGMA busy_timeout = {1000 * BUSY_SECONDS:.0f}")
        return True

    @contextmanager
    def _locked(self, kind: str) -> Iterator[None]:
        self.connection.execute(f"BEGIN {kind}")
        with self._committed():
            yield

    @contextmanager
    def _committed(self) -> Iterator[None]:
        """Commit what was begun, or roll it back."""
        try:
            yield
            self.connection.execute("COMMIT")
        except BaseException:
            if self.connection.in_transaction:  # SQLite itself rolls back when the disk is full
                self.connection.execute("ROLLBACK")
            raise

    def claim(self, id: str) -> None:
        """Note that this process executes a run, or answers a question, until the file is closed."""
        self._claimed.add(id)
        _EXECUTED.add(id)

    def release(self, id: str) -> None:
        """Note that this process doesn't execute a run any more."""
        self._claimed.discard(id)
        _EXECUTED.discard(id)

    def close(self, *, behind: bool = False) -> None:
        """Close the connection; `behind`: in a thread, since whoever is the last to close the file waits for the disk."""
        _EXECUTED.difference_update(self._claimed)
        try:
            with self.in_use:
                self._finish_entry()
                if self._later:
                    with self.transaction():
                        pass
        finally:
            if behind:
                _BEHIND.submit(self._close)
            else:
                self.connection.close()

    def _close(self) -> None:
        with suppress(sqlite3.Error):
            self.connection.execute("PRAGMA wal_checkpoint(PASSIVE)")  # else who opens the file waits for the disk, too
        self.connection.close()

    @contextmanager
    def kept_open(self) -> Iterator[JournalFile]:
        """Give this journal, which is closed only if something goes wrong meanwhile."""
        try:
            yield self
        except BaseException:
            self.close()
            raise

    def begin(
        self,
        plan: Plan,
        source: Source,
        tools: Tools,
        inputs: Mapping[str, Json],
        written: Plan,
        question: str | None = None,
        compilation: Compilation | None = None,
    ) -> str:
        """Enter a run that is about to start; return its id. `written`: the plan before any pass.

        `question`: what it is made for; such a run is entered with what is written next.
        """
        run = uuid4().hex
        secret = {declared.name for declared in plan.inputs if declared.secret}
        kept = {name: value for name, value in inputs.items() if name not in secret}
        used = {task.tool: declaration(tools[task.tool]) for task in calls_of(plan) if task.tool in tools}
        values: tuple[object, ...] = (
            run,
            time(),
            owner(),
            source.path,
            digest(source.text),
            _dump(to_json(_without_secrets(plan), spans=True)),
            None if written == plan else _dump(to_json(_without_secrets(written), spans=True)),
            _dump(used),
            _dump(kept),
            question,
        )
        if question is not None:
            self.write_later(_RUN, values)
        else:
            with self.entering():
                self.connection.execute(_RUN, values)
                if compilation is not None:
                    self.connection.execute(*detail(run, COMPILED, compilation.to_json()))
        return run

    def settle(self, stored: StoredRun, id: TaskId, value: str | None) -> None:
        """Take down that a call which wasn't seen to end was done, with this result as JSON text, or is to be made again."""
        with self.transaction():
            row = self.connection.execute(
                "SELECT count(*) FROM starts WHERE run = ? AND task = ?", (stored.entry.id, str(id))
            ).fetchone()
            self.connection.execute(
                "INSERT INTO settlements (run, task, at, attempts, value) VALUES (?, ?, ?, ?, ?)",
                (stored.entry.id, str(id), time(), row[0], value),
            )

    def take_over(self, run: str, *, again: bool = True) -> None:
        """Make this process the owner of a run that another one left; raise JournalError while that one is alive.

        `again`: it hasn't ended, or may end otherwise this time.
        """
        with self.transaction():
            entry = self.entry(run)
            if entry.alive:
                message = f"run {run[:8]} is being executed by process {(entry.owner or '').rpartition(':')[2]}"
                raise JournalError(message, "wait for it, or end it")
            if again:
                self.connection.execute(
                    "UPDATE runs SET owner = ?, ended = NULL, status = NULL, makespan = NULL WHERE id = ?",
                    (owner(), run),
                )
            self.claim(run)

    def finish(self, run: str, status: str, makespan: float) -> None:
        """Note that a run has ended."""
        with self.transaction():
            self.connection.execute(
                "UPDATE runs SET ended = ?, status = ?, makespan = ? WHERE id = ?", (time(), status, makespan, run)
            )

    def runs(self) -> list[RunEntry]:
        """Return all runs, the oldest first."""
        with self.reading():
            rows = self.connection.execute(
                "SELECT id, begun, ended, status, path, owner, question FROM runs ORDER BY begun, id"
            ).fetchall()
            return [RunEntry(*rows_of.entry(row)) for row in rows]

    def entry(self, prefix: str | None = None) -> RunEntry:
        """Return the run whose id begins like this, or the last one; raise JournalError if that is not exactly one."""
        found = [entry for entry in self.runs() if prefix is None or entry.id.startswith(prefix)]
        if not found:
            what = "it holds no runs" if prefix is None else f"no run's id begins with `{prefix}`"
            raise JournalError(f"{self.path}: {what}", "see `lcc runs` for those it holds")
        if prefix is not None and len(found) > 1:
            raise JournalError(f"{self.path}: {len(found)} runs' ids begin with `{prefix}`", "write more of the id")
        return found[-1]

    def load(self, prefix: str | None = None) -> StoredRun:
        """Return what is known of one run, by the beginning of its id; of the last one by default."""
        entry = self.entry(prefix)
        with self.reading():
            row = self._row(
                "SELECT plan, written, signatures, inputs, makespan, text, clock FROM runs WHERE id = ?", entry.id
            )
            plan, written, signatures, inputs, makespan, digest_ = rows_of.run(row)
            clock = rows_of.instant(row[6])
            records, final = self._ends(entry.id)
            started, tools = self._starts(entry.id)
            self._settle(entry.id, records, started)
            arguments = self.arguments(entry.id) if plan.body is not None else {}
        withheld = frozenset(id_ for id_, r in records.items() if r.status is TaskStatus.OK and r.error is not None)
        for id_ in withheld:
            records[id_].error = None
        text, changed = _text(entry.path, digest_)
        return StoredRun(
            entry,
            plan,
            written,
            Source(entry.path, text),
            signatures,
            inputs,
            records,
            started,
            makespan,
            clock,
            arguments,
            final,
            withheld,
            changed,
            tools,
        )

    def _ends(self, run: str) -> tuple[dict[TaskId, TaskRecord], frozenset[TaskId]]:
        """Return how the calls of a run ended, and those whose end stands when the run goes on."""
        found = self.connection.execute(
            "SELECT task, status, value, failure, start, finish, merged FROM ends WHERE run = ?", (run,)
        )
        rows = found.fetchall()
        records = dict(map(rows_of.record, rows))
        return records, frozenset(id_ for id_, row in zip(records, rows, strict=True) if rows_of.is_final(row))

    def _starts(self, run: str) -> tuple[dict[TaskId, int], dict[TaskId, str]]:
        """Return how often calls of a run were begun, and of which tools."""
        rows = self.connection.execute(
            "SELECT task, count(*), min(tool) FROM starts WHERE run = ? GROUP BY task", (run,)
        ).fetchall()
        return dict(map(rows_of.attempts, rows)), dict(map(rows_of.tool, rows))

    def _settle(self, run: str, records: dict[TaskId, TaskRecord], started: dict[TaskId, int]) -> None:
        """Take what somebody said of calls that weren't seen to end: they were done, or are to be made again."""
        rows = self.connection.execute(
            "SELECT task, attempts, value, at FROM settlements WHERE run = ? ORDER BY at", (run,)
        )
        settled: dict[TaskId, int] = {}
        for id_, attempts, value in map(rows_of.settlement, rows):
            if value is None:
                settled[id_] = max(attempts, settled.get(id_, 0))
            elif _is_open(records.get(id_)):
                records[id_] = value
        for id_, attempts in settled.items():
            if _is_open(records.get(id_)):
                started[id_] = max(0, started.get(id_, 0) - attempts)
                if not started[id_]:
                    records.pop(id_, None)

    def arguments(self, run: str) -> dict[TaskId, dict[str, Json]]:
        """Return what the calls of a run were made with at first, but for what was withheld."""
        with self.reading():
            rows = self.connection.execute(
                "SELECT task, arguments FROM starts WHERE run = ? AND attempt = 1 AND arguments IS NOT NULL", (run,)
            )
            return dict(map(rows_of.arguments, rows))

    def result_text(self, run: str, task: str) -> str | None:
        """Return the result of a call as JSON text, None where there is none."""
        with self.reading():
            row = self.connection.execute("SELECT value FROM ends WHERE run = ? AND task = ?", (run, task)).fetchone()
            return None if row is None or row[0] is None else rows_of.text_of(row[0])

    def attempts(self, run: str) -> dict[TaskId, list[Attempt]]:
        """Return the attempts of the calls of a run, in the order in which they were made."""
        with self.reading():
            rows = self.connection.execute(
                "SELECT task, at, failed, failure, since, waited FROM starts WHERE run = ? ORDER BY rowid", (run,)
            )
            found: dict[TaskId, list[Attempt]] = {}
            for id_, attempt in map(rows_of.attempt, rows):
                found.setdefault(id_, []).append(attempt)
            return found

    def compilation(self, run: str) -> Compilation | None:
        """Return how the plan of a run was compiled, None where that isn't known."""
        from lcc.runtime.journal.compilation import compilation_from

        with self.reading():
            told = self.told(run, COMPILED)
            return None if told is None else compilation_from(told)

    def spent(self, run: str) -> Usage:
        """Return what a run spent, in all processes that have ended with it."""
        with self.reading():
            told = self.told(run, SPENT)
            return Usage() if told is None else rows_of.usage(told)

    def told(self, owner: str, part: str) -> object:
        """Return a part of what reports tell, as text; None where there is none."""
        row = self.connection.execute("SELECT told FROM details WHERE owner = ? AND part = ?", (owner, part)).fetchone()
        return None if row is None else row[0]

    def _row(self, query: str, run: str) -> tuple[object, ...]:
        row = self.connection.execute(query, (run,)).fetchone()
        if row is None:
            raise ValueError("the run has gone")
        return tuple(row)


_OPEN: Final = frozenset({FailureKind.TIMEOUT, FailureKind.LOST, FailureKind.DOUBT})


def _length(rows: Iterable[Row]) -> int:
    """Return how many characters the texts of rows have."""
    return sum(len(value) for _, values in rows for value in values if isinstance(value, str))


def wait_for_closing() -> None:
    """Wait for the files that are being closed behind."""
    _BEHIND.submit(int).result()


def _is_open(record: TaskRecord | None) -> bool:
    """Whether it isn't known what a call that was begun has done."""
    if record is None or record.status is TaskStatus.CANCELLED or record.status is TaskStatus.ABANDONED:
        return True
    return record.error is not None and record.error.kind in _OPEN


def detail(owner: str, part: str, told: object) -> tuple[str, tuple[object, ...]]:
    """Return the statement that keeps a part of what reports tell, and its values."""
    return "INSERT OR REPLACE INTO details (owner, part, told) VALUES (?, ?, ?)", (owner, part, _dump(told))


def _without_secrets(plan: Plan) -> Plan:
    return replace(plan, inputs=tuple(replace(d, default=None) if d.secret else d for d in plan.inputs))


def declaration(signature: Signature) -> str:
    """Return what of a signature a run depends on: resuming with another is refused."""
    resources = ", ".join(resource.pattern for resource in signature.resources)
    return f"{signature} {signature.effect} [{resources}]{' idempotent' if signature.idempotent else ''}"


def digest(text: str) -> str:
    """Return the digest by which a plan file is recognized."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def failure_text(failure: Failure | None, *, final: bool = False) -> str | None:
    """Return a failure as JSON text. `final`: the plan ended by it."""
    if failure is None:
        return None
    kept = replace(failure, handled=False, reached=True)  # what the plan makes of it is found again
    return _dump({**kept.to_json(), "bases": failure.bases} | ({"final": True} if final else {}))


def value_text(value: Json) -> str:
    """Return a result as JSON text."""
    return _dump(value)


def _text(path: str, expected: str) -> tuple[str, bool]:
    """Return the text of the plan file that a run was made from, empty if it isn't there or is another now; and whether it is another.

    A journal may have been tampered with, so what it names is shown only if it is what the run was compiled from.
    """
    try:
        text = read_regular(path, DEFAULT_LIMITS.size).decode("utf-8-sig")
    except (OSError, ValueError):
        return "", False
    same = digest(text) == expected
    return text if same else "", not same and text != ""


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"))


_EXECUTED: Final[set[str]] = set()
"""What this process executes at the moment: ids of runs and of questions."""


def is_alive(id: str, owner: str | None) -> bool:
    """Whether the owner of a run, on this machine, still executes it."""
    host, _, process = (owner or "").rpartition(":")
    if host != socket.gethostname() or not process.isdecimal() or len(process) > 20:
        return False
    return id in _EXECUTED if int(process) == os.getpid() else _exists(int(process))


def owner() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"


def _exists(process: int) -> bool:
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True
    return True
