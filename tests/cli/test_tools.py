"""Check `lcc tools` and `lcc completion`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import shtab
from command_line import Command

from lcc.cli.commands.completion import SHELLS


def test_tools_are_listed_with_effects_resources_and_costs(folder: Path, lcc: Command) -> None:
    done = lcc("tools", "--tools", "tools.py")
    assert done.status == 0
    assert done.out.startswith(
        "search(query: str, limit: int = 5) -> str\n    read · web · 0.5 s · tools.py:4\n    Find a paragraph.\n"
    )
    assert "note(text: str) -> None\n    undeclared · tools.py:" in done.out


def test_json_can_be_read_back_as_tools(folder: Path, lcc: Command) -> None:
    schemas = lcc("tools", "--tools", "tools.py", "--format", "json").out
    Path("tools.json").write_text(schemas, encoding="utf-8")
    assert json.loads(schemas)[0]["function"]["name"] == "search"
    again = lcc("tools", "--tools", "tools.json", "--format", "json")
    assert (again.status, again.out) == (0, schemas)


def test_without_tools_it_says_how_to_name_some(folder: Path, lcc: Command) -> None:
    done = lcc("tools")
    assert (done.status, done.out) == (0, "")
    assert "[tool.lcc]" in done.err


def test_a_missing_source_is_an_error(folder: Path, lcc: Command) -> None:
    done = lcc("tools", "--tools", "nope.py")
    assert done.status == 1
    assert "error[T" in done.err


@pytest.mark.parametrize("shell", SHELLS)
def test_there_is_a_completion_script_for_each_shell(shell: str, lcc: Command) -> None:
    done = lcc("completion", shell)
    assert done.status == 0
    assert "explain" in done.out
    assert shell in shtab.SUPPORTED_SHELLS


def test_an_unknown_shell_is_a_usage_error(lcc: Command) -> None:
    assert lcc("completion", "cmd").status == 2
