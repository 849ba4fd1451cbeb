"""Questions are kept in a journal, and go on where they ended: at the terminal and from Python."""

from __future__ import annotations

import html
import re
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from asking import BACKENDS, END, World, agent, finish, replan, run
from fake_model_server import FakeModelServer, Status

import lcc
from lcc.__main__ import main
from lcc.runtime.journal.file import JournalError, JournalFile

TOOLS = """\
import os

import lcc


@lcc.tool(effect="read")
def search(query: str) -> str:
    return f"about {query}"


@lcc.tool(effect="write")
async def note(text: str) -> str:
    with open("notes", "a") as file:
        file.write(f"{text}\\n")
    if os.path.exists("break"):
        raise KeyboardInterrupt
    return f"noted {text}"
"""
FIRST = f'1. note("a")\n2. search("x")\n3. join($2)\n{END}'
SECOND = f'4. note("b")\n5. join()\n{END}'
SCRIPT = {"planner": [FIRST, SECOND], "joiner": [replan("more"), finish("done")]}
Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    (tmp_path / "tools.py").write_text(TOOLS, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    for name in ("LCC_MODEL", "LCC_BASE_URL", "LCC_API_KEY", "OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)

    def lcc_(*argv: str) -> tuple[int, str, str]:
        capsys.readouterr()
        status = main(argv)
        sys.modules.pop("tools", None)
        return (status, *capsys.readouterr())

    return lcc_


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_question_goes_on_behind_the_last_reply_that_came(backend: str, tmp_path: Path) -> None:
    world = World()
    script: dict[str, list[Any]] = {"planner": [FIRST, Status(400)], "joiner": [replan("more")]}
    with FakeModelServer(script) as server, pytest.raises(lcc.AskFailed) as failed:
        run(lambda: agent(world, server, journal=tmp_path / "j").ask("?"), backend)
    assert world.notes == ["a"]
    with FakeModelServer({"planner": [SECOND], "joiner": [finish("done")]}) as server:
        answer = run(lambda: agent(world, server, journal=tmp_path / "j").resume(), backend)
        assert [len(server.by_role(role)) for role in ("planner", "joiner")] == [1, 1]
    assert answer.text == "done"
    assert answer.question == failed.value.answer.question
    assert world.notes == ["a", "b"]
    assert world.calls["x"] == 1
    assert answer.results == {"1": "noted a", "2": "about x", "4": "noted b"}


def test_an_answered_question_is_answered_again_without_asking_or_calling(tmp_path: Path) -> None:
    world = World()
    with FakeModelServer(SCRIPT) as server:
        first = run(lambda: agent(world, server, journal=tmp_path / "j").ask("?"))
    with FakeModelServer({}) as server:
        again = run(lambda: agent(world, server, journal=tmp_path / "j").resume(question=first.question[:8]))
    assert (again.text, again.results) == (first.text, first.results)
    assert world.notes == ["a", "b"]


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_result_of_a_question_is_printed_whole_by_its_run(command: Command, backend: str) -> None:
    with FakeModelServer(SCRIPT) as server:
        answer = run(lambda: agent(World(), server, journal="j").ask("?"), backend)
    with closing(JournalFile("j")) as file:
        first, second = (one.id[:8] for one in file.runs())
    assert command("runs", "j", first, "--result", "2") == (0, '"about x"\n', "")
    assert command("runs", "j", second, "--result", "$4") == (0, '"noted b"\n', "")
    status, out, err = command("runs", "j", answer.question, "--result", "2")
    assert (status, out) == (1, "")  # an id may mean another call in each of them
    assert f"question {answer.question[:8]} has 2 runs, not one" in err
    assert f"name one of them in its place: {first}, {second}" in err


def test_the_only_run_of_a_question_need_not_be_named(command: Command) -> None:
    with FakeModelServer({"planner": [FIRST], "joiner": [finish("done")]}) as server:
        answer = run(lambda: agent(World(), server, journal="j").ask("?"))
    assert command("runs", "j", answer.question[:8], "--result", "2") == (0, '"about x"\n', "")


@pytest.mark.parametrize("strategy", ["react", "openai-parallel", "rewoo"])
def test_other_strategies_go_on_too(strategy: str, tmp_path: Path) -> None:
    from fake_model_server import ToolCalls

    world = World()
    replies: dict[str, list[Any]] = {
        "react": ['Thought: t\nAction: note("a")', 'Thought: t\nAction: note("b")', Status(400)],
        "openai-parallel": [ToolCalls([("note", {"text": "a"})]), ToolCalls([("note", {"text": "b"})]), Status(400)],
        "rewoo": ['Plan: write\n#E1 = note["a"]\nPlan: write\n#E2 = note["b"]', Status(400)],
    }
    roles = ("planner", "solver") if strategy == "rewoo" else ("agent", "agent")
    given = {roles[0]: replies[strategy][:1], roles[1]: replies[strategy][1:]} if strategy == "rewoo" else None
    with FakeModelServer(given or {"agent": replies[strategy]}) as server, pytest.raises(lcc.AskFailed):
        run(lambda: agent(world, server, journal=tmp_path / "j", strategy=strategy).ask("?"))
    assert world.notes == ["a", "b"]
    last = "42" if strategy != "react" else finish("42")
    with FakeModelServer({roles[1]: [last]}) as server:
        answer = run(lambda: agent(world, server, journal=tmp_path / "j", strategy=strategy).resume())
    assert "42" in answer.text
    assert world.notes == ["a", "b"]


def test_a_journal_is_kept_by_default_where_a_tool_may_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))

    @lcc.tool(effect="read")
    async def search(query: str) -> str:
        return query

    model = lcc.ModelSettings(model="fake", base_url="http://127.0.0.1:1", key="k")
    plan = '1. search("x")\n2. answer($1)'
    assert run(lambda: lcc.Agent([search], model).ask("?", plan=plan)).question == ""
    assert not (tmp_path / "lcc").exists()
    answer = run(lambda: lcc.Agent(World().tools, model).ask("?", plan=plan))
    assert answer.question
    path = tmp_path / "lcc" / "journal.db"
    assert path.stat().st_mode & 0o077 == 0
    assert run(lambda: lcc.Agent(World().tools, model, journal=False).ask("?", plan=plan)).question == ""
    assert run(lambda: lcc.Agent(World().tools, model).resume()).value == "about x"


