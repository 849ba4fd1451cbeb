"""Recorded ParallelQA, HotpotQA and Movie Recommendation questions, asked over HTTP: every answer is the record's.

That shows the machinery, not a model's accuracy. The records are not part of this repository. Name the folder that holds them in
LCC_CORPUS; without it these tests skip.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import anyio
import pytest
from fake_model_server import FakeModelServer, Recorded, Reply
from simpleeval import simple_eval

import lcc
from lcc.ask.joining.decision import read_decision

CORPUS = Path(os.environ.get("LCC_CORPUS", "") or "/nonexistent")
FUNCTIONS = {"abs": abs, "min": min, "max": max, "round": round, "sum": lambda *v: sum(v)}

pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="LCC_CORPUS names no folder with the records")


def _records(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (CORPUS / name / "cassettes.jsonl").read_text(encoding="utf-8").splitlines()]


def _tools(pages: dict[str, str], maths: dict[str, str]) -> list[Any]:
    @lcc.tool(effect="read")
    async def search(entity: str) -> str:
        """Return the paragraph about an entity."""
        return pages[entity]

    @lcc.tool(effect="pure")
    async def math(ctx: lcc.Context, question: str, context: list[str] | None = None) -> float:
        """Answer with the recorded expression; one that reads earlier results arrives filled in, as the question."""
        expression = maths[str(ctx.task)]
        return float(simple_eval(question if "$" in expression else expression, functions=FUNCTIONS))

    return [search, math]


@pytest.mark.parametrize("name", ["parallelqa", "hotpotqa", "movie"])
def test_every_recorded_question_is_answered_as_recorded(name: str) -> None:
    records = _records(name)
    pages = json.loads((CORPUS / name / "search.json").read_text(encoding="utf-8"))
    by_question = {record["question"].strip(): record for record in records}

    def answering(request: Recorded) -> Reply:
        said = request.messages[1]["content"]
        if request.role == "planner":
            return str(by_question[said.strip()]["plan"])
        question = said.removeprefix("Request: ").rpartition("\n\nResults:\n")[0]
        return str(by_question[question.strip()]["join"])

    wrong: list[tuple[str, str, str]] = []

    async def ask(record: dict[str, Any], agent: lcc.Agent, limit: anyio.CapacityLimiter) -> None:
        async with limit:
            answer = await agent.ask(record["question"])
        decision = read_decision(record["join"])
        expected = "" if decision is None else decision.text
        failed = [r.error for round_ in answer.rounds for r in round_.records.values() if r.error is not None]
        if (answer.text, len(answer.rounds), failed) != (expected, 1, []):
            wrong.append((record["question"], answer.text, expected))

    async def main(base_url: str) -> None:
        model = lcc.ModelSettings(model="fake", base_url=base_url)
        limit = anyio.CapacityLimiter(4)
        async with anyio.create_task_group() as group:
            for record in records:
                agent = lcc.Agent(_tools(pages, record.get("maths", {})), model)
                group.start_soon(ask, record, agent, limit)

    with FakeModelServer(answering, chunk=None) as server:
        anyio.run(main, server.base_url)
    assert wrong == []
    assert len(server.requests) == 2 * len(records)
