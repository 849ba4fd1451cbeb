"""Keep what models said to a question, and the runs that came of it: so a question goes on where its process ended.

A question is done again from its beginning, in which models aren't asked and calls aren't made whose replies and ends are known. So the
journal of its runs holds no plans: they are had again from the replies.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from time import time
from typing import Final
from uuid import uuid4

from lcc.grammar.dataclass import dataclass
from lcc.grammar.ir import Plan
from lcc.grammar.signatures import Tools
from lcc.grammar.source import Source
from lcc.grammar.values import Json
from lcc.runtime.journal import rows as rows_of
from lcc.runtime.journal.file import (
    ANSWERED,
    JournalError,
    JournalFile,
    RunEntry,
    StoredRun,
    declaration,
    detail,
    is_alive,
    owner,
)
from lcc.runtime.journal.record import RunJournal, check_declarations

_UNKNOWN: Final = Plan(body=(), fails="strict")
"""What stands for the plan of a question's run."""

KEPT_SECONDS: Final = 30 * 24 * 3600.0
"""How long an ended question stays in a journal that nobody has named."""


@dataclass(frozen=True, slots=True)
class QuestionEntry:
    """One question of a journal, as a list shows it. Times are seconds since the epoch; `status` is None until it has ended."""

    id: str
    begun: float
    ended: float | None
    status: str | None
    owner: str | None
    question: str

    @property
    def alive(self) -> bool:
        """Whether whoever answers it, on this machine, is still there."""
        return self.ended is None and is_alive(self.id, self.owner)


@dataclass(frozen=True, slots=True)
class StoredReply:
    """What a model said. `asked`: the digest of what it was asked; `run`: the run that came of it."""

    role: str
    asked: str
    reply: Json
    run: str | None


@dataclass(frozen=True, slots=True)
class StoredQuestion:
    """All that a journal knows of one question, but for what its `runs` did. `told`: what a report tells of its end, where it has ended."""

    entry: QuestionEntry
    settings: Mapping[str, Json]
    replies: Sequence[StoredReply]
    runs: Sequence[RunEntry]
    told: Mapping[str, Json] | None = None


class QuestionJournal:
    """The journal of one question, and of its runs. Methods block, but `begin_run`; several threads may call them.

    `known`: what an earlier process took down.
    """

    def __init__(self, file: JournalFile, id: str, tools: Tools, known: StoredQuestion | None) -> None:
        self.path = str(file.path)
        self.id = id
        self.known = known
        self._tools = tools
        self._file = file
        file.claim(id)

    def note_reply(self, role: str, asked: str, reply: Json, run: str | None) -> None:
        """Take down what a model said."""
        with self._file.transaction():
            self._file.connection.execute(
                "INSERT INTO replies (question, role, asked, reply, run) VALUES (?, ?, ?, ?, ?)",
                (self.id, role, asked, json.dumps(reply, separators=(",", ":")), run),
            )

    def begin_run(self) -> RunJournal:
        """Enter a run of the question."""
        run = self._file.begin(_UNKNOWN, Source(f"<question {self.id[:8]}>", ""), {}, {}, _UNKNOWN, self.id)
        return RunJournal(self._file, run, None, self._tools, shared=True)

    def resume_run(self, run: str) -> RunJournal:
        """Open a run of the question to go on with it."""
        stored = self._file.load(run)
        self._file.take_over(run, again=stored.entry.ended is None)
        return RunJournal(self._file, run, None, self._tools, stored, shared=True)

    def stored_run(self, run: str) -> StoredRun:
        """Return what is known of a run of the question."""
        return self._file.load(run)

    def close(self, status: str | None, told: Mapping[str, Json] | None = None) -> None:
        """Note how the question ended, None if it will go on; then close the file behind it. `told`: what a report tells of it."""
        try:
            with self._file.transaction() if told is not None or status is not None else nullcontext():
                if told is not None:
                    self._file.connection.execute(*detail(self.id, ANSWERED, told))
                if status is not None:
                    self._file.connection.execute(
                        "UPDATE questions SET ended = ?, status = ? WHERE id = ?", (time(), status, self.id)
                    )
        finally:
            self._file.close(behind=True)


def begin_question(
    path: str | Path,
    question: str,
    settings: Mapping[str, Json],
    tools: Tools,
    *,
    durable: bool = False,
    forget: bool = False,
) -> QuestionJournal:
    """Enter a question in a journal, which is made if it doesn't exist; raises JournalError. `forget`: those that ended long ago."""
    declared = json.dumps({name: declaration(signature) for name, signature in tools.items()})
    id_ = uuid4().hex
    with JournalFile(path, durable=durable, create=True).kept_open() as file, file.entering():
        if forget:
            _forget(file, time() - KEPT_SECONDS)
        file.connection.execute(
            "INSERT INTO questions (id, begun, owner, question, settings, signatures) VALUES (?, ?, ?, ?, ?, ?)",
            (id_, time(), owner(), question, json.dumps(settings), declared),
        )
    return QuestionJournal(file, id_, tools, None)


