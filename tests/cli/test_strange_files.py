"""Files that a command line names and that can't be read or written: what was done is shown, and a coded error says the rest."""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path

import pytest
from command_line import Command

from lcc.runtime.journal.file import JournalFile


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let journals grow no further once a run has been entered."""
    begin = JournalFile.begin

    def begin_and_fill(self: JournalFile, *given: object, **named: object) -> str:
        run = begin(self, *given, **named)  # type: ignore[arg-type]
        pages = self.connection.execute("PRAGMA page_count").fetchone()[0]
        self.connection.execute(f"PRAGMA max_page_count = {pages}")
        return run

    monkeypatch.setattr(JournalFile, "begin", begin_and_fill)


@pytest.mark.usefixtures("full_disk")
def test_a_full_disk_ends_a_run_with_its_results_and_an_error(folder: Path, lcc: Command) -> None:
    (folder / "long.py").write_text(
        'import lcc\n@lcc.tool(effect="read")\ndef long() -> str:\n    return "long " * 20_000\n'
        '@lcc.tool(effect="write")\ndef note(text: str) -> None:\n    open("noted", "w").close()\n'
    )
    (folder / "b.plan").write_text('1. long()\n2. note("a")\n3. note("$1")\n4. join($1)\n')
    done = lcc("run", "b.plan", "--tools", "long.py", "--journal", "j")
    assert done.status == 1
    assert done.out.startswith("$1 = long long")
    assert "error[X010]: j can't be written: database or disk is full" in done.err
    assert "go on with `lcc resume`" in done.err
    assert "Traceback" not in done.err
    assert done.err.count("X010") == 1
    shown = lcc("resume", "j", "--tools", "long.py")
    assert shown.status == 0, shown.err


@pytest.mark.parametrize(
    ("option", "path"),
    [("--trace", "/dev/full"), ("--trace", "/nowhere/x"), ("--trace", "."), ("--profile-out", "/nowhere/x")],
)
def test_results_are_shown_though_a_measurement_cannot_be_written(
    folder: Path, lcc: Command, option: str, path: str
) -> None:
    done = lcc("run", "a.plan", "--tools", "tools.py", option, path)
    assert done.status == 1
    assert done.out.startswith("$1 = about tides in Paris")
    assert "error[P090]" in done.err


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/dev/full", "error[P090]: can't write the file: a profile is read and replaced"),
        (".", "error[P090]: can't write the file: a profile is read and replaced"),
        ("pipe", "error[P090]: can't write the file: a profile is read and replaced"),
        ("a.plan", "error[X011]"),
    ],
)
def test_nothing_runs_if_no_profile_can_be_added_to_what_is_named(
    folder: Path, lcc: Command, path: str, message: str
) -> None:
    os.mkfifo(folder / "pipe")
    done = lcc("run", "a.plan", "--tools", "tools.py", "--profile-out", path, "--journal", "j")
    assert (done.status, done.out) == (1, "")
    assert message in done.err
    assert not (folder / "j").exists()


@pytest.mark.parametrize("path", ["/dev/zero", ".", "pipe", "deep", "missing"])
def test_a_profile_that_is_none_is_refused(folder: Path, lcc: Command, path: str) -> None:
    os.mkfifo(folder / "pipe")
    (folder / "deep").write_text('{"version": 1, "tools": ' + '{"a":' * 5000 + "1" + "}" * 5001)
    done = lcc("estimate", "a.plan", "--tools", "tools.py", "--profile", path)
    assert done.status == 1
    assert "error[X011]: not a profile: nested too deeply" in done.err if path == "deep" else "error[P090]" in done.err


@pytest.mark.parametrize("depth", [40, 300, 400, 1_000, 4_000, 100_000])
def test_declarations_of_any_depth_are_read_or_refused(folder: Path, lcc: Command, depth: int) -> None:
    nested = '{"type": "object", "properties": {"a":' * depth + "{}" + "}}" * depth
    (folder / "x.json").write_text('[{"name": "note", "parameters": ' + nested + "}]")
    done = lcc("tools", "--tools", "x.json")
    assert "Traceback" not in done.err
    assert done.status == (0 if depth < 500 else 1)
    assert depth < 60 or "x.json:1:" in done.err
    assert depth >= 500 or "note(a: " in done.out


def test_the_project_that_a_strange_journal_names_is_not_imported(folder: Path, lcc: Command, tmp_path: Path) -> None:
    strange = folder / "elsewhere"
    strange.mkdir()
    (strange / "pyproject.toml").write_text('[tool.lcc]\ntools = ["evil.py"]\n')
    (strange / "evil.py").write_text('open("../imported", "w").close()\n')
    home = folder / "home"
    home.mkdir()
    os.chdir(home)
    assert lcc("run", "../a.plan", "--tools", "../tools.py", "--journal", "j").status == 0
    with closing(JournalFile("j").connection) as connection:
        connection.execute("UPDATE runs SET path = ?", (str(strange / "a.plan"),))
    done = lcc("resume", "j", "--tools", "../tools.py")
    assert done.status == 0
    assert "which is elsewhere" in done.err
    lcc("resume", "j")
    assert not (folder / "imported").exists()
