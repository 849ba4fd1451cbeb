"""Journals of an earlier schema: they are read, resumed and replayed, and what was in them is kept."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import anyio
import pytest
from test_journal import TEXT, World, begin, execute, resume

from lcc.runtime.journal.file import APPLICATION, VERSION, JournalError, JournalFile
from lcc.runtime.journal.replay import replay

EARLIER = (
    """CREATE TABLE runs (
    id TEXT PRIMARY KEY, begun REAL NOT NULL, ended REAL, status TEXT, makespan REAL, owner TEXT,
    path TEXT NOT NULL, text TEXT NOT NULL, plan TEXT NOT NULL, written TEXT,
    signatures TEXT NOT NULL, inputs TEXT NOT NULL
) STRICT""",
    """CREATE TABLE starts (
    run TEXT NOT NULL, task TEXT NOT NULL, attempt INTEGER NOT NULL, tool TEXT NOT NULL, arguments TEXT, failure TEXT
) STRICT""",
    "CREATE INDEX starts_by_task ON starts (run, task)",
    """CREATE TABLE ends (
    run TEXT NOT NULL, task TEXT NOT NULL, status TEXT NOT NULL, value TEXT, failure TEXT, start REAL, finish REAL NOT NULL,
    PRIMARY KEY (run, task)
) STRICT, WITHOUT ROWID""",
)
"""The tables of schema version 2, as they were written."""
COLUMNS = {
    "runs": "id, begun, ended, status, makespan, owner, path, text, plan, written, signatures, inputs",
    "starts": "run, task, attempt, tool, arguments, failure",
    "ends": "run, task, status, value, failure, start, finish",
}
BASES = ',"bases":[]'


def as_version_2(path: Path, target: Path) -> None:
    """Write a journal anew as the earlier schema has it."""
    with sqlite3.connect(target) as new:
        for statement in EARLIER:
            new.execute(statement)
        new.execute(f"PRAGMA application_id = {APPLICATION}")
        new.execute("PRAGMA user_version = 2")
        new.execute("ATTACH DATABASE ? AS later", (str(path),))
        for table, columns in COLUMNS.items():
            new.execute(f"INSERT INTO {table} SELECT {columns} FROM later.{table}")
        new.execute("UPDATE ends SET failure = replace(failure, ?, '')", (BASES,))
    new.close()


def as_version_4(path: Path) -> None:
    """Bring a journal back to the earlier schema: without what reports tell."""
    with closing(sqlite3.connect(path)) as file, file:
        file.execute("DROP TABLE details")
        file.execute("DROP INDEX starts_by_task")
        file.execute("ALTER TABLE starts RENAME TO later")
        file.execute(EARLIER[1])
        file.execute(EARLIER[2])
        file.execute(f"INSERT INTO starts SELECT {COLUMNS['starts']} FROM later")
        file.execute("DROP TABLE later")
        file.execute("PRAGMA user_version = 4")


def earlier_run(tmp_path: Path, world: World) -> Path:
    journal, plan = begin(tmp_path / "later", TEXT, world.tools())
    execute(journal, plan, world.tools())
    as_version_2(tmp_path / "later", tmp_path / "j")
    return tmp_path / "j"


def test_an_earlier_journal_is_resumed_and_nothing_done_is_done_again(tmp_path: Path) -> None:
    world = World()
    world.broken = {"send <<a>b>"}
    path = earlier_run(tmp_path, world)
    world.calls.clear()
    world.broken.clear()
    result = resume(path, world.tools())
    assert world.calls == []  # a failed write isn't repeated
    assert result.tasks[3].error is not None
    assert result.tasks[4].status == "ok"
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (VERSION,)
    connection.close()
    again = JournalFile(path)
    assert again.load().records[1].value == "<a>"
    again.close()


def test_an_earlier_journal_is_replayed(tmp_path: Path) -> None:
    world = World()
    path = earlier_run(tmp_path, world)
    file = JournalFile(path)
    stored = file.load()
    file.close()
    assert anyio.run(replay, stored).join == {1: "<a>", 2: "<<a>b>", 3: "sent", 4: ["<x>", "<<a>>"]}


def test_a_journal_without_what_reports_tell_is_read_and_goes_on(tmp_path: Path) -> None:
    world = World()
    world.broken = {"look x"}
    journal, plan = begin(tmp_path / "j", TEXT, world.tools())
    execute(journal, plan, world.tools())
    as_version_4(tmp_path / "j")
    world.broken.clear()
    world.calls.clear()
    resume(tmp_path / "j", world.tools())
    assert world.calls == ["look x"]
    with closing(JournalFile(tmp_path / "j")) as file:
        run = file.entry().id
        assert file.compilation(run) is None
        assert file.spent(run).calls == 1
        begun = [one.at is not None for attempts in file.attempts(run).values() for one in attempts]
        assert begun.count(True) == 1
        assert len(begun) > 3
    with closing(sqlite3.connect(tmp_path / "j")) as file:
        assert file.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'starts_by_task'").fetchone() == (1,)


def test_an_earlier_journal_with_other_tables_is_damaged(tmp_path: Path) -> None:
    path = earlier_run(tmp_path, World())
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE VIEW more AS SELECT * FROM runs")
    connection.close()
    with pytest.raises(JournalError, match="schema version 2"):
        JournalFile(path)
