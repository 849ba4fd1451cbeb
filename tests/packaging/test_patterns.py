"""Patterns mean the same on every Python that lcc supports."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
REPEATED_GROUP = re.compile(r"(?<![\\|])\)[*+?]\+")


def test_a_possessive_group_has_an_empty_last_alternative() -> None:
    """Before 3.11.5, Python leaves the text that a failed last try of such a group had passed; an empty choice never fails."""
    folders = [ROOT / name for name in ("grammar", "passes", "runtime", "lcc")]
    files = [path for folder in folders for kind in ("*.py", "*.lark") for path in folder.rglob(kind)]
    assert len(files) > 100
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in files
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if REPEATED_GROUP.search(line)
    ]
    assert found == []


def test_the_check_finds_such_a_group() -> None:
    assert REPEATED_GROUP.search(r'(?:a|"(?!""))*+')
    assert not REPEATED_GROUP.search(r'(?:a|"(?!"")|)*+')
    assert not REPEATED_GROUP.search(r"\(*+[)]*+")
