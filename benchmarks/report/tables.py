"""Write the tables of an evaluation: one row a strategy, questions paired with the baseline's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import mean, median

from benchmarks.evaluations import load
from benchmarks.intervals import interval, percentile, ratio
from benchmarks.report.overview import overview
from benchmarks.report.plans import plans, streaming
from benchmarks.report.ratios import summary, sweep_table
from benchmarks.rows import Results, Row, by_strategy


def report(results: Results, plots: Sequence[Path], micro: str = "") -> str:
    """Return the whole report in Markdown: what was measured where, ratios, a table for each evaluation, the sweep, the rest."""
    rows = [row for row in results.rows if not row.point]
    swept = [row for row in results.rows if row.point]
    about = {name: value for name, value in results.about.items() if name != "unplayable"}
    parts = ["# Results\n", *(f"- {name}: {value}" for name, value in about.items()), ""]
    parts += unplayable(results.about.get("unplayable", {}))
    parts += [f"![{path.stem}]({path.name})\n" for path in plots]
    parts += ["## All systems\n", overview(rows), ""]
    parts += ["## lcc beside the others\n", summary(rows), ""]
    for name in dict.fromkeys(row.evaluation for row in rows):
        evaluation = load(name)
        mine = [row for row in rows if row.evaluation == name]
        parts += [f"## {evaluation.title}\n", table(mine, evaluation.baseline), "", *failures(mine)]
    parts += ["## Shorter plans\n", plans(rows), "", "## Streaming\n", streaming(rows), ""]
    parts += ["## Dispatch\n", dispatch(rows), ""]
    for name in dict.fromkeys(row.evaluation for row in swept):
        parts += [f"## {load(name).title} over speeds of models and tools\n", sweep_table(swept, name), ""]
    return "\n".join([*parts, micro]).rstrip() + "\n"


def unplayable(found: Mapping[str, Mapping[str, str]]) -> list[str]:
    """Return what to say of records that can't be played: how many, which and why; nothing if there are none."""
    parts = []
    for title, why in found.items():
        parts += [f"{title}: {len(why)} records can't be played, and are in no table:\n"]
        parts += [*(f"- {name}: {reason}" for name, reason in why.items()), ""]
    return parts


def failures(rows: Sequence[Row]) -> list[str]:
    """Return a line for each strategy that gave an error on some question."""
    found = []
    for name, mine in by_strategy(rows).items():
        wrong = [row for row in mine if row.error]
        if wrong:
            found.append(f"{name}: {len(wrong)} errors, the first: {wrong[0].error.splitlines()[0][:200]}\n")
    return found


def dispatch(rows: Sequence[Row]) -> str:
    """Return from when the last token of a call is on the wire until its tool starts, for calls that had nothing else to wait for."""
    lines = ["| strategy | calls | median, ms | p95, ms |", "|---|---|---|---|"]
    for name, mine in by_strategy(rows).items():
        lags = [lag * 1e3 for row in mine for lag in row.lags]
        if lags:
            lines.append(f"| {name} | {len(lags):,} | {median(lags):.2f} | {percentile(lags, 0.95):.2f} |")
    return "\n".join(lines)


def table(rows: Sequence[Row], baseline: str) -> str:
    """Return the table of one evaluation."""
    strategies = by_strategy(rows)
    lines = [
        "| strategy | match | mean s | p50 | p95 | × limit | faster than "
        + baseline
        + " | model calls | prompt | cached"
        " | completion | of the plan | $ per 1,000 | tool calls |",
        "|" + "---|" * 14,
    ]
    for name, mine in strategies.items():
        lines.append("| " + " | ".join(_cells(name, mine, strategies.get(baseline))) + " |")
    return "\n".join(lines)


def _cells(name: str, rows: Sequence[Row], base: Sequence[Row] | None) -> list[str]:
    matched = f"{sum(row.matches for row in rows)}/{len(rows)}"
    if any(row.score not in (0, 1) for row in rows):
        matched += f", score {100 * mean(row.score for row in rows):.1f}"
    rows = [row for row in rows if row.answer is not None]
    if not rows:
        return [name, matched, *([""] * 12)]
    seconds = [row.seconds for row in rows]
    limited = [(row.seconds, row.limit) for row in rows if row.limit]
    return [
        name,
        matched,
        f"{mean(seconds):.2f}",
        f"{median(seconds):.2f}",
        f"{percentile(seconds, 0.95):.2f}",
        f"{mean(one / limit for one, limit in limited):.3f}" if limited else "",
        speedup(rows, base),
        *(f"{mean(getattr(row, field) for row in rows):,.1f}" for field in ("model_calls", "prompt", "cached")),
        f"{mean(row.completion for row in rows):,.1f}",
        f"{mean(row.plan_tokens for row in rows):,.1f}" if any(row.plan_tokens for row in rows) else "",
        _money(rows),
        f"{mean(row.tool_calls for row in rows):.1f}",
    ]


def speedup(rows: Sequence[Row], base: Sequence[Row] | None) -> str:
    """Return how many times faster than the baseline, with its interval; nothing without a baseline."""
    if not base:
        return ""
    theirs = {row.question: row.seconds for row in base if row.answer is not None}
    pairs = [(theirs[row.question], row.seconds) for row in rows if row.question in theirs]
    if not pairs:
        return ""
    low, high = interval(pairs, ratio)
    return f"{ratio(pairs):.2f}× ({low:.2f}–{high:.2f})"


def _money(rows: Sequence[Row]) -> str:
    costs = [row.usd for row in rows if row.usd is not None]
    return f"{mean(costs) * 1000:.3f}" if len(costs) == len(rows) else "unknown"
