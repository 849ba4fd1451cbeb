"""Whole plans are approved of before anything is called: yes, no with a reason, without some lines, another text, later."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from asking import BACKENDS, END, World, agent, finish, run
from fake_model_server import FakeModelServer

import lcc

PLAN = f'1. search("x")\n2. note("a")\n3. note("b")\n4. join()\n{END}'
PROGRAM = 'found = search("x")\nnote("a")\nanswer(found)\n'
Answering = Callable[[lcc.PlanRequest], Any]


def ask(
    world: World, answers: list[Any], plans: list[str], backend: str = "asyncio", **settings: Any
) -> tuple[lcc.Answer, list[lcc.PlanRequest], FakeModelServer]:
    """Ask with somebody who gives these answers, and who sees that nothing was called by then."""
    shown: list[lcc.PlanRequest] = []
    left = list(answers)

    async def approve(request: lcc.PlanRequest) -> Any:
        assert sum(world.calls.values()) == len(world.notes) == 0
        shown.append(request)
        return left.pop(0)

    with FakeModelServer({"planner": plans, "joiner": [finish("done")] * 2}) as server:
        asking = agent(world, server, approve_plan=approve, **settings)
        return run(lambda: asking.ask("?"), backend), shown, server


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_plan_runs_once_somebody_said_yes(backend: str) -> None:
    world = World()
    answer, shown, _ = ask(world, [True], [PLAN], backend)
    assert (answer.text, world.notes, world.calls["x"]) == ("done", ["a", "b"], 1)
    [request] = shown
    assert request.text == '1. search("x")\n2. note("a")\n3. note("b")\n4. join()\n'
    assert [(c.id, c.call, c.effect.value) for c in request.changes] == [
        ("2", 'note("a")', "write"),
        ("3", 'note("b")', "write"),
    ]
    assert request.estimate().calls == 3
    assert "flowchart" in request.graph
    assert request.to_dict()["changes"]


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_no_goes_to_the_planner_with_its_reason(backend: str) -> None:
    world = World()
    no = lcc.PlanAnswer(approved=False, reason="don't write\nb")
    answer, shown, server = ask(world, [no, True], [PLAN, f'1. note("c")\n2. join()\n{END}'], backend)
    assert world.notes == ["c"]
    assert len(shown) == 2
    last = server.by_role("planner")[1].messages[-1]["content"]
    assert last.startswith("This plan was not approved, and nothing of it was done: don't write b\n")
    assert answer.ok


@pytest.mark.parametrize("answer", [False, None, 1, "yes", lcc.PlanAnswer(approved=False)])
def test_what_is_no_yes_is_a_no_and_too_many_end_the_question(answer: Any) -> None:
    world = World()
    found, shown, _ = ask(world, [answer, answer], [PLAN, PLAN], max_replans=1)
    assert found.status == "stopped"
    assert "not approved" in found.reason
    assert (world.notes, len(shown)) == ([], 2)


def test_somebody_who_raises_has_not_approved() -> None:
    async def approve(request: lcc.PlanRequest) -> bool:
        raise RuntimeError("no idea")

    world = World()
    with FakeModelServer({"planner": [PLAN]}) as server:
        answer = run(lambda: agent(world, server, approve_plan=approve, max_replans=0).ask("?"))
    assert answer.reason == "the plan was not approved: approval failed: no idea"
    assert not world.calls


def test_lines_can_be_dropped_and_what_is_left_must_stand() -> None:
    world = World()
    answer, shown, _ = ask(world, [lcc.PlanAnswer(approved=True, drop=(3,)), True], [PLAN])
    assert (answer.ok, world.notes) == (True, ["a"])
    assert [c.call for c in shown[1].changes] == ['note("a")']
    world = World()
    plan = f'1. search("x")\n2. note("$1")\n3. join()\n{END}'
    drops = [lcc.PlanAnswer(approved=True, drop=(ids,)) for ids in (1, 9, 2)]
    _, shown, _ = ask(world, [*drops, True], [plan])
    assert [r.problems for r in shown] == [
        "",
        "call 1 can't be left out, since call 2 needs it",
        "the plan has no call 9",
        "",
    ]
    assert (world.notes, world.calls["x"]) == ([], 1)


def test_another_text_can_stand_in_its_place_and_is_verified() -> None:
    world = World()
    texts = ["1. nothing()\n2. join()", *['1. note("mine")\n2. join()'] * 2]
    _, shown, _ = ask(world, [lcc.PlanAnswer(approved=True, text=text) for text in texts], [PLAN])
    assert world.notes == ["mine"]
    assert "nothing" in shown[1].problems
    assert shown[1].text == shown[0].text
    assert [request.text for request in shown[2:]] == ['1. note("mine")\n2. join()\n']  # given once more, it is a yes


def test_what_was_made_of_a_plan_can_be_refused() -> None:
    world = World()
    other = lcc.PlanAnswer(approved=True, text='1. note("mine")\n2. join()')
    _, shown, _ = ask(world, [other, lcc.PlanAnswer(approved=False), True], [PLAN, PLAN])
    assert (len(shown), world.notes) == (3, ["a", "b"])


def test_a_plan_with_errors_goes_back_before_anybody_sees_it() -> None:
    world = World()
    _, shown, server = ask(world, [True], [f'1. search("x")\n2. nothing()\n3. join()\n{END}', PLAN])
    assert len(shown) == 1
    assert "This plan can't be run" in server.by_role("planner")[1].messages[-1]["content"]


@pytest.mark.parametrize("backend", BACKENDS)
def test_programs_are_approved_of_too(backend: str) -> None:
    world = World()
    no = lcc.PlanAnswer(approved=False, reason="shorter")
    answer, shown, server = ask(world, [no, True], [PROGRAM, 'note("c")\nanswer(1)\n'], backend, language="python")
    assert (answer.value, world.notes) == (1, ["c"])
    assert shown[0].language == "python"
    assert shown[0].text == PROGRAM
    assert [c.call for c in shown[0].changes] == ['note("a")']
    assert shown[0].estimate() is not None
    assert "shorter" in server.by_role("planner")[1].messages[-1]["content"]


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("language", ["plan", "python"])
def test_a_plan_can_wait_and_go_on_with_the_answer(language: str, backend: str, tmp_path: Path) -> None:
    from lcc.runtime.journal.file import JournalError
    from lcc.runtime.journal.pending import answer as answer_waiting

    world = World()
    text = PLAN if language == "plan" else PROGRAM
    settings = {"language": language, "journal": tmp_path / "j"}

    async def later(request: lcc.PlanRequest) -> Any:
        return lcc.LATER

    with FakeModelServer({"planner": [text], "joiner": [finish("done")]}) as server:
        asking = agent(world, server, approve_plan=later, **settings)
        with pytest.raises(JournalError):
            answer_waiting(tmp_path / "j", allowed=True)
        first = run(lambda: asking.ask("?"), backend)
        assert (first.status, world.notes, sum(world.calls.values())) == ("waiting", [], 0)
        again = run(lambda: asking.resume(), backend)
        assert again.status == "waiting"
        answer_waiting(tmp_path / "j", first.question, allowed=True)
        with pytest.raises(JournalError, match="answered already, with yes"):
            answer_waiting(tmp_path / "j", first.question, allowed=False)
        done = run(lambda: asking.resume(), backend)
        assert done.ok
        assert world.notes == (["a", "b"] if language == "plan" else ["a"])
        with pytest.raises(JournalError, match="it has ended"):
            answer_waiting(tmp_path / "j", first.question, allowed=True)
        assert len(server.by_role("planner")) == 1


@pytest.mark.parametrize("allowed", [True, False])
def test_a_single_call_can_wait_and_go_on_with_the_answer(allowed: bool, tmp_path: Path) -> None:
    from lcc.runtime.journal.pending import answer as answer_waiting

    erased: list[str] = []

    @lcc.tool(effect="destructive")
    async def erase(path: str) -> str:
        erased.append(path)
        return "gone"

    async def later(request: lcc.ApprovalRequest) -> Any:
        return lcc.LATER

    world = World()
    plan = f'1. note("a")\n2. erase("b")\n3. join()\n{END}'
    with FakeModelServer({"planner": [plan], "joiner": [finish("done")]}) as server:
        model = lcc.ModelSettings(model="fake", base_url=server.base_url, key="k", timeout=100.0)
        options = lcc.Options(approve=later)
        asking = lcc.Agent([*world.tools, erase], model, options=options, journal=tmp_path / "j")
        first = run(lambda: asking.ask("?"))
        assert first.status == "waiting"
        assert "approval of erase (2)" in first.reason
        answer_waiting(tmp_path / "j", allowed=allowed)
        done = run(lambda: asking.resume())
    assert (done.ok, world.notes, erased) == (True, ["a"], ["b"] if allowed else [])


def test_without_a_journal_nothing_can_wait() -> None:
    async def later(request: lcc.PlanRequest) -> Any:
        return lcc.LATER

    world = World()
    with FakeModelServer({"planner": [PLAN]}) as server:
        answer = run(lambda: agent(world, server, approve_plan=later, journal=False).ask("?"))
    assert answer.status == "waiting"
    assert "no journal is kept" in answer.reason
    assert not world.calls
