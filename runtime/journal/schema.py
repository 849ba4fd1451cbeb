"""Say which tables a journal has, and bring those of earlier versions up to date.

runs         one plan that was run; `question`: the question that it was made for
starts, ends attempts of calls, and how calls ended
settlements  what somebody found out about calls that were begun and not seen to end
approvals    what waits for somebody's yes, and what was said
questions    questions that models answer
replies      what models said to a question, and the runs that came of it
details      what reports tell beside that: how a run's plan was compiled, what a run spent, how a question was answered
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Final

APPLICATION: Final = 0x6C636331
"""`PRAGMA application_id` of a journal: "lcc1"."""
VERSION: Final = 5
"""`PRAGMA user_version`: the schema's version."""

_BEFORE: Final = (
    """CREATE TABLE runs (
    id TEXT PRIMARY KEY, begun REAL NOT NULL, ended REAL, status TEXT, makespan REAL, owner TEXT,
    path TEXT NOT NULL, text TEXT NOT NULL, plan TEXT NOT NULL, written TEXT,
    signatures TEXT NOT NULL, inputs TEXT NOT NULL, clock TEXT
) STRICT""",
    """CREATE TABLE starts (
    run TEXT NOT NULL, task TEXT NOT NULL, attempt INTEGER NOT NULL, tool TEXT NOT NULL, arguments TEXT, failure TEXT
) STRICT""",
    "CREATE INDEX starts_by_task ON starts (run, task)",
    """CREATE TABLE ends (
    run TEXT NOT NULL, task TEXT NOT NULL, status TEXT NOT NULL, value TEXT, failure TEXT, start REAL, finish REAL NOT NULL,
    merged TEXT, PRIMARY KEY (run, task)
) STRICT, WITHOUT ROWID""",
)
"""The tables of version 3."""
_NEW: Final = (
    """CREATE TABLE settlements (
    run TEXT NOT NULL, task TEXT NOT NULL, at REAL NOT NULL, attempts INTEGER NOT NULL, value TEXT
) STRICT""",
    """CREATE TABLE approvals (
    owner TEXT NOT NULL, what TEXT NOT NULL, asked REAL NOT NULL, shown TEXT NOT NULL, answered REAL, allowed INTEGER, reason TEXT,
    PRIMARY KEY (owner, what)
) STRICT, WITHOUT ROWID""",
    """CREATE TABLE questions (
    id TEXT PRIMARY KEY, begun REAL NOT NULL, ended REAL, status TEXT, owner TEXT,
    question TEXT NOT NULL, settings TEXT NOT NULL, signatures TEXT NOT NULL
) STRICT""",
    """CREATE TABLE replies (
    question TEXT NOT NULL, role TEXT NOT NULL, asked TEXT NOT NULL, reply TEXT NOT NULL, run TEXT
) STRICT""",
    "CREATE INDEX replies_by_question ON replies (question)",
    "CREATE INDEX runs_by_question ON runs (question)",
)
"""What version 4 has beside them."""
_OF_QUESTIONS: Final = (_BEFORE[0].replace("clock TEXT\n", "clock TEXT, question TEXT\n"), *_BEFORE[1:], *_NEW)
_TIMES: Final = "failure TEXT, at REAL, failed REAL, since REAL, waited TEXT\n"
"""When an attempt began, when it failed, and since when it had waited for what: seconds from the run's start."""
SCHEMA: Final = (
    _OF_QUESTIONS[0],
    _BEFORE[1].replace("failure TEXT\n", _TIMES),
    *_OF_QUESTIONS[2:],
    "CREATE TABLE details (owner TEXT NOT NULL, part TEXT NOT NULL, told TEXT NOT NULL, PRIMARY KEY (owner, part)) STRICT, WITHOUT ROWID",
)

EARLIER: Final[Mapping[int, tuple[str, ...]]] = {
    2: tuple([text.replace(", clock TEXT", "").replace("merged TEXT, ", "") for text in _BEFORE]),
    3: _BEFORE,
    4: _OF_QUESTIONS,
}
"""The versions that are read: 2 is without the instants of runs, and calls that were merged; 3 without questions; 4 without what
reports tell."""
_WIDENED: Final = ("runs", "starts", "ends")
"""The tables that have more columns than they had in one of them."""


def make(connection: sqlite3.Connection) -> None:
    """Make the tables of an empty journal."""
    for statement in SCHEMA:
        connection.execute(statement)
    connection.execute(f"PRAGMA application_id = {APPLICATION}")
    connection.execute(f"PRAGMA user_version = {VERSION}")


def renew(connection: sqlite3.Connection) -> None:
    """Give the tables of an earlier version their new columns, and keep what is in them."""
    for name in _WIDENED:
        columns = ", ".join(row[1] for row in connection.execute(f"PRAGMA table_info({name})"))
        connection.execute(f"ALTER TABLE {name} RENAME TO earlier_{name}")
        connection.execute(next(text for text in SCHEMA if text.startswith(f"CREATE TABLE {name} ")))
        connection.execute(f"INSERT INTO {name} ({columns}) SELECT {columns} FROM earlier_{name}")  # noqa: S608 - names of ours
        connection.execute(f"DROP TABLE earlier_{name}")
    there = {row[0] for row in connection.execute("SELECT sql FROM sqlite_schema")}
    for statement in SCHEMA:
        if statement not in there:
            connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {VERSION}")
