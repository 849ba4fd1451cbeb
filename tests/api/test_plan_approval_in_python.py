"""A plan that is run from Python can be put before somebody first."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

import lcc

PLAN = '1. look("x")\n2. note("$1")\n3. join($1)\n'
made: list[str] = []


@lcc.tool(effect="read")
def look(key: str) -> str:
    made.append(f"look {key}")
    return key


@lcc.tool(effect="write")
def note(text: str) -> str:
    made.append(f"note {text}")
    return text


@pytest.fixture(autouse=True)
def nothing_made() -> None:
    made.clear()


def answering(*answers: Any) -> tuple[list[lcc.PlanRequest], Any]:
    asked: list[lcc.PlanRequest] = []

    async def approve(request: lcc.PlanRequest) -> Any:
        asked.append(request)
        answer = answers[min(len(asked), len(answers)) - 1]
        if isinstance(answer, Exception):
            raise answer
        return answer

    return asked, approve


def test_a_yes_runs_the_plan_by_every_way_to_run_it() -> None:
    asked, approve = answering(True)
    tools = [look, note]
    compiled = lcc.compile(PLAN, tools)
    results = [
        lcc.run(PLAN, tools, approve_plan=approve),
        asyncio.run(lcc.arun(PLAN, tools, approve_plan=approve)),
        lcc.run_in_thread(PLAN, tools, approve_plan=approve),
        compiled.run(approve_plan=approve),
    ]
    assert [result.join for result in results] == [["x"]] * 4
    assert len(asked) == 4
    assert [change.tool for change in asked[0].changes] == ["note"]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (lcc.PlanAnswer(approved=False, reason="too dear"), "the plan was not approved: too dear"),
        (False, "the plan was not approved"),
        (1, "only True or a PlanAnswer is a yes"),
        (lcc.LATER, "nothing keeps a plan until there is an answer"),
        (OSError("gone"), "approval failed"),
        (lcc.PlanAnswer(approved=True, text="1. nothing("), "not approved"),
    ],
)
def test_anything_but_a_yes_is_an_error_before_anything_is_called(answer: object, said: str) -> None:
    _, approve = answering(answer)
    with pytest.raises(lcc.CompileError, match=said) as raised:
        lcc.run(PLAN, [look, note], approve_plan=approve)
    assert [found.code for found in raised.value.diagnostics] == ["X017"]
    assert made == []


def test_a_changed_plan_is_put_before_them_again_and_then_run() -> None:
    asked, approve = answering(
        lcc.PlanAnswer(approved=True, drop=(1,)),
        lcc.PlanAnswer(approved=True, drop=(2,)),
        lcc.PlanAnswer(approved=True, text='1. look("y")\n2. join($1)\n'),
        True,
    )
    result = lcc.run(PLAN, [look, note], approve_plan=approve)
    assert (result.join, made) == (["y"], ["look y"])
    assert "can't be left out" in asked[1].problems
    assert [request.text.count("note") for request in asked] == [1, 1, 0, 0]


def test_an_approver_that_is_none_is_refused() -> None:
    with pytest.raises(TypeError, match="approve_plan"):
        lcc.run(PLAN, [look, note], approve_plan="yes")  # type: ignore[arg-type]
