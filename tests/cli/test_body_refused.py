"""What can't treat a plan with a body says so with a code, and no traceback."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from lcc.cli.commands import fmt
from lcc.cli.console import Console
from lcc.cli.main import dispatch
from lcc.grammar.ir import BodyNotSupported


def test_a_command_that_meets_a_body_it_cant_treat_reports_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(args: argparse.Namespace, console: Console) -> int:
        raise BodyNotSupported("this command")

    monkeypatch.setattr(fmt, "run", refuse)
    assert dispatch(["fmt", str(tmp_path / "a.plan")]) == (1, False)
    said = capsys.readouterr().err
    assert "error[X016]: this command can't treat a plan with loops, conditions or names" in said
    assert "Traceback" not in said


def test_other_value_errors_are_defects(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def broken(args: argparse.Namespace, console: Console) -> int:
        raise ValueError("a defect")

    monkeypatch.setattr(fmt, "run", broken)
    with pytest.raises(ValueError, match="a defect"):
        dispatch(["fmt", str(tmp_path / "a.plan")])
