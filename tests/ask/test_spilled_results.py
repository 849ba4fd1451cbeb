"""Large results of a question with a journal: the planner, the joiner and whoever reads the answer have them from there."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from asking import BACKENDS, END, finish, replan, run
from fake_model_server import FakeModelServer, Status

import lcc
from lcc.__main__ import main
from lcc.ask.joining.looks import Looks
from lcc.ask.memory import Memory, Round
from lcc.cli.views.ask_progress import AskProgress
from lcc.grammar.ir import TaskId
from lcc.runtime.journal.file import JournalFile
from lcc.runtime.journal.spilling import GONE, SpilledRecord, Stored

BOOK = [f"line {number}: nothing here" for number in range(9_000)] + ["line 9000: the needle"]
CHILD = Path(__file__).with_name("spilling_child.py")


def tools() -> list[Any]:
    @lcc.tool(effect="read")
    async def book(name: str) -> list[str]:
        """Return the lines of a book."""
        return [f"{name}, {line}" for line in BOOK]

    @lcc.tool(effect="pure")
    async def count(lines: list[str]) -> int:
        """Count lines."""
        return len(lines)

    @lcc.tool(effect="write")
    async def note(text: str) -> str:
        """Write something down."""
        return f"noted {text} " * 9_000

    return [book, count, note]


def agent(server: FakeModelServer, journal: Path | bool, **settings: Any) -> lcc.Agent:
    model = lcc.ModelSettings(model="fake", base_url=server.base_url, key="k", timeout=20.0)
    return lcc.Agent(tools(), model, journal=journal, **settings)


def asked(script: dict[str, list[Any]], journal: Path | bool, backend: str = "asyncio", **settings: Any) -> Any:
    """Return the answer, and the messages of all requests."""
    with FakeModelServer(script) as server:
        answer = run(lambda: agent(server, journal, **settings).ask("?"), backend)
        said = [request.messages for role in script for request in server.by_role(role)]
    return answer, said


def in_memory(round_: Round) -> list[str]:
    """Return the large results that a round holds itself."""
    records = [*round_.records.items(), *round_.result.tasks.items()]
    return [
        str(id_)
        for id_, one in records
        if not (isinstance(one, SpilledRecord) and one.outline) and len(str(one.value)) > 64 * 1024
    ]


PLAN = f'1. book("a")\n2. note("b")\n3. join($1)\n{END}'
FURTHER = f"4. count($1)\n5. join($4)\n{END}"
LOOKS = ["Thought: more.\nAction: Peek($1, needle)", "Thought: more.\nAction: Peek($1[9000])"]
SCRIPTS: dict[str, tuple[dict[str, list[Any]], dict[str, Any]]] = {
    "plan": ({"planner": [PLAN, FURTHER], "joiner": [*LOOKS, replan("a count"), finish("9001")]}, {}),
    "steps": ({"planner": [PLAN, FURTHER], "joiner": [*LOOKS, replan("a count"), finish("9001")]}, {"language": "steps"}),
    "python": (
        {
            "planner": [
                '```python\nlines = book("a")\nanother = note("b")\nlines\n```',
                "```python\nprint(count(lines), another[:5])\n```",
            ],
            "joiner": [*[one.replace("$1", "$returned") for one in LOOKS], replan("a count"), finish("9001")],
        },
        {"language": "python"},
    ),
    "react": (
        {
            "agent": [
                'Thought: a book.\nAction: book("a")',
                "Thought: more.\nAction: Peek($1, needle)",
                "Thought: enough.\nAction: Finish(a needle)",
            ]
        },
        {"strategy": "react"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", SCRIPTS)
def test_models_see_the_same_with_a_journal_and_nothing_large_stays(name: str, backend: str, tmp_path: Path) -> None:
    script, settings = SCRIPTS[name]
    plain, told = asked({role: list(said) for role, said in script.items()}, False, **settings)
    kept, said = asked({role: list(said) for role, said in script.items()}, tmp_path / "j", backend, **settings)
    assert said == told
    assert "the needle" in str(said)
    assert (kept.text, kept.value, kept.results) == (plain.text, plain.value, plain.results)
    assert [one.result.join for one in kept.rounds] == [one.result.join for one in plain.rounds]
    assert any(in_memory(one) for one in plain.rounds)
    assert not any(in_memory(one) for one in kept.rounds)


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_peek_into_a_journal_that_is_gone_says_so_to_the_model_and_to_people(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script, settings = SCRIPTS[name]
    last = list(script)[-1]
    looks = [one for one in script[last] if "Peek" in one][:1]
    script = {**script, last: [*[one for one in script[last] if "book(" in one], *looks, script[last][-1]]}
    script = {role: list(said[:1] if role == "planner" else said) for role, said in script.items()}
    look = Looks.look

    def gone(self: Looks, wanted: str) -> str:
        (tmp_path / "j").unlink()
        return look(self, wanted)

    monkeypatch.setattr(Looks, "look", gone)
    answer, said = asked(script, tmp_path / "j", **settings)
    assert answer.ok
    (note,) = [one for one in answer.notes if one.code == GONE]
    assert "couldn't be looked into: the result of call 1 of run" in note.message
    assert str(tmp_path / "j") in note.message
    assert f"can't be looked into any more: it is gone ({GONE})" in str(said)
    assert str(tmp_path) not in str(said)
    with pytest.raises(lcc.JournalError, match="can't be read back"):
        _ = answer.results


def test_a_further_plan_that_reads_what_is_gone_fails_by_that_call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = Memory.values

    def gone(self: Memory) -> Mapping[TaskId, Any]:
        if self.records:
            (tmp_path / "j").rename(tmp_path / "elsewhere")
            JournalFile(tmp_path / "j", create=True).close()
        return values(self)

    monkeypatch.setattr(Memory, "values", gone)
    script = {"planner": [f'1. book("a")\n2. join($1)\n{END}', f"3. count($1)\n4. join($3)\n{END}"]}
    script["joiner"] = [replan("a count"), finish("unknown")]
    answer, _ = asked(script, tmp_path / "j")
    failure = answer.rounds[1].records[3].error
    assert failure.kind == "path"
    assert failure.message.startswith("$1: the result of call 1 of run ")
    assert "it isn't there any more" in failure.message
    assert answer.text == "unknown"


def test_a_question_that_goes_on_has_what_was_spilled_before_it_broke_off(tmp_path: Path) -> None:
    script: dict[str, list[Any]] = {"planner": [PLAN, Status(400)], "joiner": [replan("a count")]}
    with pytest.raises(lcc.AskFailed) as failed:
        asked(script, tmp_path / "j")
    assert not any(in_memory(one) for one in failed.value.answer.rounds)
    with FakeModelServer({"planner": [FURTHER], "joiner": [LOOKS[0], finish("9001")]}) as server:
        answer = run(lambda: agent(server, tmp_path / "j").resume())
        said = str([request.messages for request in server.by_role("joiner")])
    assert "a, line 9000: the needle" in said
    assert answer.results["1"] == [f"a, {line}" for line in BOOK]
    assert answer.results["4"] == 9_001
    assert not any(in_memory(one) for one in answer.rounds)


def test_a_result_of_an_earlier_plan_is_read_once_for_a_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = {
        "planner": [PLAN, f'4. count($1)\\n5. note("$1[0]")\\n6. note("$1[1]")\\n7. join($4)\\n{END}'],
        "joiner": [replan("a count"), finish("9001")],
    }
    reads: list[str] = []
    read = Stored.read

    def counted(self: Stored) -> Any:
        reads.append(self.task)
        return read(self)

    def values(self: Memory) -> Mapping[TaskId, Any]:
        reads.clear()
        return known(self)

    known = Memory.values
    monkeypatch.setattr(Stored, "read", counted)
    monkeypatch.setattr(Memory, "values", values)
    monkeypatch.setattr("lcc.ask.joining.joiner.show_round", lambda round_, looks: "results")
    answer, _ = asked(script, tmp_path / "j")
    assert answer.rounds[1].result.ok
    assert reads.count("1") == 1


def test_the_command_reports_a_result_that_is_gone_as_bad_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("tools.py").write_text(
        'import lcc\n\n\n@lcc.tool(effect="read")\ndef page() -> str:\n    return "x" * 100_000\n', encoding="utf-8"
    )
    close = AskProgress.close

    def gone(self: AskProgress, answer: Any) -> None:
        Path("j").unlink()
        close(self, answer)

    with FakeModelServer({"planner": [f"1. page()\n2. join($1)\n{END}"] * 2, "joiner": [finish("done")] * 2}) as server:
        argv = ["ask", "?", "--tools", "tools.py", "--model", "fake", "--base-url", server.base_url, "--journal", "j"]
        assert main([*argv, "--format", "json"]) == 0
        assert json.loads(capsys.readouterr().out)["rounds"][0]["tasks"]["1"]["value"] == "x" * 100_000
        monkeypatch.setattr(AskProgress, "close", gone)
        assert main([*argv, "--format", "json"]) == 1
    err = capsys.readouterr().err
    assert f"j: error[{GONE}]: the result of call 1 of run " in err
    assert "help: large results are kept in the journal alone" in err


def child(*argv: str) -> int:
    """Return the bytes that a process holds more, which keeps answers."""
    done = subprocess.run([sys.executable, str(CHILD), *argv], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return int(done.stdout.split()[-1])


def test_a_service_that_holds_answers_does_not_hold_their_large_results(tmp_path: Path) -> None:
    answers, size = 6, 4 * 1024 * 1024
    held = child(str(answers), str(size), "")
    kept = child(str(answers), str(size), str(tmp_path / "j"))
    assert held > answers * size * 0.9
    assert kept < answers * size / 10
