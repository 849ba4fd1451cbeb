"""Write tables of ratios: how much longer, dearer and wordier another strategy is than lcc, beside the physical limit and the paper."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import mean

from benchmarks.evaluations import load
from benchmarks.intervals import interval, ratio
from benchmarks.paper import FIGURES
from benchmarks.rows import Row, by_strategy

OURS = "lcc"
PEERS = ("llama-index-pack", "llmcompiler")
OTHERS = ("react", "openai-parallel", "rewoo", "tree-of-thoughts", "lats", *PEERS)


def summary(rows: Sequence[Row]) -> str:
    """Return the table at one point: a line for each evaluation and strategy that is compared with lcc."""
    lines = [
        "| evaluation | beside | latency | at the limit | paper | prompt tokens | paper | completion tokens | paper | money | paper |",
        "|" + "---|" * 11,
    ]
    for name in dict.fromkeys(row.evaluation for row in rows):
        strategies = by_strategy(row for row in rows if row.evaluation == name)
        for other in OTHERS:
            if paired(strategies.get(other, []), strategies.get(OURS, []), "seconds"):
                cells = _cells(name, other, strategies[other], strategies[OURS])
                lines.append("| " + " | ".join([load(name).title, other, *cells]) + " |")
    return "\n".join(lines)


def _cells(evaluation: str, other: str, theirs: Sequence[Row], ours: Sequence[Row]) -> list[str]:
    pairs = paired(theirs, ours, "seconds")
    low, high = interval(pairs, ratio)
    theirs_said, ours_said = FIGURES.get((evaluation, other)), FIGURES.get((evaluation, OURS))
    cells = [f"{ratio(pairs):.2f}× ({low:.2f}–{high:.2f})", times(ratio(paired(theirs, ours, "seconds", "limit")))]
    cells.append(times(theirs_said.faster) if theirs_said and theirs_said.faster else "")
    for field in ("prompt", "completion"):
        cells.append(times(ratio(paired(theirs, ours, field))))
        said = getattr(theirs_said, field, None), getattr(ours_said, field, None)
        cells.append(times(said[0] / said[1]) if said[0] and said[1] else "")
    cells.append(times(ratio(paired(theirs, ours, "usd"))))
    cells.append(times(theirs_said.cheaper) if theirs_said and theirs_said.cheaper else "")
    return cells


def sweep_table(rows: Sequence[Row], evaluation: str) -> str:
    """Return the latency ratios of one evaluation at every point of a sweep."""
    mine = [row for row in rows if row.evaluation == evaluation]
    others = [one for one in OTHERS if any(row.strategy == one for row in mine)]
    heads = [f"{other}: measured | at the limit" for other in others]
    lines = [
        f"| first token, token, tool (s) | lcc, s | × limit | {' | '.join(heads)} |",
        "|" + "---|" * (3 + 2 * len(others)),
    ]
    for point in dict.fromkeys(row.point for row in mine):
        here = by_strategy(row for row in mine if row.point == point)
        ours = here.get(OURS, [])
        if not ours:
            continue
        cells = [point.replace("/", ", "), f"{mean(row.seconds for row in ours):.2f}"]
        cells.append(f"{mean(row.seconds / row.limit for row in ours if row.limit):.3f}")
        for other in others:
            theirs = here.get(other, [])
            both = paired(theirs, ours, "seconds")
            cells.append(times(ratio(both)) if both else "")
            cells.append(times(ratio(paired(theirs, ours, "seconds", "limit"))) if both else "")
        lines.append("| " + " | ".join(cells) + " |")
    said = [
        f"{other} {times(figure.faster)}"
        for other in others
        if (figure := FIGURES.get((evaluation, other))) and figure.faster
    ]
    return "\n".join([*lines, "", f"The paper, at the speeds of its time: {', '.join(said)}." if said else ""]).rstrip()


def paired(theirs: Sequence[Row], ours: Sequence[Row], field: str, against: str = "") -> list[tuple[float, float]]:
    """Return what another strategy and lcc took, for each question that both answered. `against`: another field of lcc's."""
    known = {row.question: getattr(row, against or field) for row in ours}
    return [(getattr(row, field) or 0.0, known[row.question]) for row in theirs if known.get(row.question) is not None]


def times(value: float) -> str:
    """Return a ratio as people write it."""
    return f"{value:.2f}×" if value < 100 else f"{value:.0f}×"
