"""Check that the tools of two sources are told apart by a prefix."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lcc.toolset import load_bound, load_static

DECLARED = json.dumps([{"name": "find", "parameters": {"type": "object", "properties": {}}}])
CODE = """
import lcc

@lcc.tool(effect="read", batch="find_all", max_batch=3)
def find(title: str) -> str:
    return title

@lcc.tool(effect="read")
def find_all(calls: list[dict[str, str]]) -> list[str]:
    return [call["title"] for call in calls]
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("north.json", "south.json"):
        (tmp_path / name).write_text(DECLARED, encoding="utf-8")
    (tmp_path / "east.py").write_text(CODE, encoding="utf-8")
    return tmp_path


@pytest.mark.usefixtures("folder")
def test_equal_names_of_two_sources_go_together_with_prefixes() -> None:
    toolset = load_static(["north=north.json", "south=south.json:find"])
    assert not toolset.diagnostics
    assert list(toolset.signatures) == ["north.find", "south.find"]


@pytest.mark.usefixtures("folder")
def test_without_prefixes_the_help_says_how_to_tell_them_apart() -> None:
    (found,) = load_static(["north.json", "south.json"]).diagnostics
    assert found.code == "T009"
    assert "--tools NAME=SOURCE" in str(found.help)


@pytest.mark.usefixtures("folder")
def test_tools_with_code_keep_their_batch_forms() -> None:
    toolset = load_bound(["east=east.py"])
    assert not toolset.diagnostics
    batch = toolset.tools["east.find"].signature.batch
    assert batch is not None
    assert batch.tool == "east.find_all"


def test_a_file_that_is_called_so_is_that_file(folder: Path) -> None:
    (folder / "a=b.json").write_text(DECLARED, encoding="utf-8")
    assert list(load_static(["a=b.json"]).signatures) == ["find"]
