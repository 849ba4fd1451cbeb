"""A run that is killed at any moment goes on where it was: nothing that ended is done again, no write twice."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from collections import Counter
from contextlib import suppress
from pathlib import Path

import body_crash_child
import crash_child
import journal_child
import pytest

from lcc.runtime.journal.file import JournalFile
from lcc.runtime.result import FailureKind

CHILD = Path(crash_child.__file__)


def _killed_after(lines: int, journal: Path, log: Path, script: Path = CHILD) -> bool:
    """Run the child and kill it once it has logged so many lines; whether it was killed before its end."""
    child = subprocess.Popen([sys.executable, str(script), str(journal), str(log)], stdout=subprocess.PIPE)
    assert child.stdout is not None
    child.stdout.readline()
    while child.poll() is None and _length(log) < lines:
        with suppress(subprocess.TimeoutExpired):  # leave the processor to the child meanwhile
            child.wait(0.0005)
    child.send_signal(signal.SIGKILL)
    said = child.stdout.read()
    child.stdout.close()
    child.wait(60)
    return b"done" not in said


def _length(log: Path) -> int:
    return log.read_bytes().count(b"\n") if log.exists() else 0


def _crash_and_resume(folder: Path, moments: list[int]) -> None:
    journal, log = folder / "journal", folder / "log"
    for moment in moments:
        _killed_after(moment, journal, log)
    ended: set[str] = set()
    doubtful: set[str] = set()
    if journal.exists():
        file = JournalFile(journal, create=True)  # a child killed at once leaves it empty
        if file.runs():
            stored = file.load()
            ended = {str(id_) for id_, record in stored.records.items() if record.status == "ok"}
            doubtful = {str(id_) for id_ in stored.in_doubt}
        file.close()
    before = Counter(log.read_text().split("\n")) if log.exists() else Counter()
    result = crash_child.main(str(journal), str(log))
    after = Counter(log.read_text().split("\n"))
    again = {line.split()[1] for line in after if line and after[line] > before[line] > 0}
    assert not again & ended, "a task that had ended was called again"
    assert not [line for line, times in after.items() if line.startswith("once") and times > 1], (
        "a write was made twice"
    )
    undisturbed = crash_child.main(str(folder / "other"), str(folder / "other-log"))
    assert isinstance(result.join, dict)
    assert isinstance(undisturbed.join, dict)
    different = {id_ for id_, value in undisturbed.join.items() if result.join[id_] != value}
    assert all(result.join[id_] is None and str(id_) in doubtful and id_ % 4 == 2 for id_ in different)


def test_a_killed_run_is_resumed(tmp_path: Path) -> None:
    _crash_and_resume(tmp_path, [3, 90])


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(60))
def test_a_run_killed_at_a_random_moment_is_resumed(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    _crash_and_resume(tmp_path, [chance.randrange(200) for _ in range(chance.choice([1, 1, 2]))])


def _known(journal: Path) -> tuple[set[str], set[str]]:
    """Return the calls that a journal saw ending, and those that it only saw starting."""
    if not journal.exists():
        return set(), set()
    file = JournalFile(journal, create=True)  # a child killed at once leaves it empty
    if not file.runs():
        file.close()
        return set(), set()
    stored = file.load()
    file.close()
    ended = {str(id_) for id_, record in stored.records.items() if record.status in ("ok", "failed")}
    return ended, {str(id_) for id_ in stored.in_doubt if stored.tools[id_] == "once"}


def _crash_and_resume_a_body(folder: Path, moments: list[int], backend: str) -> None:
    journal, log = folder / "journal", folder / "log"
    for moment in moments:
        _killed_after(moment, journal, log, Path(body_crash_child.__file__))
    ended, doubtful = _known(journal)
    before = Counter(log.read_text().split("\n")) if log.exists() else Counter()
    result = body_crash_child.main(str(journal), str(log), backend)
    after = Counter(log.read_text().split("\n"))
    again = {line.split()[1] for line in after if line and after[line] > before[line] > 0}
    assert not again & ended, "a call that had ended was made again"
    once = Counter(line.split()[1] for line in after.elements() if line.startswith("once"))
    assert set(once.values()) <= {1}, "a write was made twice"
    undisturbed = body_crash_child.main(str(folder / "other"), str(folder / "other-log"))
    if result.answered:
        assert result.answer == undisturbed.answer
        lines = {line for line in (folder / "other-log").read_text().split("\n") if line}
        assert {line for line in after if line} == lines, "another call was made than without a crash"
    else:
        assert result.failure is not None
        assert result.failure.kind is FailureKind.DOUBT
        assert doubtful


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_killed_program_is_resumed(backend: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LCC_CRASH", "program")
    _crash_and_resume_a_body(tmp_path, [20, 35], backend)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(60))
def test_a_program_killed_at_a_random_moment_is_resumed(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LCC_CRASH", "program")
    chance = random.Random(seed)
    moments = [chance.randrange(56) for _ in range(chance.choice([1, 1, 2]))]
    _crash_and_resume_a_body(tmp_path, moments, chance.choice(["asyncio", "trio"]))


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_killed_body_is_resumed(backend: str, tmp_path: Path) -> None:
    _crash_and_resume_a_body(tmp_path, [20, 35], backend)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(60))
def test_a_body_killed_at_a_random_moment_is_resumed(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    moments = [chance.randrange(56) for _ in range(chance.choice([1, 1, 2]))]
    _crash_and_resume_a_body(tmp_path, moments, chance.choice(["asyncio", "trio"]))


def _in_several_processes(folder: Path, processes: int, journals: int) -> None:
    """Let processes make a run each in the same new journal, at once, and so for some journals."""
    piped = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    children = [subprocess.Popen([sys.executable, journal_child.__file__], **piped) for _ in range(processes)]
    said = []
    try:
        for child in children:
            assert child.stdout.readline() == "ready\n"
        for number in range(journals):
            for child in children:
                child.stdin.write(f"{folder / f'journal{number}'}\n")
                child.stdin.flush()
            said += [child.stdout.readline().strip() for child in children]
    finally:
        for child in children:
            child.stdin.close()
            child.wait(60)
            child.stdout.close()
    assert Counter(said) == {"ok": processes * journals}
    for number in range(journals):
        file = JournalFile(folder / f"journal{number}")
        assert [entry.status for entry in file.runs()] == ["ok"] * processes
        file.close()


@pytest.mark.slow
def test_several_processes_open_one_new_journal_at_once(tmp_path: Path) -> None:
    _in_several_processes(tmp_path, processes=6, journals=60)
