"""The journal: what ended is never done again, what is in doubt is never repeated, and any file is met with a clear word."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path
from typing import Literal

import anyio
import pytest
from running_plans import on_both

import lcc
from lcc.grammar.source import Source
from lcc.python_tools.collect import as_tools
from lcc.runtime.journal.file import VERSION, JournalError, JournalFile
from lcc.runtime.journal.record import RunJournal, begin_run, resume_run
from lcc.runtime.journal.replay import replay
from lcc.runtime.options import ApprovalRequest, Approver, Options
from lcc.runtime.result import TaskRecord, TaskStatus
from lcc.runtime.run import Run


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
    path: Path, text: str, tools: list[object], inputs: dict[str, str] | None = None, *, durable: bool = False
) -> tuple[RunJournal, lcc.Plan]:
    plan = lcc.compile(text, tools=tools, level=0).plan
    source = Source("<test>", text)
    return begin_run(str(path), plan, source, signatures(tools), inputs or {}, durable=durable), plan


def execute(
    journal: RunJournal,
    plan: lcc.Plan,
    tools: list[object],
    inputs: dict[str, str] | None = None,
    approve: Approver | None = None,
) -> lcc.RunResult:
    async def main() -> lcc.RunResult:
        options = Options(journal=journal, approve=approve)
        async with Run(plan, as_tools(tools), inputs or {}, options=options, run_id=journal.run) as run:
            result = await run.wait()
        journal.close(result)
        return result

    return anyio.run(main)


def resume(path: Path, tools: list[object], approve: Approver | None = None) -> lcc.RunResult:
    journal, stored = resume_run(str(path), signatures(tools))
    return execute(journal, stored.plan, tools, dict(stored.inputs), approve)


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


def test_of_calls_that_were_made_together_only_those_that_failed_are_made_again(tmp_path: Path) -> None:
    asked: list[list[str]] = []
    broken = {"b"}

    @lcc.tool(effect="read", batch="look_all", max_batch=5)
    async def look(key: str) -> str:
        return f"<{key}>"

    @lcc.tool(effect="read")
    async def look_all(items: list[dict[str, str]]) -> list[str]:
        asked.append([item["key"] for item in items])
        return [ValueError("broken") if key in broken else f"<{key}>" for key in asked[-1]]  # type: ignore[misc]

    tools: list[object] = [look, look_all]
    text = '1. look("a")\n2. look("b")\n3. look("c")\n4. look("$2")\n5. join()\n'
    plan = lcc.compile(text, tools=tools, level=3).plan
    journal = begin_run(str(tmp_path / "j"), plan, Source("<test>", text), signatures(tools), {})
    first = execute(journal, plan, tools)
    assert first.join == {1: "<a>", 2: None, 3: "<c>", 4: None}
    broken.clear()
    assert resume(tmp_path / "j", tools).join == {1: "<a>", 2: "<b>", 3: "<c>", 4: "<<b>>"}
    assert asked == [["a", "b", "c"], ["b"]]


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


@pytest.mark.parametrize("allowed", [True, False])
def test_a_resumed_run_asks_only_about_calls_that_it_will_make(tmp_path: Path, allowed: bool) -> None:
    world = World()
    world.broken = {"look b"}

    @lcc.tool(effect="destructive", resource="file:{key}")
    async def erase(key: str, reason: str = "") -> str:
        world.calls.append(f"erase {key} {reason}")
        return "gone"

    tools = [*world.tools(), erase]
    answers = [True, allowed]
    asked: list[list[str]] = []

    async def approve(request: ApprovalRequest) -> bool:
        asked.append([str(id_) for id_, _ in request.calls])
        return answers.pop(0)

    text = '1. look("b")\n2. erase(each ["a", $1, "c"], "x")\n3. join()\n'
    journal, plan = begin(tmp_path / "j", text, tools)
    execute(journal, plan, tools, approve=approve)
    assert world.calls == ["look b", "erase a x", "erase c x"]
    world.broken.clear()
    world.calls.clear()
    result = resume(tmp_path / "j", tools, approve)
    assert asked == [["2[0]", "2[2]"], ["2[1]"]]
    assert world.calls == ["look b", "erase <b> x"][: 2 if allowed else 1]
    assert {str(id_): str(record.status) for id_, record in result.tasks.items()} == {
        "1": "ok",
        "2[0]": "ok",
        "2[1]": "ok" if allowed else "failed",
        "2[2]": "ok",
        "2": "ok" if allowed else "failed",
    }


def test_a_write_that_was_not_seen_to_end_is_in_doubt(tmp_path: Path) -> None:
    world = World()
    journal, plan = begin(tmp_path / "j", '1. send("a")\n2. put("b")\n3. look("c")\n4. join()', world.tools())
    for task in plan.tasks:
        journal.note_start(task.id, task.tool, 1, {"key": "?"}, 0.0)
    anyio.run(journal.commit)
    journal.file.close()  # the process dies here
    result = resume(tmp_path / "j", world.tools())
    assert sorted(world.calls) == ["look c", "put b"]
    error = result.tasks[1].error
    assert error is not None
    assert error.kind == "in doubt"
    assert "didn't see it end" in error.message


@pytest.mark.parametrize(
    ("effect", "table", "expected"),
    [("read", "ends", [[], ["1"], ["1", "2"]]), ("write", "starts", [["1"], ["1", "2"], ["1", "2", "3"]])],
    ids=["a result is durable before what reads it starts", "a write is down as started before it is called"],
)
def test_what_is_written_before_a_call_is_made(
    effect: Literal["read", "write"], table: str, expected: list[list[str]], tmp_path: Path
) -> None:
    seen: list[list[str]] = []
    path = tmp_path / "j"

    @lcc.tool(effect=effect)
    async def look(key: str) -> str:
        with sqlite3.connect(path) as other:
            seen.append([row[0] for row in other.execute(f"SELECT task FROM {table} ORDER BY task")])
        other.close()
        return key

    journal, plan = begin(path, '1. look("a")\n2. look($1)\n3. look($2)\n4. join()', [look])
    assert execute(journal, plan, [look]).ok
    assert seen == expected


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
    journal.note_start(1, "look", 1, {"key": "hunter2hunter2"}, 0.0)
    journal.note_start(2, "look", 1, {"key": "alice"}, 0.0)
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


def test_a_journal_in_which_no_run_can_be_entered_is_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[JournalFile] = []

    def entered(file: JournalFile, *_: object, **__: object) -> str:
        opened.append(file)
        raise JournalError("the disk is full", "make room")

    monkeypatch.setattr(JournalFile, "begin", entered)
    with pytest.raises(JournalError, match="the disk is full"):
        begin(tmp_path / "j", TEXT, World().tools())
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        opened[0].connection.execute("SELECT 1")


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


def fill_disk(journal: RunJournal) -> None:
    """Let the file grow no further, as on a disk that is full."""
    pages = journal.file.connection.execute("PRAGMA page_count").fetchone()[0]
    journal.file.connection.execute(f"PRAGMA max_page_count = {pages}")


@on_both
def test_on_a_full_disk_no_write_begins_and_what_ended_is_given_back(tmp_path: Path, backend: str) -> None:
    world = World()
    text = '1. look("a")\n2. look("$1b")\n3. send("$2")\n4. send(each ["x", "y"])\n5. join()\n'
    journal, plan = begin(tmp_path / "j", text, world.tools())

    async def main() -> lcc.RunResult:
        async with Run(plan, as_tools(world.tools()), {}, options=Options(journal=journal)) as run:
            return await run.wait()

    fill_disk(journal)
    journal.note_end(9, TaskRecord(TaskStatus.OK, "x" * 100_000))
    result = anyio.run(main, backend=backend)
    assert world.calls == ["look a"]
    assert result.tasks[1].value == "<a>"
    assert result.failure is not None
    assert result.failure.kind == "journal"
    assert "can't be written: database or disk is full" in result.failure.message
    assert not result.ok
    with pytest.raises(JournalError, match="can't be written: database or disk is full"):
        journal.close(result)


@on_both
def test_a_write_that_cannot_be_written_down_is_not_called_and_says_why(tmp_path: Path, backend: str) -> None:
    world = World()
    journal, plan = begin(tmp_path / "j", '1. send("a")\n2. send("b")\n3. join()\n', world.tools())

    async def main() -> lcc.RunResult:
        async with Run(plan, as_tools(world.tools()), {}, options=Options(journal=journal)) as run:
            return await run.wait()

    fill_disk(journal)
    journal.note_end(9, TaskRecord(TaskStatus.OK, "x" * 100_000))
    with closing(journal.file):
        result = anyio.run(main, backend=backend)
    assert world.calls == []
    error = result.tasks[1].error
    assert error is not None
    assert (error.kind, error.attempts) == ("journal", 0)
    assert {str(record.status) for record in result.tasks.values()} <= {"failed", "cancelled"}


def test_a_write_that_runs_when_the_journal_breaks_ends_and_what_follows_does_not_begin(tmp_path: Path) -> None:
    calls: list[str] = []
    full = anyio.Event()

    @lcc.tool(effect="write", resource="slow")
    async def slow(key: str) -> str:
        calls.append(key)
        await full.wait()
        return "done"

    @lcc.tool(effect="write", resource="quick")
    async def quick(key: str) -> str:
        calls.append(key)
        fill_disk(journal)
        return "x" * 100_000

    text = '1. slow("a")\n2. quick("b")\n3. slow("c")\n4. quick("$1")\n5. join()\n'
    journal, plan = begin(tmp_path / "j", text, [slow, quick])

    async def main() -> lcc.RunResult:
        async with Run(plan, as_tools([slow, quick]), {}, options=Options(journal=journal)) as run:
            async for event in run:
                if getattr(event, "id", None) == 2 and type(event).__name__ == "TaskEnded":
                    full.set()
            return await run.wait()

    with closing(journal.file):
        result = anyio.run(main)
    assert calls == ["a", "b"]
    assert [str(result.tasks[id_].status) for id_ in (1, 2, 3, 4)] == ["ok", "ok", "cancelled", "cancelled"]
    assert result.tasks[1].value == "done"


def open_together(path: Path, number: int) -> list[str]:
    """Have processes begin a run in one new journal at the same moment; return what went wrong in each."""
    script = (
        "import sys\n"
        "from lcc.grammar.ir import Plan\nfrom lcc.grammar.source import Source\n"
        "from lcc.runtime.journal.record import begin_run\n"
        "print('ready', flush=True)\nsys.stdin.readline()\n"
        "begin_run(sys.argv[1], Plan(), Source('p', ''), {}, {}).close(None)\n"
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(number)
    ]
    for process in processes:
        assert process.stdout is not None
        process.stdout.readline()
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    return [process.communicate(timeout=90)[1] for process in processes]


def test_two_processes_may_make_one_journal_at_the_same_moment(tmp_path: Path) -> None:
    assert open_together(tmp_path / "j", 2) == ["", ""]
    with closing(JournalFile(tmp_path / "j")) as file:
        assert len(file.runs()) == 2


@pytest.mark.slow
@pytest.mark.parametrize("round_", range(20))
def test_eight_processes_may_make_one_journal_at_the_same_moment(tmp_path: Path, round_: int) -> None:
    assert open_together(tmp_path / "j", 8) == [""] * 8
    with closing(JournalFile(tmp_path / "j")) as file:
        assert len(file.runs()) == 8


def test_a_journal_that_another_process_has_half_made_is_waited_for(tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "j", isolation_level=None, check_same_thread=False)
    other.execute("BEGIN EXCLUSIVE")
    other.execute("CREATE TABLE half (made)")
    opened = threading.Thread(target=lambda: JournalFile(tmp_path / "j", create=True).close())
    opened.start()
    other.execute("ROLLBACK")
    other.close()
    opened.join(60)
    with closing(JournalFile(tmp_path / "j")) as file:
        assert file.runs() == []


@pytest.mark.parametrize("kind", ["folder", "pipe", "device"])
def test_what_is_no_regular_file_is_no_journal(tmp_path: Path, kind: str) -> None:
    path = Path(os.devnull) if kind == "device" else tmp_path / "j"
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    for create in (True, False):
        with pytest.raises(JournalError, match="is not a regular file"):
            JournalFile(path, create=create)


def test_a_journal_with_a_view_or_a_trigger_is_refused(tmp_path: Path) -> None:
    for number, statement in enumerate(
        ("CREATE VIEW v AS SELECT 1", "CREATE TRIGGER t AFTER INSERT ON runs BEGIN SELECT 1; END")
    ):
        path = tmp_path / str(number)
        JournalFile(path, create=True).close()
        with closing(sqlite3.connect(path)) as connection:
            connection.execute(statement)
        with pytest.raises(JournalError, match="its tables aren't a journal's"):
            JournalFile(path)


def test_a_value_larger_than_a_journal_may_hold_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    journal, _ = begin(tmp_path / "j", TEXT, world.tools())
    journal.note_end(1, TaskRecord(TaskStatus.OK, "x" * 200_000))
    journal.close(None)
    monkeypatch.setattr("lcc.runtime.journal.file.MOST_BYTES", 100_000)
    with (
        closing(JournalFile(tmp_path / "j")) as file,
        pytest.raises(JournalError, match="is damaged: string or blob too big"),
    ):
        file.load()


@pytest.mark.parametrize("named", ["device", "pipe", "other file", "huge file"])
def test_what_a_journal_names_is_shown_only_if_it_is_the_plan(tmp_path: Path, named: str) -> None:
    world = World()
    journal, _ = begin(tmp_path / "j", TEXT, world.tools())
    journal.close(None)
    target = Path("/dev/zero") if named == "device" else tmp_path / "named"
    if named == "pipe":
        os.mkfifo(target)
    elif named == "other file":
        target.write_text("a key")
    elif named == "huge file":
        with target.open("wb") as file:
            file.truncate(1 << 40)
    with closing(sqlite3.connect(tmp_path / "j", isolation_level=None)) as connection:
        connection.execute("UPDATE runs SET path = ?", (str(target),))
    with closing(JournalFile(tmp_path / "j")) as opened:
        assert opened.load().source.text == ""


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


class SlowConnection:
    """A connection on which an insertion takes until it is let go; it notes whoever uses it meanwhile."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._inserting = False
        self.reached, self.disturbed, self.let_go = threading.Event(), threading.Event(), threading.Event()

    def execute(self, statement: str, values: tuple[object, ...] = ()) -> sqlite3.Cursor:
        self._used()
        if statement.startswith("INSERT") and not self.let_go.is_set():
            self._inserting = True
            self.reached.set()
            self.let_go.wait(100)
            self._inserting = False
        return self._connection.execute(statement, values)

    def _used(self) -> None:
        if self._inserting:
            self.disturbed.set()

    def close(self) -> None:
        self._used()
        self.let_go.wait(100)
        self._connection.close()

    @property
    def in_transaction(self) -> bool:
        return self._connection.in_transaction


