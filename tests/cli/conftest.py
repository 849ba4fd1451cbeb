"""Give command-line tests a folder with tools and plans, and a way to run commands in this process."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from lcc.__main__ import main

TOOLS = '''\
import lcc

@lcc.tool(effect="read", resource="web", cost=0.5)
def search(query: str, limit: int = 5) -> str:
    """Find a paragraph."""
    return f"about {query}"

@lcc.tool(effect="pure", cost=0.01)
def add(a: float, b: float) -> float:
    return a + b

@lcc.tool(effect="read")
def shout() -> str:
    return "\\x1b[31mred\\u202e\\nsecond [bold]line"

@lcc.tool(effect="read")
def fail(message: str) -> str:
    raise RuntimeError(message)

@lcc.tool(effect="destructive")
def erase(path: str) -> str:
    return f"erased {path}"

@lcc.tool
def note(text: str) -> None:
    print("noted", text)
'''

PLAN = """\
input city: str = "Paris"
1. search("tides in $city")
2. search(query="tides in $city")
3. add(1, 2)
4. join($1, $2, $3)
"""


class Done(NamedTuple):
    """What a command did."""

    status: int
    out: str
    err: str


Command = Callable[..., Done]


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
