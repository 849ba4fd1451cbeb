"""A model's hostile text doesn't hold the event loop, and a question's time limit ends it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any, cast

import anyio
import pytest
from anyio.lowlevel import checkpoint
from trio.testing import MockClock

import lcc
from lcc.ask.answer import AnswerStatus
from lcc.ask.joining.answer_stream import AnswerStream
from lcc.ask.memory import Memory
from lcc.ask.planning.plan_run import AT_ONCE, PlanRun, Reading
from lcc.models.request import Finish, OnText, Reply, Request
from lcc.models.settings import Roles
from lcc.models.tokens import TokenUsage

HOSTILE = "1. search(" + "a," * 100_000


class Writer:
    """A model that writes one text, in one piece, without waiting for anything."""

    name = "writer"

    def __init__(self, text: str) -> None:
        self.text = text

    async def ask(self, request: Request, on_text: OnText | None = None) -> Reply:
        if on_text is not None:
            on_text(self.text)
        return Reply(self.text, Finish.STOP, TokenUsage(calls=1))


def test_a_huge_piece_is_read_in_parts_and_the_loop_is_given_back_between_them() -> None:
    read: list[str] = []
    turns: list[int] = []

    async def main() -> None:
        async def others() -> None:
            while True:
                turns.append(len(read))
                await checkpoint()

        async with anyio.create_task_group() as group:
            group.start_soon(others)
            reading = Reading(read.append)
            reading.take("x" * (10 * AT_ONCE))
            assert len(read) == 1
            reading.take("y")
            await reading.rest()
            group.cancel_scope.cancel()

    anyio.run(main)
    assert "".join(read) == "x" * (10 * AT_ONCE) + "y"
    assert max(map(len, read)) == AT_ONCE
    assert len(set(turns)) > 5


def test_small_pieces_are_read_as_they_come() -> None:
    read: list[str] = []
    reading = Reading(read.append)
    for piece in ("1. f(", "1)", "\n"):
        reading.take(piece)
        assert read[-1] == piece


def test_a_time_limit_ends_a_question_whose_model_writes_hostile_text(monkeypatch: pytest.MonkeyPatch) -> None:
    async def opened(roles: Roles, *_: object) -> dict[str, Writer]:
        return dict.fromkeys(roles.by_name(), Writer(HOSTILE))

    monkeypatch.setattr("lcc.ask.agent.open_models", opened)
    clock = MockClock()

    @lcc.tool(effect="read")
    async def search(query: str) -> str:
        """Search."""
        return query

    async def main() -> lcc.Answer:
        async def time_passes() -> None:
            while True:
                clock.jump(0.1)
                await checkpoint()

        async with anyio.create_task_group() as group:
            group.start_soon(time_passes)
            agent = lcc.Agent(
                [search], lcc.ModelSettings(model="writer", base_url="http://127.0.0.1:1"), limits=lcc.Limits(seconds=2)
            )
            answer = await agent.ask("?")
            group.cancel_scope.cancel()
        return answer

    answer = anyio.run(main, backend="trio", backend_options={"clock": clock})
    assert answer.status is AnswerStatus.STOPPED
    assert "2 s" in answer.reason
    assert 2 <= answer.seconds < 3


@pytest.mark.parametrize(
    "reply",
    [
        lambda n: 'Thought: x\nAction: Finish("' + "word (a) " * n + '")',
        lambda n: "Action: Finish(" + "word (a) " * n + ")",
        lambda n: "Thought: " + "word (a) " * n,
        lambda n: '{"thought": "' + "word \\n " * n + '", "action": "finish", "answer": "x"}',
        lambda n: '{"action": "finish", "answer": "' + "word \\n " * n + '"}',
        lambda n: "Action: " * n,
    ],
)
def test_an_answer_that_streams_takes_time_linear_in_its_length(reply: Callable[[int], str]) -> None:
    def lines_run(n: int) -> int:
        stream, text, run = AnswerStream(), reply(n), 0

        def count(frame: FrameType, event: str, argument: object) -> object:
            nonlocal run
            run += event == "line"
            return count

        before = sys.gettrace()
        sys.settrace(count)
        try:
            for at in range(0, len(text), 4):
                stream.feed(text[at : at + 4])
        finally:
            sys.settrace(before)
        return run

    assert lines_run(2_000) < 5 * lines_run(500)


class NoRun:
    """A run that nothing is done with."""

    def declare(self, declared: object) -> None: ...
    def gather(self, lists: object) -> None: ...
    def retract(self, id_: object) -> None: ...
    def add(self, task: object) -> None: ...


def test_a_plan_that_fails_late_is_taken_back_in_linear_work() -> None:
    def calls_made(tasks: int) -> int:
        plan = PlanRun(cast(Any, NoRun()), {}, Memory({}), level=1, round_=1, emit=lambda _: None)
        plan.feed("1. f($900000)\n" + "".join(f"{id}. f(1)\n" for id in range(2, tasks)) + "join()\n")
        made = 0

        def count(frame: FrameType, event: str, argument: object) -> None:
            nonlocal made
            made += event in ("call", "c_call")

        before = sys.getprofile()
        sys.setprofile(count)
        try:
            plan.end()
        finally:
            sys.setprofile(before)
        return made

    assert calls_made(400) < 6 * calls_made(100)
