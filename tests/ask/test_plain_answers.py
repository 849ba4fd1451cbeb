"""Replies without the form that was asked for: a planner's words, and a joiner's; marked as such, never empty, never a bare verb."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from asking import BACKENDS, END, World, agent, finish, replan, run
from fake_model_server import FakeModelServer, Reply

import lcc
from lcc.__main__ import main
from lcc.ask.events import AnswerText
from lcc.ask.planning.prose import answer_in_prose
from lcc.python_tools.collect import as_tools

SIGNATURES = {name: tool.signature for name, tool in as_tools(World().tools).items()}
PLAN = f'1. search("tides")\n2. join()\n{END}'

PROSE = [
    "I can't help with that.",
    "Hello! What can I do for you?",
    "你好！有什么可以帮你的吗？",
    "Das kann ich leider nicht tun.",
    "Désolé, je ne peux pas vous aider (c'est interdit).",
    "<think>A greeting. 1. search('x')</think>\nGuten Tag!",
    "I can't search for that, as it is private.",
    "It rains in Spain.\n\nMostly on the plain.",
]
NO_PROSE = [
    "",
    "<think>Hello!</think>",
    "Let me search(tides) for you.",
    "I will call open_gate for you.",
    'I would call `search` with "tides".',
    "1. Look for tides.\n2. Answer.",
    "Here is the plan:",
    "Thought: hm\nAction: search",
    "search: tides",
    '"search" with tides',
    '{"tool": "find"}',
    "<tool_call>find</tool_call>",
    "x = tides",
    "It is $1.",
    "find(tides)",
    "search [tides]",
    "工具：search（潮汐）",
]


@pytest.mark.parametrize("reply", PROSE)
def test_words_alone_are_an_answer(reply: str) -> None:
    assert answer_in_prose(reply, SIGNATURES) == reply.rpartition("</think>")[2].strip()


@pytest.mark.parametrize("reply", NO_PROSE)
def test_what_is_like_a_call_or_a_plan_is_none(reply: str) -> None:
    assert answer_in_prose(reply, SIGNATURES) is None


@pytest.mark.parametrize("backend", BACKENDS)
def test_what_a_planner_says_instead_of_a_plan_is_the_answer_and_is_marked(backend: str) -> None:
    world = World()
    seen: list[Any] = []
    with FakeModelServer({"planner": ["I can't help with that."]}) as server:
        answer = run(lambda: agent(world, server).ask("?", on_event=seen.append), backend)
    assert (answer.status, answer.text, answer.value) == (
        "answered",
        "I can't help with that.",
        "I can't help with that.",
    )
    assert [note.code for note in answer.notes] == ["P094"]
    assert answer.to_json()["notes"][0]["code"] == "P094"
    assert (answer.rounds, answer.calls) == ((), 0)
    assert "".join(e.text for e in seen if isinstance(e, AnswerText)) == answer.text


def test_words_that_are_not_of_the_wanted_type_are_no_answer() -> None:
    plan = f"1. answer(7)\n{END}"
    with FakeModelServer({"planner": ["I can't help with that.", plan]}) as server:
        answer = run(lambda: agent(World(), server).ask("?", answer_type=int))
    assert (answer.value, answer.notes) == (7, ())
    with FakeModelServer({"planner": ["7"]}) as server:
        answer = run(lambda: agent(World(), server).ask("?", answer_type=int))
    assert (answer.value, [note.code for note in answer.notes]) == (7, ["P094"])


def joined(*replies: Reply, **settings: Any) -> tuple[lcc.Answer, FakeModelServer, str]:
    seen: list[Any] = []
    with FakeModelServer({"planner": [PLAN] * 3, "joiner": list(replies)}) as server:
        answer = run(lambda: agent(World(), server, **settings).ask("?", on_event=seen.append))
    return answer, server, "".join(e.text for e in seen if isinstance(e, AnswerText))


def test_a_joiner_whose_reply_can_not_be_read_is_asked_once_more() -> None:
    answer, server, shown = joined("It is 42.", finish("42"))
    assert (answer.text, answer.notes, shown) == ("42", (), "42")
    assert "no decision in this reply" in server.by_role("joiner")[1].last


def test_then_its_words_are_shown_with_a_warning() -> None:
    answer, server, shown = joined("<think>hm</think>It is 42.", "Still 42.")
    assert (answer.status, answer.text, shown) == ("answered", "Still 42.", "Still 42.")
    assert [note.code for note in answer.notes] == ["P095"]
    assert len(server.by_role("joiner")) == 2


@pytest.mark.parametrize(
    ("first", "second", "text"),
    [
        ("It is 42.", "Finish", "It is 42."),
        ("It is 42.", "<think>so</think>", "It is 42."),
    ],
)
def test_an_empty_reply_does_not_hide_what_was_said_before(first: str, second: str, text: str) -> None:
    answer, _, shown = joined(first, second, max_replans=0)
    assert (answer.text, shown) == (text, text)


@pytest.mark.parametrize(
    "reply", ["Replan", "**Replan**", "Action: Replan", '{"action": "replan"}', "Finish", "Action: Finish()"]
)
def test_the_word_of_an_action_is_never_the_answer(reply: str) -> None:
    with pytest.raises(lcc.AskFailed, match="the joiner gave no answer") as failed:
        joined(reply, reply, max_replans=0)
    assert failed.value.answer.text == ""
    assert failed.value.answer.results == {"1": "about tides"}


def test_a_wish_for_another_plan_that_can_not_be_is_refused_once_and_then_shown_with_a_warning() -> None:
    answer, server, shown = joined(replan("the moon"), replan("the moon"), max_replans=0)
    assert (answer.text, shown) == ("the moon", "the moon")
    assert [note.code for note in answer.notes] == ["P095"]
    assert "No further calls are possible" in server.by_role("joiner")[1].last
    answer, _, _ = joined(replan("the moon"), finish("tides"), max_replans=0)
    assert (answer.text, answer.notes) == ("tides", ())


def test_the_terminal_says_that_no_plan_was_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "tools.py").write_text("import lcc\n@lcc.tool(effect='read')\ndef look(x: str) -> str:\n    return x\n")
    monkeypatch.chdir(tmp_path)
    with FakeModelServer({"planner": ["Hello!", "Hello!"]}) as server:
        argv = ["ask", "Hi", "--tools", "tools.py", "--model", "fake", "--base-url", server.base_url]
        assert main(argv) == 0
        out, err = capsys.readouterr()
        assert main([*argv, "--format", "json"]) == 0
        sys.modules.pop("tools", None)
    assert out == "Hello!\n"
    assert "warning[P094]: no plan was made and no tool called" in err
    assert json.loads(capsys.readouterr().out)["notes"][0]["code"] == "P094"
