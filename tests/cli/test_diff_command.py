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


FLAT = '1. berths("east")\n2. moor("a")\n3. moor("$1")\n4. join($2, $3)\n'
LOOPS = (
    'strict\n1. berths("east")\n2. for it in $1:\n    3. moor(it)\n    yield $3\n4. = len($2)\n'
    '5. moor("${$4 + 1} of $2") when $4\n6. answer($4)\n'
)


def changed_lines(folder: Path, capsys: pytest.CaptureFixture[str], before: str, after: str) -> list[str]:
    (folder / "before.plan").write_text(before, encoding="utf-8")
    (folder / "after.plan").write_text(after, encoding="utf-8")
    assert main(["diff", str(folder / "before.plan"), str(folder / "after.plan")]) == 1
    return [line for line in capsys.readouterr().out.splitlines()[3:] if line[0] in "+-"]


def test_an_inserted_step_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    after = '1. berths("west")\n2. berths("east")\n3. moor("a")\n4. moor("$2")\n5. join($3, $4)\n'
    assert changed_lines(tmp_path, capsys, FLAT, after) == ['+6. berths("west")']
    after = LOOPS.replace("1. berths", '9. moor("x")\n1. berths')
    assert changed_lines(tmp_path, capsys, LOOPS, after) == ['+9. moor("x")']


def test_a_removed_and_a_changed_step_leave_the_others_as_they_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    after = '1. berths("east")\n2. moor("$1")\n3. join($2)\n'
    assert changed_lines(tmp_path, capsys, FLAT, after) == ['-2. moor("a")', "-4. join($2, $3)", "+4. join($3)"]
    after = (
        'strict\n1. moor("x")\n2. berths("east")\n3. for it in $2:\n    4. moor(it, 2)\n    yield $4\n5. = len($3)\n'
        '6. moor("${$5 + 1} of $3") when $5\n7. answer($5)\n'
    )
    assert changed_lines(tmp_path, capsys, LOOPS, after) == ['+8. moor("x")', "-    3. moor(it)", "+    3. moor(it, 2)"]


def test_a_step_that_reads_another_one_than_before_is_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    after = FLAT.replace('"$1"', '"$2"')
    assert changed_lines(tmp_path, capsys, FLAT, after) == ['-3. moor("$1")', '+3. moor("$2")']


def test_plans_that_differ_in_numbers_alone_are_shown_as_they_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert changed_lines(tmp_path, capsys, '1. berths("a")\n2. join()\n', '3. berths("a")\n4. join()\n') == [
        '-1. berths("a")',
        "-2. join()",
        '+3. berths("a")',
        "+4. join()",
    ]
