"""Draw the plots: strategies beside lcc, lcc beside the physical limit, speedup against branching. SVG, by matplotlib."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from statistics import mean
from typing import Any

from benchmarks.evaluations import load
from benchmarks.intervals import interval, ratio
from benchmarks.report.ratios import OTHERS, OURS, paired
from benchmarks.rows import Row, by_strategy

SHOWN = ("lcc", "lcc-short", "lcc-python-answer", "lcc-plan-first", *OTHERS)
"""In plots; the tables have all strategies."""
PANELS = (("seconds", "time"), ("prompt", "prompt tokens"), ("usd", "money"))
"""Fields of rows that are compared, and how they are called."""
_COLOURS = (
    "#1b6ca8",
    "#4c9f70",
    "#17a2b8",
    "#9aa5b1",
    "#d1495b",
    "#edae49",
    "#8d6a9f",
    "#66462c",
    "#30343f",
    "#b5651d",
    "#777",
)


class NoMatplotlib(Exception):
    """Plots can't be drawn. The message says what to install."""


def canvas() -> Any:
    """Return what draws SVG whose texts are texts. Raises NoMatplotlib."""
    try:
        import matplotlib

        matplotlib.use("svg")
        from matplotlib import pyplot
    except ImportError:
        raise NoMatplotlib('there are no plots without matplotlib: pip install "lcc-toolchain[bench]"') from None
    matplotlib.rcParams.update(
        {"svg.fonttype": "none", "svg.hashsalt": "lcc", "font.size": 9, "axes.spines.top": False}
    )
    matplotlib.rcParams["axes.spines.right"] = False
    return pyplot


def draw(rows: Sequence[Row], folder: Path) -> list[Path]:
    """Write the plots that the rows allow into a folder; return their files. Raises NoMatplotlib."""
    pyplot = canvas()
    folder.mkdir(parents=True, exist_ok=True)
    found = []
    for name, plot in (("beside", _beside), ("limit", _limit), ("speedup", _speedup)):
        panels = len(PANELS) if plot is _beside else 1
        figure, axes = pyplot.subplots(
            1, panels, figsize=(9.6 if panels > 1 else 7.2, 3.4), sharey=True, layout="constrained"
        )
        if plot(axes, rows):
            path = folder / f"{name}.svg"
            figure.savefig(path, metadata={"Date": None, "Creator": None})
            found.append(path)
        pyplot.close(figure)
    return found


def _colour(strategy: str) -> str:
    return _COLOURS[SHOWN.index(strategy) % len(_COLOURS)]


def _beside(axes: Sequence[Any], rows: Sequence[Row]) -> bool:
    """Draw what each strategy takes, as multiples of what lcc takes on the same questions: a panel for each of time, tokens and money."""
    evaluations = [name for name in dict.fromkeys(row.evaluation for row in rows) if _of(rows, name, OURS)]
    strategies = [name for name in SHOWN if name != OURS and any(row.strategy == name for row in rows)]
    if not evaluations or not strategies:
        return False
    for panel, (field, title) in zip(axes, PANELS, strict=True):
        for place, strategy in enumerate(strategies):
            at, values, ranges = [], [], []
            for line, evaluation in enumerate(evaluations):
                pairs = paired(_of(rows, evaluation, strategy), _of(rows, evaluation, OURS), field)
                if pairs and all(ours for _, ours in pairs):
                    low, high = interval(pairs, ratio)
                    at.append(line + 0.7 * ((place + 0.5) / len(strategies) - 0.5))
                    values.append(ratio(pairs))
                    ranges.append((low, high))
            panel.hlines(
                at, [low for low, _ in ranges], [high for _, high in ranges], color=_colour(strategy), linewidth=1
            )
            panel.plot(values, at, "o", markersize=4, label=strategy, color=_colour(strategy))
        panel.axvline(1, color="#555", linewidth=0.8)
        panel.set_xscale("log", base=2)
        panel.xaxis.set_major_formatter("{x:g}×")
        panel.set_title(f"{title}, to lcc's")
        panel.grid(axis="x", color="#e4e4e4", linewidth=0.6)
    axes[0].set_yticks(range(len(evaluations)), [load(name).title for name in evaluations])
    axes[0].invert_yaxis()
    axes[-1].legend(frameon=False, fontsize=8, loc="center left", bbox_to_anchor=(1.0, 0.5))
    return True


def _of(rows: Sequence[Row], evaluation: str, strategy: str) -> list[Row]:
    return [r for r in rows if (r.evaluation, r.strategy) == (evaluation, strategy) and r.answer is not None]


def _limit(axes: Any, rows: Sequence[Row]) -> bool:
    """Draw how far above the physical limit each question is, in percent."""
    rows = [row for row in rows if row.strategy == OURS and row.limit]
    evaluations = list(dict.fromkeys(row.evaluation for row in rows))
    for line, name in enumerate(evaluations):
        over = sorted(100 * (row.seconds / row.limit - 1) for row in rows if row.evaluation == name and row.limit)
        spread = [line + 0.5 * ((place + 0.5) / len(over) - 0.5) for place in range(len(over))]
        axes.plot(over, spread, "o", markersize=3, color=_COLOURS[0], alpha=0.6)
        axes.text(max(over), line, f"  mean {mean(over):.2f} %", va="center", fontsize=8)
    axes.set_yticks(range(len(evaluations)), [load(name).title for name in evaluations])
    axes.invert_yaxis()
    axes.set_xlim(left=0)
    axes.margins(x=0.2)
    axes.set_xlabel("percent above the physical limit, a dot for each question")
    axes.set_title("What lcc adds to the physical limit")
    return bool(rows)


def _speedup(axes: Any, rows: Sequence[Row]) -> bool:
    rows = [row for row in rows if row.branch]
    axes.set_xlabel("independent branches of the question")
    axes.set_ylabel("times as fast as ReAct")
    axes.set_title("Speedup against branching, ParallelQA")
    react = [row for row in rows if row.strategy == "react"]
    drawn = False
    for name, mine in by_strategy(rows).items():
        if name not in SHOWN or name == "react" or not react:
            continue
        branches = sorted({row.branch for row in mine})
        pairs = [
            paired([r for r in react if r.branch == b], [r for r in mine if r.branch == b], "seconds") for b in branches
        ]
        axes.plot(branches, [ratio(one) for one in pairs], marker="o", label=name, color=_colour(name))
        ranges = [interval(one, ratio) for one in pairs]
        low, high = [one for one, _ in ranges], [one for _, one in ranges]
        axes.fill_between(branches, low, high, alpha=0.15, linewidth=0, color=_colour(name))
        axes.set_xticks(branches)
        drawn = True
    if drawn:
        axes.legend(frameon=False, fontsize=8, loc="center left", bbox_to_anchor=(1.0, 0.5))
    return drawn
