"""Check how `[tool.lcc]` is found and read."""

from __future__ import annotations

from pathlib import Path

import pytest

from lcc.config import Config, find_config, read_config


def write(folder: Path, text: str) -> Path:
    path = folder / "pyproject.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_settings_are_read_with_their_places(tmp_path: Path) -> None:
    text = (
        '[project]\nname = "x"\n\n[tool.lcc]\ntools = [\n  "a.py",\n  "b.pyi",\n]\nselect = ["L"]\nignore = ["L003"]\n'
    )
    config = read_config(write(tmp_path, text))
    assert (config.tools, config.select, config.ignore) == (("a.py", "b.pyi"), ("L",), ("L003",))
    assert not config.diagnostics
    span = config.span_of("tools", "b.pyi")
    assert span is not None
    assert text[span.start : span.end] == '"b.pyi"'


def test_without_a_file_the_defaults_hold() -> None:
    assert read_config(None) == Config()


def test_a_file_without_the_table_holds_no_settings(tmp_path: Path) -> None:
    assert read_config(write(tmp_path, "[tool.other]\nx = 1\n")).tools == ()


def test_the_nearest_file_with_the_table_counts(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    outer = write(tmp_path, "[tool.lcc]\n")
    write(inner, '[project]\nname = "no table"\n')
    assert find_config(inner / "x.plan") == outer
    assert find_config(inner) == outer
    nearest = write(inner, '[tool."lcc"]\n')
    assert find_config(inner / "x.plan") == nearest


def test_a_folder_that_does_not_exist_is_searched_above(tmp_path: Path) -> None:
    outer = write(tmp_path, "[tool.lcc]\n")
    assert find_config(tmp_path / "none" / "x.plan") == outer


@pytest.mark.parametrize(
    ("text", "code", "message", "place"),
    [
        ("[tool.lcc]\ntoools = []\n", "T025", "[tool.lcc] has no setting `toools`", "toools"),
        ("[tool.lcc]\ntools = 3\n", "T026", "`tools` must be a list of texts", "tools"),
        ('[tool.lcc]\nselect = "L"\n', "T026", "`select` must be a list of texts", "select"),
        ("[tool.lcc]\nignore = [1]\n", "T026", "`ignore` must be a list of texts", "ignore"),
        ('[tool.lcc]\ntools = [""]\n', "T026", "`tools` must be a list of texts", "tools"),
        ("[tool.lcc]\ntools = [\n", "T002", "not TOML: invalid value", ""),
        ("[tool.lcc]\ntools = x\n", "T002", "not TOML: invalid value", "x"),
        ("[tool]\nlcc = 3\n", "T026", "`tool.lcc` must be a table", None),
        ("[tool.lcc.colours]\nx = 1\n", "T025", "[tool.lcc] has no setting `colours`", None),
        ("[tool.lcc]\nx = " + "[" * 5_000 + "]" * 5_000, "T002", "not TOML: nested too deeply", ""),
    ],
)
def test_every_fault_is_reported_where_it_stands(
    tmp_path: Path, text: str, code: str, message: str, place: str | None
) -> None:
    (found,) = read_config(write(tmp_path, text)).diagnostics
    assert found.code == code
    assert message in found.message
    if place is None:
        assert found.span is None
    else:
        assert found.span is not None
        assert text[found.span.start : found.span.end] == place


def test_a_misspelled_setting_is_told_its_name(tmp_path: Path) -> None:
    (found,) = read_config(write(tmp_path, "[tool.lcc]\ntoools = []\n")).diagnostics
    assert found.help == "did you mean `tools`?"


def test_sound_settings_hold_beside_faulty_ones(tmp_path: Path) -> None:
    config = read_config(write(tmp_path, '[tool.lcc]\nbad = 1\ntools = ["a.py"]\n'))
    assert config.tools == ("a.py",)
    assert len(config.diagnostics) == 1


def test_a_file_that_is_not_text_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "pyproject.toml"
    path.write_bytes(b"[tool.lcc]\xff")
    assert find_config(tmp_path) == path
    (found,) = read_config(path).diagnostics
    assert found.code == "T001"
    assert "not UTF-8" in found.message
