"""Ask for answers of a type."""

from __future__ import annotations

import json
from typing import Literal

import pytest
from asking import END, World, agent, finish, replan, run
from fake_model_server import FakeModelServer
from pydantic import BaseModel, Field

from lcc.ask.answer import AskFailed
from lcc.ask.typed import AnswerType, NotOfType

PLAN = f'1. search("tides")\n2. length("$1")\n3. join()\n{END}'


class Part(BaseModel):
    """A part."""

    title: str
    size: int = Field(default=1, ge=0)


class Page(BaseModel):
    """A page."""

    kind: Literal["long", "short"]
    parts: list[Part] = []


def reply(action: str, answer: object, missing: str = "") -> str:
    return json.dumps({"thought": "", "action": action, "missing": missing, "answer": answer})


def test_the_answer_is_an_object_of_the_type() -> None:
    world = World()
    given = {"kind": "long", "parts": [{"title": "t", "size": 2}]}
    with FakeModelServer({"planner": [PLAN], "joiner": [reply("finish", given)]}) as server:
        answer = run(lambda: agent(world, server).ask("?", answer_type=Page))
    assert answer.value == Page(kind="long", parts=[Part(title="t", size=2)])
    assert json.loads(answer.text) == given
    assert answer.to_json()["value"] == given
    schema = server.requests[1].body["response_format"]["json_schema"]["schema"]
    assert schema["additionalProperties"] is False
    assert schema["$defs"]["Part"]["required"] == ["title", "size"]
    assert set(schema["$defs"]["Part"]["properties"]) == {"title", "size"}


def test_an_answer_of_another_form_is_asked_for_once_more() -> None:
    world = World()
    wrong, right = reply("finish", {"kind": "wide"}), reply("finish", {"kind": "short"})
    with FakeModelServer({"planner": [PLAN], "joiner": [wrong, right]}) as server:
        answer = run(lambda: agent(world, server).ask("?", answer_type=Page))
    assert answer.value == Page(kind="short")
    assert "kind: Input should be 'long' or 'short'" in server.requests[2].last
    assert [m["role"] for m in server.requests[2].body["messages"]] == ["system", "user", "assistant", "user"]


def test_an_answer_that_stays_wrong_is_an_error() -> None:
    world = World()
    wrong = reply("finish", {"kind": "wide"})
    with (
        FakeModelServer({"planner": [PLAN], "joiner": [wrong, wrong]}) as server,
        pytest.raises(AskFailed, match="kind"),
    ):
        run(lambda: agent(world, server).ask("?", answer_type=Page))


def test_a_typed_ask_may_replan() -> None:
    world = World()
    second = f'4. search("more")\n5. join()\n{END}'
    joiner = [reply("replan", None, "more"), reply("finish", {"kind": "short"})]
    with FakeModelServer({"planner": [PLAN, second], "joiner": joiner}) as server:
        answer = run(lambda: agent(world, server).ask("?", answer_type=Page))
    assert answer.value.kind == "short"
    assert "They don't suffice: more" in server.by_role("planner")[1].last


def test_a_direct_answer_that_fits_needs_no_joiner() -> None:
    world = World()
    plan = f'1. length("abc")\n2. answer($1)\n{END}'
    with FakeModelServer({"planner": [plan]}) as server:
        assert run(lambda: agent(world, server).ask("?", answer_type=int)).value == 3


def test_a_direct_answer_that_does_not_fit_goes_to_the_joiner() -> None:
    world = World()
    plan = f'1. length("abc")\n2. answer("it is $1")\n{END}'
    with FakeModelServer({"planner": [plan], "joiner": [reply("finish", 3)]}) as server:
        assert run(lambda: agent(world, server).ask("?", answer_type=int)).value == 3


def test_text_form_replies_are_read_too() -> None:
    world = World()
    with FakeModelServer({"planner": [PLAN], "joiner": [finish('{"kind": "short"}')]}) as server:
        assert run(lambda: agent(world, server).ask("?", answer_type=Page)).value == Page(kind="short")


def test_replan_in_a_typed_last_round_is_an_error() -> None:
    world = World()
    script = {"planner": [PLAN], "joiner": [replan("x"), replan("x")]}
    with FakeModelServer(script) as server, pytest.raises(AskFailed):
        run(lambda: agent(world, server, max_replans=0).ask("?", answer_type=Page))


def test_text_that_holds_json_is_read_as_such() -> None:
    assert AnswerType(list[int]).read("[1, 2]") == [1, 2]
    assert AnswerType(str).read("[1, 2]") == "[1, 2]"
    with pytest.raises(NotOfType, match="valid integer"):
        AnswerType(int).read("three")
