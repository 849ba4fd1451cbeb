"""Large results of a run with a journal stay there alone, and are the same values whenever they are asked for."""

from __future__ import annotations

import copy
import gc
import json
import pickle
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import anyio
import pytest

import lcc
from lcc.runtime.journal.file import JournalFile
from lcc.runtime.journal.record import LARGE_BYTES
from lcc.runtime.journal.spilling import GONE, SpilledRecord, SpilledResult, StoredGone

WIDE = {"rows": [{"n": n, "name": f"größe {n} " * 8, "x": n / 7, "ok": n % 2 == 0, "none": None} for n in range(3_000)]}
LONG = "a line\n" * 20_000


@lcc.tool(effect="read")
def rows() -> dict[str, Any]:
    """Return a table."""
    return copy.deepcopy(WIDE)


@lcc.tool(effect="read")
def page(name: str) -> str:
    """Return a long page."""
    return f"{name}: {LONG}"


@lcc.tool(effect="read")
def small(name: str) -> str:
    """Return a short one."""
    return name


@lcc.tool(effect="read")
def echo(text: str) -> str:
    """Return what is given."""
    return f"{text} {LONG}"


TOOLS = [rows, page, small, echo]


def both(
    text: str, journal: Path, inputs: dict[str, Any] | None = None, front_end: str = "plan"
) -> tuple[lcc.RunResult, lcc.RunResult]:
    """Run a plan without a journal and with one."""
    compiled = lcc.compile(text, TOOLS, front_end)
    return compiled.run(inputs or {}), compiled.run(inputs or {}, journal=journal)


def stored(result: lcc.RunResult) -> list[str]:
    return [str(id_) for id_, one in result.tasks.items() if isinstance(one, SpilledRecord) and one.outline]


def values(result: lcc.RunResult) -> dict[str, Any]:
    return {str(id_): record.value for id_, record in result.tasks.items()}


PLANS = {
    "whole": "1. rows()\n2. small(\"a\")\n3. join($1, $2)\n",
    "labelled": "1. rows()\n2. page(\"a\")\n3. join()\n",
    "paths": "1. rows()\n2. join($1.rows, $1.rows[7].name)\n",
    "in a list and an object": '1. rows()\n2. page("a")\n3. join([$1, {"page": $2, "n": 1}], "read $2")\n',
    "fan-out": '1. page(each ["a", "b"])\n2. join($1, $1[1])\n',
    "answer": "1. rows()\n2. answer($1.rows)\n",
    "text": '1. page("a")\n2. answer($1)\n',
}  # fmt: skip


@pytest.mark.parametrize("name", PLANS)
def test_what_is_read_back_is_what_a_run_without_a_journal_gives(name: str, tmp_path: Path) -> None:
    plain, kept = both(PLANS[name], tmp_path / "j")
    assert stored(kept)
    assert isinstance(kept, SpilledResult)
    assert json.dumps(values(kept)) == json.dumps(values(plain))
    assert json.dumps(kept.join) == json.dumps(plain.join)
    assert type(kept.join) is type(plain.join)
    assert (kept.answer, kept.answered, kept.ok) == (plain.answer, plain.answered, True)
    assert {**kept.to_json(), "tasks": 0, "makespan": 0} == {**plain.to_json(), "tasks": 0, "makespan": 0}


def test_a_program_reads_back_what_it_hands_over_as_it_is(tmp_path: Path) -> None:
    text = 'found = rows()\nmore = page("a")\nanswer({"found": found, "more": [more], "n": len(more)})\n'
    plain, kept = both(text, tmp_path / "j", front_end="python")
    assert stored(kept)
    assert json.dumps(kept.answer) == json.dumps(plain.answer)
    assert size(kept) < LARGE_BYTES < size(plain)


def size(result: lcc.RunResult) -> int:
    """Return how many characters of text a result holds in memory."""
    seen: set[int] = set()
    todo: list[Any] = [result]
    found = 0
    while todo:
        one = todo.pop()
        if id(one) in seen or isinstance(one, type) or one is lcc:
            continue
        seen.add(id(one))
        if isinstance(one, str):
            found += len(one)
        elif type(one).__module__.startswith("lcc.runtime") or isinstance(one, dict | list | tuple):
            todo += gc.get_referents(one)
    return found


@pytest.mark.parametrize("name", [name for name in PLANS if "in a list" not in name])
def test_nothing_large_stays_in_memory(name: str, tmp_path: Path) -> None:
    plain, kept = both(PLANS[name], tmp_path / "j")
    assert size(kept) < LARGE_BYTES < size(plain)


