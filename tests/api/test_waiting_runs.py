"""A recorded run that is started from Python can wait for an approval, and goes on once there is an answer."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import anyio
import pytest

import lcc
from lcc.runtime.journal.file import JournalError, JournalFile
from lcc.runtime.journal.pending import answer
from lcc.runtime.result import FailureKind

PLANS = [
    '1. look("x")\n2. erase("$1")\n3. erase("b")\n4. join($2, $3)\n',
    'strict\n1. look("x")\n2. erase($1)\n3. erase("b")\n4. join($2, $3)\n',
]
made: list[str] = []


@lcc.tool(effect="read")
def look(key: str) -> str:
    made.append(f"look {key}")
    return key


@lcc.tool(effect="destructive", resource="disk")
def erase(path: str) -> str:
    made.append(f"erase {path}")
    return path


@lcc.tool(effect="read")
async def doubtful(key: str, context: lcc.Context) -> str:
    return str(await context.confirm("really?"))


TOOLS = [look, erase]


@pytest.fixture(autouse=True)
def nothing_made() -> None:
    made.clear()


async def later(request: lcc.ApprovalRequest) -> Any:
    return lcc.LATER


LATER = lcc.Options(approve=later)


def status(path: Path) -> str | None:
    with closing(JournalFile(path)) as file:
        return file.runs()[-1].status


def go_on(path: Path, **options: Any) -> lcc.RunResult:
    async def main() -> lcc.RunResult:
        async with lcc.resume(path, TOOLS, options=lcc.Options(**options)) as run:
            return await run.wait()

    return anyio.run(main)


def started(text: str, path: Path) -> lcc.RunResult:
    async def main() -> lcc.RunResult:
        async with lcc.compile(text, TOOLS).start(options=LATER, journal=path) as run:
            async for _ in run:
                pass
        return run.result

    return anyio.run(main)


@pytest.mark.parametrize("text", PLANS)
@pytest.mark.parametrize("way", ["run", "start"])
def test_a_run_that_waits_goes_on_with_each_answer(tmp_path: Path, text: str, way: str) -> None:
    path = tmp_path / "j"
    result = started(text, path) if way == "start" else lcc.compile(text, TOOLS).run(options=LATER, journal=path)
    assert result.failure is not None
    assert (result.failure.kind, result.waits, status(path)) == (FailureKind.WAITING, True, None)
    for _ in range(3):
        if not result.waits:
            break
        answer(path, allowed=True)
        result = go_on(path, approve=later)
    assert (result.ok, result.join, status(path)) == (True, ["x", "b"], "ok")
    assert made == ["look x", "erase x", "erase b"]
    with pytest.raises(JournalError, match="it has ended"):
        answer(path, allowed=True)


def test_a_no_is_one_and_what_was_not_answered_goes_on_waiting(tmp_path: Path) -> None:
    path = tmp_path / "j"
    lcc.compile(PLANS[1], TOOLS).run(options=LATER, journal=path)
    assert go_on(path).waits
    assert status(path) is None
    answer(path, allowed=False)
    result = go_on(path)
    assert (result.ok, result.waits, status(path)) == (False, False, "failed")
    assert made == ["look x"]


def test_a_call_that_was_not_asked_about_says_what_would_allow_it(tmp_path: Path) -> None:
    path = tmp_path / "j"
    lcc.compile('1. erase("a")\n2. erase("b")\n3. join()\n', TOOLS).run(options=LATER, journal=path)
    answer(path, allowed=True)
    result = go_on(path)
    assert made == ["erase a"]
    assert result.tasks[2].error is not None
    assert "nobody to approve of it: `--yes` or `lcc.Options(approve=…)` allows it" in result.tasks[2].error.message


def test_an_approver_that_is_not_async_is_told_so_in_a_recorded_run_too(tmp_path: Path) -> None:
    options = lcc.Options(approve=lambda request: True)  # type: ignore[arg-type, return-value]
    result = lcc.compile('1. erase("a")\n2. join()\n', TOOLS).run(options=options, journal=tmp_path / "j")
    assert made == []
    assert result.tasks[1].error is not None
    assert result.tasks[1].error.message.startswith("`approve` must be an async function")


def test_what_a_call_asks_midway_does_not_wait_and_is_a_no(tmp_path: Path) -> None:
    path = tmp_path / "j"
    result = lcc.compile('1. doubtful("a")\n2. join($1)\n', [doubtful]).run(options=LATER, journal=path)
    assert (result.ok, result.join, status(path)) == (True, ["False"], "ok")
