"""A question whose process is killed at any moment goes on where it was: over all its plans, no write twice, nothing finished lost."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from collections import Counter
from contextlib import suppress
from pathlib import Path

import ask_crash_child
import pytest
from asking import BACKENDS, END, finish, replan
from fake_model_server import FakeModelServer, Recorded, Text

from lcc.runtime.journal.file import JournalFile

CHILD = Path(ask_crash_child.__file__)

PLANS = [
    "".join(f"{i}. look({i})\n{i + 10}. once({i}, ${i})\n" for i in range(1, 9)) + f"30. flaky(1)\n31. join()\n{END}",
    "".join(f"{i}. look({i})\n{i + 10}. once({i}, ${i})\n" for i in range(41, 49))
    + f"60. once(1, 7)\n61. join()\n{END}",
    "70. once(each [91, 92, 93, 94, 95], $41)\n71. join()\n" + END,
]
PROGRAMS = [
    "total = 0\nfor i in range(8):\n    total = total + look(i)\n    once(i, total)\nflaky(3)\n",
    "for i in range(10, 18):\n    once(i, look(i))\nprint(total)\n",
    "for i in range(20, 25):\n    once(i, total)\nanswer(total)\n",
]


def respond(request: Recorded) -> Text:
    """Say what a model says, by what it has said before: so that it makes no difference how often it is asked."""
    said = sum(message["role"] == "assistant" for message in request.messages)
    if request.role == "joiner":
        return Text(replan("more") if said < 2 else finish("there is enough"))
    python = "def look" in request.system
    return Text((PROGRAMS if python else PLANS)[said])


def _killed_after(lines: int, folder: Path, url: str, language: str) -> None:
    """Run the child and kill it once it has logged so many lines."""
    log = folder / "log"
    arguments = [str(folder / "journal"), str(log), url, language]
    child = subprocess.Popen([sys.executable, str(CHILD), *arguments], stdout=subprocess.PIPE)
    assert child.stdout is not None
    child.stdout.readline()
    while child.poll() is None and _length(log) < lines:
        with suppress(subprocess.TimeoutExpired):  # leave the processor to the child meanwhile
            child.wait(0.001)
    child.send_signal(signal.SIGKILL)
    child.stdout.close()
    child.wait(60)


def _length(log: Path) -> int:
    return log.read_bytes().count(b"\n") if log.exists() else 0


def _ended(journal: Path) -> tuple[set[str], set[str]]:
    """Return the calls that a journal saw ending well, and those that it only saw starting, as the log has them."""
    ended: set[str] = set()
    doubtful: set[str] = set()
    if journal.exists():
        file = JournalFile(journal, create=True)  # a child killed at once leaves it empty
        for entry in file.runs():
            stored = file.load(entry.id)
            lines = {
                id_: " ".join([tool, *map(str, stored.arguments[id_].values())])
                for id_, tool in stored.tools.items()
                if id_ in stored.arguments
            }
            ended |= {lines[id_] for id_, record in stored.records.items() if record.status == "ok" and id_ in lines}
            doubtful |= {lines[id_] for id_ in stored.in_doubt if id_ in lines}
        file.close()
    return ended, doubtful


def _counts(log: Path) -> Counter[str]:
    return Counter(line for line in log.read_text().split("\n") if line) if log.exists() else Counter()


def _crash_and_resume(folder: Path, moments: list[int], language: str, backend: str = "asyncio") -> None:
    with FakeModelServer(respond) as server:
        for moment in moments:
            _killed_after(moment, folder, server.base_url, language)
        ended, doubtful = _ended(folder / "journal")
        before = _counts(folder / "log")
        answer = ask_crash_child.main(str(folder / "journal"), str(folder / "log"), server.base_url, language, backend)
        after = _counts(folder / "log")
        assert answer.ok
        again = {line for line in after if after[line] > before[line] > 0}
        assert not again & ended, "a call that had ended was made again"
        writes = Counter(line.split()[1] for line in after.elements() if line.startswith("once"))
        assert set(writes.values()) == {1}, "a write was made twice"
        undisturbed = folder / "other-log"
        ask_crash_child.main(str(folder / "other"), str(undisturbed), server.base_url, language)
        lost = _counts(undisturbed).keys() - after.keys()
        if not doubtful:
            assert lost == set(), "something was not done"
            assert after.keys() == _counts(undisturbed).keys()


@pytest.mark.parametrize(("language", "backend"), [("plan", "trio"), ("python", "asyncio")])
def test_a_killed_question_is_resumed(language: str, backend: str, tmp_path: Path) -> None:
    _crash_and_resume(tmp_path, [3, 25], language, backend)


@pytest.mark.slow
@pytest.mark.parametrize("language", ["plan", "python"])
@pytest.mark.parametrize("seed", range(30))
def test_a_question_killed_at_a_random_moment_is_resumed(seed: int, language: str, tmp_path: Path) -> None:
    chance = random.Random(seed)
    backend = chance.choice(BACKENDS)
    _crash_and_resume(tmp_path, [chance.randrange(50) for _ in range(chance.choice([1, 1, 2, 3]))], language, backend)
