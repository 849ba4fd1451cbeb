"""Ask questions of a fake endpoint over real HTTP: from a question to its answer."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import pytest
from asking import BACKENDS, END, World, agent, finish, run
from fake_model_server import FakeModelServer, Gate, Text

import lcc
from lcc.ask.answer import AnswerStatus
from lcc.ask.events import Answered, AnswerText, AskEvent, PlanReady, PlanStarted, PlanText, Running, TaskPlanned
from lcc.runtime.events import TaskEnded

PLAN = f'1. search("tides")\n2. length("$1")\n3. join()\n{END}'


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("api", ["chat", "responses"])
@pytest.mark.parametrize("stream", [True, False])
def test_a_question_is_planned_run_and_answered(backend: str, api: str, stream: bool) -> None:
    world = World()
    with FakeModelServer({"planner": [PLAN], "joiner": [finish("11 (eleven)\n characters: é")]}) as server:
        answer = run(lambda: agent(world, server, api=api, stream=stream).ask("How long?"), backend)
    assert answer.status is AnswerStatus.ANSWERED
    assert answer.text == "11 (eleven)\n characters: é"
    assert answer.thought == "I know it."
    assert answer.results == {"1": "about tides", "2": 11}
    assert [request.role for request in server.requests] == ["planner", "joiner"]
    assert '2. length("$1") = 11' in server.requests[1].last
    usage = answer.usage["planner"].tokens
    assert (usage.calls, usage.silent) == (1, 0)
    assert usage.prompt > 100
    assert usage.completion == len(PLAN) // 4


@pytest.mark.parametrize("backend", BACKENDS)
def test_roles_at_one_endpoint_share_its_connections_whatever_their_models(backend: str) -> None:
    with FakeModelServer({"planner": [PLAN], "joiner": [finish("11")]}) as server:
        roles = {
            role: lcc.ModelSettings(model=f"a-{role}", base_url=server.base_url, timeout=100.0)
            for role in ("planner", "joiner", "tools")
        }
        asking = lcc.Agent(World().tools, roles["tools"], planner=roles["planner"], joiner=roles["joiner"])
        answer = run(lambda: asking.ask("How long?"), backend)
    assert answer.text == "11"
    assert [request.body["model"] for request in server.requests] == ["a-planner", "a-joiner"]
    assert server.connections == 1


@pytest.mark.parametrize("chunk", [1, 7, None])
@pytest.mark.parametrize("level", [0, 1, 2, 3])
def test_calls_behind_one_that_reads_an_input_are_made(level: int, chunk: int | None) -> None:
    world = World()
    plan = (
        f'input topic: str = "tides"\n1. search("$topic")\n2. length("$1")\n3. search(each ["$topic", "moon"])\n'
        f'4. note("$2 and $3[0] of $3")\n5. join()\n{END}'
    )
    with FakeModelServer({"planner": [plan], "joiner": [finish("done")]}, chunk=chunk) as server:
        answer = run(lambda: agent(world, server, level=level).ask("?"))
    assert answer.results == {
        "1": "about tides",
        "2": 11,
        "3": ["about tides", "about moon"],
        "3[0]": "about tides",
        "3[1]": "about moon",
        "4": 'noted 11 and about tides of ["about tides", "about moon"]',
    }


@pytest.mark.parametrize("chunk", [1, 2, 3, 5, 11, 64, None])
def test_how_the_reply_is_cut_makes_no_difference(chunk: int | None) -> None:
    world = World()
    plan = f'1. search("Zürich 🏔 ﷽")\n2. join()\n{END}'
    with FakeModelServer({"planner": [plan], "joiner": [finish("ü🏔")]}, chunk=chunk) as server:
        answer = run(lambda: agent(world, server).ask("?"))
    assert (answer.text, answer.results) == ("ü🏔", {"1": "about Zürich 🏔 ﷽"})


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_read_starts_while_the_plan_is_still_written_and_a_write_does_not(backend: str) -> None:
    world = World()
    plan = Text(['1. note("x")\n2. open_gate()\n', world.gate, f"3. join()\n{END}"])
    with FakeModelServer({"planner": [plan], "joiner": [finish("done")]}) as server:
        answer = run(lambda: agent(world, server).ask("?"), backend)
    assert answer.text == "done"
    assert world.seen_by_gate == [[]]
    assert world.notes == ["x"]


def test_a_plan_that_ends_in_answer_needs_no_joiner() -> None:
    world = World()
    plan = f'1. search("tides")\n2. length("$1")\n3. answer("It has $2 characters.")\n{END}'
    with FakeModelServer({"planner": [plan]}) as server:
        answer = run(lambda: agent(world, server).ask("?"))
    assert answer.text == "It has 11 characters."
    assert len(server.requests) == 1


def test_the_joiner_is_asked_after_all_if_what_the_answer_reads_failed() -> None:
    world = World()
    plan = f'1. search("broken link")\n2. answer("$1")\n{END}'
    with FakeModelServer({"planner": [plan], "joiner": [finish("nothing found")]}) as server:
        answer = run(lambda: agent(world, server).ask("?"))
    assert answer.text == "nothing found"
    assert '1. search("broken link") failed: RuntimeError: no page about broken link' in server.requests[1].last


def test_a_plan_without_calls_may_answer() -> None:
    world = World()
    with FakeModelServer({"planner": [f'1. answer("Hello!")\n{END}']}) as server:
        assert run(lambda: agent(world, server).ask("Hi")).text == "Hello!"


def test_events_tell_the_whole_story_in_order() -> None:
    world = World()
    seen: list[Any] = []
    with FakeModelServer({"planner": [PLAN], "joiner": [finish("eleven")]}) as server:
        answer = run(lambda: agent(world, server).ask("?", on_event=seen.append))
    assert "".join(e.text for e in seen if isinstance(e, PlanText)) == PLAN
    assert [e.task.tool for e in seen if isinstance(e, TaskPlanned)] == ["search", "length"]
    assert "".join(e.text for e in seen if isinstance(e, AnswerText)) == "eleven"
    assert any(isinstance(e, Running) for e in seen)
    assert seen[-1] == Answered(answer)


@pytest.mark.parametrize("backend", BACKENDS)
def test_an_ask_can_be_followed(backend: str) -> None:
    world = World()

    async def main() -> tuple[str, lcc.Answer]:
        async with agent(world, server).stream("?") as asking:
            pieces = [event.text async for event in asking if isinstance(event, AnswerText)]
        return "".join(pieces), asking.answer

    with FakeModelServer({"planner": [PLAN], "joiner": [Text(finish("eleven characters"))]}) as server:
        text, answer = run(main, backend)
    assert text == answer.text == "eleven characters"


@pytest.mark.parametrize("backend", BACKENDS)
def test_leaving_early_cancels_what_runs(backend: str) -> None:
    world = World()
    plan = Text(['1. search("a")\n', world.gate, f'2. note("b")\n3. join()\n{END}'])

    async def main() -> None:
        async with agent(world, server).stream("?") as asking:
            async for event in asking:
                if isinstance(event, TaskPlanned):
                    break

    with FakeModelServer({"planner": [plan]}) as server:
        run(main, backend)
        world.gate.open()
    assert world.notes == []


class Mine(Exception):
    """An exception of the caller's own."""


