"""Replies in other languages and markups: what has one meaning is read, what may forbid its call is refused; and what stands around doesn't matter."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, strategies as st

from lcc.ask.joining.answer_stream import AnswerStream
from lcc.ask.joining.decision import read_decision
from lcc.ask.strategies.react_reply import Act, End, Unreadable, read_step
from lcc.grammar.signatures import tools_by_name
from lcc.grammar.signatures.calling import positional
from lcc.grammar.signatures.stubs import read_stub

TOOLS = tools_by_name(
    read_stub(
        "def find_book(title: str) -> str: ...\n"
        "def price(item: str, currency: str = 'EUR') -> float: ...\n"
        "def route(start: str, end: str) -> str: ...\n"
        "def clock() -> str: ...\n"
        "def half(n: float) -> float: ...\n"
        "def total(numbers: list[int]) -> int: ...\n"
        "def order(item: str) -> str: ...\n"
        "def query(sql: str) -> str: ...\n",
        "t.pyi",
    ).signatures
)
BOOK = ("find_book", {"title": "Faust"})
LAMP = ("price", {"item": "lamp", "currency": "USD"})
WAY = ("route", {"start": "Lima", "end": "Cusco"})

CALLS: dict[str, tuple[str, dict[str, Any]]] = {
    'Gedanke: Ich suche.\nAktion: find_book\nAktionseingabe: {"title": "Faust"}': BOOK,
    "Pensée : je cherche.\nAction : find_book\nEntrée de l'action : \"Faust\"": BOOK,
    "思考：查一下。\n行动：find_book\n行动输入：「Faust」": BOOK,
    "思考: 調べる。\nアクション: find_book（“Faust”）": BOOK,
    "Мысль: ищу.\nДействие: find_book[Faust]": BOOK,
    "Pensamiento: busco.\nAcción: route\nEntrada de la acción:\nstart: Lima\nend: Cusco": WAY,
    "Myśl: szukam.\nAkcja: find_book\nDane wejściowe: Faust": BOOK,
    "생각: 찾는다.\n행동: find_book\n행동 입력: Faust": BOOK,
    "[Thought] x\n[Action] find_book\n[Action Input] Faust": BOOK,
    "### Thought\nx\n### Action\nfind_book('Faust')": BOOK,
    "<thought>hm</thought>\n<action>find_book('Faust')</action>": BOOK,
    "Tool: find_book\nInput: Faust": BOOK,
    "Action: Find Book\nAction Input: `Faust`": BOOK,
    "Action: find_book, Action Input: Faust": BOOK,
    "Action: find_book\nAction Input: Faust\nObserv": BOOK,
    "Action: find_book\nAction Input: {“title”: “Faust”}": BOOK,
    "Action: find_book\nAction Input: {'title': 'Faust',}": BOOK,
    "Action: find_book\nAction Input: [{\"title\": \"Faust\"}]": BOOK,
    "Action: find_book\nAction Input: find_book('Faust')": BOOK,
    '{"thought": "x", "tool": "find_book", "args": {"title": "Faust"}}': BOOK,
    '{"action": "route", "start": "Lima", "end": "Cusco"}': WAY,
    'Thought: x\nAction: {"name": "find_book", "parameters": {"title": "Faust"}}': BOOK,
    'Action: find_book({"title": "Faust"}).': BOOK,
    'Action: price\nAction Input: item="lamp", currency="USD"': LAMP,
    "Action: route\nAction Input: ['Lima', 'Cusco']": WAY,
    "Action: clock\nAction Input: None": ("clock", {}),
    "Action: half\nAction Input: -5": ("half", {"n": -5}),
    "Action: total\nAction Input: [1, 2]": ("total", {"numbers": [1, 2]}),
    "Action: query\nAction Input:\n```sql\nSELECT 1\nFROM t\n```": ("query", {"sql": "SELECT 1\nFROM t"}),
    "Action: price('lamp', currency='USD')\nObservation: 3\nThought: y\nAction: order('lamp')": LAMP,
}  # fmt: skip

REFUSED = [
    'Action: order("lamp") only if it is cheap',
    'Action: order("lamp")\nbut not today',
    'Action: order("lamp")  # not yet',
    'Action: order("lamp") or find_book("lamp")',
    "Action: nicht order('lamp')",
    "行动：不要 order('lamp')",
    'Action: ~~order("lamp")~~',
    'Action: <!-- order("lamp") -->',
    'Action: // order("lamp")',
    'Action: "order(lamp)"',
    "Action: Keine\nAktionseingabe: keine",
    "Acción: ninguna (nada que hacer)",
    'Wenn gefragt:\n\norder("lamp")',
    'I would never do this.\norder("lamp")',
    "Either `order('lamp')` or nothing.",
    'I will not run {"action": "order", "action_input": "lamp"}.',
    '{"action": "order", "action_input": "lamp", "only_if": "asked"}',
    '{"action": "order", "action_input": "lamp", "depends_on": ["price"]}',
    '[{"action": "order", "action_input": "lamp"}, {"action": "order", "action_input": "bulb"}]',
    "Action: order('lamp')\nAction Input: bulb",
    'Action: find_book\nAction Input: {"title": "Faust"',
    "Action: query\nAction Input: SELECT 1\n\nThat will do.",
    "Action: route\nAction Input: Lima",
    "Action: clock\nAction Input: what time is it",
    "<think>Action: order('lamp')</think>",
    "<|channel|>analysis<|message|>Action: order('lamp')<|end|>",
    "Action: Finish()",
    "Action: Replan(more)",
]

ANSWERS = {
    "Respuesta final: 42": "42",
    "最终答案：42": "42",
    "Окончательный ответ: 42": "42",
    "Aktion: Fertig(42)": "42",
    "行动：Finish（42）": "42",
    "Action: Finish【42】": "42",
    "**Final Answer**\n42": "42",
    "<answer>42</answer>": "42",
    "Final Answer: -3": "-3",
    '{"action": "Final Answer", "action_input": "42"}': "42",
    "Action: finish({'answer': '42'})": "42",
    "Action: Finish(42)\nObservation: the episode is over": "42",
    "Thought: x\nFinal Answer: order(lamp) is not needed": "order(lamp) is not needed",
}


def called(step: Act) -> tuple[str, dict[str, Any]]:
    task = step.call.task
    names = iter(p.name for p in positional(TOOLS[task.tool].parameters))

    def plain(value: Any) -> Any:
        return [plain(item) for item in value.items] if hasattr(value, "items") else value.value

    return task.tool, {arg.name or next(names): plain(arg.value) for arg in task.args}


@pytest.mark.parametrize("reply", CALLS)
def test_a_plain_call_is_read_in_any_language_and_markup(reply: str) -> None:
    step = read_step(reply, TOOLS)
    assert isinstance(step, Act), step
    assert called(step) == CALLS[reply]


@pytest.mark.parametrize("reply", REFUSED)
def test_what_may_forbid_or_limit_a_call_is_refused(reply: str) -> None:
    step = read_step(reply, TOOLS)
    assert isinstance(step, Unreadable), step
    assert step.why


@pytest.mark.parametrize("reply", ANSWERS)
def test_an_answer_is_read_in_any_language_and_markup(reply: str) -> None:
    step = read_step(reply, TOOLS)
    assert isinstance(step, End), step
    assert step.answer == ANSWERS[reply]
    decision = read_decision(reply)
    assert decision is not None
    assert (decision.replan, decision.text) == (False, ANSWERS[reply])


AROUND: dict[str, Callable[[str], str]] = {
    "fence": lambda reply: f"```\n{reply}\n```",
    "thought before": lambda reply: f"<think>Action: order('no')\nFinal Answer: no</think>\n{reply}",
    "thought never opened": lambda reply: f"Okay, so perhaps I\nAction: Finish(no)\n</think>\n\n{reply}",
    "channels": lambda reply: (
        f"<|channel|>analysis<|message|>Action: Finish(no)<|end|><|start|>assistant<|channel|>final<|message|>{reply}<|return|>"
    ),
    "end mark": lambda reply: f"{reply}<|im_end|>\n<|im_start|>user\nAction: Finish(no)",
    "comment": lambda reply: f"<!-- Action: Finish(no) -->\n{reply}",
    "made-up round": lambda reply: f"{reply}\nObservation: no\nThought: x\nAction: Finish(no)",
}
PLAIN_CALLS = [
    reply for reply in CALLS if "```" not in reply and not reply.endswith("Observ") and "<thought>" not in reply
]


@given(st.sampled_from(PLAIN_CALLS), st.sampled_from(list(AROUND)))
def test_what_stands_around_a_step_changes_nothing(reply: str, around: str) -> None:
    if around == "made-up round" and reply.startswith("{"):
        return  # an object is a reply of its own
    step = read_step(AROUND[around](reply), TOOLS)
    assert isinstance(step, Act), step
    assert called(step) == CALLS[reply]


@given(st.sampled_from(list(ANSWERS)), st.sampled_from([n for n in AROUND if n != "made-up round"]), st.integers(1, 9))
def test_what_stands_around_an_answer_changes_nothing_nor_do_the_pieces_in_which_it_comes(
    reply: str, around: str, size: int
) -> None:
    text = AROUND[around](reply)
    decision = read_decision(text)
    assert decision is not None
    assert (decision.replan, decision.text) == (False, ANSWERS[reply])
    stream = AnswerStream()
    shown = "".join(stream.feed(text[at : at + size]) for at in range(0, len(text), size))
    assert shown + stream.finish(decision.text) == decision.text


FORBIDDING = [
    "don't ",
    "nicht ",
    "不要",
    "if asked, ",
    "// ",
    "# ",
    "~~",
    '"',
    "e.g. ",
    "either ",
    "(",
    "> no: ",
    "perhaps: ",
]


@given(
    st.sampled_from(FORBIDDING),
    st.sampled_from(["order('lamp')", "order[lamp]", 'order({"item": "lamp"})']),
    st.booleans(),
)
def test_a_word_or_mark_before_a_call_is_never_passed_over(before: str, call: str, heading: bool) -> None:
    reply = f"Thought: x\n{'Action: ' if heading else ''}{before}{call}"
    assert isinstance(read_step(reply, TOOLS), Unreadable)


@pytest.mark.parametrize(
    "piece",
    [
        "</think>",
        "x<think>",
        "Action: ",
        'Action: find_book("a',
        '{"action":',
        "[",
        "_",
        "#",
        " \n",
        "a=b, ",
        "```\n",
        "<action>",
    ],
)
def test_a_hostile_reply_takes_little_time(piece: str) -> None:
    """What was quadratic took more than forty seconds; the slowest takes two."""
    text = piece * (80_000 // len(piece))
    began = time.process_time()
    read_step(text, TOOLS)
    read_decision(text)
    assert time.process_time() - began < 30


def test_a_text_with_many_quotes_inside_takes_little_time() -> None:
    """Each of them is a change of the whole text, which was written anew for each: that took two minutes; it takes a second."""
    began = time.process_time()
    read_step('Action: find_book("a' * 20_000, TOOLS)
    assert time.process_time() - began < 20
