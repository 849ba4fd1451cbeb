"""Several plans for one question: ids continue, results are kept, nothing is done twice, and loops end."""

from __future__ import annotations

from typing import Any

import pytest
from asking import END, World, agent, finish, replan, run
from fake_model_server import FakeModelServer, Reply

import lcc
from lcc.ask.answer import AskFailed
from lcc.ask.events import Replanned

FIRST = f'1. search("tides")\n2. search("broken link")\n3. join()\n{END}'


def ask(script: dict[str, list[Reply]], **settings: Any) -> tuple[Any, World, FakeModelServer]:
    world = World()
    with FakeModelServer(script) as server:
        return run(lambda: agent(world, server, **settings).ask("What are tides?")), world, server


def test_a_second_plan_reads_the_results_of_the_first() -> None:
    second = f'4. search("moon and $1")\n5. join()\n{END}'
    answer, world, server = ask({"planner": [FIRST, second], "joiner": [replan("the moon"), finish("done")]})
    assert answer.text == "done"
    assert answer.results == {"1": "about tides", "4": "about moon and about tides"}
    assert world.calls["tides"] == 1
    told = server.by_role("planner")[1]
    assert told.messages[-2]["content"] == FIRST
    assert "They don't suffice: the moon" in told.last
    assert "number its calls from 3" in told.last
    assert '1. search("tides") = about tides' in told.last
    assert '2. search("broken link") failed: RuntimeError: no page about broken link' in told.last


def test_the_prompt_only_grows() -> None:
    second = f'4. search("moon")\n5. join()\n{END}'
    _, _, server = ask({"planner": [FIRST, second], "joiner": [replan("more"), finish("done")]})
    for role in ("planner", "joiner"):
        one, two = server.by_role(role)
        assert two.messages[: len(one.messages)] == one.messages


def test_a_plan_that_uses_ids_again_gets_new_ones_and_means_its_own_results() -> None:
    second = f'1. search("moon of $2x")\n2. length("$1")\n3. search("$2 and ${{3}}")\n4. join()\n{END}'
    first = f'1. search("tides")\n2. length("abc")\n3. search("sea")\n4. join()\n{END}'
    answer, world, _ = ask({"planner": [first, second], "joiner": [replan("more"), finish("done")]})
    assert world.calls["moon of 3x"] == 1
    moon = len("about moon of 3x")
    assert world.calls[f"{moon} and about sea"] == 1
    assert list(answer.rounds[1].records) == [4, 5, 6]
    assert any("already taken; this call is task 4" in d.message for d in answer.diagnostics)


def test_neither_an_equal_read_nor_an_equal_write_is_made_again() -> None:
    first = f'1. search("tides")\n2. note("$1")\n3. join()\n{END}'
    second = f'4. search(query="tides")\n5. note("about tides")\n6. search("$4")\n7. join()\n{END}'
    answer, world, _ = ask({"planner": [first, second], "joiner": [replan("more"), finish("done")]})
    assert world.calls["tides"] == 1
    assert world.notes == ["about tides"]
    assert answer.rounds[1].records[5].error.kind is lcc.FailureKind.REPEATED
    assert answer.rounds[1].records[4].value == "about tides"
    assert answer.rounds[1].reused == 1


def test_calls_that_were_made_together_are_remembered_one_by_one() -> None:
    """The first waits for an input's value, so that none of them starts before the plan is whole."""
    asked: list[str] = []

    @lcc.tool(effect="read", batch="look_all", max_batch=5)
    async def look(key: str) -> str:
        asked.append(f"single {key}")
        return f"<{key}>"

    @lcc.tool(effect="read")
    async def look_all(items: list[dict[str, str]]) -> list[str]:
        asked.extend(item["key"] for item in items)
        return [f"<{item['key']}>" for item in items]

    first = f'input a: str = "x"\n1. look("$a")\n2. look("$a$a")\n3. join()\n{END}'
    second = f'4. answer("$1 $2")\n{END}'
    with FakeModelServer({"planner": [first, second], "joiner": [replan("more")]}) as server:
        model = lcc.ModelSettings(model="fake", base_url=server.base_url, key="k", timeout=100.0)
        answer = run(lambda: lcc.Agent([look, look_all], model, level=3).ask("?"))
    assert answer.text == "<x> <xx>"
    assert asked == ["x", "xx"]
    assert answer.results["1"] == "<x>"


