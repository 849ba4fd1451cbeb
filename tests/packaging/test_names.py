"""Check what the test runner needs of names: test files are modules without packages, so each name may be there once."""

from __future__ import annotations

import ast
import tomllib
from collections import Counter
from pathlib import Path

TESTS = Path(__file__).parents[1]


def test_no_two_test_files_have_one_name() -> None:
    names = Counter(path.name for path in TESTS.rglob("*.py") if path.name != "conftest.py")
    assert names["test_names.py"] == 1
    assert [name for name, count in names.items() if count > 1] == []


def test_what_folders_share_stands_where_all_of_them_find_it() -> None:
    project = tomllib.loads((TESTS.parent / "pyproject.toml").read_text("utf-8"))
    listed = {TESTS.parent / folder for folder in project["tool"]["pytest"]["ini_options"]["pythonpath"]}
    homes = {path.stem: path.parent for path in TESTS.rglob("*.py") if not path.name.startswith(("test_", "conftest"))}
    shared = {
        homes[name]
        for path in TESTS.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in [getattr(node, "module", None), *(alias.name for alias in node.names)]
        if name in homes and homes[name] != path.parent
    }
    assert shared == listed
