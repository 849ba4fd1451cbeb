"""What the commands show of recorded runs of plans with bodies: what they handed back, printed and failed by."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import anyio
import pytest
from body_plans import program

from lcc.__main__ import main
from lcc.grammar.ir import Apply, Const, Let, Plan
from lcc.grammar.source import Source
from lcc.python_tools.collect import as_tools
from lcc.runtime.journal.record import begin_run
from lcc.runtime.options import Options
from lcc.runtime.run import Run

TOOLS = """
import lcc

@lcc.tool(effect="read", resource="stock:{book}")
async def count_copies(book: str) -> int:
    if book == "none":
        raise KeyError(book)
    return len(book)

@lcc.tool(effect="write", resource="mail")
async def send(to: str, text: str) -> bool:
    print("sending", to)
    return True
"""


def record(folder: Path, text: str, *, prints: str = "") -> Path:
    """Run a program with a journal, and return that."""
    (folder / "tools.py").write_text(TOOLS)
    (folder / "a.py").write_text(text)
    namespace: dict[str, object] = {}
    exec(TOOLS, namespace)
    tools = as_tools([namespace["count_copies"], namespace["send"]])
    plan, source = program(text)
    if prints:
        said = Let(Apply("builtin print", (Const(prints),)))
        plan = Plan(plan.inputs, body=(said, *(plan.body or ())), fails="strict")
    journal = begin_run(
        str(folder / "j"),
        plan,
        Source(str(folder / "a.py"), source.text),
        {n: t.signature for n, t in tools.items()},
        {},
    )

    async def execute() -> None:
        async with Run(plan, tools, options=Options(journal=journal), run_id=journal.run) as run:
            journal.close(await run.wait())

    anyio.run(execute)
    return folder / "j"


def test_replay_shows_the_answer_and_what_was_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    journal = record(tmp_path, 'for x in ["a", "bc"]:\n    n = count_copies(x)\nanswer([n])\n', prints="hello")
    capsys.readouterr()
    assert main(["replay", str(journal), "--format", "json"]) == 0
    out, err = capsys.readouterr()
    shown = json.loads(out)
    assert (shown["answer"], shown["printed"], "join" in shown) == ([2], "hello\n", False)
    assert list(shown["tasks"]) == ["2[0]", "2[1]"]
    assert "hello" in err
    assert main(["replay", str(journal)]) == 0
    assert capsys.readouterr().out == "[2]\n"


def test_replay_shows_what_a_program_printed_as_its_result(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    journal = record(tmp_path, "n = 1\n", prints="hello")
    capsys.readouterr()
    assert main(["replay", str(journal)]) == 0
    assert capsys.readouterr().out == "hello\n"


def test_an_exception_is_reported_with_class_message_and_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    journal = record(tmp_path, 'send("ann", "a")\nn = count_copies("none")\nsend("ann", "b")\n')
    capsys.readouterr()
    for command in (["replay", "j"], ["resume", "j", "--tools", "tools.py"]):
        assert main([*command, "--format", "json"]) == 1
        out, err = capsys.readouterr()
        error = json.loads(out)["error"]
        assert (error["code"], error["cause"], error["message"], error["line"]) == ("X015", "KeyError", "'none'", 2)
        assert "a.py:2:5: error[X015]: KeyError: 'none'" in err
    assert main(["runs", str(journal)]) == 0
    assert "failed" in capsys.readouterr().out


def test_a_resumed_body_goes_on_with_the_tools_of_the_project(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    record(tmp_path, 'for x in ["a", "bc"]:\n    send("ann", x)\nanswer(count_copies("abc"))\n')
    with sqlite3.connect(tmp_path / "j") as connection:
        connection.execute("DELETE FROM ends WHERE task = '3'")
        connection.execute("DELETE FROM starts WHERE task = '3'")
    connection.close()
    capsys.readouterr()
    assert main(["resume", "j", "--tools", "tools.py"]) == 0
    out, err = capsys.readouterr()
    assert out == "3\n"
    assert "2 tasks are done" in err
    assert "sending" not in err


def test_resume_without_the_tools_of_a_body_says_which(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    journal = record(tmp_path, 'answer(count_copies("abc"))\n')
    assert main(["resume", str(journal)]) == 1
    assert "count_copies" in capsys.readouterr().err
