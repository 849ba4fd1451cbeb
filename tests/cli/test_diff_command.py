"""`lcc diff` compares what plans say: a program and its plan file are the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from lcc.__main__ import main

TOOLS = "def berths(port: str) -> list[str]: ...\ndef moor(ship: str) -> str: ...\n"
PROGRAM = 'done = []\nfor berth in berths("east"):\n    done.append(moor(berth))\nanswer(done)\n'
PLAN = 'strict\n1. berths("east")\n5. for it in $1:\n    7. moor(it)\n    yield $7\n9. answer($5)\n'


def compared(folder: Path, before: str, after: str) -> int:
    (folder / "tools.pyi").write_text(TOOLS, encoding="utf-8")
    (folder / "a.py").write_text(PROGRAM, encoding="utf-8")
    (folder / "a.plan").write_text(PLAN, encoding="utf-8")
    (folder / "b.plan").write_text(PLAN.replace("moor(it)", "moor(it) when it"), encoding="utf-8")
    (folder / "bad.plan").write_text("1. berths(\n", encoding="utf-8")
    return main(["diff", str(folder / before), str(folder / after), "--tools", str(folder / "tools.pyi")])


@pytest.mark.parametrize(("before", "after"), [("a.py", "a.plan"), ("b.plan", "b.plan"), ("a.plan", "a.py")])
def test_a_program_and_its_plan_file_are_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], before: str, after: str
) -> None:
    assert compared(tmp_path, before, after) == 0
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "the plans are the same\n")


def test_what_differs_is_shown_as_a_diff_of_plan_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert compared(tmp_path, "a.plan", "b.plan") == 1
    shown = capsys.readouterr().out
    assert "-    7. moor(it)\n+    7. moor(it) when it\n" in shown
    assert shown.startswith("--- ")


def test_a_plan_with_errors_is_not_compared(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert compared(tmp_path, "a.plan", "bad.plan") == 1
    assert "P003" in capsys.readouterr().err