def test_small_results_and_runs_without_a_journal_stay_as_they_are(tmp_path: Path) -> None:
    plain, kept = both('1. small("a")\n2. join()\n', tmp_path / "j")
    assert type(kept) is type(plain) is lcc.RunResult
    assert not stored(both(PLANS["whole"], tmp_path / "k")[0])


def test_records_compare_copy_and_pickle_as_others_do(tmp_path: Path) -> None:
    plain, kept = both(PLANS["whole"], tmp_path / "j")
    record = kept.tasks[1]
    own = replace(plain.tasks[1], start=record.start, end=record.end)
    assert (record == own, own == record) == (True, True)
    assert record != replace(own, value=1)
    again = replace(kept, makespan=plain.makespan, tasks=plain.tasks)
    assert (again == plain, plain == again) == (True, True)
    assert copy.deepcopy(record) == record
    (tmp_path / "other").write_bytes(pickle.dumps((record, kept)))
    (tmp_path / "j").unlink()
    loaded, result = pickle.loads((tmp_path / "other").read_bytes())
    assert (loaded.value, result.join) == (WIDE, [WIDE, "a"])
    assert "größe" not in repr(record) + repr(kept)


def test_a_relative_path_is_found_from_another_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    kept = lcc.compile(PLANS["text"], TOOLS).run(journal="j")
    (tmp_path / "deeper").mkdir()
    monkeypatch.chdir(tmp_path / "deeper")
    assert kept.answer == f"a: {LONG}"


def _unlink(path: Path) -> None:
    path.unlink()


def _overwrite(path: Path) -> None:
    path.write_bytes(b"no database at all, " * 500)


def _other_text(path: Path) -> None:
    with closing(JournalFile(path)) as file, file.transaction():
        file.connection.execute("UPDATE ends SET value = replace(value, 'a line', 'A line')")


def _no_text(path: Path) -> None:
    with closing(JournalFile(path)) as file, file.transaction():
        file.connection.execute("UPDATE ends SET value = NULL")


def _taken_out(path: Path) -> None:
    with closing(JournalFile(path)) as file, file.transaction():
        file.connection.execute("DELETE FROM ends")


@pytest.mark.parametrize("damage", [_unlink, _overwrite, _other_text, _no_text, _taken_out])
def test_a_journal_that_is_gone_or_damaged_gives_an_error_and_never_another_value(damage: Any, tmp_path: Path) -> None:
    _, kept = both('1. page("a")\n2. small("b")\n3. join()\n', tmp_path / "j")
    damage(tmp_path / "j")
    for read in (lambda: kept.tasks[1].value, lambda: kept.join, kept.to_json):
        with pytest.raises(
            lcc.JournalError, match=r"the result of call 1 of run [0-9a-f]{8} can't be read back"
        ) as gone:
            read()
        assert isinstance(gone.value, StoredGone)
        assert (gone.value.code, str(tmp_path / "j") in str(gone.value)) == (GONE, True)
    assert (kept.tasks[2].value, kept.ok, repr(kept.tasks[1])[:10]) == ("b", True, "TaskRecord")


def test_a_result_that_holds_a_secret_stays_in_memory(tmp_path: Path) -> None:
    text = 'secret input key: str\n1. echo($key)\n2. page("a")\n3. join($1, $2)\n'
    plain, kept = both(text, tmp_path / "j", {"key": "hush-hush-hush"})
    assert stored(kept) == ["2"]
    assert kept.tasks[1].value == plain.tasks[1].value == f"hush-hush-hush {LONG}"
    assert kept.join == plain.join
    assert b"hush-hush" not in (tmp_path / "j").read_bytes()


def test_a_run_that_is_gone_on_with_leaves_what_was_recalled_in_the_journal(tmp_path: Path) -> None:
    journal, broken = tmp_path / "j", [True]

    @lcc.tool(effect="read")
    def fails(text: str) -> str:
        """Fail once."""
        if broken:
            raise RuntimeError("not yet")
        return f"{text}, and more"

    tools = [*TOOLS, fails]
    first = lcc.compile('1. page("a")\n2. rows()\n3. fails("x")\n4. join()\n', tools).run(journal=journal)
    assert not first.ok
    broken.clear()

    async def go_on() -> lcc.RunResult:
        async with lcc.resume(journal, tools) as run:
            await run.wait()
        return run.result

    result = anyio.run(go_on)
    assert result.ok
    assert stored(result) == ["1", "2"]
    assert result.join == {1: f"a: {LONG}", 2: WIDE, 3: "x, and more"}
    assert size(result) < LARGE_BYTES
