"""Check that no later plan of a question writes again what an earlier one wrote, and that models are told."""

from __future__ import annotations

from typing import Any

import pytest
from asking import BACKENDS, END, World, agent, finish, replan, run
from fake_model_server import FakeModelServer

import lcc

FIRST = f'1. note("a")\n2. search("x")\n3. join($2)\n{END}'
AGAIN = f'4. note(text="a")\n5. note("b")\n6. join()\n{END}'


def ask(
    world: World, plans: list[str], backend: str = "asyncio", **settings: Any
) -> tuple[lcc.Answer, FakeModelServer]:
    replies = [replan("more")] * (len(plans) - 1) + [finish("done")]
    with FakeModelServer({"planner": plans, "joiner": replies}) as server:
        return run(lambda: agent(world, server, **settings).ask("?"), backend), server


def texts(server: FakeModelServer, role: str) -> list[str]:
    return [request.messages[-1]["content"] for request in server.by_role(role)]


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_later_plan_does_not_write_again_what_an_earlier_one_wrote(backend: str) -> None:
    world = World()
    answer, _ = ask(world, [FIRST, AGAIN], backend)
    assert world.notes == ["a", "b"]
    error = answer.rounds[1].records[4].error
    assert error is not None
    assert error.kind is lcc.FailureKind.REPEATED
    assert error.message == "not made again: an earlier plan made the same call (1), and it ended well"


def test_elements_and_computed_arguments_are_compared_with_what_was_written() -> None:
    world = World()
    second = f'4. search("b")\n5. note(each ["b", "a", "about x"])\n6. note("about x")\n7. join()\n{END}'
    ask(world, [f'1. search("x")\n2. note("$1")\n3. join()\n{END}', second], max_replans=1)
    assert world.notes == ["about x", "b", "a"]


def test_models_are_told_in_every_message_what_was_written() -> None:
    _, server = ask(World(), [FIRST, AGAIN])
    for text in (*texts(server, "joiner"), texts(server, "planner")[1]):
        assert '- 1. note(text="a") is done = noted a' in text
    last = texts(server, "joiner")[-1]
    assert '- 5. note(text="b") is done = noted b' in last
    assert "note" not in texts(server, "planner")[0]


def test_a_refused_plan_goes_back_with_what_was_written() -> None:
    world = World()
    script = {"planner": [FIRST, f"4. nothing()\n5. join()\n{END}", AGAIN], "joiner": [replan("more"), finish("done")]}
    with FakeModelServer(script) as server:
        run(lambda: agent(world, server).ask("?"))
    assert '- 1. note(text="a") is done' in texts(server, "planner")[2]
    assert "This plan can't be run" in texts(server, "planner")[2]


@pytest.mark.parametrize("answer", [True, False])
def test_somebody_may_be_asked_about_a_repeated_write(answer: bool) -> None:
    asked: list[lcc.ApprovalRequest] = []

    async def approve(request: lcc.ApprovalRequest) -> bool:
        asked.append(request)
        return answer

    world = World()
    ask(world, [FIRST, AGAIN], repeat="ask", options=lcc.Options(approve=approve))
    assert world.notes == (["a", "a", "b"] if answer else ["a", "b"])
    assert [(r.tool, r.calls, dict(r.repeats)) for r in asked] == [
        ("note", ((4, {"text": "a"}),), {4: "an earlier plan made the same call (1), and it ended well"})
    ]


def test_nobody_to_ask_is_a_no_and_allow_is_a_yes() -> None:
    world = World()
    ask(world, [FIRST, AGAIN], repeat="ask")
    assert world.notes == ["a", "b"]
    world = World()
    ask(world, [FIRST, AGAIN], repeat="allow")
    assert world.notes == ["a", "a", "b"]


def test_a_write_that_its_tool_says_has_failed_may_be_made_again() -> None:
    tries: list[str] = []

    @lcc.tool(effect="write")
    async def send(to: str) -> str:
        tries.append(to)
        if len(tries) == 1:
            raise ValueError("no such address")
        return "sent"

    script = {
        "planner": [f'1. send("ann")\n2. join()\n{END}', f'3. send("ann")\n4. join()\n{END}'],
        "joiner": [replan("again"), finish("done")],
    }
    with FakeModelServer(script) as server:
        model = lcc.ModelSettings(model="fake", base_url=server.base_url, key="k", timeout=100.0)
        run(lambda: lcc.Agent([send], model).ask("?"))
    assert tries == ["ann", "ann"]
    assert 'send(to="ann") failed: ValueError: no such address' in texts(server, "joiner")[0]


def test_a_program_behind_one_that_ended_well_does_not_write_again() -> None:
    world = World()
    programs = ['note("a")\nprint(search("x"))\n', 'note("a")\nprint("unreached")\n']
    answer, server = ask(world, programs, language="python")
    assert world.notes == ["a"]
    failure = answer.rounds[1].result.failure
    assert failure is not None
    assert failure.kind is lcc.FailureKind.REPEATED
    assert '- 1. note(text="a") is done' in texts(server, "planner")[1]


def test_a_corrected_program_may_write_more_of_the_same() -> None:
    world = World()
    programs = ['note("a")\nraise ValueError("no")\n', 'note("a")\nnote("a")\nanswer("done")\n']
    with FakeModelServer({"planner": programs}) as server:
        run(lambda: agent(world, server, language="python").ask("?"))
    assert world.notes == ["a", "a"]


def test_strategies_that_look_at_each_result_may_repeat() -> None:
    act = 'Thought: go\nAction: note("a")'
    world = World()
    with FakeModelServer({"agent": [act, act, finish("done")]}) as server:
        run(lambda: agent(world, server, strategy="react").ask("?"))
    assert world.notes == ["a", "a"]
    world = World()
    with FakeModelServer({"agent": [act, act, finish("done")]}) as server:
        run(lambda: agent(world, server, strategy="react", repeat="refuse").ask("?"))
    assert world.notes == ["a"]


def test_a_wrong_word_for_repeat_says_which_there_are() -> None:
    with FakeModelServer({}) as server, pytest.raises(ValueError, match="one of refuse, ask, allow"):
        agent(World(), server, repeat="never")
