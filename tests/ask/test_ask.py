"""Ask questions of a fake endpoint over real HTTP: from a question to its answer."""

from __future__ import annotations

from typing import Any

import pytest
from asking import BACKENDS, END, World, agent, finish, run
from fake_model_server import FakeModelServer, Text

import lcc
from lcc.ask.answer import AnswerStatus
from lcc.ask.events import Answered, AnswerText, PlanText, Running, TaskPlanned

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
            role: lcc.ModelSettings(model=f"a-{role}", base_url=server.base_url, timeout=20.0)
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
    plan = Text(['1. note("x")\n2. open_gate()', world.gate, f"\n3. join()\n{END}"])
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
    plan = Text(['1. search("a")', world.gate, f'\n2. note("b")\n3. join()\n{END}'])

    async def main() -> None:
        async with agent(world, server).stream("?") as asking:
            async for event in asking:
                if isinstance(event, TaskPlanned):
                    break

    with FakeModelServer({"planner": [plan]}) as server:
        run(main, backend)
        world.gate.open()
    assert world.notes == []


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
