"""What is cut where it is shown is had whole from the journal, one result at a time."""

from __future__ import annotations

import html
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import anyio
import pytest

from lcc.__main__ import main
from lcc.runtime.journal.file import JournalError, JournalFile
from lcc.runtime.journal.stored_result import stored_result

TOOLS = """
import lcc

@lcc.tool(effect="read")
def numbers(count: int) -> list[int]:
    if count == 13:
        raise ValueError("unlucky")
    return list(range(count))

@lcc.tool(effect="read")
def repeat(text: str) -> str:
    return text * 3
"""
PLAN = """\
secret input word: str
1. numbers(30000)
2. numbers(30000)
3. numbers(each [2, 2, 1])
4. numbers(3)
5. numbers(each $4)
6. numbers(13)
7. repeat($word)
8. join($1, $2, $3, $5, $6, $7)
"""
Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Run `lcc`, in a folder in which the plan was run."""
    (tmp_path / "tools.py").write_text(TOOLS)
    (tmp_path / "a.plan").write_text(PLAN)
    monkeypatch.chdir(tmp_path)

    def lcc_(*argv: str) -> tuple[int, str, str]:
        capsys.readouterr()
        status = main(argv)
        return (status, *capsys.readouterr())

    use = ("--tools", "tools.py", "--input", "word=hunter2x", "--journal", "my j")
    status, _, err = lcc_("run", "a.plan", *use, "--report", "page.html")
    assert status == 1, err
    return lcc_


def run_id() -> str:
    with closing(JournalFile("my j")) as file:
        return file.entry().id


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("1", list(range(30_000))),
        ("$2", list(range(30_000))),
        ("3", [[0, 1], [0, 1], [0]]),
        ("3[1]", [0, 1]),
        ("5", [[], [0], [0, 1]]),
        ("5[2]", [0, 1]),
    ],
)
def test_a_result_is_printed_whole_by_its_id(command: Command, name: str, value: object) -> None:
    status, out, err = command("runs", "my j", run_id()[:8], "--result", name)
    assert (status, err) == (0, "")
    assert json.loads(out) == value


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("6", "has no result of call 6: it is failed, ValueError: unlucky"),
        ("7", "call 7 was done, but its result held a secret input"),
        ("9", "has no result of call 9\n  help: it has results of 1, "),
        ("3[9]", "has no result of call 3[9]"),
        ("x", "`x` is no call's id"),
        ("3[", "`3[` is no call's id"),
    ],
)
def test_what_there_is_no_result_of_is_a_clear_error(command: Command, name: str, said: str) -> None:
    status, out, err = command("runs", "my j", run_id(), "--result", name)
    assert (status, out) == (1, "")
    assert "my j: error[X010]: " in err
    assert said in err
    assert "hunter2x" not in err


def test_a_result_needs_the_run_that_it_is_of(command: Command) -> None:
    status, _, err = command("runs", "my j", "--result", "1")
    assert status == 2
    assert "lcc runs JOURNAL RUN --result ID" in err


def test_a_journal_that_can_not_be_read_any_more_fails_the_read(command: Command) -> None:
    run = run_id()
    with closing(sqlite3.connect("my j")) as file, file:
        file.execute("UPDATE ends SET value = '[1,' WHERE task = '1'")
    status, out, err = command("runs", "my j", run, "--result", "1")
    assert (status, out) == (1, "")
    assert "error[X010]: my j is damaged" in err
    Path("my j").unlink()
    assert "error[X010]: there is no journal at my j" in command("runs", "my j", run, "--result", "1")[2]


def test_pages_name_the_command_where_they_cut(command: Command) -> None:
    named = f"`lcc runs &#x27;my j&#x27; {run_id()[:8]} --result 1` prints it whole)"
    assert named in Path("page.html").read_text(encoding="utf-8")
    assert named in command("report", "my j")[1]


def test_a_page_names_no_journal_that_was_not_kept(command: Command) -> None:
    use = ("--tools", "tools.py", "--input", "word=hunter2x")
    command("run", "a.plan", *use, "--report", "other.html")
    page = Path("other.html").read_text(encoding="utf-8")
    assert "characters more; `--format json` prints it whole)" in page
    assert "lcc runs" not in page


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_result_is_had_from_python(command: Command, backend: str) -> None:
    with closing(JournalFile("my j")) as file:
        stored = file.load()
    assert anyio.run(stored_result, stored, "3", backend=backend) == [[0, 1], [0, 1], [0]]
    with pytest.raises(JournalError, match="has no result of call 6"):
        anyio.run(stored_result, stored, "6", backend=backend)


def test_a_long_result_hides_no_other_on_a_page_and_each_cut_names_the_way_to_the_rest(command: Command) -> None:
    Path("b.plan").write_text('1. numbers(30000)\n2. repeat("abc")\n3. join()\n')
    Path("c.plan").write_text("1. numbers(30000)\n2. numbers(3)\n3. join($1, $2)\n")
    use = ("--tools", "tools.py", "--report", "page.html")
    command("run", "b.plan", *use, "--journal", "j")
    results = html.unescape(Path("page.html").read_text()).partition("<h2>Results")[2]
    assert "<h3>$2</h3><pre>abcabcabc</pre>" in results
    with closing(JournalFile("j")) as file:
        run = file.entry().id[:8]
    assert f"characters more; `lcc runs j {run} --result 1` prints it whole)" in results
    command("run", "c.plan", *use, "--journal", "j")
    assert " --format json` prints it whole)" in Path("page.html").read_text().partition("<h2>Results")[2]
    command("run", "c.plan", *use)
    assert "; `--format json` prints it whole)" in Path("page.html").read_text().partition("<h2>Results")[2]
