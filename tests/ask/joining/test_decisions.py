"""Read what joiners write, also piece by piece."""

from __future__ import annotations

import itertools
import json
import time

import pytest
from hypothesis import given, strategies as st
from lines_run import lines_run

from lcc.ask.joining.answer_stream import AnswerStream
from lcc.ask.joining.decision import read_decision, verb_of

FINISH = [
    ("Thought: t\nAction: Finish(yes)", "yes"),
    ("Action: Finish(2 * (4 + (1 + 7)))", "2 * (4 + (1 + 7))"),
    ("Action: Finish(first line\nsecond (line)\n)", "first line\nsecond (line)"),
    ("Thought: I may Replan(later).\nAction: Finish(Don't Replan(this): it is done)", "Don't Replan(this): it is done"),
    ("Thought: done\nFinish(42)", "42"),
    ("Thought: The height is known, so this is the answer:\nAction: Finish(42)", "42"),
    ("Thought: Both are known.\nFinally:\nAction: Finish(42)", "42"),
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
    ("Action: Finish(:-))", ":-)"),
    ("Thought: easy\nAnswer: the moon", "the moon"),
    ("<think>Action: Replan(no)</think>Action: Finish(yes)", "yes"),
    ('{"thought": "t", "action": "finish", "answer": "a \\"b\\" (c)"}', 'a "b" (c)'),
    ('```json\n{"action": "finish", "answer": "yes"}\n```', "yes"),
    ('{"action": "finish", "answer": "yes"} trailing', "yes"),
    ('{"answer": "yes"}', "yes"),
    ("Action 1: Finish(yes)", "yes"),
    ("Action: Finish(yes)\nAction: Finish(yes)", "yes"),
    ("Action: Finish(yes)\nObservation: done\nAction: Replan(more)", "yes"),
]
REPLAN = [
    ("Thought: t\nAction: Replan(the height of K2 is missing)", "the height of K2 is missing"),
    ("Replan(more (much) more)", "more (much) more"),
    ("Action: Replan", ""),
    ("Action: Replan(no result; then Finish(x))", "no result; then Finish(x)"),
    ('{"thought": "", "action": "replan", "answer": "height"}', "height"),
    ('{"thought": "", "action": "Replan", "missing": "height", "answer": null}', "height"),
]
UNREAD = [
    "",
    "Action: Finish()",
    "Action: Finish",
    "Finish",
    "The answer is (of course) 42.",
    "Thought: The moon makes them.",
    "{not json",
    '{"total": 3}',
    '{"action": "finish", "answer": ""}',
    '{"action": "finish", "answer": null}',
    '{"action": "search", "answer": "x"}',
    "Action: Replan is not needed",
    "Action: Finish is not possible yet",
    "<think>Action: Finish(42)</think>",
    "Final Answer:",
    '{"answer": "42", "missing": "height"}',
    "Action: Finish(42)\nAction: Replan(the height)",
    "Action: Replan(the height)\nAction: Finish(42)",
    "Thought: t\nAction: Finish(42)\nThought: or not\nAction: Replan(the height)",
    "Finish(42)\nReplan(the height)",
    "Action: Finish(42)\nReplan",
    "Action: Finish(42) or Replan(the height)",
    "Action: Finish(42), oder neu planen",
    "Thought: I am not sure.\nIf the user meant the summit:\nAction: Finish(8849 m)",
    "我不确定。\n如果用户指的是山顶：\nAction: Finish(8849 m)",
    "Thought: The form is, for example:\n\n    Action: Finish(a number)\n\nbut the number is still missing.",
    "Final Answer: 42\nAction: Replan(the height)",
    '{"action": "finish", "answer": "42"}\n{"action": "replan", "missing": "height"}',
    '[{"action": "finish", "answer": "42"}, {"action": "replan", "missing": "height"}]',
]


@pytest.mark.parametrize(("reply", "answer"), FINISH)
def test_an_answer_is_read(reply: str, answer: str) -> None:
    decision = read_decision(reply)
    assert decision is not None
    assert (decision.replan, decision.text) == (False, answer)


@pytest.mark.parametrize(("reply", "wanted"), REPLAN)
def test_the_wish_for_another_plan_is_read(reply: str, wanted: str) -> None:
    decision = read_decision(reply)
    assert decision is not None
    assert (decision.replan, decision.text) == (True, wanted)


@pytest.mark.parametrize("reply", UNREAD)
def test_what_is_no_decision_is_none(reply: str) -> None:
    assert read_decision(reply) is None


@given(st.text())
def test_no_reply_is_an_empty_answer(reply: str) -> None:
    decision = read_decision(reply)
    assert decision is None or decision.replan or decision.text.strip()


def answer_in(reply: str) -> str:
    decision = read_decision(reply)
    return "" if decision is None or decision.replan else decision.text


def streamed(reply: str, cuts: list[int]) -> str:
    stream = AnswerStream()
    places = [0, *sorted({cut % (len(reply) + 1) for cut in cuts}), len(reply)]
    shown = "".join(stream.feed(reply[a:b]) for a, b in itertools.pairwise(places))
    return shown + stream.finish(answer_in(reply))


@given(st.sampled_from([*FINISH, *REPLAN]), st.lists(st.integers(0, 200)))
def test_the_pieces_of_a_streamed_answer_make_the_answer(case: tuple[str, str], cuts: list[int]) -> None:
    assert streamed(case[0], cuts) == answer_in(case[0])


@given(st.text(), st.lists(st.integers(0, 200)), st.booleans())
def test_any_text_streams_as_json(answer: str, cuts: list[int], ascii_only: bool) -> None:
    reply = json.dumps({"thought": 'an "answer": x', "action": "finish", "answer": answer}, ensure_ascii=ascii_only)
    assert streamed(reply, cuts) == answer_in(reply)
    assert verb_of(answer) == "replan" or answer_in(reply) == answer.strip()


@given(st.text(st.sampled_from("()[]'\" \n.ab")) | st.text(), st.lists(st.integers(0, 200)))
def test_any_text_streams_as_text(answer: str, cuts: list[int]) -> None:
    reply = f"Thought: t\nAction: Finish({answer})"
    assert streamed(reply, cuts) == answer_in(reply)


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
    assert read_decision(text) is None


@pytest.mark.parametrize("piece", ["Thought: so it is\n", 'Thought: {"a": 1}\n', 'Thought: {"a": \n'])
def test_many_thoughts_take_work_linear_in_their_number(piece: str) -> None:
    def read(size: int) -> None:
        assert read_decision(piece * (size // len(piece))) is None

    read(1_000)
    assert lines_run(lambda: read(24_000)) < 13 * lines_run(lambda: read(2_400))
    began = time.process_time()
    read(240_000)
    assert time.process_time() - began < 5  # fifteen times what the slowest takes
