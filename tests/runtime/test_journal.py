"""The journal: what ended is never done again, what is in doubt is never repeated, and any file is met with a clear word."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import anyio
import pytest

import lcc
from lcc.grammar.source import Source
from lcc.runtime.journal import RunJournal, begin_run, resume_run
from lcc.runtime.journal_file import VERSION, JournalError, JournalFile
from lcc.runtime.options import Options
from lcc.runtime.replay import replay
from lcc.runtime.run import Run
from lcc.toolset import as_tools


class World:
    """Tools with an effect of each kind, and what they were called with."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.broken: set[str] = set()

    def _note(self, call: str) -> None:
        self.calls.append(call)
        if call in self.broken:
            raise RuntimeError(f"{call} is broken")

    def tools(self) -> list[object]:
        @lcc.tool(effect="read")
        async def look(key: str) -> str:
            self._note(f"look {key}")
            return f"<{key}>"

        @lcc.tool(effect="write", resource="mail:{key}")
        async def send(key: str) -> str:
            self._note(f"send {key}")
            return "sent"

        @lcc.tool(effect="write", resource="file:{key}", idempotent=True)
        def put(key: str) -> str:
            self._note(f"put {key}")
            return "put"

        return [look, send, put]


def signatures(tools: list[object]) -> dict[str, lcc.Signature]:
    return {name: tool.signature for name, tool in as_tools(tools).items()}


def begin(
    path: Path, text: str, tools: list[object], inputs: dict[str, str] | None = None
) -> tuple[RunJournal, lcc.Plan]:
    plan = lcc.compile(text, tools=tools, level=0).plan
    return begin_run(str(path), plan, Source("<test>", text), signatures(tools), inputs or {}), plan


def execute(
    journal: RunJournal, plan: lcc.Plan, tools: list[object], inputs: dict[str, str] | None = None
) -> lcc.RunResult:
    async def main() -> lcc.RunResult:
        options = Options(journal=journal)
        async with Run(plan, as_tools(tools), inputs or {}, options=options, run_id=journal.run) as run:
            result = await run.wait()
        journal.close(result)
        return result

    return anyio.run(main)


def resume(path: Path, tools: list[object]) -> lcc.RunResult:
    journal, stored = resume_run(str(path), signatures(tools))
    return execute(journal, stored.plan, tools, dict(stored.inputs))


TEXT = '1. look("a")\n2. look("$1b")\n3. send("$2")\n4. look(each ["x", $1])\n5. join()\n'


def test_a_resumed_run_that_had_ended_calls_nothing_and_gives_the_same(tmp_path: Path) -> None:
    world = World()
    journal, plan = begin(tmp_path / "j", TEXT, world.tools())
    first = execute(journal, plan, world.tools())
    assert first.ok
    world.calls.clear()
    second = resume(tmp_path / "j", world.tools())
    assert world.calls == []
    assert second.join == first.join


def test_only_what_had_not_ended_well_is_done_again(tmp_path: Path) -> None:
    world = World()
    world.broken = {"look <a>b"}
    journal, plan = begin(tmp_path / "j", TEXT, world.tools())
    assert execute(journal, plan, world.tools()).status == "failed"
    world.broken.clear()
    world.calls.clear()
    result = resume(tmp_path / "j", world.tools())
    assert result.ok
    assert world.calls == ["look <a>b", "send <<a>b>"]


def test_a_write_that_failed_is_not_repeated(tmp_path: Path) -> None:
    world = World()
    world.broken = {"send a", "put b"}
    journal, plan = begin(tmp_path / "j", '1. send("a")\n2. put("b")\n3. join()', world.tools())
    assert execute(journal, plan, world.tools()).status == "failed"
    world.broken.clear()
    world.calls.clear()
    result = resume(tmp_path / "j", world.tools())
    assert world.calls == ["put b"]
    assert {id_: str(task.status) for id_, task in result.tasks.items()} == {1: "failed", 2: "ok"}


def test_a_write_that_was_not_seen_to_end_is_in_doubt(tmp_path: Path) -> None:
    world = World()
    journal, plan = begin(tmp_path / "j", '1. send("a")\n2. put("b")\n3. look("c")\n4. join()', world.tools())
    for task in plan.tasks:
        journal.note_start(task.id, task.tool, 1, {"key": "?"})
    anyio.run(journal.commit)
    journal.file.close()  # the process dies here
    result = resume(tmp_path / "j", world.tools())
    assert sorted(world.calls) == ["look c", "put b"]
    error = result.tasks[1].error
    assert error is not None
    assert error.kind == "in doubt"
    assert "didn't see it end" in error.message


def test_a_result_is_durable_before_what_reads_it_starts(tmp_path: Path) -> None:
    seen: list[list[str]] = []
    path = tmp_path / "j"

    @lcc.tool(effect="read")
    async def look(key: str) -> str:
        with sqlite3.connect(path) as other:
            seen.append([row[0] for row in other.execute("SELECT task FROM ends ORDER BY task")])
        other.close()
        return key

    journal, plan = begin(path, '1. look("a")\n2. look($1)\n3. look($2)\n4. join()', [look])
    assert execute(journal, plan, [look]).ok
    assert seen == [[], ["1"], ["1", "2"]]


