"""Draw what systems take beside lcc on the same programs, and what is lost where a call fails once. SVG, by matplotlib."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from benchmarks.programs.main_table import after_fault, ratios_to
from benchmarks.programs.systems import Figures
from benchmarks.report.plots import canvas

TITLES = {
    "pydantic-plain": "Pydantic AI, code mode",
    "pydantic-speculative": "the same, speculative",
    "fastmcp": "FastMCP, code mode",
    "smolagents": "smolagents",
    "langgraph": "LangGraph, parallel calls",
    "openai-agents": "OpenAI Agents, parallel calls",
}
"""Systems that are drawn."""
_PANELS = (("seconds", "time"), ("prompt", "prompt tokens"), ("usd", "money"))
_LCC, _OTHER, _WRITES = "#1b6ca8", "#9aa5b1", "#d1495b"


def draw(rows: Sequence[Figures], writes: set[str], path: Path) -> None:
    """Write the plot. Raises NoMatplotlib."""
    pyplot = canvas()
    names = ["lcc", *(name for name in TITLES if ratios_to(rows, name, "seconds"))]
    figure, axes = pyplot.subplots(1, 4, figsize=(9.6, 3.0), sharey=True, layout="constrained")
    for panel, (field, title) in zip(axes, _PANELS, strict=False):
        _ratios(panel, rows, names, field, title)
    _lost(axes[-1], rows, names, writes)
    axes[0].set_yticks(range(len(names)), ["lcc", *(TITLES[name] for name in names[1:])])
    axes[0].invert_yaxis()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, metadata={"Date": None, "Creator": None})
    pyplot.close(figure)


def _ratios(panel: Any, rows: Sequence[Figures], names: Sequence[str], field: str, title: str) -> None:
    """Draw the median over programs, and between which ratios the middle half of them lies."""
    for line, name in enumerate(names):
        found = list(ratios_to(rows, name, field).values())
        low, _, high = quantiles(found, n=4) if len(found) > 1 else found * 3
        panel.hlines(line, low, high, color=_OTHER, linewidth=2)
        panel.plot(median(found), line, "o", markersize=5, color=_LCC if name == "lcc" else "#30343f")
        panel.text(median(found), line - 0.18, f"{median(found):.1f}×", ha="center", fontsize=8)
    panel.axvline(1, color="#555", linewidth=0.8)
    panel.set_xscale("log", base=2)
    panel.xaxis.set_major_formatter("{x:g}×")
    panel.set_title(f"{title}, to lcc's")
    panel.grid(axis="x", color="#e4e4e4", linewidth=0.6)


def _lost(panel: Any, rows: Sequence[Figures], names: Sequence[str], writes: set[str]) -> None:
    for line, name in enumerate(names):
        lost, twice = after_fault(rows, name, writes)
        panel.barh(line, lost - twice, color=_OTHER)
        panel.barh(line, twice, left=lost - twice, color=_WRITES)
        panel.text(lost, line, f" {lost}", va="center", fontsize=8)
    panel.set_title("lost after one failure")
    panel.set_xlabel("red: writes made twice")
    panel.margins(x=0.2)
