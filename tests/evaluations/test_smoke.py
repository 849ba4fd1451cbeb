"""The whole harness on the samples: every strategy that plays from records gives the recorded answer. No time is asserted."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.command import main
from benchmarks.rows import read


def test_a_smoke_run_answers_every_question_by_every_strategy(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", "--smoke", "--questions", "1", "--out", str(tmp_path)]) == 0
    rows = read(tmp_path / "rows.jsonl").rows
    assert {row.evaluation for row in rows} >= {"hotpotqa", "movie", "parallelqa", "game24", "webshop"}
    assert {row.strategy for row in rows} >= {"lcc", "lcc-plan-first", "lcc-short"}
    sure = [row for row in rows if row.evaluation != "webshop"]  # there, nobody buys the right thing every time
    assert [(row.evaluation, row.strategy, row.question, row.error) for row in sure if not row.matches] == []
    assert [(row.strategy, row.error) for row in rows if row.error or not row.answer] == []
    assert all(row.prompt > 0 and row.completion > 0 for row in rows if row.strategy != "rule")
    assert all(row.seconds >= row.limit for row in rows if row.limit is not None)
    assert "## ParallelQA" in capsys.readouterr().out
