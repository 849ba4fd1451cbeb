"""Keep journals in one SQLite file: its schema, its version, and the runs in it.

Write-ahead logging, so that readers and other runs don't wait for a writer. With `synchronous=NORMAL` what is committed
survives a killed process; `durable` makes it FULL, which survives a power cut too and waits for the disk at every commit.
Nothing in the file names code. Values of secret inputs are never written, nor arguments that hold one.
"""

from __future__ import annotations

import json
import os
import socket
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from time import time
from typing import Final
from uuid import uuid4

from lcc.grammar.ir import Plan, TaskId, task_id
from lcc.grammar.ir_json import IrJsonError, from_json, to_json
from lcc.grammar.signature import Signature, Tools
from lcc.grammar.source import Source
from lcc.grammar.values import Json
from lcc.runtime.result import Failure, FailureKind, TaskRecord, TaskStatus

APPLICATION: Final = 0x6C636331
"""`PRAGMA application_id` of a journal: "lcc1"."""
VERSION: Final = 2
"""`PRAGMA user_version`: the schema's version."""
BUSY_SECONDS: Final = 60.0

_SCHEMA: Final = """
CREATE TABLE runs (
    id TEXT PRIMARY KEY, begun REAL NOT NULL, ended REAL, status TEXT, makespan REAL, owner TEXT,
    path TEXT NOT NULL, text TEXT NOT NULL, plan TEXT NOT NULL, written TEXT,
    signatures TEXT NOT NULL, inputs TEXT NOT NULL
) STRICT;
CREATE TABLE starts (
    run TEXT NOT NULL, task TEXT NOT NULL, attempt INTEGER NOT NULL, tool TEXT NOT NULL, arguments TEXT, failure TEXT
) STRICT;
CREATE INDEX starts_by_task ON starts (run, task);
CREATE TABLE ends (
    run TEXT NOT NULL, task TEXT NOT NULL, status TEXT NOT NULL, value TEXT, failure TEXT, start REAL, finish REAL NOT NULL,
    PRIMARY KEY (run, task)
) STRICT, WITHOUT ROWID;
"""


class JournalError(Exception):
    """A journal can't be used as it was asked for. The message says why, `help` what to do."""

    def __init__(self, message: str, help: str | None = None) -> None:
        super().__init__(message)
        self.help = help


@dataclass(frozen=True, slots=True)
class RunEntry:
    """One run of a journal, as a list shows it. Times are seconds since the epoch; `status` is None until it has ended."""

    id: str
    begun: float
    ended: float | None
    status: str | None
    path: str
    owner: str | None

    @property
    def alive(self) -> bool:
        """Whether the process that made it, on this machine, is still there."""
        host, _, process = (self.owner or "").rpartition(":")
        if self.ended is not None or host != socket.gethostname() or not process.isdigit():
            return False
        return int(process) != os.getpid() and _exists(int(process))


