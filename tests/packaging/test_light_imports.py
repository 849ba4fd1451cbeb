"""Check that what starts often starts fast: which modules `import lcc`, `lcc --help` and `lcc check` load."""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PLAN = str(ROOT / "examples" / "plans" / "mountains.plan")
SLOW = frozenset(
    [
        "asyncio",
        "bz2",
        "difflib",
        "email",
        "http",
        "logging",
        "lzma",
        "multiprocessing",
        "shutil",
        "socket",
        "sqlite3",
        "ssl",
        "subprocess",
        "tempfile",
    ]
)
"""What takes long in the standard library."""
HEAVY = frozenset(
    {"anyio", "genai_prices", "httpx2", "lark", "openai", "pint", "pydantic", "rich", "shtab", "simpleeval"}
)
"""What lcc depends on."""


@cache
def loaded(*arguments: str) -> frozenset[str]:
    """Return the modules that a command of Python loads."""
    # From another folder: here `lcc` would be found as a folder, installed or not.
    command = [sys.executable, "-X", "importtime", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd="/")
    lines = (line for line in done.stderr.splitlines() if line.startswith("import time:"))
    return frozenset(line.rsplit("|", 1)[-1].strip() for line in lines)


HELP = frozenset({"bz2", "lzma", "shutil"})
"""What tells the terminal's width, for help."""


def files_of_lcc(names: frozenset[str]) -> set[str]:
    """Return the modules of lcc that are files, not the faces of folders."""
    return {
        name
        for name in names
        if name.startswith("lcc.")
        and not any((ROOT / start / name.partition(".")[2].replace(".", "/")).is_dir() for start in (".", "lcc"))
    }


@pytest.mark.parametrize(
    ("command", "most"),
    [(("-c", "import lcc"), 0), (("-m", "lcc", "--help"), 11), (("-m", "lcc", "check", PLAN), 71)],
    ids=["import lcc", "lcc --help", "lcc check"],
)
def test_what_starts_often_loads_little(command: tuple[str, ...], most: int) -> None:
    new = loaded(*command) - loaded("-c", "pass")
    assert "lcc" in new
    assert len(files_of_lcc(new)) <= most, sorted(files_of_lcc(new))
    assert not any(name.startswith("lcc.grammar.ir.operations") for name in new), "only programs need them"
    tops = {name.partition(".")[0] for name in new}
    assert tops & (HEAVY | SLOW) <= (HELP if "--help" in command else set())


@pytest.fixture
def small(tmp_path: Path) -> tuple[str, ...]:
    """A plan of one call, and its tool: the arguments of a command."""
    plan, tools = tmp_path / "a.plan", tmp_path / "tools.py"
    plan.write_text('1. look_up("tides")\n2. join($1)\n', encoding="utf-8")
    tools.write_text(
        'import lcc\n\n@lcc.tool(effect="read")\ndef look_up(word: str) -> str:\n    return word\n', encoding="utf-8"
    )
    return str(plan), "--tools", str(tools)


def test_reading_tools_loads_nothing_that_runs_them(small: tuple[str, ...]) -> None:
    new = loaded("-m", "lcc", "check", *small) - loaded("-c", "pass")
    assert len(files_of_lcc(new)) <= 85, sorted(files_of_lcc(new))
    assert {name.partition(".")[0] for name in new} & (HEAVY | SLOW) == set()


def test_running_a_plan_loads_no_journal(small: tuple[str, ...]) -> None:
    new = loaded("-m", "lcc", "run", *small) - loaded("-c", "pass")
    assert len(files_of_lcc(new)) <= 155, sorted(files_of_lcc(new))
    assert {name.partition(".")[0] for name in new} & {"hashlib", "pydantic", "sqlite3", "tempfile", "uuid"} == set()


def test_files_are_told_from_faces() -> None:
    names = frozenset(
        {"lcc", "lcc.grammar", "lcc.grammar.ir", "lcc.grammar.ir.nodes", "lcc.cli", "lcc.cli.main", "lark"}
    )
    assert files_of_lcc(names) == {"lcc.grammar.ir.nodes", "lcc.cli.main"}
