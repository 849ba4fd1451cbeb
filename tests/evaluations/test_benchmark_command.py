"""`python -m benchmarks`: what it writes, compares, refuses. No time is asserted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.command import main
from benchmarks.history import append, lookup
from benchmarks.intervals import interval, percentile, ratio
from benchmarks.report.compare import compare
from benchmarks.report.plots import draw
from benchmarks.report.tables import report
from benchmarks.rows import Results, Row, read, write


def row(strategy: str, question: str, seconds: float, **more: object) -> Row:
    given = {"matches": True, "answer": "a", "prompt": 100, "completion": 10, "usd": 0.001, "model_calls": 2} | more
    return Row(evaluation="parallelqa", strategy=strategy, question=question, seconds=seconds, **given)  # type: ignore[arg-type]


def results(speed: float = 1.0) -> Results:
    rows = []
    for place in range(8):
        more = {"branch": 2 + place % 3, "limit": 1.0 * speed, "bound": 0.5, "makespan": 0.51, "lags": [0.001]}
        rows.append(row("lcc", str(place), (1.01 + place / 100) * speed, **more))
        rows.append(row("react", str(place), 3.0 + place / 10, prompt=400, branch=2 + place % 3))
    return Results({"commit": "abc123", "machine": "2 cores", "clock": "skipped"}, rows)


def test_rows_are_kept_as_they_were(tmp_path: Path) -> None:
    write(tmp_path / "rows.jsonl", results())
    assert read(tmp_path / "rows.jsonl") == results()


def test_what_holds_no_results_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "rows.jsonl").write_text("{}\n")
    assert main(["report", str(tmp_path)]) == 1
    assert "holds no results" in capsys.readouterr().err


def test_the_report_sets_lcc_beside_the_limit_and_the_paper() -> None:
    text = report(results(), [])
    assert "| ParallelQA | react | 3.21× " in text
    assert "2.15×" in text  # the paper's
    assert "| lcc | 8/8 | 1.04 |" in text
    assert "| lcc | 8 | 1.00 | 1.00 |" in text  # dispatch, in milliseconds


def test_a_strategy_without_an_answer_has_no_times() -> None:
    failed = [row("rewoo", str(k), 0.0, answer=None, matches=False, error="boom") for k in range(3)]
    text = report(Results({}, [*results().rows, *failed]), [])
    assert "| rewoo | 0/3 |  |" in text
    assert "rewoo: 3 errors, the first: boom" in text


def test_runs_are_put_into_one_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    swept = Results(
        {}, [row("lcc", "1", 1.0, point="0.1/0.005/0.1", limit=0.99), row("react", "1", 2.0, point="0.1/0.005/0.1")]
    )
    write(tmp_path / "a" / "rows.jsonl", results())
    write(tmp_path / "b" / "rows.jsonl", swept)
    assert main(["report", str(tmp_path / "a"), str(tmp_path / "b"), "--out", str(tmp_path / "c")]) == 0
    assert "| 0.1, 0.005, 0.1 | 1.00 | 1.010 | 2.00× | 2.02× |" in capsys.readouterr().out
    assert (tmp_path / "c" / "report.md").is_file()


def test_plots_are_drawn_of_what_there_is(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    found = draw(results().rows, tmp_path)
    assert [path.name for path in found] == ["beside.svg", "limit.svg", "speedup.svg"]
    assert all("<svg" in path.read_text() for path in found)
    assert draw([], tmp_path / "none") == []


def test_a_comparison_tells_changes_from_chance() -> None:
    text = compare(results(), results(2.0))
    assert "+100.0 % (+100.0 to +100.0) !" in text
    same = compare(results(), results())
    assert "+0.0 % (+0.0 to +0.0) |" in same
    assert "!" not in same


def test_a_comparison_says_what_it_left_out() -> None:
    fewer = Results({}, list(results().rows)[:-2])
    assert "2 rows have no counterpart" in compare(results(), fewer)


def test_a_commit_in_the_history_can_be_compared(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    history = tmp_path / "history.jsonl"
    append(history, results())
    append(history, Results({"commit": "def456"}, results(2.0).rows))
    assert lookup(history, "abc").about["commit"] == "abc123"
    assert main(["compare", "abc123", "def456", "--history", str(history)]) == 0
    assert "1.045 → 2.090" in capsys.readouterr().out
    assert main(["compare", "abc123", "nothing", "--history", str(history)]) == 1
    assert "neither a folder of results nor a commit" in capsys.readouterr().err


def test_each_line_of_the_history_says_the_commit_and_the_machine(tmp_path: Path) -> None:
    history = tmp_path / "history.jsonl"
    append(history, results())
    (line,) = [json.loads(line) for line in history.read_text().splitlines()]
    assert line["about"]["commit"] == "abc123"
    assert line["about"]["machine"] == "2 cores"
    assert {one["strategy"] for one in line["means"]} == {"lcc", "react"}


@pytest.mark.parametrize(
    "wrong",
    [
        ["run", "--questions", "0"],
        ["run", "--token", "-1"],
        ["run", "--token", "fast"],
        ["run", "--evaluations", "chess"],
        ["fly"],
    ],
)
def test_wrong_arguments_are_refused(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(wrong)
    assert stop.value.code == 2
    assert "error:" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (["run", "--base-url", "http://localhost:1/v1"], "both --base-url and --model"),
        (["run", "--strategies", "lccc"], "no strategy 'lccc'"),
        (["run", "--data", "/nowhere"], "there are no records of HotpotQA comparison at /nowhere"),
    ],
)
def test_what_cant_be_run_says_why(
    wrong: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*wrong, "--out", str(tmp_path)]) == 1
    assert said in capsys.readouterr().err


def test_an_endpoint_that_isnt_there_is_an_error_of_each_question(tmp_path: Path) -> None:
    url = "http://127.0.0.1:9/v1"
    given = ["--evaluations", "hotpotqa", "--strategies", "lcc", "--questions", "1", "--out", str(tmp_path)]
    assert main(["run", "--base-url", url, "--model", "m", *given]) == 0
    (one,) = read(tmp_path / "rows.jsonl").rows
    assert "can't reach" in one.error
    assert one.answer is None


def test_a_percentile_is_interpolated() -> None:
    assert percentile([1.0, 2.0, 3.0, 4.0], 0.5) == 2.5
    assert percentile([5.0], 0.95) == 5.0


def test_an_interval_holds_the_figure_and_is_the_same_each_time() -> None:
    pairs = [(2.0 + k / 10, 1.0) for k in range(10)]
    low, high = interval(pairs, ratio)
    assert low < ratio(pairs) < high
    assert (low, high) == interval(pairs, ratio)
