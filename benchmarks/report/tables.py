"""Write the tables of an evaluation: one row a strategy, questions paired with the baseline's."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import mean, median

from benchmarks.evaluations import load
from benchmarks.intervals import interval, percentile, ratio
from benchmarks.rows import Results, Row, by_strategy


def main_tables(results: Results) -> str:
    """Return a section of Markdown for each evaluation."""
    parts = ["# Results\n", *(f"- {name}: {value}" for name, value in results.about.items()), ""]
    for name in dict.fromkeys(row.evaluation for row in results.rows):
        evaluation = load(name)
        rows = [row for row in results.rows if row.evaluation == name]
        parts += [f"## {evaluation.title}\n", table(rows, evaluation.baseline), ""]
    return "\n".join(parts)


def table(rows: Sequence[Row], baseline: str) -> str:
    """Return the table of one evaluation."""
    strategies = by_strategy(rows)
    lines = [
        "| strategy | match | mean s | p50 | p95 | × limit | faster than "
        + baseline
        + " | model calls | prompt | cached"
        " | completion | $ per 1,000 | tool calls |",
        "|" + "---|" * 13,
    ]
    for name, mine in strategies.items():
        lines.append("| " + " | ".join(_cells(name, mine, strategies.get(baseline))) + " |")
    return "\n".join(lines)


def _cells(name: str, rows: Sequence[Row], base: Sequence[Row] | None) -> list[str]:
    seconds = [row.seconds for row in rows]
    limited = [(row.seconds, row.limit) for row in rows if row.limit]
    return [
        name,
        f"{sum(row.matches for row in rows)}/{len(rows)}",
        f"{mean(seconds):.2f}",
        f"{median(seconds):.2f}",
        f"{percentile(seconds, 0.95):.2f}",
        f"{mean(one / limit for one, limit in limited):.3f}" if limited else "",
        speedup(rows, base),
        *(f"{mean(getattr(row, field) for row in rows):,.1f}" for field in ("model_calls", "prompt", "cached")),
        f"{mean(row.completion for row in rows):,.1f}",
        _money(rows),
        f"{mean(row.tool_calls for row in rows):.1f}",
    ]


def speedup(rows: Sequence[Row], base: Sequence[Row] | None) -> str:
    """Return how many times faster than the baseline, with its interval; nothing without a baseline."""
    if not base:
        return ""
    theirs = {row.question: row.seconds for row in base}
    pairs = [(theirs[row.question], row.seconds) for row in rows if row.question in theirs]
    low, high = interval(pairs, ratio)
    return f"{ratio(pairs):.2f}× ({low:.2f}–{high:.2f})"


def _money(rows: Sequence[Row]) -> str:
    costs = [row.usd for row in rows if row.usd is not None]
    return f"{mean(costs) * 1000:.3f}" if len(costs) == len(rows) else "unknown"