def test_a_journal_of_ones_own_that_cannot_be_kept_does_not_keep_a_question_from_its_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "lcc").write_text("in the way", encoding="utf-8")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    model = lcc.ModelSettings(model="fake", base_url="http://127.0.0.1:1", key="k")
    answer = run(lambda: lcc.Agent(World().tools, model).ask("?", plan='1. note("x")\n2. answer($1)'))
    assert answer.value == "noted x"
    assert "no journal is kept of this question" in answer.notes[0].message
    with pytest.raises(JournalError):
        run(lambda: lcc.Agent(World().tools, model, journal=tmp_path / "lcc" / "j").ask("?", plan="1. join()"))


def test_bad_resumes_say_what_is_wrong(tmp_path: Path) -> None:
    world = World()
    with FakeModelServer(SCRIPT) as server:
        run(lambda: agent(world, server, journal=tmp_path / "j").ask("?"))
        asking = agent(world, server, journal=tmp_path / "j")

        async def while_it_is_answered() -> None:
            from lcc.runtime.journal.questions import resume_question

            open_ = resume_question(tmp_path / "j", asking.signatures)
            with pytest.raises(JournalError, match="is being answered"):
                await asking.resume()
            open_.close("answered")

        run(while_it_is_answered)
        for wrong, said in (("zz", "no question's id begins"), (None, "there is no journal")):
            place = tmp_path / ("j" if wrong else "other")
            with pytest.raises(JournalError, match=said):
                run(lambda place=place, wrong=wrong: asking.resume(place, wrong))
        other = lcc.Agent(world.tools[:2], asking.roles, journal=tmp_path / "j")
        with pytest.raises(JournalError, match="needs the tool"):
            run(lambda: other.resume())
        with pytest.raises(JournalError, match="has no answer_type"):
            run(lambda: asking.resume(answer_type=int))


