"""Read what joiners write, also piece by piece."""

from __future__ import annotations

import itertools
import json

import pytest
from hypothesis import given, strategies as st

from lcc.ask.joining.answer_stream import AnswerStream
from lcc.ask.joining.decision import read_decision

FINISH = [
    ("Thought: t\nAction: Finish(yes)", "yes"),
    ("Action: Finish(2 * (4 + (1 + 7)))", "2 * (4 + (1 + 7))"),
    ("Action: Finish(first line\nsecond (line)\n)", "first line\nsecond (line)"),
    ("Thought: I may Replan(later).\nAction: Finish(Don't Replan(this): it is done)", "Don't Replan(this): it is done"),
    ("Thought: done\nFinish(42)", "42"),
    ("**Action:** Finish(42)", "42"),
    ("**Action**: `Finish(42)`", "42"),
    ("action : finish(42)<END_OF_RESPONSE>", "42"),
    ("Action: Finish(42", "42"),
    ("Action: Finish(one (1) and more", "one (1) and more"),
    ("Action: Finish(()", "("),
    ("Action: Finish: 42", "42"),
    ("Action: Finish\n42", "42"),
    ('Action: Finish("the moon")', "the moon"),
    ('Action: Finish("Macbeth" and "Hamlet")', '"Macbeth" and "Hamlet"'),
    ("Action: Finish(1) first 2) second)", "1) first 2) second"),
    ("Action: Finish(yes)\n\nI hope that helps (really)", "yes"),
    ("Action: Finish(yes).", "yes"),
    ("Action: Finish()", ""),
    ("Action: Finish(:-))", ":-)"),
    ("The answer is (of course) 42.", "The answer is (of course) 42."),
    ("Thought: The moon makes them.", "The moon makes them."),
    ("Thought: easy\nAnswer: the moon", "the moon"),
    ("<think>Action: Replan(no)</think>Action: Finish(yes)", "yes"),
    ('{"thought": "t", "action": "finish", "answer": "a \\"b\\" (c)"}', 'a "b" (c)'),
    ('```json\n{"action": "finish", "answer": "yes"}\n```', "yes"),
    ('{"action": "finish", "answer": "yes"} trailing', "yes"),
    ('{"answer": "yes"}', "yes"),
    ("", ""),
    ("{not json", "{not json"),
    ("Action 1: Finish(yes)", "yes"),
]
REPLAN = [
    ("Thought: t\nAction: Replan(the height of K2 is missing)", "the height of K2 is missing"),
    ("Replan(more (much) more)", "more (much) more"),
    ("Action: Replan", ""),
    ("Action: Replan(no result; then Finish(x))", "no result; then Finish(x)"),
    ('{"thought": "", "action": "replan", "answer": "height"}', "height"),
    ('{"thought": "", "action": "Replan", "missing": "height", "answer": null}', "height"),
]


@pytest.mark.parametrize(("reply", "answer"), FINISH)
def test_an_answer_is_read(reply: str, answer: str) -> None:
    decision = read_decision(reply)
    assert (decision.replan, decision.text) == (False, answer)


@pytest.mark.parametrize(("reply", "wanted"), REPLAN)
def test_the_wish_for_another_plan_is_read(reply: str, wanted: str) -> None:
    decision = read_decision(reply)
    assert (decision.replan, decision.text) == (True, wanted)


@given(st.text())
def test_every_reply_has_a_reading(reply: str) -> None:
    read_decision(reply)


def streamed(reply: str, cuts: list[int]) -> str:
    stream = AnswerStream()
    places = [0, *sorted({cut % (len(reply) + 1) for cut in cuts}), len(reply)]
    shown = "".join(stream.feed(reply[a:b]) for a, b in itertools.pairwise(places))
    decision = read_decision(reply)
    return shown + stream.finish("" if decision.replan else decision.text)


@given(st.sampled_from([*FINISH, *REPLAN]), st.lists(st.integers(0, 200)))
def test_the_pieces_of_a_streamed_answer_make_the_answer(case: tuple[str, str], cuts: list[int]) -> None:
    decision = read_decision(case[0])
    assert streamed(case[0], cuts) == ("" if decision.replan else decision.text)


@given(st.text(), st.lists(st.integers(0, 200)), st.booleans())
def test_any_text_streams_as_json(answer: str, cuts: list[int], ascii_only: bool) -> None:
    reply = json.dumps({"thought": 'an "answer": x', "action": "finish", "answer": answer}, ensure_ascii=ascii_only)
    assert streamed(reply, cuts) == answer.strip()


@given(st.text(st.sampled_from("()[]'\" \n.ab")) | st.text(), st.lists(st.integers(0, 200)))
def test_any_text_streams_as_text(answer: str, cuts: list[int]) -> None:
    reply = f"Thought: t\nAction: Finish({answer})"
    assert streamed(reply, cuts) == read_decision(reply).text


def test_an_answer_is_handed_on_before_its_reply_ends() -> None:
    stream = AnswerStream()
    assert stream.feed('{"thought": "x", "action": "finish", "answer": "one') == "one"
    assert stream.feed(" two\\") == " two"
    assert stream.feed('n"}') == ""
    stream = AnswerStream()
    assert stream.feed("Thought: t\nAction: Finish(one (1)") == "one (1"
    assert stream.feed(", two") == "), two"
    assert stream.feed(")") == ""


def test_what_is_missing_is_not_shown_as_an_answer() -> None:
    stream = AnswerStream()
    assert stream.feed('{"thought": "", "action": "replan", "answer": "the moon"}') == ""
    assert AnswerStream().feed("Action: Replan(the moon") == ""


@pytest.mark.parametrize("text", ["Action" + " " * 100_000, "\n" * 100_000 + "x", "Action 1" + " " * 100_000 + "x"])
def test_a_long_run_of_spaces_takes_no_time(text: str) -> None:
    assert read_decision(text).text == text.strip()
