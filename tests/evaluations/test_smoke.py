"""The whole harness on the samples: every strategy that plays from records gives the recorded answer. No time is asserted."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.command import main
from benchmarks.rows import read
from benchmarks.strategies import STRATEGIES

SOME = ["lcc", "lcc-each", "lcc-O3", "react", "openai-parallel", "rewoo"]


# The other evaluations: test_games_in_the_harness.
@pytest.mark.parametrize(
    ("names", "strategies"),
    [
        (["parallelqa"], SOME),
        pytest.param(["hotpotqa", "movie", "parallelqa"], list(STRATEGIES), marks=pytest.mark.slow),
    ],
    ids=["some", "all"],
)
def test_a_smoke_run_answers_every_question_by_every_strategy(
    names: list[str], strategies: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chosen = [] if strategies == list(STRATEGIES) else ["--strategies", *strategies]
    assert main(["run", "--smoke", "--questions", "1", "--evaluations", *names, *chosen, "--out", str(tmp_path)]) == 0
    rows = read(tmp_path / "rows.jsonl").rows
    assert {row.evaluation for row in rows} == set(names)
    assert {row.strategy for row in rows} >= {*strategies}
    assert [(row.evaluation, row.strategy, row.question, row.error) for row in rows if not row.matches] == []
    assert all(row.prompt > 0 and row.completion > 0 for row in rows)
    assert all(row.seconds >= row.limit for row in rows if row.limit is not None)
    assert "## ParallelQA" in capsys.readouterr().out
