"""Plans with steps as they arrive: however a text is cut, what comes out is what reading the whole of it gives."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings, strategies as st
from random_bodies import bodies
from random_steps import make_steps

from lcc.grammar.ir import Block, Plan, Task
from lcc.grammar.python.arriving.step_stream import StepStream
from lcc.grammar.syntax.parser import Parsed, parse_plan
from lcc.grammar.syntax.print_plan import print_plan


def read(pieces: list[str], **given: object) -> tuple[list[Block], Parsed, tuple[Task, ...]]:
    """Return what came out with each piece and at the end, what is said of the whole, and what came too late."""
    stream = StepStream(**given)  # type: ignore[arg-type]
    made = [stream.feed(piece) for piece in pieces]
    made.append(stream.finish())
    return made, stream.parsed(), stream.late


def cut(text: str, r: Random) -> list[str]:
    places = sorted({0, len(text), *(r.randint(0, len(text)) for _ in range(r.choice((0, 1, 5, 40))))})
    return [text[start:end] for start, end in pairwise(places)]


def check(text: str, r: Random) -> None:
    whole = parse_plan(text if text.startswith(("strict", "ir")) else f"strict\n{text}")
    at_once, said, late = read([text])
    pieces = cut(text, r)
    made, parsed, late_in_pieces = read(pieces)
    assert (parsed.plan, parsed.diagnostics) == (said.plan, said.diagnostics)
    assert parsed.ok == whole.ok
    if not whole.ok:
        assert at_once[-1] == made[-1] == ()
        return
    assert late_in_pieces == late
    assert parsed.plan == whole.plan
    body = whole.plan.body or ()
    out = tuple(one for block in made for one in block)
    assert out == (body[: len(out)] if late else body)
    if late:
        made, parsed, late = read(pieces, ahead=range(10**9))
        assert tuple(one for block in made for one in block) == body
        assert late == ()


def text_of(plan: Plan) -> str:
    return print_plan(replace(plan, fails="strict"))


def damaged(text: str, r: Random) -> str:
    start = r.randrange(len(text))
    return text[:start] + r.choice(("", "$", "\n", ")", '"', "  ")) + text[start + r.randrange(4) :]


def one(seed: int) -> None:
    r = Random(seed)
    text = text_of(make_steps(r)[0])
    check(text, r)
    check(damaged(text, r), r)


@pytest.mark.parametrize("seed", range(20))
def test_random_steps_arrive_as_they_are_read(seed: int) -> None:
    one(seed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1000, 1400))
def test_many_random_steps_arrive_as_they_are_read(seed: int) -> None:
    one(seed)


@settings(max_examples=8, deadline=None)
@given(bodies(6), st.randoms(use_true_random=False))
def test_random_bodies_arrive_as_they_are_read(plan: Plan, r: Random) -> None:
    check(text_of(plan), r)


TEXT = """\
1. orders("Brest")
2. = sum(x.amount for x in $1)
3. for order in $1:
    4. remind(order.id) when order.due
    yield $4
5. note("$2") after ok $2
6. answer("${len($3)}")
"""


def test_a_step_comes_out_with_its_line_and_a_loop_with_the_next_step() -> None:
    made, _, late = read(TEXT.splitlines(keepends=True))
    assert [[getattr(one, "id", None) for one in block] for block in made] == [[1], [2], [], [], [], [], [], []]
    assert [call.id for call in late] == [5]
    made, _, late = read(TEXT.splitlines(keepends=True), ahead=[2])
    assert [[getattr(one, "id", None) for one in block] for block in made] == [[1], [2], [], [], [], [3, 5], [], []]
    assert late == ()


def test_an_input_behind_a_step_is_refused() -> None:
    _, parsed, _ = read(['1. note("$city")\ninput city: str = "Brest"\n2. join()\n'])
    assert [found.code for found in parsed.diagnostics if found.is_error] == ["P028"]


def test_an_empty_reply_is_no_plan() -> None:
    assert [found.code for found in read(["\n\n"])[1].diagnostics] == ["P017"]
