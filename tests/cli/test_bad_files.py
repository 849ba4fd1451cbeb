"""Check that input of any kind is a located, coded error, never a traceback."""

from __future__ import annotations

import contextlib
import io
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from lcc.__main__ import main
from lcc.grammar.limits import DEFAULT_LIMITS

PIECES = [
    *("1. ", "2. ", "3) ", "a(", "join(", "answer(", ")", "each ", "$1", "${1", "}", "$x", "$$", '"', "'", '"""', "\\"),
    *(
        ", ",
        "[",
        "]",
        "{",
        ":",
        "input x: int = ",
        "secret ",
        "Thought: ",
        "# ",
        "\n",
        "\r\n",
        "<END_OF_PLAN>",
        "\ufeff",
    ),
    *("-1e9", "007", "True", "null", "é", "\u202e", "k=", " "),
]
CASES = {
    "empty": (b"", "empty.plan:1:1: error[P017]"),
    "comments": (b"# nothing\n", "comments.plan:1:1: error[P017]"),
    "latin1": (
        "1. suche('Zürich')\n2. join()\n".encode("latin-1"),
        "latin1.plan:1:12: error[P016]: byte 0xfc at offset 11 is not UTF-8",
    ),
    "marked_latin1": (
        b"\xef\xbb\xbf1. a('\xfc')\n",
        "marked_latin1.plan:1:7: error[P016]: byte 0xfc at offset 9 is not UTF-8",
    ),
    "binary": (b"\x7fELF\x02\x00\x00\xff", "binary.plan:1:8: error[P016]"),
    "nul": (b"1. a()\n\x00\n", "nul.plan:2:1: error[P016]"),
    "utf16": ("1. a()\n2. join()\n".encode("utf-16"), "utf16.plan:1:1: error[P016]"),
    "encoded_surrogate": (b"1. a('\xed\xa0\x80')\n", "encoded_surrogate.plan:1:7: error[P016]"),
    "nesting": (b"1. a(" + b"[" * 10_000 + b"]" * 10_000 + b")\n2. join()\n", "nesting.plan:1:69: error[P013]"),
    "digits": (b"1. a(" + b"9" * 6_000 + b")\n2. join()\n", "digits.plan:1:6: error[P007]"),
    "lone_surrogate": (b'1. a("\\ud800")\n2. join()\n', "lone_surrogate.plan:1:6: error[P009]"),
}


@pytest.mark.parametrize("command", ["check", "compile", "fmt", "opt", "run", "graph"])
@pytest.mark.parametrize("name", CASES)
def test_bad_text_is_a_located_error(
    command: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    data, expected = CASES[name]
    monkeypatch.chdir(tmp_path)
    path = Path(f"{name}.plan")
    path.write_bytes(data)
    assert main([command, str(path)]) == 1
    out, err = capsys.readouterr()
    assert expected in err
    assert out == ""
    assert path.read_bytes() == data


@pytest.mark.parametrize("command", ["check", "compile", "fmt", "opt", "run", "graph"])
@pytest.mark.parametrize(
    ("path", "reason"),
    [("missing.plan", "no such file or directory"), (".", "is a directory"), ("a\0b", "embedded null byte")],
)
def test_a_file_that_can_not_be_read_is_an_error(
    command: str,
    path: str,
    reason: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    of_folders = path == "." and command in ("check", "fmt")
    assert main([command, path]) == (2 if of_folders else 1)
    err = capsys.readouterr().err
    assert ("there is no *.plan in this folder" if of_folders else f"error[P090]: can't read the file: {reason}") in err
    assert "\0" not in err


def test_a_file_over_the_limit_is_refused_before_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "large.plan"
    with path.open("wb") as file:
        file.truncate(50 * DEFAULT_LIMITS.size)
    assert main(["check", str(path)]) == 1
    assert "large.plan: error[P015]: the file is larger than 16,777,216 bytes" in capsys.readouterr().err


def test_a_stream_over_the_limit_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"#" * (DEFAULT_LIMITS.size + 1))))
    assert main(["check", "-"]) == 1
    assert "<stdin>: error[P015]" in capsys.readouterr().err


def test_closed_standard_input_is_an_error(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.stdin", None)
    assert main(["check", "-"]) == 1
    assert "<stdin>: error[P090]: can't read the file: standard input is closed" in capsys.readouterr().err


@given(
    st.binary(max_size=80)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=80).map(str.encode)
    | st.lists(st.sampled_from(PIECES), max_size=25).map("".join).map(str.encode)
)
def test_no_input_whatever_ends_in_an_exception(data: bytes) -> None:
    """Exceptions are the one thing that can go wrong here; what is reported is checked elsewhere."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.plan")
        path.write_bytes(data)
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            for command in ("check", "compile", "fmt", "graph", "opt"):
                assert main([command, str(path)]) in (0, 1)


def test_a_byte_order_mark_is_no_part_of_the_plan(tmp_path: Path) -> None:
    path = tmp_path / "bom.plan"
    path.write_bytes(b"\xef\xbb\xbf1. a()\n2. join()\n")
    assert main(["fmt", "--check", str(path)]) == 0
