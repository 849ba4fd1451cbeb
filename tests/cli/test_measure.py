"""What a run took is measured, kept, and used to foretell the next: profile, estimate, trace, journal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lcc.__main__ import main
from lcc.passes.analysis.profile import Profile

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
    assert lcc("run", "a.plan", "--limit", "turns=0") == 2
    assert lcc("run", "a.plan", "--limit", "steps=many") == 2
    assert lcc("run", "a.plan", "--timeout", "-1") == 2


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--limit", "lok.retries=1"], "there is no tool `lok`; did you mean `look`?"),
        (["--hedge", "put2=1"], "there is no tool `put2`; did you mean `put`?"),
        (["--hedge", "zzzzzz=1"], "there is no tool `zzzzzz`; the tools are look, put"),
        (["--hedge", "look=-1"], "--hedge look=-1: it must not be negative"),
        (["--hedge", "look=nan"], "--hedge look=nan: it must not be negative"),
        (["--hedge", "look"], "`` is not a number"),
        (["--hedge", "look=1e300"], "--hedge look=1e300: it must be at most 1,000,000,000"),
        (["--hedge", "put=3"], "--hedge put=3: a call of `put` may write; only a tool that is declared"),
        (["--timeout", "1e300"], "it must be at most 1,000,000,000"),
        (["--deadline", "inf"], "it must be at most 1,000,000,000"),
        (["--limit", "look.retries=-1"], "`retries` must be an integer"),
        (["--limit", "look.retries=1.5"], "`1.5` is not a whole number"),
        (["--limit", "look.concurrency=0"], "`concurrency` must be an integer above 0"),
        (["--limit", "look.rate=0"], "`rate` must be a number above 0"),
        (["--limit", "look.timeout=-1"], "`timeout` must be a number above 0"),
        (["--limit", "look.speed=1"], "names are concurrency, rate, timeout, retries, max_result_bytes"),
        (["--retries", "-1"], "it must be at least 0"),
        (["--concurrency", "0"], "it must be at least 1"),
    ],
)
@pytest.mark.parametrize("dry", [[], ["--dry-run"]])
def test_a_limit_of_no_tool_or_of_no_number_is_a_usage_error(
    options: list[str], message: str, dry: list[str], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status = lcc("run", "a.plan", "--tools", "tools.py", "--journal", "j", *options, *dry)
    assert status == 2
    assert message in capsys.readouterr().err
    assert not (folder / "j").exists()


def test_a_project_limits_its_own_tools_only(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    limits = "[tool.lcc.limits.tools.lok]\nretries = 1\n"
    (folder / "pyproject.toml").write_text(f'[tool.lcc]\ntools = ["tools.py"]\n{limits}')
    assert lcc("run", "a.plan") == 1
    err = capsys.readouterr().err
    assert "pyproject.toml:1:1: error[T026]" in err
    assert "`limits` is for the tool `lok`, which isn't there" in err
    assert "did you mean `look`?" in err
    assert lcc("run", "a.plan", "--tools", "tools.py") == 0


def test_more_seconds_than_a_clock_can_wait_are_a_located_error(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "pyproject.toml").write_text('[tool.lcc]\ntools = ["tools.py"]\n[tool.lcc.limits]\ntimeout = 1e300\n')
    assert lcc("run", "a.plan") == 1
    err = capsys.readouterr().err
    assert "pyproject.toml" in err
    assert "`timeout` is at most 1,000,000,000 seconds" in err


def test_a_limit_that_is_none_is_a_located_error(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "pyproject.toml").write_text('[tool.lcc]\ntools = ["tools.py"]\n[tool.lcc.limits]\nconcurency = 1\n')
    assert lcc("run", "a.plan") == 1
    err = capsys.readouterr().err
    assert "pyproject.toml" in err
    assert "concurrency" in err