def test_what_is_asked_otherwise_than_before_does_not_go_on_behind_a_write(tmp_path: Path) -> None:
    world = World()
    with FakeModelServer(SCRIPT) as server:
        run(lambda: agent(world, server, journal=tmp_path / "j").ask("?"))
    file = JournalFile(tmp_path / "j")
    file.connection.execute("UPDATE questions SET question = 'other'")
    file.close()
    with FakeModelServer(SCRIPT) as server, pytest.raises(lcc.AskFailed, match="goes another way"):
        run(lambda: agent(world, server, journal=tmp_path / "j").resume())
    assert world.notes == ["a", "b"]


def test_at_the_terminal_a_write_in_doubt_is_settled_and_the_question_goes_on(command: Command, tmp_path: Path) -> None:
    (tmp_path / "break").touch()
    with FakeModelServer(SCRIPT) as server:
        use = ("--tools", "tools.py", "--model", "fake", "--base-url", server.base_url)
        status, _, err = command("ask", "Note things", *use)
        assert status == 130
        assert "lcc resume" in err
        (tmp_path / "break").unlink()
        _, out, _ = command("runs")
        assert "broken off  ? Note things" in out
        _, out, _ = command("runs", str(tmp_path / "state" / "lcc" / "journal.db"), out[:8])
        assert "in doubt   1. note: cancelled" in out
        own = str(tmp_path / "state" / "lcc" / "journal.db")
        status, _, err = command("resume", own, out[:8], "--done", "2=x", *use)
        assert status == 1
        assert "error[X010]: call 2 is not in doubt" in err
        status, out, err = command("resume", own, out[:8], "--done", "1=noted by hand", *use)
    assert (status, out) == (0, "done\n")
    assert (tmp_path / "notes").read_text() == "a\nb\n"


def test_a_report_of_a_recorded_question_tells_what_was_asked_planned_called_and_answered(
    tmp_path: Path, command: Command
) -> None:
    with FakeModelServer(SCRIPT) as server:
        run(lambda: agent(World(), server, journal=tmp_path / "j").ask("what of <x>?"), "asyncio")
    with closing(JournalFile(tmp_path / "j")) as file:
        question = file.runs()[0].question
    assert question is not None
    status, page, err = command("report", "j", question[:8])
    assert status == 0, err
    assert command("report", "j")[1] == page
    plain = html.unescape(re.sub(r"<[^>]*>", "", page))
    for shown in ("Questionwhat of <x>?", "Answerdone", 'note("a")', 'search("x")', 'note("b")'):
        assert shown in plain
    assert page.count('class="calls"') == 2
    assert 'id="lcc-t2"' in page


def test_a_report_of_a_recorded_run_holds_its_answer(command: Command) -> None:
    Path("a.plan").write_text('1. search("x")\n2. answer("It is $1.")\n')
    command("run", "a.plan", "--tools", "tools.py", "--journal", "j")
    page = command("report", "j")[1]
    assert "<h2>Answer</h2><pre>It is about x.</pre>" in page
    Path("a.plan").write_text('1. search("y")\n2. answer("$1")\n')
    assert "about x" in command("report", "j")[1]
    plain = html.unescape(re.sub(r"<[^>]*>", "", command("report", "j")[1]))
    assert 'Plan1. search("x")' in plain  # the file has been changed since: the plan is as it was run


def test_calls_that_a_corrected_program_has_from_the_one_before_are_listed_as_that(
    tmp_path: Path, command: Command
) -> None:
    first = 'x = search("a")\ny = search("broken")\nanswer(y)\n'
    second = 'x = search("a")\nanswer(x)\n'
    with FakeModelServer({"planner": [first, second], "joiner": []}) as server:
        asking = agent(World(), server, journal=tmp_path / "j", language="python")
        assert run(lambda: asking.ask("?"), "asyncio").text == "about a"
    with closing(JournalFile(tmp_path / "j")) as file:
        question = file.runs()[0].question
    assert question is not None
    lines = command("runs", "j", question[:8])[1].splitlines()
    assert [line.split(". ")[1] for line in lines if ". " in line and " ok " in line] == [
        "search, 1 attempt",
        "had from an earlier run",
    ]
