"""Hold what was measured for one question by one strategy, and keep it as a line of JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One question. `score`: what the answer is worth, 0 to 1. Times in seconds, money in USD (None: the model's price isn't known).

    `point`: the speeds of model and tools. `limit`: the physical limit, None where it doesn't apply. `lags`: from a call's last token to its
    tool's start. `plan_tokens`: what the planner wrote. `bound`, `makespan`: of the tools of all rounds. `error`: why there is no answer.
    """

    evaluation: str
    question: str
    strategy: str
    point: str = ""
    seconds: float = 0.0
    limit: float | None = None
    matches: bool = False
    score: float = 0.0
    answer: str | None = None
    error: str = ""
    model_calls: int = 0
    joiner_calls: int = 0
    prompt: int = 0
    cached: int = 0
    completion: int = 0
    usd: float | None = None
    tool_calls: int = 0
    plan_tokens: int = 0
    branch: int = 0
    bound: float = 0.0
    makespan: float = 0.0
    lags: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Results:
    """Rows, and under which circumstances they were measured: commit, machine, clock, tokens, pace."""

    about: dict[str, Any]
    rows: Sequence[Row]


def write(path: Path, results: Results) -> None:
    """Write results: a line about them, then a line for each row."""
    lines = [{"about": results.about}, *map(_plain, results.rows)]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")


def read(path: Path) -> Results:
    """Read results; raise ValueError for what isn't."""
    try:
        first, *rest = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        return Results(first["about"], [Row(**line) for line in rest])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path} holds no results: {error}") from None


def _plain(row: Row) -> dict[str, Any]:
    values = asdict(row)
    for name in ("seconds", "limit", "bound", "makespan"):
        values[name] = None if values[name] is None else round(values[name], 6)
    values["lags"] = [round(one, 7) for one in values["lags"]]
    return values


def by_strategy(rows: Iterable[Row]) -> dict[str, list[Row]]:
    """Return rows by strategy, in the order of first appearance."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row.strategy, []).append(row)
    return found