@on_both
def test_a_journal_is_closed_only_when_nobody_writes_it_any_more(tmp_path: Path, backend: str) -> None:
    journal, _ = begin(tmp_path / "j", '1. look("a")\n2. join()\n', World().tools(), durable=True)
    slow = SlowConnection(journal.file.connection)
    journal.file.connection = slow  # type: ignore[assignment]
    journal.note_end(1, TaskRecord(TaskStatus.OK, "<a>"))

    async def main() -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(journal.commit)
            await anyio.to_thread.run_sync(slow.reached.wait)
            journal.note_end(2, TaskRecord(TaskStatus.OK, "late"))
            group.start_soon(anyio.to_thread.run_sync, journal.close, None)
            await anyio.to_thread.run_sync(slow.disturbed.wait, 0.05)
            slow.let_go.set()

    anyio.run(main, backend=backend)
    assert not slow.disturbed.is_set()
    with closing(JournalFile(tmp_path / "j")) as file:
        assert {id_: record.value for id_, record in file.load().records.items()} == {1: "<a>", 2: "late"}


class WatchedThreads:
    """A connection that notes the threads in which rows are written."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.threads: set[threading.Thread] = set()

    def __getattr__(self, name: str) -> object:
        return getattr(self._connection, name)

    def execute(self, statement: str, values: tuple[object, ...] = ()) -> sqlite3.Cursor:
        if statement.startswith("INSERT INTO starts"):
            self.threads.add(threading.current_thread())
        return self._connection.execute(statement, values)


def _writing_threads(path: Path, backend: str, notes: int, *, durable: bool = False, locked: bool = False) -> set[str]:
    """Commit some starts; return where they were written: "here", or in "another" thread."""
    journal, _ = begin(path, '1. look("a")\n2. join()\n', World().tools(), durable=durable)
    journal.file.entry()  # what the run begins with is written
    journal.file.connection = watched = WatchedThreads(journal.file.connection)  # type: ignore[assignment]
    for attempt in range(notes):
        journal.note_start(1, "look", attempt, {}, 0.0)

    async def main() -> None:
        with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
            async with anyio.create_task_group() as group:
                if locked:
                    other.execute("BEGIN IMMEDIATE")
                group.start_soon(journal.commit)
                await anyio.lowlevel.checkpoint()
                await anyio.lowlevel.checkpoint()
                if locked:
                    assert other.execute("SELECT count(*) FROM starts").fetchone() == (0,)
                    other.execute("COMMIT")
            assert other.execute("SELECT count(*) FROM starts").fetchone() == (notes,)

    anyio.run(main, backend=backend)
    journal.close(None)
    with closing(JournalFile(path)) as file:
        assert file.load().started == {1: notes}
    return {"here" if one is threading.current_thread() else "another" for one in watched.threads}


@on_both
def test_a_few_rows_are_written_where_they_are_noted(tmp_path: Path, backend: str) -> None:
    assert _writing_threads(tmp_path / "j", backend, 3) == {"here"}


@on_both
def test_what_waits_for_the_disk_or_a_lock_is_written_in_a_thread(tmp_path: Path, backend: str) -> None:
    assert _writing_threads(tmp_path / "many", backend, 40) == {"another"}
    assert _writing_threads(tmp_path / "durable", backend, 3, durable=True) == {"another"}
    assert _writing_threads(tmp_path / "locked", backend, 3, locked=True) == {"another"}


def test_what_a_run_begins_with_is_written_before_what_follows(tmp_path: Path) -> None:
    """Also where several runs begin at the same time, each of which has a file of its own."""
    journals = [begin(tmp_path / "j", '1. look("a")\n2. join()\n', World().tools())[0] for _ in range(3)]
    for journal in reversed(journals):
        journal.note_start(1, "look", 1, {}, 0.0)
        journal.close(None)
    with closing(JournalFile(tmp_path / "j")) as file:
        assert [file.load(one.run).started for one in journals] == [{1: 1}] * 3


def test_only_short_rows_are_written_without_a_thread(tmp_path: Path) -> None:
    with closing(JournalFile(tmp_path / "j", create=True)) as file:
        insert = "INSERT INTO replies (question, role, asked, reply) VALUES ('q', 'planner', 'a', ?)"
        assert any(file.write_at_once([(insert, ("short",))]) for _ in range(5))
        assert not any(file.write_at_once([(insert, ("x" * 20_000,))]) for _ in range(5))
        kept = file.connection.execute("SELECT DISTINCT reply FROM replies").fetchall()
    assert kept == [("short",)]
