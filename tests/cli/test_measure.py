"""What a run took is measured, kept, and used to foretell the next: profile, estimate, trace, journal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lcc.__main__ import main
from lcc.passes.profile import Profile

TOOLS = """
import lcc

@lcc.tool(effect="read")
async def look(key: str) -> str:
    return key

@lcc.tool(effect="write", resource="out")
async def put(key: str) -> int:
    return len(key)
"""
PLAN = '1. look("a")\n2. look("$1b")\n3. put($2)\n4. join()\n'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "tools.py").write_text(TOOLS)
    (tmp_path / "a.plan").write_text(PLAN)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def lcc(*arguments: str) -> int:
    return main([*arguments])


def test_profiles_of_several_runs_add_up(folder: Path) -> None:
    for _ in range(3):
        assert lcc("run", "a.plan", "--tools", "tools.py", "--profile-out", "p.json") == 0
    profile = Profile.loads((folder / "p.json").read_text())
    assert {name: tool.seconds.count for name, tool in profile.tools.items()} == {"look": 6, "put": 3}


def test_an_estimate_says_time_calls_and_the_path_that_decides(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert lcc("estimate", "a.plan", "--tools", "tools.py", "--format", "json") == 0
    estimate = json.loads(capsys.readouterr().out)
    assert (estimate["calls"], estimate["makespan"], estimate["critical_path"]) == (3, 3.0, ["1", "2", "3"])
    assert lcc("run", "a.plan", "--tools", "tools.py", "--profile-out", "p.json") == 0
    capsys.readouterr()
    assert lcc("estimate", "a.plan", "--tools", "tools.py", "--profile", "p.json") == 0
    shown = capsys.readouterr().out
    assert shown.startswith("makespan")
    assert '1. look("a")' in shown


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"version": 99, "tools": {}}', "\udcff"])
def test_a_file_that_is_no_profile_is_refused(text: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "p.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    assert lcc("opt", "a.plan", "--tools", "tools.py", "--profile", "p.json") == 1
    assert "p.json: error[X011]" in capsys.readouterr().err


def test_a_missing_profile_and_a_folder_that_is_not_there_are_clear_errors(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert lcc("opt", "a.plan", "--tools", "tools.py", "--profile", "none.json") == 1
    assert "none.json: error[P090]: can't read the file: no such file or directory" in capsys.readouterr().err
    assert lcc("run", "a.plan", "--tools", "tools.py", "--trace", "no/where.json") == 1
    assert "no/where.json: error[P090]: can't write the file" in capsys.readouterr().err


def test_a_trace_names_every_call(folder: Path) -> None:
    assert lcc("run", "a.plan", "--tools", "tools.py", "--trace", "t.json") == 0
    records = json.loads((folder / "t.json").read_text())["traceEvents"]
    assert [r["name"] for r in records if r["ph"] == "X"] == ['1. look("a")', '2. look("${1}b")', "3. put($2)"]


def test_a_recorded_run_is_listed_shown_replayed_and_resumed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert lcc("run", "a.plan", "--tools", "tools.py", "--journal", "j", "--format", "json") == 0
    first = json.loads(capsys.readouterr().out)
    assert lcc("runs", "j", "--format", "json") == 0
    (entry,) = json.loads(capsys.readouterr().out)
    assert (entry["status"], entry["path"]) == ("ok", "a.plan")
    assert lcc("runs", "j", entry["id"][:6]) == 0
    assert "3. put" in capsys.readouterr().out
    (folder / "tools.py").rename(folder / "gone.py")
    assert lcc("replay", "j", "--format", "json") == 0
    again = json.loads(capsys.readouterr().out)
    assert (again["status"], again["join"]) == (first["status"], first["join"])
    assert {i: t["start"] for i, t in again["tasks"].items()} == {i: t["start"] for i, t in first["tasks"].items()}
    (folder / "gone.py").rename(folder / "tools.py")
    assert lcc("resume", "j", "--tools", "tools.py", "--format", "json") == 0
    assert json.loads(capsys.readouterr().out)["join"] == first["join"]


def test_a_journal_that_can_not_be_used_is_a_clear_error(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert lcc("resume", "missing", "--tools", "tools.py") == 1
    assert "error[X010]: there is no journal at missing" in capsys.readouterr().err
    assert lcc("runs", "a.plan") == 1
    assert "error[X010]" in capsys.readouterr().err
    assert lcc("run", "a.plan", "--tools", "tools.py", "--journal", "no/where") == 1
    assert "error[X010]" in capsys.readouterr().err


def test_limits_come_from_the_project_and_the_command_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "pyproject.toml").write_text('[tool.lcc]\ntools = ["tools.py"]\n[tool.lcc.limits]\nmax_calls = 1\n')
    assert lcc("run", "a.plan", "--format", "json") == 1
    tasks = json.loads(capsys.readouterr().out)["tasks"]
    assert [tasks[i]["status"] for i in "123"] == ["ok", "failed", "skipped"]
    assert tasks["2"]["error"]["kind"] == "budget"
    assert lcc("run", "a.plan", "--max-calls", "3") == 0
    assert lcc("run", "a.plan", "--limit", "look.speed=3") == 2
    assert lcc("run", "a.plan", "--timeout", "-1") == 2


def test_a_limit_that_is_none_is_a_located_error(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "pyproject.toml").write_text('[tool.lcc]\ntools = ["tools.py"]\n[tool.lcc.limits]\nconcurency = 1\n')
    assert lcc("run", "a.plan") == 1
    err = capsys.readouterr().err
    assert "pyproject.toml" in err
    assert "concurrency" in err
