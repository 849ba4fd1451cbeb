"""Check `--approve-plan`, `--wait` and the answers of `lcc resume`, at the command line."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import anyio
import pytest
from fake_model_server import FakeModelServer

import lcc
from lcc.__main__ import main
from lcc.cli.consent import approve_plan
from lcc.cli.consent.approve import approver
from lcc.cli.consent.approve_plan import plan_approver
from lcc.cli.console import Console
from lcc.grammar.signatures import Tools
from lcc.plan_request import PlanAnswer, PlanRequest, answer_of
from lcc.python_tools.collect import as_tools
from lcc.runtime.calls.secrets import NO_SECRETS
from lcc.runtime.journal.file import JournalFile
from lcc.runtime.journal.questions import questions
from lcc.runtime.options import LATER, Later

TOOLS = """\
import lcc


@lcc.tool(effect="read")
def look(key: str) -> str:
    return f"<{key}>"


@lcc.tool(effect="write")
def note(text: str) -> str:
    with open("notes", "a") as file:
        file.write(f"{text}\\n")
    return text


@lcc.tool(effect="destructive")
def erase(path: str) -> str:
    with open("notes", "a") as file:
        file.write(f"erased {path}\\n")
    return path
"""
PLAN = '1. look("x")\n2. note("$1")\n3. erase("a")\n4. join($1)\n'
Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    (tmp_path / "tools.py").write_text(TOOLS, encoding="utf-8")
    (tmp_path / "a.plan").write_text(PLAN, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))

    def lcc_(*argv: str) -> tuple[int, str, str]:
        capsys.readouterr()
        status = main(argv)
        sys.modules.pop("tools", None)
        return (status, *capsys.readouterr())

    return lcc_


def notes(folder: Path) -> list[str]:
    path = folder / "notes"
    return path.read_text().split("\n")[:-1] if path.exists() else []


def test_without_a_terminal_and_without_a_journal_nobody_could_ever_answer(command: Command, tmp_path: Path) -> None:
    status, _, err = command("run", "a.plan", "--tools", "tools.py", "--approve-plan")
    assert (status, notes(tmp_path)) == (2, [])
    assert "there is no terminal to ask on; with a journal (--journal)" in err
    status, _, err = command("run", "a.plan", "--tools", "tools.py", "--wait")
    assert (status, notes(tmp_path)) == (2, [])
    assert "--wait: the run waits in a journal" in err


def test_a_plan_and_then_a_call_wait_and_each_answer_goes_on(command: Command, tmp_path: Path) -> None:
    use = ("--tools", "tools.py")
    status, _, err = command("run", "a.plan", *use, "--approve-plan", "--journal", "j")
    assert (status, notes(tmp_path)) == (3, [])
    assert "--approve`, or `--deny`" in err
    assert command("resume", "j", *use)[0] == 3
    assert "  waiting     a.plan" in command("runs", "j")[1]
    status, _, err = command("resume", "j", *use, "--approve", "--wait")
    assert (status, notes(tmp_path)) == (3, ["<x>"])
    assert "the run waits for approval of erase (3)" in err
    status, out, _ = command("resume", "j", *use, "--approve")
    assert (status, out, notes(tmp_path)) == (0, "$1 = <x>\n", ["<x>", "erased a"])
    status, _, err = command("resume", "j", *use, "--approve")
    assert status == 1
    assert "waits for no approval: it has ended (ok)" in err
    assert notes(tmp_path) == ["<x>", "erased a"]


def test_a_no_to_a_plan_ends_it_and_a_no_to_a_call_fails_that(command: Command, tmp_path: Path) -> None:
    use = ("--tools", "tools.py")
    command("run", "a.plan", *use, "--approve-plan", "--journal", "j")
    status, _, err = command("resume", "j", *use, "--deny", "too much")
    assert (status, notes(tmp_path)) == (1, [])
    assert "error[X017]: the plan was not approved: too much" in err
    command("run", "a.plan", *use, "--wait", "--journal", "k")
    status, _, err = command("resume", "k", *use, "--deny")
    assert (status, notes(tmp_path)) == (1, ["<x>"])
    assert "approval was refused" in err


def test_what_waits_is_shown_as_it_will_be_answered_for(command: Command, tmp_path: Path) -> None:
    (tmp_path / "b.plan").write_text(
        'strict\n1. look("x")\n2. erase("a $1")\n3. erase("b")\n4. join($1)\n', encoding="utf-8"
    )
    use = ("--tools", "tools.py", "--journal", "j")
    plan = ["waits for approval of this plan:", "  strict", '  1. look("x")', '  2. erase("a $1")']
    _, _, err = command("run", "b.plan", *use, "--approve-plan")
    assert err.splitlines()[-7:-1] == [*plan, '  3. erase("b")', "  4. join($1)"]
    assert [f"  {line}" for line in plan] == command("runs", "j", run_of(tmp_path))[1].splitlines()[2:6]
    calls = ["waits for approval of 2 calls of erase:", '  2. erase(path="a <x>")', '  3. erase(path="b")']
    _, _, err = command("resume", "j", "--tools", "tools.py", "--approve", "--wait")
    assert err.splitlines()[-4:-1] == calls
    first, *shown = command("runs", "j", run_of(tmp_path))[1].splitlines()
    assert "  waiting     " in first
    assert shown[-3:] == [f"  {line}" for line in calls]
    recorded = json.loads(command("runs", "j", run_of(tmp_path), "--format", "json")[1])
    assert recorded["status"] == "waiting"
    assert recorded["waits_for"] == {
        "tool": "erase",
        "calls": [{"id": "2", "arguments": {"path": "a <x>"}}, {"id": "3", "arguments": {"path": "b"}}],
    }
    command("resume", "j", "--tools", "tools.py", "--approve")
    assert notes(tmp_path) == ["erased a <x>", "erased b"]


def test_what_a_question_waits_for_is_shown(command: Command, tmp_path: Path) -> None:
    with FakeModelServer({"planner": ['1. note("a")\n2. join()\n'], "joiner": ["Action: Finish(done)"]}) as server:
        use = ("--tools", "tools.py", "--base-url", server.base_url, "--model", "fake")
        status, _, err = command("ask", "?", *use, "--approve-plan", "--wait", "--journal", "j")
        shown = ["waits for approval of this plan:", '  1. note("a")', "  2. join()"]
        assert (status, err.splitlines()[-4:-1]) == (3, shown)
        with closing(JournalFile("j")) as file:
            id_ = questions(file)[0].id
        assert command("runs", "j", id_)[1].splitlines()[-3:] == [f"  {line}" for line in shown]
        recorded = json.loads(command("runs", "j", id_, "--format", "json")[1])
        assert recorded["waits_for"]["text"] == '1. note("a")\n2. join()\n'
        assert recorded["waits_for"]["changes"] == [{"id": "1", "call": 'note("a")', "effect": "write"}]
        assert command("resume", "j", *use, "--approve")[:2] == (0, "done\n")


def test_calls_of_a_question_that_had_anothers_result_are_listed_with_their_tool(
    command: Command, tmp_path: Path
) -> None:
    plan = '1. look("a")\n2. look("a")\n3. erase("b") when $2\n4. join($2)\n'
    with FakeModelServer({"planner": [plan], "joiner": ["Action: Finish(done)"]}) as server:
        use = ("--tools", "tools.py", "--base-url", server.base_url, "--model", "fake")
        assert command("ask", "?", *use, "--language", "steps", "--wait", "--journal", "j")[0] == 3
        with closing(JournalFile("j")) as file:
            id_ = questions(file)[0].id
        assert "    cancelled  3: not started" in command("runs", "j", id_)[1]
        assert command("resume", "j", *use, "--approve")[0] == 0
    listed = command("runs", "j", id_)[1]
    assert "    ok         1. look, 1 attempt\n" in listed
    assert "    ok         2. look, same as 1\n" in listed
    assert "    ok         3. erase, 1 attempt\n" in listed


def test_a_repeated_write_is_not_called_destructive(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen()
    monkeypatch.setattr("sys.stdin", Screen("n\n"))
    ask = approver(Console(io.StringIO(), screen), always=False, secrets=NO_SECRETS)
    assert ask is not None
    said = "an earlier plan made the same call (1), and it ended well"
    assert anyio.run(ask, lcc.ApprovalRequest(2, "note", ((2, {"text": "a"}),), {2: said})) is False
    assert screen.getvalue().splitlines()[:3] == [
        "task 2 wants 1 call of note, made before:",
        '  2. note(text="a")',
        f"     {said}",
    ]


def run_of(folder: Path) -> str:
    with closing(JournalFile(folder / "j")) as file:
        return file.runs()[-1].id


def test_an_answer_for_another_plan_is_none(command: Command, tmp_path: Path) -> None:
    use = ("--tools", "tools.py")
    command("run", "a.plan", *use, "--approve-plan", "--journal", "j")
    (tmp_path / "a.plan").write_text(PLAN.replace('"a"', '"everything"'), encoding="utf-8")
    status, _, err = command("resume", "j", *use, "--approve")
    assert (status, notes(tmp_path)) == (1, [])
    assert "has changed since run" in err


def test_a_denied_call_says_how_it_could_be_allowed(command: Command) -> None:
    _, _, err = command("run", "a.plan", "--tools", "tools.py")
    assert "`--yes` or `lcc.Options(approve=…)` allows it" in err


CHANGED = (
    (("--tools", "tools.py"), "a.plan", PLAN.replace('"x"', '"y"')),
    ((), "a.plan", PLAN),
    (("--tools", "tools.py"), "tools.py", TOOLS.replace("path: str", "path: str, hard: bool = False")),
)


@pytest.mark.parametrize("said", ["--approve", "--deny"])
@pytest.mark.parametrize(("use", "name", "text"), CHANGED)
def test_a_resume_that_is_refused_takes_no_answer(
    command: Command, tmp_path: Path, said: str, use: tuple[str, ...], name: str, text: str
) -> None:
    path = tmp_path / name
    before = path.read_text(encoding="utf-8")
    command("run", "a.plan", "--tools", "tools.py", "--wait", "--journal", "j")
    path.write_text(text, encoding="utf-8")
    status, _, err = command("resume", "j", *use, said)
    assert (status, "error[X010]" in err, notes(tmp_path)) == (1, True, ["<x>"])
    path.write_text(before, encoding="utf-8")
    assert command("resume", "j", "--tools", "tools.py")[0] == 3
    assert command("resume", "j", "--tools", "tools.py", "--deny")[0] == 1
    assert notes(tmp_path) == ["<x>"]


def test_a_question_whose_resume_is_refused_takes_no_answer(command: Command, tmp_path: Path) -> None:
    with FakeModelServer({"planner": ['1. erase("a")\n2. answer(1)\n']}) as server:
        model = ("--base-url", server.base_url, "--model", "fake", "--tools", "tools.py")
        assert command("ask", "?", *model, "--wait", "--journal", "j")[0] == 3
        path = tmp_path / "tools.py"
        path.write_text(TOOLS.replace("path: str", "path: str, hard: bool = False"), encoding="utf-8")
        status, _, err = command("resume", "j", *model, "--approve")
        assert (status, "error[X010]" in err) == (1, True)
        path.write_text(TOOLS, encoding="utf-8")
        command("resume", "j", *model, "--deny")
        assert notes(tmp_path) == []


def test_a_secret_that_is_missing_at_the_resume_is_placed_and_takes_no_answer(command: Command, tmp_path: Path) -> None:
    (tmp_path / "s.plan").write_text(
        'strict\n# a key\nsecret input key: str\n1. look($key)\n2. erase("a")\n3. join()\n', encoding="utf-8"
    )
    use = ("--tools", "tools.py")
    command("run", "s.plan", *use, "--wait", "--journal", "j", "--input", "key=hushhush")
    status, _, err = command("resume", "j", *use, "--approve")
    assert (status, notes(tmp_path)) == (1, [])
    assert "s.plan:3:1: error[X001]: input `key` has no value" in err
    assert command("resume", "j", *use, "--input", "key=hushhush")[0] == 3
    assert command("resume", "j", *use, "--input", "key=hushhush", "--approve")[0] == 0
    assert notes(tmp_path) == ["erased a"]


# at the terminal


class Screen(io.StringIO):
    """A terminal."""

    def isatty(self) -> bool:
        return True


@lcc.tool(effect="read", cost=2.0)
def look(key: str) -> str:
    return key


@lcc.tool(effect="write")
def note(text: str) -> str:
    return text


@lcc.tool(effect="destructive")
def erase(path: str) -> str:
    return path


@lcc.tool
def other(what: str) -> str:
    return what


TOOL_LIST = [look, note, erase, other]


def as_signatures(tools: list[object]) -> Tools:
    return {name: tool.signature for name, tool in as_tools(tools).items()}


def request(text: str, front_end: str = "plan") -> PlanRequest:
    compiled = lcc.compile(text, TOOL_LIST, front_end=front_end)
    return PlanRequest(text, compiled.plan, as_signatures(TOOL_LIST), front_end)


def asked(
    monkeypatch: pytest.MonkeyPatch, typed: str, shown: PlanRequest, *, later: bool = True
) -> tuple[list[str], PlanAnswer | Later]:
    """Return what is shown of a plan, and the answer."""
    screen = Screen()
    monkeypatch.setattr("sys.stdin", Screen(typed))
    ask = plan_approver(Console(io.StringIO(), screen), later=later)
    answer = answer_of(anyio.run(ask, shown))
    return screen.getvalue().splitlines(), answer


def test_a_plan_is_shown_with_what_it_changes_and_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    lines, answer = asked(
        monkeypatch, "y\n", request('1. look("x")\n2. note("$1")\n3. other("\\u001b[31m")\n4. join()\n')
    )
    assert lines == [
        "the plan:",
        '  1. look("x")',
        '  2. note("$1")',
        '  3. other("\\u001b[31m")',
        "  4. join()",
        "it changes, by 1 call:",
        "  2. note($1)  write",
        "it may change, by 1 call:",
        '  3. other("\\x1b[31m")  undeclared',
        "it takes 3 calls, about 3.00 s",
        "run it? [y]es, [n]o, [d]rop lines, [e]dit, [g]raph, [l]ater: ",
    ]
    assert answer == PlanAnswer(approved=True)


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("n\nfor now\n", PlanAnswer(approved=False, reason="for now")),
        ("n\n\n", PlanAnswer(approved=False)),
        ("", PlanAnswer(approved=False)),
        ("\nwhat\ny\n", PlanAnswer(approved=True)),
        ("d\nx\nd\n2, 3\n", PlanAnswer(approved=True, drop=(2, 3))),
        ("g\nl\n", LATER),
    ],
)
def test_what_is_typed_is_the_answer(monkeypatch: pytest.MonkeyPatch, typed: str, answer: PlanAnswer | Later) -> None:
    assert asked(monkeypatch, typed, request('1. look("x")\n2. note("a")\n3. join()\n'))[1] == answer


def test_an_edit_that_changes_nothing_is_no_yes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(approve_plan, "_edited", lambda text, language, console: text)
    lines, answer = asked(monkeypatch, "e\nn\n\n", request('1. look("x")\n2. join()\n'))
    assert any("nothing was changed" in line for line in lines)
    assert answer == PlanAnswer(approved=False)


@pytest.mark.parametrize("yes", [(), ("--yes",)])
def test_what_somebody_made_of_a_plan_is_shown_before_it_runs(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, yes: tuple[str, ...]
) -> None:
    screen = Screen()
    monkeypatch.setattr("sys.stderr", screen)
    monkeypatch.setattr("sys.stdin", Screen("d\n3\ne\nn\n\n"))
    monkeypatch.setattr(approve_plan, "_edited", lambda text, language, console: text.replace('"$1"', '"mine"'))
    status = command("run", "a.plan", "--tools", "tools.py", "--approve-plan", *yes)[0]
    assert (status, notes(tmp_path)) == (1, [])
    shown = screen.getvalue()
    assert shown.count("the plan:") == 3
    assert '  2. note("mine")' in shown
    monkeypatch.setattr("sys.stdin", Screen("d\n3\ny\n"))
    assert command("run", "a.plan", "--tools", "tools.py", "--approve-plan", *yes)[0] == 0
    assert notes(tmp_path) == ["<x>"]


def test_a_yes_to_destructive_calls_is_none_to_the_plan(command: Command, tmp_path: Path) -> None:
    use = ("--tools", "tools.py", "--approve-plan", "--yes")
    assert command("run", "a.plan", *use)[0] == 2
    assert command("run", "a.plan", *use, "--journal", "j")[0] == 3
    assert notes(tmp_path) == []
    assert command("resume", "j", "--tools", "tools.py", "--approve", "--yes")[0] == 0
    assert notes(tmp_path) == ["<x>", "erased a"]


def test_later_needs_a_journal(monkeypatch: pytest.MonkeyPatch) -> None:
    lines, answer = asked(monkeypatch, "l\ny\n", request('1. look("x")\n2. join()\n'), later=False)
    assert "later needs a journal (--journal)" in "\n".join(lines)
    assert "it changes nothing" in lines
    assert answer == PlanAnswer(approved=True)


def test_a_text_is_edited_by_the_users_editor(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    editor = tmp_path / "ed"
    editor.write_text(f"#!{sys.executable}\nimport sys\nopen(sys.argv[1], 'a').write('# mine\\n')\n", encoding="utf-8")
    editor.chmod(0o755)
    monkeypatch.setenv("VISUAL", str(editor))
    shown = request('print(look("x"))\n', "python")
    monkeypatch.setattr(approve_plan.sys, "stdin", None)
    text = approve_plan._edited(shown.text, "python", Console(io.StringIO(), Screen()))
    assert text == 'print(look("x"))\n# mine\n'
    monkeypatch.setenv("VISUAL", str(tmp_path / "none"))
    assert approve_plan._edited("x", "plan", Console(io.StringIO(), Screen())) is None


def test_lines_of_a_program_are_not_dropped_but_loops_are_estimated(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = request('for i in ["a", "b"]:\n    note(look(i))\n', "python")
    lines, answer = asked(monkeypatch, "d\nn\n\n", shown)
    assert "the program:" in lines
    assert any(line.startswith("it takes 4 calls, up to ") for line in lines)
    assert answer == PlanAnswer(approved=False)