def test_elements_of_an_earlier_fan_out_can_be_read() -> None:
    first = f'1. search(each ["a", "b"])\n2. join()\n{END}'
    second = f'3. search("$1[1]!")\n4. length(each $1)\n5. search("b")\n6. join()\n{END}'
    answer, world, _ = ask({"planner": [first, second], "joiner": [replan("more"), finish("done")]})
    assert world.calls["about b!"] == world.calls["b"] == 1
    assert answer.results["4"] == [7, 7]
    assert answer.results["5"] == "about b"


def test_reading_an_earlier_call_that_failed_is_an_error_that_goes_back() -> None:
    wrong = f'4. length("$2")\n5. join()\n{END}'
    right = f'4. length("$1")\n5. join()\n{END}'
    answer, _, server = ask({"planner": [FIRST, wrong, right], "joiner": [replan("more"), finish("done")]})
    assert answer.results["4"] == 11
    assert "task 2" in server.by_role("planner")[2].last


@pytest.mark.parametrize("allowed", [0, 1, 2, 3])
def test_max_replans_means_what_it_says(allowed: int) -> None:
    world = World()
    count = 0

    def answering(request: Any) -> Reply:
        nonlocal count
        if request.role == "joiner":
            return replan("more")
        count += 1
        return f'{2 * count}. search("page {count}")\n{2 * count + 1}. join()\n{END}'

    seen: list[Any] = []
    with FakeModelServer(answering) as server:
        answer = run(lambda: agent(world, server, max_replans=allowed).ask("?", on_event=seen.append))
    assert len(answer.rounds) == len(server.by_role("planner")) == allowed + 1
    assert len([e for e in seen if isinstance(e, Replanned)]) == allowed
    assert answer.text == "more"
    schemas = [r.body["response_format"]["json_schema"]["schema"] for r in server.by_role("joiner")]
    assert [s["properties"]["action"]["enum"] for s in schemas] == [["finish", "replan"]] * allowed + [["finish"]] * 2


def test_a_loop_that_repeats_itself_is_ended_with_what_is_known() -> None:
    same = f'1. search("broken link")\n2. join()\n{END}'
    script: dict[str, list[Reply]] = {
        "planner": [same] * 9,
        "joiner": [replan("the page"), finish("no page was found")],
    }
    answer, world, server = ask(script, max_replans=8)
    assert answer.text == "no page was found"
    assert "repeats" in answer.reason
    assert len(server.by_role("planner")) == 2
    assert world.calls["broken link"] == 2
    assert "No further calls are possible" in server.by_role("joiner")[1].last


def test_a_further_plan_without_new_calls_ends_the_loop() -> None:
    first = f'1. search("tides")\n2. join()\n{END}'
    answer, world, _ = ask({"planner": [first, first], "joiner": [replan("more"), finish("tides")]}, max_replans=8)
    assert (answer.text, world.calls["tides"]) == ("tides", 1)


def test_a_further_plan_may_only_put_results_together() -> None:
    first = f'1. search("tides")\n2. join()\n{END}'
    answer, _, _ = ask({"planner": [first, f'2. answer("All of it: $1")\n{END}'], "joiner": [replan("words")]})
    assert answer.text == "All of it: about tides"


def test_a_fault_in_the_second_round_keeps_the_first() -> None:
    world = World()
    script: dict[str, list[Reply]] = {"planner": [FIRST, "4. search(", "4. search("], "joiner": [replan("more")]}
    with FakeModelServer(script) as server, pytest.raises(AskFailed) as failed:
        run(lambda: agent(world, server).ask("?"))
    assert failed.value.answer.results == {"1": "about tides"}
    assert len(failed.value.answer.plans) == 1