def resume_question(
    path: str | Path, tools: Tools, *, question: str | None = None, durable: bool = False
) -> QuestionJournal:
    """Open a question to go on with it, the last one by default.

    Raises JournalError if its process is alive, or a tool is declared differently now.
    """
    with JournalFile(path, durable=durable).kept_open() as file:
        stored = load_question(file, question)
        check_question(file, stored.entry.id, tools)
        with file.transaction():
            if question_entry(file, stored.entry.id).alive:
                process = (stored.entry.owner or "").rpartition(":")[2]
                message = f"question {stored.entry.id[:8]} is being answered by process {process}"
                raise JournalError(message, "wait for it, or end it")
            file.connection.execute(
                "UPDATE questions SET owner = ?, ended = NULL, status = NULL WHERE id = ?", (owner(), stored.entry.id)
            )
            file.connection.execute("DELETE FROM details WHERE owner = ?", (stored.entry.id,))
            file.claim(stored.entry.id)
    return QuestionJournal(file, stored.entry.id, tools, stored)


def check_question(file: JournalFile, question: str, tools: Tools) -> None:
    """Raise JournalError if a tool of a question, by its id, is declared differently now."""
    check_declarations(_signatures(file, question), tools)


def questions(file: JournalFile) -> list[QuestionEntry]:
    """Return all questions, the oldest first."""
    with file.reading():
        rows = file.connection.execute(
            "SELECT id, begun, ended, status, owner, question FROM questions ORDER BY begun, id"
        ).fetchall()
        return [QuestionEntry(*rows_of.question(row)) for row in rows]


def question_entry(file: JournalFile, prefix: str | None = None) -> QuestionEntry:
    """Return the question whose id begins like this, or the last one; raise JournalError if that is not exactly one."""
    found = [entry for entry in questions(file) if prefix is None or entry.id.startswith(prefix)]
    if not found:
        what = "it holds no questions" if prefix is None else f"no question's id begins with `{prefix}`"
        raise JournalError(f"{file.path}: {what}", "see `lcc runs` for what it holds")
    if prefix is not None and len(found) > 1:
        raise JournalError(f"{file.path}: {len(found)} questions' ids begin with `{prefix}`", "write more of the id")
    return found[-1]


def question_named(file: JournalFile, prefix: str | None = None) -> str | None:
    """Return the id of the question that is meant by the beginning of an id, or that is the last entry; None where a run is."""
    asked = questions(file)
    if prefix is not None:
        found = [entry.id for entry in asked if entry.id.startswith(prefix)]
        return found[0] if len(found) == 1 else None
    alone = [run for run in file.runs() if run.question is None]
    return asked[-1].id if asked and (not alone or alone[-1].begun < asked[-1].begun) else None


def load_question(file: JournalFile, prefix: str | None = None) -> StoredQuestion:
    """Return what is known of one question, by the beginning of its id; of the last one by default."""
    entry = question_entry(file, prefix)
    with file.reading():
        settings = file.connection.execute("SELECT settings FROM questions WHERE id = ?", (entry.id,)).fetchone()
        rows = file.connection.execute(
            "SELECT role, asked, reply, run FROM replies WHERE question = ? ORDER BY rowid", (entry.id,)
        ).fetchall()
        replies = [StoredReply(*rows_of.reply(row)) for row in rows]
        runs = [run for run in file.runs() if run.question == entry.id]
        told = file.told(entry.id, ANSWERED)
        return StoredQuestion(
            entry, rows_of.object_of(settings[0]), replies, runs, None if told is None else rows_of.object_of(told)
        )


def _signatures(file: JournalFile, question: str) -> dict[str, str]:
    with file.reading():
        row = file.connection.execute("SELECT signatures FROM questions WHERE id = ?", (question,)).fetchone()
        return {name: rows_of.text_of(declared) for name, declared in rows_of.object_of(row[0]).items()}


def _forget(file: JournalFile, before: float) -> None:
    """Take out what ended before that time."""
    old = "SELECT id FROM questions WHERE ended < ?"
    runs = f"SELECT id FROM runs WHERE question IN ({old})"  # noqa: S608 - texts of ours
    for table, column, which in (
        ("details", "owner", runs),
        ("details", "owner", old),
        ("starts", "run", runs),
        ("ends", "run", runs),
        ("settlements", "run", runs),
        ("replies", "question", old),
        ("runs", "question", old),
        ("questions", "id", old),
    ):
        file.connection.execute(f"DELETE FROM {table} WHERE {column} IN ({which})", (before,))  # noqa: S608
