"""Check `lcc fmt --from python` and `lcc compile --emit python`: programs become plan files, and programs again."""

from __future__ import annotations

from pathlib import Path

import pytest

from lcc.__main__ import main

TOOLS = 'import lcc\n@lcc.tool(effect="read")\ndef berths(pier: str) -> list[dict]: ...\n@lcc.tool(effect="write")\ndef moor(ship: str) -> str: ...\n'
PROGRAM = """\
moored = []
for berth in berths("east"):
    if berth.free:
        moored.append(moor(berth.ship))
answer(moored)
"""
PLAN = """\
strict
1. berths("east")
2. for berth in $1:
    3. = bool(berth.free)
    4. moor(berth.ship) when $3
    yield $4 when $3
5. answer($2)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "tools.pyi").write_text(TOOLS, encoding="utf-8")
    (tmp_path / "moor.py").write_text(PROGRAM, encoding="utf-8")
    (tmp_path / "moor.plan").write_text(PLAN, encoding="utf-8")
    return tmp_path


def told(folder: Path, capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main([*arguments, "--tools", str(folder / "tools.pyi")]) == 0
    return capsys.readouterr().out


def test_a_program_is_printed_as_a_plan_file(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert told(folder, capsys, "fmt", "--from", "python", str(folder / "moor.py")) == PLAN
    assert (folder / "moor.py").read_text("utf-8") == PROGRAM


def test_a_compiled_program_is_printed_as_a_plan_file(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert told(folder, capsys, "compile", str(folder / "moor.py"), "--emit", "plan") == PLAN


def test_a_program_is_printed_as_a_program(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert told(folder, capsys, "compile", str(folder / "moor.py"), "--emit", "python") == PROGRAM


def test_a_plan_file_is_printed_as_a_program(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shown = told(folder, capsys, "compile", str(folder / "moor.plan"), "--emit", "python")
    assert shown.startswith('t_2 = []\nfor berth in berths("east"):\n')
    assert shown.endswith("answer(t_2)\n")


def test_what_python_can_t_say_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "flat.plan").write_text('1. berths("east")\n2. join($1)\n', encoding="utf-8")
    assert main(["compile", str(folder / "flat.plan"), "--emit", "python", "--tools", str(folder / "tools.pyi")]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert "error[X016]: this form can't say: a plan whose steps fail independently" in said.err


def test_a_program_with_errors_is_not_translated(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "moor.py").write_text("moor(ship)\n", encoding="utf-8")
    assert main(["fmt", "--from", "python", str(folder / "moor.py"), "--tools", str(folder / "tools.pyi")]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert "error[P050]" in said.err