@dataclass(frozen=True, slots=True)
class StoredRun:
    """All that a journal knows of one run.

    `written`: the plan before any pass, which names tasks and results as the plan file does. `records`: the tasks that ended; the results of those in `withheld` held a secret, and lack it here. `started`: the attempts made of each task, ended or not. `makespan` is None until the
    run has ended.
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
    withheld: frozenset[TaskId] = frozenset()

    @property
    def in_doubt(self) -> tuple[TaskId, ...]:
        """The tasks that were started and not seen to end."""
        return tuple(id_ for id_ in self.started if id_ not in self.records)


class JournalFile:
    """An open journal. One connection, used by one thread at a time."""

    def __init__(self, path: str | Path, *, durable: bool = False, create: bool = False) -> None:
        """Open a journal, or make one if `create`; raise JournalError for what is none, or is newer than this lcc."""
        self.path = Path(path)
        if not create and not self.path.is_file():
            raise JournalError(f"there is no journal at {self.path}", "name the file that `lcc run --journal` wrote")
        try:
            self.connection = sqlite3.connect(
                self.path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
            self._prepare(durable)
        except sqlite3.Error as error:
            raise JournalError(f"{self.path} can't be used as a journal: {error}", "name another file") from None

    def _prepare(self, durable: bool) -> None:
        connection = self.connection
        application, version = (
            connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")
        )
        tables = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
        if tables and application != APPLICATION:
            raise JournalError(f"{self.path} is a database, but no journal of lcc", "name another file")
        if version > VERSION:
            message = f"{self.path} has schema version {version}, and this lcc reads {VERSION}"
            raise JournalError(message, "use a newer lcc")
        if 0 < version < VERSION:
            message = f"{self.path} has schema version {version}, and this lcc reads {VERSION}"
            raise JournalError(message, "use the lcc that wrote it, or name another file")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
        if version == 0:
            self._create()

    def _create(self) -> None:
        with self.transaction():
            if self.connection.execute("PRAGMA user_version").fetchone()[0]:
                return  # another process was faster
            for statement in _SCHEMA.split(";"):
                self.connection.execute(statement)
            self.connection.execute(f"PRAGMA application_id = {APPLICATION}")
            self.connection.execute(f"PRAGMA user_version = {VERSION}")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Hold the write lock; commit at the end, roll back on an exception."""
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.connection.execute("ROLLBACK")
            raise
        self.connection.execute("COMMIT")

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()

    def begin(self, plan: Plan, source: Source, tools: Tools, inputs: Mapping[str, Json], written: Plan) -> str:
        """Enter a run that is about to start; return its id. `written`: the plan before any pass."""
        run = uuid4().hex
        secret = {declared.name for declared in plan.inputs if declared.secret}
        kept = {name: value for name, value in inputs.items() if name not in secret}
        used = {task.tool: declaration(tools[task.tool]) for task in plan.tasks if task.tool in tools}
        values = (
            run,
            time(),
            _owner(),
            source.path,
            digest(source.text),
            _dump(to_json(plan, spans=True)),
            None if written == plan else _dump(to_json(written, spans=True)),
            _dump(used),
        )
        with self.transaction():
            self.connection.execute(
                "INSERT INTO runs (id, begun, owner, path, text, plan, written, signatures, inputs)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (*values, _dump(kept)),
            )
        return run

    def take_over(self, run: str) -> None:
        """Make this process the owner of a run that another one left; raise JournalError while that one is alive."""
        with self.transaction():
            entry = self.entry(run)
            if entry.alive:
                message = f"run {run[:8]} is being executed by process {(entry.owner or '').rpartition(':')[2]}"
                raise JournalError(message, "wait for it, or end it")
            self.connection.execute(
                "UPDATE runs SET owner = ?, ended = NULL, status = NULL, makespan = NULL WHERE id = ?", (_owner(), run)
            )

    def finish(self, run: str, status: str, makespan: float) -> None:
        """Note that a run has ended."""
        with self.transaction():
            self.connection.execute(
                "UPDATE runs SET ended = ?, status = ?, makespan = ? WHERE id = ?", (time(), status, makespan, run)
            )

    def runs(self) -> list[RunEntry]:
        """Return all runs, the oldest first."""
        rows = self.connection.execute("SELECT id, begun, ended, status, path, owner FROM runs ORDER BY begun, id")
        return [RunEntry(*row) for row in rows]

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
        plan, written, signatures, inputs, makespan = self.connection.execute(
            "SELECT plan, written, signatures, inputs, makespan FROM runs WHERE id = ?", (entry.id,)
        ).fetchone()
        try:
            read = from_json(json.loads(plan))
            source_plan = read if written is None else from_json(json.loads(written))
            records = {task_id(row[0]): _record(*row[1:]) for row in self._ends(entry.id)}
            started = self._started(entry.id)
            given = json.loads(inputs), json.loads(signatures)
        except (IrJsonError, ValueError) as error:
            raise JournalError(f"{self.path}: run {entry.id[:8]} is damaged: {error}") from None
        withheld = frozenset(id_ for id_, r in records.items() if r.status is TaskStatus.OK and r.error is not None)
        for id_ in withheld:
            records[id_].error = None
        source = _source(entry.path)
        return StoredRun(entry, read, source_plan, source, given[1], given[0], records, started, makespan, withheld)

    def _ends(self, run: str) -> Iterable[tuple[str, str, str | None, str | None, float | None, float]]:
        return self.connection.execute(
            "SELECT task, status, value, failure, start, finish FROM ends WHERE run = ?", (run,)
        )

    def _started(self, run: str) -> dict[TaskId, int]:
        rows = self.connection.execute("SELECT task, count(*) FROM starts WHERE run = ? GROUP BY task", (run,))
        return {task_id(task): attempts for task, attempts in rows}

    def text_digest(self, run: str) -> str:
        """Return the digest of the text that a run was compiled from."""
        return str(self.connection.execute("SELECT text FROM runs WHERE id = ?", (run,)).fetchone()[0])


def declaration(signature: Signature) -> str:
    """Return what of a signature a run depends on: resuming with another is refused."""
    resources = ", ".join(resource.pattern for resource in signature.resources)
    return f"{signature} {signature.effect} [{resources}]{' idempotent' if signature.idempotent else ''}"


def digest(text: str) -> str:
    """Return the digest by which a plan file is recognized."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def failure_text(failure: Failure | None) -> str | None:
    """Return a failure as JSON text."""
    return None if failure is None else _dump(failure.to_json())


def value_text(value: Json) -> str:
    """Return a result as JSON text."""
    return _dump(value)


def _record(status: str, value: str | None, failure: str | None, start: float | None, finish: float) -> TaskRecord:
    found = None if value is None else json.loads(value)
    return TaskRecord(TaskStatus(status), found, _failure(failure), start, finish)


def _failure(text: str | None) -> Failure | None:
    if text is None:
        return None
    known = json.loads(text)
    return Failure(FailureKind(known["kind"]), known["message"], known["attempts"], known["cause"])


def _source(path: str) -> Source:
    try:
        return Source(path, Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return Source(path, "")


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"))


def _owner() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"


def _exists(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
