"""Draw the plots: latency per strategy, speedup against branching, makespan against its bound, cost. SVG, by matplotlib."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from statistics import mean
from typing import Any

from benchmarks.evaluations import load
from benchmarks.intervals import interval, ratio
from benchmarks.report.ratios import OTHERS, paired
from benchmarks.rows import Row, by_strategy

SHOWN = ("lcc-short", "lcc", "lcc-plan-first", *OTHERS)
"""In plots; the tables have all strategies."""
_COLOURS = ("#1b6ca8", "#4c9f70", "#9aa5b1", "#d1495b", "#edae49", "#8d6a9f", "#66462c", "#30343f")


LOGARITHMIC = 10
"""An axis of bars is logarithmic where the tallest is more than so many times the shortest."""


class NoMatplotlib(Exception):
    """Plots can't be drawn. The message says what to install."""


def draw(rows: Sequence[Row], folder: Path) -> list[Path]:
    """Write the plots that the rows allow into a folder; return their files. Raises NoMatplotlib."""
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
    folder.mkdir(parents=True, exist_ok=True)
    found = []
    for name, plot in (("latency", _latency), ("speedup", _speedup), ("makespan", _makespan), ("cost", _cost)):
        figure, axes = pyplot.subplots(figsize=(7.2, 3.4), layout="constrained")
        if plot(axes, rows):
            path = folder / f"{name}.svg"
            figure.savefig(path, metadata={"Date": None, "Creator": None})
            found.append(path)
        pyplot.close(figure)
    return found


def _colour(strategy: str) -> str:
    return _COLOURS[SHOWN.index(strategy) % len(_COLOURS)]


def _latency(axes: Any, rows: Sequence[Row]) -> bool:
    axes.set_ylabel("seconds, mean and 95 % interval")
    axes.set_title("From the question to the answer")
    return _bars(axes, rows, "seconds", 1.0)


def _cost(axes: Any, rows: Sequence[Row]) -> bool:
    axes.set_ylabel("USD for 1,000 questions")
    axes.set_title("Cost of the model calls")
    return _bars(axes, [row for row in rows if row.usd is not None], "usd", 1_000.0)


def _bars(axes: Any, rows: Sequence[Row], field: str, scale: float) -> bool:
    """Draw a group of bars for each evaluation; a logarithmic axis where one value dwarfs another."""
    evaluations = list(dict.fromkeys(row.evaluation for row in rows))
    strategies = [name for name in SHOWN if any(row.strategy == name for row in rows)]
    width = 0.8 / max(1, len(strategies))
    heights: list[float] = []
    for place, strategy in enumerate(strategies):
        at, tall, errors = [], [], []
        for group, evaluation in enumerate(evaluations):
            values = [getattr(r, field) * scale for r in rows if (r.evaluation, r.strategy) == (evaluation, strategy)]
            if values:
                low, high = interval(values, mean)
                at.append(group + (place - (len(strategies) - 1) / 2) * width)
                tall.append(mean(values))
                errors.append((max(0.0, mean(values) - low), max(0.0, high - mean(values))))
        heights += tall
        colour = _colour(strategy)
        axes.bar(
            at, tall, width * 0.92, yerr=list(zip(*errors, strict=True)), label=strategy, color=colour, ecolor="#555"
        )
    if not heights:
        return False
    axes.set_xticks(range(len(evaluations)), [load(name).title.replace(" ", "\n", 1) for name in evaluations])
    axes.legend(frameon=False, fontsize=8, loc="center left", bbox_to_anchor=(1.0, 0.5))
    if min(heights) > 0 and max(heights) > LOGARITHMIC * min(heights):
        axes.set_yscale("log")
        axes.yaxis.set_major_formatter("{x:g}")
        axes.yaxis.set_minor_formatter("{x:g}")
    return True


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
        axes.legend(frameon=False, fontsize=8)
    return drawn


def _makespan(axes: Any, rows: Sequence[Row]) -> bool:
    rows = [row for row in rows if row.strategy == "lcc" and row.bound]
    axes.set_xlabel("lower bound of the tools' makespan, s")
    axes.set_ylabel("measured, s")
    axes.set_title("Makespan of the tools against its bound, lcc streaming")
    for place, name in enumerate(dict.fromkeys(row.evaluation for row in rows)):
        mine = [row for row in rows if row.evaluation == name]
        label = load(name).title
        axes.scatter([r.bound for r in mine], [r.makespan for r in mine], s=9, label=label, color=_COLOURS[place])
    if rows:
        top = max(row.bound for row in rows)
        axes.plot([0, top], [0, top], color="#999", linewidth=0.8)
        axes.legend(frameon=False, fontsize=8)
    return bool(rows)
