"""Check what a call learns about itself."""

from __future__ import annotations

import math
import pickle
import time

import pytest

from lcc import run, tool
from lcc.grammar.ir import Element
from lcc.runtime.context import Context


def test_a_context_needs_nothing_to_be_made() -> None:
    context = Context()
    context.report("nobody listens")
    assert not context.cancelled
    assert context.remaining == math.inf
    assert context.attempt == 1


def test_the_key_is_the_same_for_every_attempt_and_for_no_other_call() -> None:
    first = Context(run="r", task=3, attempt=1)
    assert first.idempotency_key == Context(run="r", task=3, attempt=2, tool="other").idempotency_key
    others = [
        Context(run="r", task=4),
        Context(run="s", task=3),
        Context(run="r", task=Element(3, 0)),
        Context(run="r3"),
    ]
    assert first.idempotency_key not in [other.idempotency_key for other in others]


def test_a_report_reaches_whoever_listens() -> None:
    heard: list[str] = []
    Context(on_report=heard.append).report("half")
    assert heard == ["half"]


def test_a_tool_sees_that_nobody_waits() -> None:
    assert Context(is_cancelled=lambda: True).cancelled


def test_the_time_left_ends_at_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "monotonic", lambda: 10.0)
    assert Context(deadline=12.5).remaining == 2.5
    assert Context(deadline=9.0).remaining == 0.0


def test_a_context_travels_to_another_process() -> None:
    context = Context("search", Element(3, 1), 2, "r", 12.5)
    assert pickle.loads(pickle.dumps(context)) == context


def test_a_context_may_be_a_parameter_by_place_only() -> None:
    @tool(effect="read")
    def first(context: Context, /, x: int) -> list[int]:
        return [context.attempt, x]

    @tool(effect="read")
    async def last(x: int, context: Context, /, y: int = 5) -> list[int]:
        return [x, context.attempt, y]

    result = run("1. first(7)\n2. first(x=7)\n3. last(7)\n4. last(7, y=8)\njoin()", tools=[first, last])
    assert result.join == {1: [1, 7], 2: [1, 7], 3: [7, 1, 5], 4: [7, 1, 8]}
