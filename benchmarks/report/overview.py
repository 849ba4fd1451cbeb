"""Write the main table: each system on each evaluation, as time over the physical limit, prompt tokens and money."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import mean

from benchmarks.evaluations import load
from benchmarks.intervals import ratio
from benchmarks.report.ratios import OTHERS, OURS, paired
from benchmarks.rows import Row

SYSTEMS = {
    OURS: "lcc, plans of calls",
    "lcc-answer": "lcc, plans with `answer`",
    "lcc-steps-answer": "lcc, steps with `answer`",
    "lcc-steps": "lcc, steps",
    "lcc-python-answer": "lcc, programs with `answer`",
    "lcc-python": "lcc, programs",
    "lcc-python-no-examples": "lcc, programs with `answer`, no examples",
    **{name: name for name in OTHERS},
}


def overview(rows: Sequence[Row]) -> str:
    """Return the table. Time is over the physical limit of lcc's plan for the same question."""
    names = list(dict.fromkeys(row.evaluation for row in rows))
    lines = [f"| × limit · prompt tokens · $ per 1,000 | {' | '.join(load(name).title for name in names)} |"]
    lines.append("|" + "---|" * (1 + len(names)))
    for system, title in SYSTEMS.items():
        cells = [_cell(rows, name, system) for name in names]
        if any(cells):
            lines.append(f"| {title} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _cell(rows: Sequence[Row], evaluation: str, system: str) -> str:
    mine = [r for r in rows if (r.evaluation, r.strategy) == (evaluation, system) and r.answer is not None]
    ours = [r for r in rows if (r.evaluation, r.strategy) == (evaluation, OURS) and r.limit]
    pairs = paired(mine, ours, "seconds", "limit")
    if not pairs:
        return ""
    money = [row.usd for row in mine if row.usd is not None]
    dollars = f"{mean(money) * 1000:.2f}" if len(money) == len(mine) else "unknown"
    return f"{ratio(pairs):.2f} · {mean(row.prompt for row in mine):,.0f} · {dollars}"
