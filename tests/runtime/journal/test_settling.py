"""Writes in doubt are settled: they were done, with a result, or are to be made again; and nothing else is."""

from __future__ import annotations

from pathlib import Path

import anyio
import pytest
from test_journal import World, begin, resume, signatures

from lcc.runtime.journal.file import JournalError, JournalFile
from lcc.runtime.journal.settling import settle

TEXT = '1. send("a")\n2. send("$1!")\n3. look("c")\n4. join()'


def broken_off(path: Path, world: World, *begun: int) -> None:
    """Leave a run behind that began calls and saw none end."""
    journal, plan = begin(path, TEXT, world.tools())
    for task in plan.tasks:
        if task.id in begun:
            journal.note_start(task.id, task.tool, 1, {"key": "a"}, 0.0)
    anyio.run(journal.commit)
    journal.file.close()  # the process dies here


def test_a_write_that_was_done_is_not_made_again_and_its_result_is_read(tmp_path: Path) -> None:
    world = World()
    broken_off(tmp_path / "j", world, 1)
    settle(tmp_path / "j", done={"1": "sent by hand"}, tools=signatures(world.tools()))
    result = resume(tmp_path / "j", world.tools())
    assert result.ok
    assert result.tasks[1].value == "sent by hand"
    assert sorted(world.calls) == ["look c", "send sent by hand!"]


def test_a_write_that_is_to_be_made_again_is(tmp_path: Path) -> None:
    world = World()
    broken_off(tmp_path / "j", world, 1)
    settle(tmp_path / "j", redo=["1"])
    result = resume(tmp_path / "j", world.tools())
    assert result.ok
    assert "send a" in world.calls


def test_a_write_made_again_is_in_doubt_again_if_that_is_not_seen_to_end_either(tmp_path: Path) -> None:
    world = World()
    broken_off(tmp_path / "j", world, 1)
    settle(tmp_path / "j", redo=["1"])
    file = JournalFile(tmp_path / "j")
    run = file.entry().id
    assert file.load().in_doubt == ()
    for doubtful in (1, 2):
        file.connection.execute(
            "INSERT INTO starts (run, task, attempt, tool, arguments) VALUES (?, '1', 1, 'send', '{}')", (run,)
        )
        assert file.load().in_doubt == (1,), doubtful
        settle(tmp_path / "j", redo=["1"])
        assert file.load().in_doubt == ()
    file.close()


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"done": {"2": None}}, "call 2 is not in doubt: the run hasn't begun it"),
        ({"redo": ["9"]}, "call 9 is not in doubt"),
        ({"redo": ["x y"]}, "`x y` is no call's id"),
        ({"done": {"1": None}, "redo": ["1"]}, "call 1 is to be taken as done and to be made again"),
        ({"done": {"1": 5}}, "the result of call 1 is to be str"),
    ],
)
def test_what_is_not_in_doubt_or_no_result_is_refused_and_nothing_changes(
    said: dict[str, object], message: str, tmp_path: Path
) -> None:
    world = World()
    broken_off(tmp_path / "j", world, 1)
    with pytest.raises(JournalError, match=message):
        settle(tmp_path / "j", tools=signatures(world.tools()), **said)  # type: ignore[arg-type]
    file = JournalFile(tmp_path / "j")
    assert file.load().in_doubt == (1,)
    file.close()


def test_settled_once_is_settled(tmp_path: Path) -> None:
    world = World()
    broken_off(tmp_path / "j", world, 1)
    settle(tmp_path / "j", done={"1": "x"})
    with pytest.raises(JournalError, match="not in doubt: it ended: ok"):
        settle(tmp_path / "j", redo=["1"])


def test_a_run_that_still_runs_can_be_neither_settled_nor_resumed(tmp_path: Path) -> None:
    world = World()
    journal, _ = begin(tmp_path / "j", TEXT, world.tools())
    journal.note_start(1, "send", 1, {"key": "a"}, 0.0)
    anyio.run(journal.commit)
    with pytest.raises(JournalError, match="is being executed"):
        settle(tmp_path / "j", redo=["1"])
    with pytest.raises(JournalError, match="is being executed by process"):
        resume(tmp_path / "j", world.tools())
    journal.file.close()
