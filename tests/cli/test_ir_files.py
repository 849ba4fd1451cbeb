"""The commands read IR text and IR JSON by the suffix of the file, and say where these are wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import Command


@pytest.fixture(params=["ir", "json"])
def compiled(request: pytest.FixtureRequest, folder: Path, lcc: Command) -> str:
    """The name of a file that holds the compiled plan in one of its forms."""
    done = lcc("compile", "a.plan", "--tools", "tools.py", "--emit", request.param)
    name = f"compiled.{request.param}"
    (folder / name).write_text(done.out, "utf-8")
    return name


def test_a_compiled_plan_compiles_to_itself(compiled: str, lcc: Command) -> None:
    first = lcc("compile", "a.plan", "--tools", "tools.py")
    again = lcc("compile", compiled, "--tools", "tools.py")
    assert (again.status, again.out) == (0, first.out)


@pytest.mark.parametrize("command", ["run", "graph", "estimate", "opt"])
def test_a_compiled_plan_is_a_plan(command: str, compiled: str, lcc: Command) -> None:
    options = ["--tools", "tools.py"]
    if command == "run":
        options += ["--input", "city=Paris"]
    done = lcc(command, compiled, *options)
    assert done.status == lcc(command, "a.plan", *options).status, done.err


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("bad.ir", "%1 = f()\n%2 = f(]\n", "bad.ir:2:8: error[P036]: unexpected `]`"),
        ("bad.json", '{"version": 2,\n"tasks": 3}\n', "bad.json:2:10: error[P037]: a list is expected, not 3"),
    ],
)
def test_what_is_wrong_is_located(name: str, text: str, message: str, folder: Path, lcc: Command) -> None:
    (folder / name).write_text(text, "utf-8")
    done = lcc("compile", name)
    assert done.status == 1
    assert message in done.err


def test_a_front_end_that_is_named_goes_before_the_suffix(folder: Path, lcc: Command) -> None:
    (folder / "plan.json").write_text('1. search("tides")\n2. join()\n', "utf-8")
    assert lcc("compile", "plan.json", "--front-end", "plan").status == 0


def test_fixes_are_made_in_plan_files(compiled: str, lcc: Command) -> None:
    done = lcc("check", "--fix", compiled)
    assert done.status == 2
    assert "fixes are made in plan files" in done.err


@pytest.mark.parametrize(
    ("statements", "place", "said"),
    [
        ('[{"id": 3, "tool": "take", "args": [{"value":\n {"local": "q"}}]}]', "2:2", "V030"),
        ('[{"let":\n  {"op": "operator //", "args": [1, 0]}, "id": 4}]', "2:3", "V037"),
        ('[{"if": true, "body": [],\n "else": [{"exit": "answer", "value": [1,\n {"ref": 9}]}]}]', "3:2", "V002"),
    ],
)
def test_what_is_wrong_with_a_value_in_json_stands_where_the_value_does(
    statements: str, place: str, said: str, folder: Path, lcc: Command
) -> None:
    (folder / "wrong.json").write_text(f'{{"version": 2, "fails": "strict", "body": {statements}}}', encoding="utf-8")
    assert f"wrong.json:{place}: error[{said}]" in lcc("check", "wrong.json").err
