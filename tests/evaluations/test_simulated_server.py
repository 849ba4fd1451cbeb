"""The simulated models: punctual, seeded, counted. Time is the loop's that skips waiting, so nothing here waits."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import openai
import pytest

from benchmarks.simulated.asked import Asked, Call, Reply
from benchmarks.simulated.clock import run
from benchmarks.simulated.pace import Pace
from benchmarks.simulated.prefix_cache import PrefixCache
from benchmarks.simulated.server import ModelServer
from benchmarks.simulated.tokens import Tokens
from benchmarks.simulated.tool_log import ToolLog

STEADY = Pace(first=10.0, token=1.0, prompt_token=0.0, jitter=0.0)
TOKENS = Tokens()


def serving(
    main: Callable[[ModelServer, Any], Awaitable[None]],
    answer: Callable[[Asked], Reply],
    pace: Pace = STEADY,
) -> ModelServer:
    async def inside() -> ModelServer:
        async with (
            ModelServer(answer, pace, TOKENS) as server,
            openai.AsyncOpenAI(api_key="none", base_url=server.base_url, max_retries=0) as client,
        ):
            await main(server, client)
        return server

    return run(inside(), skip=True)


def asking(text: str, **more: Any) -> dict[str, Any]:
    return {"model": "planner", "messages": [{"role": "user", "content": text}], **more}


def test_tokens_come_when_they_are_due_though_nobody_waits() -> None:
    arrivals: list[float] = []

    async def main(server: ModelServer, client: Any) -> None:
        clock = asyncio.get_running_loop().time
        began = clock()
        chunks = await client.chat.completions.create(**asking("count"), stream=True)
        arrivals.extend([clock() - began async for chunk in chunks if chunk.choices[0].delta.content])

    serving(main, lambda asked: Reply("one two three four"))
    assert [round(at) for at in arrivals] == [10, 11, 12, 13]


def test_a_late_token_doesnt_move_the_others() -> None:
    served = serving(_two_at_once, lambda asked: Reply("a b c d e f")).log
    assert [one.offsets for one in served] == [[10.0 + k for k in range(6)]] * 2
    assert max(one.sent[-1] - one.arrived for one in served) < 16


async def _two_at_once(server: ModelServer, client: Any) -> None:
    async with asyncio.TaskGroup() as group:
        for text in ("one", "two"):
            group.create_task(client.chat.completions.create(**asking(text)))


def test_calls_beyond_the_cap_wait_for_others_to_end() -> None:
    one, other = serving(
        _two_at_once,
        lambda asked: Reply("a b c d e f"),
        Pace(first=10.0, token=1.0, prompt_token=0.0, jitter=0.0, at_once=1),
    ).log
    assert one.waited == pytest.approx(0, abs=1)
    assert other.waited == pytest.approx(15, abs=1)


def test_luck_depends_on_the_question_and_the_place_of_the_call_alone() -> None:
    pace = Pace(seed=3)
    assert pace.offsets(5, 100, "question", 0) == pace.offsets(5, 100, "question", 0)
    assert pace.offsets(5, 100, "question", 0) != pace.offsets(5, 100, "question", 1)
    assert pace.offsets(5, 100, "question", 0) != Pace(seed=4).offsets(5, 100, "question", 0)
    assert pace.tool_seconds("search", "tides") == pace.tool_seconds("search", "tides")


def test_prompt_tokens_cost_time_unless_they_are_cached() -> None:
    pace = Pace(first=1.0, prompt_token=0.5, jitter=0.0)
    assert pace.offsets(1, 4) == [3.0]


def test_tool_calls_are_streamed_and_whole() -> None:
    calls = (Call("call_1", "search", '{"entity": "tides"}'), Call("call_2", "search", '{"entity": "moon"}'))
    found: dict[str, Any] = {}

    async def main(server: ModelServer, client: Any) -> None:
        whole = await client.chat.completions.create(**asking("x"))
        found["whole"] = [json.loads(c.function.arguments) for c in whole.choices[0].message.tool_calls]
        found["finish"] = whole.choices[0].finish_reason
        texts = ["", ""]
        async for chunk in await client.chat.completions.create(**asking("x"), stream=True):
            for part in chunk.choices[0].delta.tool_calls or () if chunk.choices else ():
                texts[part.index] += part.function.arguments or ""
        found["streamed"] = [json.loads(text) for text in texts]

    serving(main, lambda asked: Reply(calls=calls))
    assert found["whole"] == found["streamed"] == [{"entity": "tides"}, {"entity": "moon"}]
    assert found["finish"] == "tool_calls"


def test_samples_are_counted_together_and_take_the_time_of_the_longest() -> None:
    texts: list[str] = []

    async def main(server: ModelServer, client: Any) -> None:
        reply = await client.chat.completions.create(**asking("judge"), n=3)
        texts.extend(choice.message.content for choice in reply.choices)

    (served,) = serving(main, lambda asked: Reply("one", more=("one two three", "one two"))).log
    assert texts == ["one", "one two three", "one two"]
    assert (served.completion, served.seconds) == (6, 12.0)


def test_a_request_that_nobody_can_answer_is_an_error_that_says_so() -> None:
    said: list[str] = []

    async def main(server: ModelServer, client: Any) -> None:
        try:
            await client.chat.completions.create(**asking("x"))
        except openai.BadRequestError as error:
            said.append(str(error))

    def answer(asked: Asked) -> Reply:
        raise LookupError("the request holds none of the questions")

    serving(main, answer)
    assert "none of the questions" in said[0]


def test_usage_is_what_the_log_has() -> None:
    usage: list[Any] = []

    async def main(server: ModelServer, client: Any) -> None:
        prompt = asking("tide " * 3_000)
        usage.extend([(await client.chat.completions.create(**prompt)).usage for _ in range(2)])

    one, other = serving(main, lambda asked: Reply("yes")).log
    assert [u.prompt_tokens for u in usage] == [one.prompt, other.prompt]
    assert (one.cached, usage[1].prompt_tokens_details.cached_tokens) == (0, other.cached)
    assert other.cached >= 1_024
    assert other.cached % 128 == 0


def test_a_prefix_is_cached_by_whole_blocks_and_not_below_the_minimum() -> None:
    cache = PrefixCache(block=4, minimum=8)
    assert cache.cached(range(10)) == 0
    assert cache.cached([*range(9), 99]) == 8
    assert cache.cached([*range(7), 99, 8, 9]) == 0


@pytest.mark.parametrize("text", ["", '1. search("Mañalac")\n', "emoji 👩‍👩‍👧 and 漢字\n\n  x", "tide " * 50])
def test_pieces_put_together_are_the_text(text: str) -> None:
    assert "".join(TOKENS.pieces(text)) == text


def test_without_a_vocabulary_tokens_are_approximated_and_said_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tiktoken", None)
    tokens = Tokens()
    assert tokens.name.startswith("approximated")
    assert "".join(tokens.pieces("tides and moons")) == "tides and moons"
    assert len(tokens.prompt([{"content": "tides and moons"}])) == len(tokens.pieces("tides and moons")) + 6


def test_what_runs_in_a_thread_is_waited_for_and_timers_dont_jump_over_it() -> None:
    async def main() -> bool:
        working = asyncio.create_task(asyncio.to_thread(sum, range(1_000)))
        done, _ = await asyncio.wait([working], timeout=3_600)
        return bool(done)

    assert run(main(), skip=True)


def test_a_tool_takes_its_drawn_time_and_is_remembered() -> None:
    log = ToolLog(Pace(tool=5.0))

    async def main() -> None:
        async with log.call("search", "tides", task="3[1]"):
            pass

    run(main(), skip=True)
    (call,) = log.calls
    assert (call.tool, call.task) == ("search", "3[1]")
    assert call.ended - call.began == pytest.approx(call.seconds, abs=0.1)
    assert call.seconds == log.pace.tool_seconds("search", "tides") if log.pace else False


def test_threads_may_end_later_than_the_loop_though_its_time_is_skipped() -> None:
    may_end = Event()

    class Slow(ThreadPoolExecutor):
        def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
            assert may_end.wait(100)
            super().shutdown(wait, cancel_futures=cancel_futures)

    async def main() -> None:
        loop = asyncio.get_running_loop()
        loop.set_default_executor(Slow(1))
        loop.call_later(1_000, may_end.set)  # asyncio gives up after 300 s

    run(main(), skip=True)
    assert may_end.is_set()