@pytest.mark.parametrize("backend", BACKENDS)
def test_an_exception_of_whoever_follows_is_raised_as_it_is(backend: str) -> None:
    world = World()

    async def main() -> None:
        async with agent(world, server).stream("?") as asking:
            async for event in asking:
                if isinstance(event, TaskPlanned):
                    raise Mine

    with FakeModelServer({"planner": [PLAN], "joiner": [finish("eleven")]}) as server, pytest.raises(Mine):
        run(main, backend)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("of", [PlanStarted, PlanText, TaskPlanned, Running, PlanReady])
def test_a_callback_that_raises_ends_the_ask_before_anything_is_changed(of: type[AskEvent], backend: str) -> None:
    world = World()

    def watch(event: AskEvent) -> None:
        if isinstance(event, of):
            raise Mine

    plan = f'1. search("tides")\n2. note("$1")\n3. join()\n{END}'
    with FakeModelServer({"planner": [plan]}) as server, pytest.raises(Mine) as raised:
        run(lambda: agent(world, server).ask("?", on_event=watch), backend)
    assert world.notes == []
    assert raised.value.lcc_answer.status == "stopped"  # type: ignore[attr-defined]
    assert len(server.requests) <= 1


def test_what_a_callback_raises_late_holds_what_was_done() -> None:
    world = World()

    def watch(event: AskEvent) -> None:
        if isinstance(event, Answered):
            raise ValueError("mine")

    script = {"planner": [PLAN], "joiner": [finish("eleven")]}
    with FakeModelServer(script) as server, pytest.raises(ValueError, match="mine") as raised:
        run(lambda: agent(world, server).ask("?", on_event=watch))
    assert raised.value.lcc_answer.results["2"] == 11  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"question": None}, "the question is None, not text"),
        ({"question": Path("q")}, r"the question is a \w+Path, not text"),
        ({"history": "x"}, "the history is text, not a list of messages"),
        ({"history": [{"role": "user"}]}, "the history holds a dict that is no message"),
        ({"plan": Path("a.plan")}, r"the plan is a \w+Path, not text; read it"),
        ({"on_event": 3}, "on_event is an int"),
        ({"answer_type": 3}, "answer_type is an int, not a type"),
        ({"answer_type": "int"}, "answer_type is text, not a type"),
        ({"answer_type": {1: 2}}, "answer_type is a dict, not a type"),
        ({"answer_type": run}, "answer_type is a function, not a type"),
        ({"answer_type": functools.reduce(lambda inner, _: [inner], range(5_000), [])}, "answer_type is a list, not"),
    ],
)
def test_a_wrong_kind_of_argument_of_an_ask_is_said(arguments: dict[str, Any], said: str) -> None:
    asked = lcc.Agent(World().tools, "m", base_url="http://127.0.0.1:1/v1")
    with pytest.raises(TypeError, match=said):
        run(lambda: asked.ask(**{"question": "?", "plan": "1. answer(3)", **arguments}))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"model": b"m"}, "model is bytes, not a name"),
        ({"planner": 3}, "planner is an int, not a name"),
        ({"base_url": 3}, "base_url is an int, not text"),
        ({"api_key": b"k"}, "key is bytes, not text"),
        ({"max_replans": "2"}, "max_replans is text, not an int"),
        ({"level": 7}, "levels are 0 to 3"),
        ({"level": 10**5_000}, "levels are 0 to 3"),
        ({"options": []}, r"options is a list, not lcc\.Options"),
        ({"limits": {"tokens": 3}}, r"limits is a dict, not lcc\.Limits"),
        ({"options": {}}, r"options is a dict, not lcc\.Options"),
        ({"examples": 3}, "examples is an int, not a list of plan files"),
        ({"plan_cache": "x"}, "plan_cache is text"),
    ],
)
def test_a_wrong_kind_of_argument_of_an_agent_is_said(arguments: dict[str, Any], said: str) -> None:
    with pytest.raises((TypeError, ValueError, lcc.NoModel), match=said):
        lcc.Agent(World().tools, **{"model": "m", **arguments})


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_call_where_there_are_no_tools_goes_back_to_the_model(backend: str) -> None:
    plans = ['1. search("a")\n2. join()\n<END_OF_PLAN>', '1. answer("no idea")\n<END_OF_PLAN>']
    with FakeModelServer({"planner": plans}) as server:
        toolless = lcc.Agent([], lcc.ModelSettings(model="fake", base_url=server.base_url))
        answer = run(lambda: toolless.ask("?"), backend)
    assert answer.text == "no idea"
    assert "the plan calls `search`, and no tools are given; give the answer itself" in server.requests[1].prompt


