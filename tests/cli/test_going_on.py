"""A limit that is reached at a terminal is asked about."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import anyio
import pytest

import lcc
from lcc.__main__ import main
from lcc.ask.accounts import LimitReached
from lcc.cli.consent.go_on import budget_asker, limit_asker
from lcc.cli.console import Console
from lcc.models.tokens import RoleUsage, TokenUsage
from lcc.runtime.result import Usage

TOOLS = "import lcc\n\n\n@lcc.tool(effect='read')\ndef look(key: str) -> str:\n    return key\n"
PLAN = '1. look("a")\n2. look("b")\n3. look("c")\n4. join($1, $2, $3)\n'


class Terminal(io.StringIO):
    """A terminal on which somebody types."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "tools.py").write_text(TOOLS, encoding="utf-8")
    (tmp_path / "a.plan").write_text(PLAN, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(("said", "status", "asked"), [("y\ny\n", 0, 2), ("n\n", 1, 1), ("", 1, 1)])
def test_a_run_goes_on_if_the_person_at_the_terminal_says_so(
    folder: Path, monkeypatch: pytest.MonkeyPatch, said: str, status: int, asked: int
) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdin", Terminal(said))
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("NO_COLOR", "1")
    assert main(["run", "a.plan", "--tools", "tools.py", "--max-calls", "1"]) == status
    assert terminal.getvalue().count("go on, with twice as much? [y/N]") == asked
    before, _, _ = terminal.getvalue().partition("go on, with")
    assert before.rstrip().endswith("the run's budget of 1 calls is spent")
    assert "not started" not in before


def test_nobody_is_asked_without_a_terminal(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "a.plan", "--tools", "tools.py", "--max-calls", "1"]) == 1
    assert "go on" not in capsys.readouterr().err


def test_a_yes_doubles_what_is_spent_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal("y\ny\n"))
    console = Console(Terminal(), Terminal())
    limits, budget = limit_asker(console), budget_asker(console)
    assert limits is not None
    assert budget is not None
    before = lcc.Limits(model_calls=9, tokens=100, usd=1.0)
    spent = RoleUsage(TokenUsage(1, 100, 0, 20), 0.5)
    reached = LimitReached(limits=before, spent=spent, model_calls=3, message="m")
    assert anyio.run(limits, reached) == lcc.Limits(model_calls=9, tokens=240, usd=1.0)
    request = lcc.BudgetRequest(lcc.Budget(calls=2, tokens=50), Usage(2, 10, 0.0), "m")
    assert anyio.run(budget, request) == lcc.Budget(calls=4, tokens=50)
