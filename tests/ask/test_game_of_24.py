"""The game of 24, planned round by round, ends as it does when every call is made one after another."""

from __future__ import annotations

import json
import re

import pytest
from asking import BACKENDS, finish, replan, run
from fake_model_server import FakeModelServer, Recorded, Reply
from game_of_24 import KEPT, answer_of, evaluate, play, propose, select

import lcc

GAMES = ("1 2 3 4", "2 3 5 12", "1 3 4 6", "3 3 7 7", "2 2 2 9", "1 1 1 1", "5 5 5 9", "4 6 8 8")


@lcc.tool(effect="pure")
async def thought_proposer(state: str) -> list[str]:
    """Propose next states."""
    return propose(state)


@lcc.tool(effect="pure")
async def state_evaluator(thoughts: list[str]) -> list[float]:
    """Judge states."""
    return evaluate(thoughts)


@lcc.tool(effect="pure")
async def top_k_select(thoughts: list[list[str]], values: list[list[float]], k: int = 5) -> list[str]:
    """Keep the best states."""
    return select(thoughts, values, k)


def plan_for(states: list[str]) -> str:
    """Return the plan of a round, its ids from 1 whatever came before."""
    lines = []
    for place, state in enumerate(states):
        lines.append(f"{2 * place + 1}. thought_proposer({json.dumps(state)})")
        lines.append(f'{2 * place + 2}. state_evaluator("${2 * place + 1}")')
    n = 2 * len(states)
    proposed = ", ".join(f'"${i}"' for i in range(1, n, 2))
    judged = ", ".join(f'"${i}"' for i in range(2, n + 1, 2))
    lines.append(f"{n + 1}. top_k_select([{proposed}], [{judged}], {KEPT})")
    return "Thought: I expand the states in parallel.\n" + "\n".join([*lines, f"{n + 2}. join()<END_OF_PLAN>"])


def selected(request: Recorded) -> list[str] | None:
    """Return the states that the last results kept; None before there are any."""
    found = re.findall(r"(?m)^\d+\. top_k_select\(.*\) = (\[.*\])$", request.prompt)
    return None if not found else list(json.loads(found[-1]))


def model(request: Recorded) -> Reply:
    states = selected(request)
    if request.role == "planner":
        return plan_for([request.messages[1]["content"]] if states is None else states)
    assert states is not None
    won = answer_of(states)
    rounds = sum(message["role"] == "user" for message in request.messages if "Results" in message["content"])
    if won is None and rounds < 3 and states:
        return replan("continue from the selected states")
    return finish(won or "no solution")


@pytest.mark.parametrize("backend", BACKENDS)
def test_every_game_ends_as_its_sequential_form(backend: str) -> None:
    async def main() -> dict[str, lcc.Answer]:
        settings = lcc.ModelSettings(model="fake", base_url=server.base_url)
        tools = [thought_proposer, state_evaluator, top_k_select]
        agent = lcc.Agent(tools, settings, max_replans=2, result_tokens=20_000)
        return {game: await agent.ask(game) for game in GAMES}

    with FakeModelServer(model, chunk=None) as server:
        answers = run(main, backend)
    assert {game: answer.text for game, answer in answers.items()} == {game: play(game) for game in GAMES}
    assert {"no solution"} < {answer.text for answer in answers.values()}
    assert any(len(answer.rounds) == 3 for answer in answers.values())
    for answer in answers.values():
        ids = [id_ for round_ in answer.rounds for id_ in round_.records]
        assert len(ids) == len(set(ids))