def test_a_conversation_goes_before_the_question() -> None:
    world = World()
    history = [("user", "I like tides."), {"role": "assistant", "content": "Noted."}]
    with FakeModelServer({"planner": [PLAN], "joiner": [finish("ok")]}) as server:
        run(lambda: agent(world, server).ask("How long?", history=history))
    for request in server.requests:
        assert [m["content"] for m in request.messages[1:3]] == ["I like tides.", "Noted."]


def test_a_result_is_cut_where_a_model_sees_it_and_nowhere_else() -> None:
    world = World()
    long = "x" * 50_000
    plan = f'1. search("{long}")\n2. length("$1")\n3. join()\n{END}'
    with FakeModelServer({"planner": [Text([plan])], "joiner": [finish("long")]}, chunk=None) as server:
        answer = run(lambda: agent(world, server, result_tokens=50).ask("?"))
    assert answer.results["2"] == 50_006
    assert len(server.requests[1].last) < 2_000
    assert "characters cut…]" in server.requests[1].last


def test_the_stable_part_of_a_prompt_is_the_same_for_every_question() -> None:
    world = World()
    with FakeModelServer(lambda r: PLAN if r.role == "planner" else finish("x")) as server:
        for question in ("one", "two"):
            run(lambda q=question: agent(world, server).ask(q))  # type: ignore[misc]
    one, two = server.by_role("planner")
    assert one.system == two.system
    assert len(one.system) < 2_000
    one, two = server.by_role("joiner")
    assert one.system == two.system


def test_the_end_of_a_fan_out_is_told_once_though_it_came_before_its_plan_was_whole() -> None:
    gate = Gate()
    ended: list[Any] = []

    @lcc.tool(effect="read")
    async def shelves() -> list[str]:
        return ["left", "right"]

    @lcc.tool(effect="read")
    async def count(shelf: str) -> int:
        return len(shelf)

    def see(event: Any) -> None:
        if isinstance(event, Running) and isinstance(event.event, TaskEnded):
            ended.append(event.event.id)
            if event.event.id == 2:
                gate.open()

    plan = Text(["1. shelves()\n2. count(each $1)\n3. shelves", gate, f'()\n4. answer("$2")\n{END}'])
    with FakeModelServer({"planner": [plan]}) as server:
        model = lcc.ModelSettings(model="fake", base_url=server.base_url, key="k", timeout=100.0)
        answer = run(lambda: lcc.Agent([shelves, count], model, journal=False).ask("?", on_event=see))
    assert answer.value == [4, 5]
    assert ended.count(2) == 1
    assert len(ended) == len(set(ended))
