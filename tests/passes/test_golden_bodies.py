"""What every pass does to plans with bodies, at each level, as `--print-after-all` shows it; `--bless` writes the file anew."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lcc.__main__ import main

GOLDEN = Path(__file__).parents[1] / "golden" / "body_passes.txt"
HEAD = re.compile(r"^=== (.*)\n", re.MULTILINE)
UNCHANGED = re.compile(r"^--- .*: nothing changed\n", re.MULTILINE)
TEXT = GOLDEN.read_text(encoding="utf-8")
PARTS = [(one[1], TEXT[one.end() : after]) for one, after in zip(
    HEAD.finditer(TEXT), [*[one.start() for one in HEAD.finditer(TEXT)][1:], len(TEXT)], strict=True
)]  # fmt: skip
PROGRAMS = [(title, text) for title, text in PARTS if title.startswith("program ")]


def shown(text: str, suffix: str, level: int, folder: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """Return what the passes of a level change; without optimization, the plan that comes out."""
    (folder / "tools.pyi").write_text(dict(PARTS)["tools"], encoding="utf-8")
    (folder / f"a.{suffix}").write_text(text, encoding="utf-8")
    given = [str(folder / f"a.{suffix}"), "--tools", str(folder / "tools.pyi"), f"-O{level}"]
    capsys.readouterr()
    assert main(["compile", *given, "--print-after-all", "--verify-each"]) == 0
    out, err = capsys.readouterr()
    return err if level else out


def test_passes_do_this_to_bodies(
    request: pytest.FixtureRequest, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    parts = ["=== tools\n", dict(PARTS)["tools"]]
    for title, text in PROGRAMS:
        parts += [f"=== {title}\n", text]
        last = ""
        for level in range(4):
            found = shown(text, title.rpartition(".")[2], level, tmp_path, capsys)
            changed = UNCHANGED.sub("", found)
            parts += [f"=== level {level}\n", "as the level before\n" if changed == last else found]
            last = changed
    made = "".join(parts)
    if request.config.getoption("--bless"):
        GOLDEN.write_text(made, encoding="utf-8")
    assert GOLDEN.read_text(encoding="utf-8") == made


def test_each_program_is_shown_at_each_level() -> None:
    titles = [title for title, _ in PARTS]
    assert len(PROGRAMS) >= 3
    assert [title for title in titles if title.startswith("level ")] == [f"level {n}" for n in range(4)] * len(PROGRAMS)
