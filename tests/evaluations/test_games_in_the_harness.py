"""Game of 24 and WebShop in the harness: every strategy runs on the simulated server, and parallel forms answer as sequential ones."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.evaluation import NoData
from benchmarks.evaluations import load
from benchmarks.evaluations.game24.sequential import NO_SOLUTION
from benchmarks.measure import Plan, measure
from benchmarks.report.tables import table
from benchmarks.rows import Row


def rows_of(name: str, questions: int, strategies: tuple[str, ...] = ()) -> dict[str, list[Row]]:
    """Return the rows by strategy; the waiting is skipped."""
    plan = Plan(evaluations=[load(name)], questions=questions, strategies=strategies)
    return {cell[0].strategy: cell for cell in measure(plan)}


def answers(rows: list[Row]) -> list[str | None]:
    return [row.answer for row in rows]


def test_games_of_24_end_as_tree_of_thoughts() -> None:
    found = rows_of("game24", 2, ("lcc", "lcc-each", "tree-of-thoughts"))
    expected = found.pop("tree-of-thoughts")
    for rows in found.values():
        assert answers(rows) == answers(expected)
        assert [(row.error, row.matches) for row in rows] == [("", row.answer != NO_SOLUTION) for row in rows]
        assert [row.model_calls - theirs.model_calls for row, theirs in zip(rows, expected, strict=True)] == [6, 6]
        assert all(row.limit is not None and row.limit <= row.seconds for row in rows)
    each, literal = (sum(row.plan_tokens for row in found[name]) for name in ("lcc-each", "lcc"))
    assert each < literal / 2


@pytest.mark.parametrize("wishes", [1, pytest.param(3, marks=pytest.mark.slow)])
def test_plans_and_parallel_calls_buy_what_the_exhaustive_search_buys(wishes: int) -> None:
    found = rows_of("webshop", wishes, ("lcc", "lcc-each", "openai-parallel", "exhaustive", "react", "lats"))
    assert len(found) == 6
    assert all(row.answer is not None and row.answer.startswith("buy[") for rows in found.values() for row in rows)
    for name in ("lcc", "lcc-each", "openai-parallel"):
        assert answers(found[name]) == answers(found["exhaustive"])
        assert [row.matches for row in found[name]] == [row.matches for row in found["exhaustive"]]
    assert all(row.matches == (row.score == 1) and 0 <= row.score <= 1 for rows in found.values() for row in rows)
    assert max(row.tool_calls for row in found["react"]) == 4
    assert min(row.model_calls for row in found["exhaustive"]) > max(row.model_calls for row in found["lcc"])


@pytest.mark.slow
def test_answers_depend_neither_on_the_order_nor_on_what_was_asked_before() -> None:
    first = rows_of("game24", 1, ("lcc-each",))["lcc-each"]
    again = rows_of("game24", 2, ("lcc-each",))["lcc-each"]
    assert answers(again[:1]) == answers(first)
    assert [(row.prompt, row.completion) for row in again[:1]] == [(row.prompt, row.completion) for row in first]


def test_games_are_read_from_data_and_wishes_need_none(tmp_path: Path) -> None:
    with pytest.raises(NoData, match="leave out --data"):
        load("game24").questions(tmp_path)
    assert len(load("webshop").questions(tmp_path)) == 100
    folder = tmp_path / "game24"
    folder.mkdir()
    (folder / "instances.json").write_text('{"instances": [{"rank": 901, "numbers": "4 5 6 10"}]}')
    (question,) = load("game24").questions(tmp_path)
    assert question.id == "4 5 6 10"
    assert load("game24").matches(question, "6 * 10 - 4 * 5") is False


def test_a_table_shows_a_score_where_answers_are_partly_right() -> None:
    row = Row(evaluation="webshop", question="q", strategy="rule", answer="buy[B012345678]", score=0.75, seconds=1.0)
    head, line, cells = table([row], "lats").splitlines()
    assert head.count("|") == line.count("|") == cells.count("|")
    assert "| 0/1, score 75.0 |" in cells
    assert "score" not in table([replace(row, score=1.0, matches=True)], "lats")
