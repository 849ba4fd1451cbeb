"""Check ReWOO: a plan, workers that go through it in order, a solver; and that nothing that fails ends it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anyio
import pytest
from asking import BACKENDS, World, agent, run
from fake_model_server import Cut, FakeModelServer, Garbage, Reply, Status, Text

import lcc
from lcc.ask.events import AnswerText, PlanRefused

PLAN = "Plan: Find the page.\n#E1 = search[tides]\nPlan: Count its characters.\n#E2 = length[#E1]\n"


def rewoo(world: World, server: FakeModelServer, **settings: Any) -> lcc.Agent:
    return agent(world, server, strategy="rewoo", **settings)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("api", ["chat", "responses"])
@pytest.mark.parametrize("stream", [True, False])
def test_a_question_of_two_steps_is_answered(backend: str, api: str, stream: bool) -> None:
    world = World()
    seen: list[Any] = []
    with FakeModelServer({"planner": [PLAN], "solver": ["<think>hm</think>\neleven characters"]}) as server:
        ask = rewoo(world, server, api=api, stream=stream).ask
        answer = run(lambda: ask("How long?", on_event=seen.append), backend)
    assert (answer.status, answer.text) == ("answered", "eleven characters")
    assert answer.results == {"1": "about tides", "2": 11}
    assert [task.thought for task in answer.plans[0].tasks] == ["Find the page.", "Count its characters."]
    assert server.requests[1].last.endswith(
        "Plan: Find the page.\nEvidence: about tides\nPlan: Count its characters.\nEvidence: 11"
    )
    assert {role: usage.tokens.calls for role, usage in answer.usage.items()} == {"planner": 1, "solver": 1}
    assert "".join(e.text for e in seen if isinstance(e, AnswerText)) == answer.text


@pytest.mark.parametrize("backend", BACKENDS)
def test_workers_go_one_by_one_in_the_order_of_the_plan(backend: str) -> None:
    story: list[str] = []

    @lcc.tool(effect="read")
    async def work(name: str) -> str:
        """Let others go first, if there are any."""
        story.append(f"{name} begins")
        await anyio.wait_all_tasks_blocked()
        story.append(f"{name} ends")
        return name

    plan = "Plan: a\n#E1 = work[a]\nPlan: b\n#E2 = work[b]\nPlan: c\n#E3 = work[c]\n"
    with FakeModelServer({"planner": [plan], "solver": ["done"]}) as server:
        settings = lcc.ModelSettings(model="fake", base_url=server.base_url)
        answer = run(lambda: lcc.Agent([work], settings, strategy="rewoo").ask("?"), backend)
    assert answer.ok
    assert story == ["a begins", "a ends", "b begins", "b ends", "c begins", "c ends"]


@pytest.mark.parametrize("backend", BACKENDS)
def test_workers_may_be_told_to_run_at_once(backend: str) -> None:
    async def main() -> lcc.Answer:
        met = anyio.Event()

        @lcc.tool(effect="read")
        async def wait() -> str:
            """Wait for the other call."""
            await met.wait()
            return "met"

        @lcc.tool(effect="read")
        async def meet() -> str:
            """Let the other call end."""
            met.set()
            return "here"

        model = lcc.ModelSettings(model="fake", base_url=server.base_url)
        both = lcc.Agent([wait, meet], model, strategy="rewoo", parallel_workers=True, limits=lcc.Limits(seconds=100))
        return await both.ask("?")

    with FakeModelServer({"planner": ["Plan: a\n#E1 = wait[]\nPlan: b\n#E2 = meet[]"], "solver": ["done"]}) as server:
        answer = run(main, backend)
    assert answer.results == {"1": "met", "2": "here"}


def test_evidence_that_could_not_be_found_is_told_to_the_solver() -> None:
    world = World()
    plan = "Plan: a\n#E1 = search[broken]\nPlan: b\n#E2 = length[#E1]\nPlan: c\n#E3 = search[tides]"
    with FakeModelServer({"planner": [plan], "solver": ["some"]}) as server:
        answer = run(lambda: rewoo(world, server).ask("?"))
    assert answer.text == "some"
    said = server.requests[1].last
    assert "Evidence: none (failed: RuntimeError: no page about broken)" in said
    assert "Evidence: none (skipped" in said
    assert said.endswith("Plan: c\nEvidence: about tides")


WRONG = {
    "no plan": "I would call search(x).",
    "unknown tool": "Plan: a\n#E1 = find[x]",
    "unread": "Plan: a\n#E1 = search[x",
    "forward": "Plan: a\n#E1 = search[#E2]\nPlan: b\n#E2 = search[x]",
    "twice": "Plan: a\n#E1 = search[x]\nPlan: b\n#E1 = search[y]",
}


@pytest.mark.parametrize("case", WRONG)
def test_a_plan_that_is_wrong_goes_back_once(case: str) -> None:
    world = World()
    seen: list[Any] = []
    with FakeModelServer({"planner": [WRONG[case], PLAN], "solver": ["done"]}) as server:
        answer = run(lambda: rewoo(world, server).ask("?", on_event=seen.append))
    assert answer.text == "done"
    assert world.calls == {"tides": 1, "length about tides": 1}
    assert "This plan can't be run" in server.requests[1].last
    assert [type(e) for e in seen].count(PlanRefused) == 1


def test_a_plan_that_stays_wrong_ends_the_question() -> None:
    world = World()
    with (
        FakeModelServer({"planner": ["Steps:", "Steps:"]}) as server,
        pytest.raises(lcc.AskFailed, match="no plan that can be run"),
    ):
        run(lambda: rewoo(world, server).ask("?"))


def test_what_a_planner_says_instead_of_a_plan_is_the_answer_and_is_marked() -> None:
    with FakeModelServer({"planner": ["I can't do that."]}) as server:
        answer = run(lambda: rewoo(World(), server).ask("?"))
    assert (answer.text, [note.code for note in answer.notes]) == ("I can't do that.", ["P094"])


FAULTS: dict[str, Reply] = {
    "429": Status(429),
    "cut": Cut("Plan: a\n#E1 = search[x]"),
    "garbage": Garbage(),
    "no end": Text("Plan: a", finish=None),
}


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_that_passes_is_recovered_from(fault: str, backend: str) -> None:
    world = World()
    script = {"planner": [FAULTS[fault], PLAN], "solver": [FAULTS[fault], "done"]}
    with FakeModelServer(script, chunk=None) as server:
        answer = run(lambda: rewoo(world, server).ask("?"), backend)
    assert answer.text == "done"
    assert world.calls["tides"] == 1


def test_a_solver_that_fails_keeps_the_evidence() -> None:
    world = World()
    script: dict[str, list[Reply]] = {"planner": [PLAN], "solver": [Status(401)]}
    with FakeModelServer(script) as server, pytest.raises(lcc.AskFailed) as failed:
        run(lambda: rewoo(world, server).ask("?"))
    assert failed.value.answer.results == {"1": "about tides", "2": 11}


def test_a_typed_answer_is_asked_for_again_until_it_fits() -> None:
    world = World()
    with FakeModelServer({"planner": [PLAN], "solver": ["eleven", '{"answer": 11}']}) as server:
        answer = run(lambda: rewoo(world, server).ask("?", answer_type=int))
    assert answer.value == 11
    assert "doesn't follow the schema" in server.requests[2].last


def test_examples_are_shown_and_a_wrong_one_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(f"Question: How long?\n{PLAN}", encoding="utf-8")
    world = World()
    with FakeModelServer({"planner": [PLAN], "solver": ["done"]}) as server:
        run(lambda: rewoo(world, server, examples=[tmp_path]).ask("?"))
        (tmp_path / "a.txt").write_text("Question: How long?\nPlan: a\n#E1 = find[x]\n", encoding="utf-8")
        with pytest.raises(lcc.CompileError, match="no tool `find`"):
            rewoo(world, server, examples=[tmp_path])
        (tmp_path / "a.txt").write_text("How long?\n#E1 = find[x]\n", encoding="utf-8")
        with pytest.raises(lcc.CompileError, match="Question: …"):
            rewoo(world, server, examples=[tmp_path])
    assert f"Task: How long?\n{PLAN.strip()}" in server.requests[0].system
