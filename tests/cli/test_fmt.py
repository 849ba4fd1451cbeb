"""Check `lcc fmt`: what it prints, what it rewrites, and that it never harms a file."""

from __future__ import annotations

import io
import stat
from pathlib import Path

import pytest

from lcc.__main__ import main

MESSY = '# note\n1.  search( "a" )\n2. join( )\n'
NEAT = '# note\n1. search("a")\n2. join()\n'
BROKEN = '1. search("a"\n2. join()\n'


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    path = tmp_path / "a.plan"
    path.write_text(MESSY, encoding="utf-8")
    return path


def test_a_file_is_rewritten_in_place_with_its_permissions(plan: Path) -> None:
    plan.chmod(0o640)
    assert main(["fmt", str(plan)]) == 0
    assert plan.read_text(encoding="utf-8") == NEAT
    assert stat.S_IMODE(plan.stat().st_mode) == 0o640
    assert [p.name for p in plan.parent.iterdir()] == ["a.plan"]


def test_a_formatted_file_is_not_touched(plan: Path) -> None:
    plan.write_text(NEAT, encoding="utf-8")
    before = plan.stat()
    assert main(["fmt", str(plan)]) == 0
    after = plan.stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_a_symbolic_link_stays_one(plan: Path) -> None:
    link = plan.with_name("link.plan")
    link.symlink_to(plan.name)
    assert main(["fmt", str(link)]) == 0
    assert link.is_symlink()
    assert plan.read_text(encoding="utf-8") == NEAT


def test_a_file_with_errors_stays_as_it_is_and_others_are_formatted(
    plan: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = plan.with_name("broken.plan")
    broken.write_text(BROKEN, encoding="utf-8")
    assert main(["fmt", str(broken), str(plan.parent / "missing.plan"), str(plan)]) == 1
    assert broken.read_text(encoding="utf-8") == BROKEN
    assert plan.read_text(encoding="utf-8") == NEAT
    err = capsys.readouterr().err
    assert "broken.plan:1:10: error[P003]" in err
    assert "missing.plan: error[P090]: can't read the file: no such file or directory" in err
    assert "2 errors" in err


def test_check_lists_what_would_change_and_changes_nothing(plan: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fmt", "--check", str(plan)]) == 1
    assert capsys.readouterr().out == f"would reformat {plan}\n"
    assert plan.read_text(encoding="utf-8") == MESSY
    plan.write_text(NEAT, encoding="utf-8")
    assert main(["fmt", "--check", str(plan)]) == 0
    assert capsys.readouterr().out == ""


def test_diff_shows_what_would_change_and_changes_nothing(plan: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fmt", "--diff", str(plan)]) == 1
    assert capsys.readouterr().out == (
        f"--- {plan}\n+++ {plan}\n@@ -1,3 +1,3 @@\n # note\n"
        '-1.  search( "a" )\n-2. join( )\n+1. search("a")\n+2. join()\n'
    )
    assert plan.read_text(encoding="utf-8") == MESSY


def test_diff_shows_a_missing_line_feed(plan: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plan.write_text(NEAT[:-1], encoding="utf-8")
    assert main(["fmt", "--diff", str(plan)]) == 1
    assert "\\ No newline at end of file\n" in capsys.readouterr().out


@pytest.mark.parametrize("options", [[], ["--check"], ["--diff"]])
def test_standard_input_is_printed_never_written(
    options: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(MESSY.encode())))
    assert main(["fmt", *options, "-"]) == bool(options)
    out = capsys.readouterr().out
    if not options:
        assert out == NEAT
    else:
        assert "<stdin>" in out


def test_a_file_that_may_not_be_written_is_an_error(
    plan: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("os.access", lambda path, mode: False)  # a superuser may write whatever permissions say
    assert main(["fmt", str(plan)]) == 1
    assert "error[P090]: can't write the file: permission denied" in capsys.readouterr().err
    assert plan.read_text(encoding="utf-8") == MESSY


def test_a_failed_write_leaves_the_file_and_no_other(
    plan: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    assert main(["fmt", str(plan)]) == 1
    assert "can't write the file: no space left on device" in capsys.readouterr().err
    assert plan.read_text(encoding="utf-8") == MESSY
    assert [p.name for p in plan.parent.iterdir()] == ["a.plan"]


def test_check_and_diff_exclude_each_other(plan: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fmt", "--check", "--diff", str(plan)]) == 2
    assert "not allowed with" in capsys.readouterr().err
