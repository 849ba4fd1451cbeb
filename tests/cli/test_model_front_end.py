"""Check what the command line does with a model's output: read it, clean it, and say what to mend."""

from __future__ import annotations

from pathlib import Path

import pytest

from lcc.__main__ import main

OUTPUT = 'Here is the plan:\n1) search("a"\n2. search(more about $1)\n3. join\n'
CLEAN = '1. search("a")\n2. search("more about $1")\n3. join()\n'
TOOLS = "def search(query: str) -> str: ...\n"


@pytest.fixture
def output(tmp_path: Path) -> Path:
    (tmp_path / "tools.pyi").write_text(TOOLS, encoding="utf-8")
    path = tmp_path / "output.txt"
    path.write_text(OUTPUT, encoding="utf-8")
    return path


def test_a_model_s_output_becomes_a_plan_file_and_every_repair_is_shown(
    output: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tools = str(output.with_name("tools.pyi"))
    assert main(["fmt", "--front-end", "model", "--tools", tools, str(output)]) == 0
    assert output.read_text(encoding="utf-8") == CLEAN
    err = capsys.readouterr().err
    for code in ("R001", "R010", "R015", "R029"):
        assert f"[{code}]" in err


def test_the_repairs_are_shown_as_a_diff(output: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tools = str(output.with_name("tools.pyi"))
    assert main(["fmt", "--front-end", "model", "--diff", "--tools", tools, str(output)]) == 1
    assert output.read_text(encoding="utf-8") == OUTPUT
    out = capsys.readouterr().out
    assert '-1) search("a"\n' in out
    assert '+1. search("a")\n' in out


def test_output_that_cannot_be_read_is_left_alone(output: Path) -> None:
    broken = '1. search("a")\n2. search("b'
    output.write_text(broken, encoding="utf-8")
    assert main(["fmt", "--front-end", "model", str(output)]) == 1
    assert output.read_text(encoding="utf-8") == broken


def test_check_writes_a_text_for_the_planner(output: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output.write_text('1. search("a")\n2. search("$1 / $7")\n3. join()\n', encoding="utf-8")
    assert main(["check", "--front-end", "model", "--format", "model", str(output)]) == 1
    out = capsys.readouterr().out
    assert "line 2" in out
    assert "`$7` refers to no task" in out
    assert "Write the whole plan again" in out


@pytest.mark.parametrize(
    ("front_end", "text"),
    [
        ("rewoo", "Plan: look\n#E1 = search[a]\n"),
        ("openai", '[{"name": "search", "arguments": {"query": "a"}}]'),
        ("skeleton", "1. a\n2. b\n"),
    ],
)
def test_every_front_end_reaches_the_optimizer(
    front_end: str, text: str, output: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output.write_text(text, encoding="utf-8")
    assert main(["opt", "--front-end", front_end, str(output)]) == 0
    assert "1. " in capsys.readouterr().out
