"""Check what a project says of the effects of others' tools, and effects that declarations tell of."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lcc.grammar.signatures import Effect
from lcc.toolset import load_bound, load_static

DECLARED = json.dumps(
    {
        "tools": [
            {"name": "get_note", "inputSchema": {"type": "object", "properties": {"path": {"type": "string"}}}},
            {"name": "drop_note", "inputSchema": {"type": "object"}, "annotations": {"destructiveHint": True}},
        ]
    }
)
CODE = 'import lcc\n\n@lcc.tool(effect="destructive")\ndef save(path: str) -> str:\n    return path\n'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes.json").write_text(DECLARED, encoding="utf-8")
    (tmp_path / "own.py").write_text(CODE, encoding="utf-8")
    return tmp_path


def _project(folder: Path, settings: str) -> None:
    text = f'[tool.lcc]\ntools = ["notes.json", "own.py"]\n{settings}'
    (folder / "pyproject.toml").write_text(text, encoding="utf-8")


def test_a_project_says_the_effects_of_its_tools_by_name_or_pattern(folder: Path) -> None:
    said = (
        '[tool.lcc.effects]\n"get_*" = "read"\nsave = {effect = "write", resource = "file:{path}", idempotent = true}\n'
    )
    _project(folder, said)
    for toolset in (load_static(near=folder), load_bound(near=folder, needed=())):
        assert not toolset.diagnostics
        effects = {name: signature.effect for name, signature in toolset.signatures.items()}
        assert effects == {"get_note": Effect.READ, "drop_note": Effect.UNDECLARED, "save": Effect.WRITE}
        save = toolset.signatures["save"]
        assert ([one.pattern for one in save.resources], save.idempotent) == (["file:{path}"], True)
    assert toolset.tools["save"].signature.effect is Effect.WRITE


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ('[tool.lcc.effects]\nsave = "reads"\n', "must be a table of effects; of `save`"),
        ("[tool.lcc.effects]\nsave = 3\n", "must be a table whose `save` is an effect"),
        ('[tool.lcc.effects]\nsave = {effect = "read", resource = "file:{name}"}\n', "names no parameter `name`"),
        ('trust-annotations = "yes"\n', "`trust-annotations` must be true or false"),
    ],
)
def test_what_can_not_be_said_is_an_error_with_its_place(folder: Path, settings: str, message: str) -> None:
    _project(folder, settings)
    (found,) = load_static(near=folder).diagnostics
    assert (found.code, found.is_error) == ("T026", True)
    assert message in found.message
    assert found.span is not None


def test_annotations_count_where_the_user_or_the_project_trusts_them(folder: Path) -> None:
    assert load_static(["notes.json"]).signatures["drop_note"].effect is Effect.UNDECLARED
    assert load_static(["notes.json"], trust_annotations=True).signatures["drop_note"].effect is Effect.DESTRUCTIVE
    _project(folder, "trust-annotations = true\n")
    assert load_static(near=folder).signatures["drop_note"].effect is Effect.DESTRUCTIVE
    assert load_static(near=folder).signatures["get_note"].effect is Effect.UNDECLARED
