"""The program in a reply: where it stands, what may stand around it, and that pieces don't matter."""

import itertools

import pytest
from hypothesis import given, strategies as st

import lcc
from lcc.grammar.python.arriving.reply_program import ProgramInReply, program_in

PROGRAM = 'x = 1\nanswer("""\n<think>no thought</think>\n""")\n'


@pytest.mark.parametrize(
    "reply",
    [
        PROGRAM,
        f"```python\n{PROGRAM}```",
        f"\n```py\n{PROGRAM}```\n",
        f"````\n{PROGRAM}````\n",
        f"<think>\nfirst\n```python\nx = 2\n```\n</think>\n\n```python\n{PROGRAM}```\n<reflection>done</reflection>\n",
        f"<thought>short</thought>{PROGRAM}",
        f"Here is the program:\n```python\n{PROGRAM}```",
        f"**Voici le plan :**\n\n```python\n{PROGRAM}```",
    ],
)
def test_a_program_stands_bare_or_in_one_fence_among_thoughts(reply: str) -> None:
    found = program_in(reply)
    assert found.whole
    assert not found.diagnostics
    assert len(found.text) == len(reply)
    assert found.text.index("x = 1") == reply.index(PROGRAM[:5])
    assert found.program.lstrip(" \f") == PROGRAM
    assert lcc.parse(reply, front_end="python").ok


@pytest.mark.parametrize(
    ("reply", "message", "said"),
    [
        ("If it is late:\n```python\nanswer(1)\n```\n", "this stands before the program", "If it is late:"),
        ("If that is allowed:\n```python\nanswer(1)\n```\n", "this stands before the program", "If that is allowed:"),
        ("```python\nanswer(1)\n```\n\n  It answers.\n", "this stands behind the program", "It answers."),
        ("```\nanswer(1)\n```\n```\nanswer(2)\n```\n", "this stands behind the program", "```"),
        ("<think>\nanswer(1)\n", "the thought that begins here never ends", "<think>"),
        ("```python\nanswer(1)\n", "never closed", "```python"),
    ],
)
def test_anything_else_around_a_program_refuses_it_with_its_place(reply: str, message: str, said: str) -> None:
    (found,) = lcc.parse(reply, front_end="python").diagnostics
    assert found.is_error
    assert message in found.message
    assert found.span is not None
    assert reply[found.span.start : found.span.end] == said


def test_a_fence_that_is_open_is_not_whole() -> None:
    assert not program_in("```python\nx = 1\n").whole
    assert not program_in("<think>x = 1\n").whole


PARTS = ["```", "```python\n", "\n", "\r\n", "x = 1", "<think>", "</think>", " ", "`", "prose", "'''", "\r"]


@given(st.lists(st.sampled_from(PARTS), max_size=14).map("".join), st.lists(st.integers(0, 60), max_size=6))
def test_pieces_give_what_the_whole_gives(reply: str, cuts: list[int]) -> None:
    whole = program_in(reply)
    reading = ProgramInReply()
    places = sorted({0, len(reply), *(cut for cut in cuts if cut < len(reply))})
    pieces = [reply[a:b] for a, b in itertools.pairwise(places)]
    text = "".join(reading.feed(piece) for piece in pieces) + reading.finish()
    assert text == whole.text
    assert tuple(reading.diagnostics) == whole.diagnostics
    assert reading.whole == whole.whole
    assert len(text) == len(reply)
