"""Recorded ParallelQA plans run from text to results; the results are the numbers that the recorded answers quote.

The records are not part of this repository. Name the folder that holds them in LCC_CORPUS; without it these tests skip.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import pytest
from simpleeval import simple_eval

import lcc

CORPUS = os.environ.get("LCC_CORPUS", "")
RECORDS = Path(CORPUS) / "parallelqa" / "cassettes.jsonl"
FUNCTIONS = {"abs": abs, "min": min, "max": max, "round": round, "sum": lambda *v: sum(v)}
NUMBER = re.compile(r"(?<![\w.^])-?\d[\d,]*(?:\.\d+)?")

pytestmark = pytest.mark.skipif(
    not (CORPUS and RECORDS.is_file()), reason="LCC_CORPUS names no folder with the records"
)


def _records() -> list[dict[str, Any]]:
    if not (CORPUS and RECORDS.is_file()):
        return []
    return [json.loads(line) for line in RECORDS.read_text(encoding="utf-8").splitlines()]


def _tools(record: dict[str, Any]) -> list[Any]:
    pages = json.loads((RECORDS.parent / "search.json").read_text(encoding="utf-8"))
    maths: dict[str, str] = record["maths"]

    @lcc.tool(effect="read")
    def search(entity: str) -> str:
        """Return the paragraph about an entity."""
        return str(pages[entity])

    @lcc.tool(effect="pure")
    def math(ctx: lcc.Context, question: str, context: list[str] | None = None) -> float:
        """Answer with the recorded expression; one that reads earlier results arrives filled in, as the question."""
        expression = maths[str(ctx.task)]
        return float(simple_eval(question if "$" in expression else expression, functions=FUNCTIONS))

    return [search, math]


def _quoted(text: str) -> Iterator[tuple[float, float]]:
    """Yield every number of an answer with half a unit in its last place."""
    for found in NUMBER.findall(text):
        plain = found.rstrip(",").replace(",", "")
        decimals = len(plain.partition(".")[2])
        yield float(plain), 0.5 * 10.0**-decimals + 1e-9


@pytest.mark.parametrize("record", _records(), ids=lambda r: f"question-{r['id']}")
def test_a_recorded_plan_runs_to_the_numbers_of_its_answer(record: dict[str, Any]) -> None:
    tools = _tools(record)
    joins = [_run(record, tools, level) for level in (0, 2, 3)]
    assert joins[0] == joins[1] == joins[2]
    numbers = [float(value) for value in joins[0].values() if isinstance(value, int | float)]
    assert len(numbers) == len(record["maths"])
    pages = " ".join(value for value in joins[0].values() if isinstance(value, str))
    known = [*numbers, *(n for n, _ in _quoted(f"{pages} {record['question']}"))]
    derived = [a - b for a in numbers for b in numbers] + [n * 100 for n in numbers]
    for quoted, slack in _quoted(record["join"]):
        assert any(abs(abs(n) - abs(quoted)) <= slack for n in (*known, *derived)), (quoted, record["join"], numbers)


def _run(record: dict[str, Any], tools: list[Any], level: int) -> dict[int, Any]:
    plan = lcc.compile(record["plan"], tools=tools, level=level).plan

    async def main() -> lcc.RunResult:
        return await lcc.execute(plan, tools=tools)

    result = anyio.run(main)
    assert result.status == "ok", [t.error for t in result.tasks.values()]
    assert isinstance(result.join, dict)
    return result.join
