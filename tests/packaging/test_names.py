"""Check what the test runner needs of names: test files are modules without packages, so each name may be there once."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

TESTS = Path(__file__).parents[1]


def test_no_two_test_files_have_one_name() -> None:
    names = Counter(path.name for path in TESTS.rglob("*.py") if path.name != "conftest.py")
    assert names["test_names.py"] == 1
    assert [name for name, count in names.items() if count > 1] == []
