"""Async callbacks of questions: awaited in order, heard out at the end, and what they raise ends the ask."""

from __future__ import annotations

from typing import Any

import anyio
import pytest
from asking import BACKENDS, END, World, agent, finish, run
from fake_model_server import FakeModelServer, Hang, Reply

import lcc
from lcc.ask.events import Answered, TaskPlanned

PLAN = f'1. search("tides")\n2. join()\n{END}'


def script() -> dict[str, list[Reply]]:
    return {"planner": [PLAN], "joiner": [finish("x")]}


@pytest.mark.parametrize("backend", BACKENDS)
def test_an_async_callback_is_awaited_for_every_event_before_the_answer_is_returned(backend: str) -> None:
    plain: list[Any] = []
    slow: list[Any] = []

    async def listen(event: object) -> None:
        await anyio.sleep(0)
        slow.append(type(event))

    with FakeModelServer(script()) as server:
        run(lambda: agent(World(), server).ask("?", on_event=lambda event: plain.append(type(event))), backend)
    with FakeModelServer(script()) as server:
        run(lambda: agent(World(), server).ask("?", on_event=listen), backend)
    assert slow[-1] is Answered
    assert sorted(map(str, slow)) == sorted(map(str, plain))


@pytest.mark.parametrize("backend", BACKENDS)
def test_what_an_async_callback_raises_ends_the_ask(backend: str) -> None:
    async def listen(event: object) -> None:
        await anyio.sleep(0)
        if isinstance(event, TaskPlanned):
            raise KeyError("mine")

    with (
        FakeModelServer({"planner": [PLAN], "joiner": [Hang()]}) as server,
        pytest.raises(KeyError, match="mine") as raised,
    ):
        run(lambda: agent(World(), server).ask("?", on_event=listen), backend)
    assert raised.value.lcc_answer.status == "stopped"  # type: ignore[attr-defined]


def test_an_async_callback_hears_of_a_failure_too() -> None:
    heard: list[Any] = []

    async def listen(event: object) -> None:
        await anyio.sleep(0)
        heard.append(event)

    with FakeModelServer({"planner": ["no plan"] * 4}) as server, pytest.raises(lcc.AskFailed):
        run(lambda: lcc.Agent(World().tools, model(server), plan_cache=None).ask("?", plan="1. f(", on_event=listen))
    assert isinstance(heard[-1], Answered)
    assert heard[-1].answer.status == "failed"


def model(server: FakeModelServer) -> lcc.ModelSettings:
    return lcc.ModelSettings(model="fake", base_url=server.base_url, key="k", timeout=100.0)


@pytest.mark.parametrize("backend", BACKENDS)
def test_an_ask_that_is_cancelled_does_not_wait_for_its_callback(backend: str) -> None:
    async def listen(event: object) -> None:
        await anyio.sleep_forever()

    async def main(server: FakeModelServer) -> bool:
        with anyio.move_on_after(0.5) as scope:
            await agent(World(), server).ask("?", on_event=listen)
        return scope.cancelled_caught

    with FakeModelServer({"planner": [Hang()]}) as server:
        assert run(lambda: main(server), backend)