def test_a_write_is_down_as_started_before_it_is_called(tmp_path: Path) -> None:
    seen: list[list[str]] = []
    path = tmp_path / "j"

    @lcc.tool(effect="write")
    async def send(key: str) -> str:
        with sqlite3.connect(path) as other:
            seen.append([row[0] for row in other.execute("SELECT task FROM starts ORDER BY task")])
        other.close()
        return key

    journal, plan = begin(path, '1. send("a")\n2. send($1)\n3. join()', [send])
    assert execute(journal, plan, [send]).ok
    assert seen == [["1"], ["1", "2"]]


def test_replay_needs_no_tools(tmp_path: Path) -> None:
    world = World()
    world.broken = {"send <<a>b>"}
    journal, plan = begin(tmp_path / "j", TEXT, world.tools())
    first = execute(journal, plan, world.tools())
    file = JournalFile(tmp_path / "j")
    stored = file.load()
    file.close()
    shown = anyio.run(replay, stored)
    assert shown.join == first.join
    assert shown.makespan == first.makespan
    assert {i: t.status for i, t in shown.tasks.items()} == {i: t.status for i, t in first.tasks.items()}
    assert shown.tasks[3].error == first.tasks[3].error


def test_two_runs_may_share_a_journal(tmp_path: Path) -> None:
    world = World()

    async def main() -> list[lcc.RunResult]:
        results: list[lcc.RunResult] = []

        async def one(key: str) -> None:
            journal, plan = begin(tmp_path / "j", f'1. look("{key}")\n2. send($1)\n3. join()', world.tools())
            async with Run(plan, as_tools(world.tools()), {}, options=Options(journal=journal)) as run:
                results.append(await run.wait())
            journal.close(results[-1])

        async with anyio.create_task_group() as group:
            for key in "abcdef":
                group.start_soon(one, key)
        return results

    assert all(result.ok for result in anyio.run(main))
    file = JournalFile(tmp_path / "j")
    assert [entry.status for entry in file.runs()] == ["ok"] * 6
    file.close()


def test_secret_inputs_are_not_written(tmp_path: Path) -> None:
    world = World()
    text = 'secret input key: str\ninput name: str\n1. look("$key")\n2. look("$name")\n3. join($2)'
    inputs = {"key": "hunter2hunter2", "name": "alice"}
    journal, plan = begin(tmp_path / "j", text, world.tools(), inputs)
    journal.note_start(1, "look", 1, {"key": "hunter2hunter2"})
    journal.note_start(2, "look", 1, {"key": "alice"})
    anyio.run(journal.commit)
    journal.file.close()
    written = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"hunter2" not in written
    assert b"alice" in written
    assert plan.inputs[0].secret


def test_a_run_is_not_resumed_with_other_tools(tmp_path: Path) -> None:
    world = World()
    journal, plan = begin(tmp_path / "j", TEXT, world.tools())
    execute(journal, plan, world.tools())

    @lcc.tool(effect="read")
    async def send(key: str) -> str:
        return key

    others = [world.tools()[0], send]
    with pytest.raises(JournalError, match="`send` is declared differently"):
        resume_run(str(tmp_path / "j"), signatures(others))
    with pytest.raises(JournalError, match="needs the tool `send`"):
        resume_run(str(tmp_path / "j"), signatures(world.tools()[:1]))


def test_a_run_is_not_resumed_when_its_plan_file_has_changed(tmp_path: Path) -> None:
    world = World()
    file = tmp_path / "a.plan"
    file.write_text(TEXT)
    plan = lcc.compile(TEXT, tools=world.tools()).plan
    journal = begin_run(str(tmp_path / "j"), plan, Source(str(file), TEXT), signatures(world.tools()), {})
    journal.close(None)
    resume_run(str(tmp_path / "j"), signatures(world.tools()))[0].close(None)
    file.write_text(TEXT.replace("look", "put"))
    with pytest.raises(JournalError, match="has changed since run"):
        resume_run(str(tmp_path / "j"), signatures(world.tools()))


def test_a_journal_of_another_version_and_other_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "j"
    JournalFile(path, create=True).close()
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {VERSION - 1}")
    connection.close()
    with pytest.raises(JournalError, match=f"schema version {VERSION - 1}"):
        JournalFile(path)
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    connection.close()
    with pytest.raises(JournalError, match=f"schema version {VERSION + 1}"):
        JournalFile(path)
    other = tmp_path / "other"
    connection = sqlite3.connect(other)
    connection.execute("CREATE TABLE t (x)")
    connection.close()
    with pytest.raises(JournalError, match="no journal of lcc"):
        JournalFile(other)
    text = tmp_path / "text"
    text.write_text("not a database at all, but text that is long enough")
    with pytest.raises(JournalError, match="can't be used as a journal"):
        JournalFile(text)
    with pytest.raises(JournalError, match="there is no journal"):
        JournalFile(tmp_path / "missing")


def test_an_id_is_found_by_its_beginning(tmp_path: Path) -> None:
    world = World()
    runs = []
    for _ in range(3):
        journal, _plan = begin(tmp_path / "j", TEXT, world.tools())
        journal.close(None)
        runs.append(journal.run)
    file = JournalFile(tmp_path / "j")
    assert file.entry(runs[0]).id == runs[0]
    assert file.entry().id == runs[2]
    with pytest.raises(JournalError, match="no run's id begins with"):
        file.entry("zz")
    with pytest.raises(JournalError, match="3 runs' ids begin with"):
        file.entry("")
    file.close()
