"""Give command-line tests a folder with tools and plans, and a way to run commands in this process."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from command_line import PLAN, TOOLS, Command, Done

from lcc.__main__ import main


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder with `tools.py` and `a.plan`."""
    (tmp_path / "tools.py").write_text(TOOLS, encoding="utf-8")
    (tmp_path / "a.plan").write_text(PLAN, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def lcc(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Run a command: `lcc("check", "a.plan", stdin="…")`."""

    def run(*argv: str, stdin: str | None = None) -> Done:
        if stdin is not None:
            monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        capsys.readouterr()
        status = main(argv)
        return Done(status, *capsys.readouterr())

    return run
