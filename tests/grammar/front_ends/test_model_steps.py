"""A model's plan file with steps is read in a fence, too: exactly, or not at all."""

from __future__ import annotations

import pytest

from lcc.grammar.front_ends.model import parse
from lcc.grammar.syntax.parser import parse_plan

PLAN = 'strict\n1. berths("east")\n2. for one in $1:\n    3. moor(one)\n    yield $3\n4. answer($2)\n'


@pytest.mark.parametrize(
    "reply",
    [
        PLAN,
        f"```\n{PLAN}```\n",
        f"Here is the plan:\n\n```\n{PLAN}```",
        f"<think>a loop?</think>\n```\n{PLAN}```\n",
    ],
)
def test_a_plan_with_steps_is_read_within_a_reply(reply: str) -> None:
    parsed = parse(reply)
    assert parsed.diagnostics == ()
    assert parsed.plan == parse_plan(PLAN).plan
    (call, *_) = parsed.plan.body or ()
    assert call.span.start == reply.index("1. ")


@pytest.mark.parametrize(
    "reply",
    [
        f"```\n{PLAN}```\nDo not run it.\n",
        f"If you agree:\n```\n{PLAN}```\n",
        f"```\n{PLAN}",
        f"```\n{PLAN.replace('$2', '$7')}```\nor\n```\n{PLAN}```",
        "```\n" + PLAN.replace("yield $3", "yield moor($3)") + "```",
    ],
)
def test_what_stands_around_it_refuses_it(reply: str) -> None:
    assert not parse(reply).ok
