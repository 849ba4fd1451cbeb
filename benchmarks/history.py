"""Keep what a run came to: one line of JSON a run, with commit and machine, in benchmarks/history.jsonl."""

from __future__ import annotations

import json
from pathlib import Path
from statistics import mean
from typing import Any

from benchmarks.rows import Results, Row

HISTORY = Path(__file__).with_name("history.jsonl")


def summary(results: Results) -> dict[str, Any]:
    """Return a line of the history: what the results are about, and the means of each evaluation and strategy."""
    cells: dict[tuple[str, str], list[Row]] = {}
    for row in results.rows:
        if not row.point:
            cells.setdefault((row.evaluation, row.strategy), []).append(row)
    return {"about": results.about, "means": [_means(*key, rows) for key, rows in cells.items()]}


def append(path: Path, results: Results) -> None:
    """Add a line for the results."""
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(summary(results), ensure_ascii=False) + "\n")


def means(results: Results) -> Results:
    """Return results as the history has them: one row for each evaluation and strategy."""
    line = summary(results)
    return Results(line["about"], [_row(one) for one in line["means"]])


def lookup(path: Path, commit: str) -> Results:
    """Return the last line of a commit, as results with one row a cell; raise ValueError if there is none."""
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.is_file() else []
    for line in reversed(lines):
        if str(line["about"].get("commit", "")).startswith(commit):
            return Results(line["about"], [_row(one) for one in line["means"]])
    raise ValueError(f"{commit!r} is neither a folder of results nor a commit in {path}")


def _means(evaluation: str, strategy: str, rows: list[Row]) -> dict[str, Any]:
    limits = [row.seconds / row.limit for row in rows if row.limit]
    found: dict[str, Any] = {
        "evaluation": evaluation,
        "strategy": strategy,
        "questions": len(rows),
        "matches": sum(row.matches for row in rows),
    }
    for name in ("seconds", "model_calls", "prompt", "cached", "completion", "tool_calls"):
        found[name] = round(mean(getattr(row, name) for row in rows), 4)
    return found | {"to_limit": round(mean(limits), 4) if limits else None}


def _row(one: dict[str, Any]) -> Row:
    return Row(
        evaluation=one["evaluation"],
        question=f"mean of {one['questions']}",
        strategy=one["strategy"],
        seconds=one["seconds"],
        matches=one["matches"] == one["questions"],
        prompt=one["prompt"],
        completion=one["completion"],
    )
