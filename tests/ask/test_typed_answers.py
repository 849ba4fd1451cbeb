"""Ask for answers of a type."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

import pytest
from asking import END, World, agent, finish, replan, run
from fake_model_server import FakeModelServer
from pydantic import BaseModel, Field, TypeAdapter

import lcc
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


TYPED = """
from typing import Any, assert_type
import lcc

async def main(agent: lcc.Agent) -> None:
    assert_type(await agent.ask("?", answer_type=int), lcc.Answer[int])
    assert_type((await agent.ask("?", answer_type=int)).value, int)
    assert_type((await agent.ask("?")).value, Any)
    assert_type(agent.ask_sync("?", answer_type=list[int]), lcc.Answer[list[int]])
    assert_type(agent.ask_sync("?", answer_type=int | str), lcc.Answer[Any])
    assert_type(await agent.resume(answer_type=int), lcc.Answer[int])
    async with agent.stream("?", answer_type=int) as stream:
        assert_type(stream.answer, lcc.Answer[int])

def either(answer: lcc.Answer) -> str:
    return answer.text
"""


@pytest.mark.slow
def test_an_answer_has_its_type_for_type_checkers(tmp_path: Path) -> None:
    api = pytest.importorskip("mypy.api")
    (tmp_path / "typed.py").write_text(TYPED, encoding="utf-8")
    root = Path(__file__).parents[2]
    given = ["--config-file", str(root / "pyproject.toml"), str(tmp_path / "typed.py")]
    said, errors, status = api.run(given)
    assert (said.splitlines()[-1:], errors, status) == (["Success: no issues found in 1 source file"], "", 0)


def test_an_answer_of_a_type_is_the_same_class_when_it_runs() -> None:
    answer = lcc.Agent(World().tools, "m", base_url="http://127.0.0.1:9/v1").ask_sync("?", plan="1. answer(3)")
    shown = TypeAdapter(lcc.Answer[int]).dump_python(answer)
    assert (shown["value"], TypeAdapter(lcc.Answer).dump_python(answer)) == (3, shown)
    assert isinstance(answer, lcc.Answer[int])
