"""Draw the flowcharts of the pages with lcc's own pictures, so that no page needs a script from elsewhere.

What is read of Mermaid is what the pages use: chains of `a[label] -->|words| b`, dashed `-.->`, and `subgraph`. Anything else is an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from graphlib import TopologicalSorter

from lcc.grammar.drawing.picture import Edge, Frame, Item, Node, Picture
from lcc.grammar.drawing.svg import as_svg

_NODE = r"(\w+)(?:\[\"?([^\]\"]+)\"?\])?"
_STEP = re.compile(rf"\s*(-\.->|-->)(?:\|([^|]+)\|)?\s*{_NODE}")


@dataclass
class _Chart:
    labels: dict[str, str] = field(default_factory=dict)
    homes: dict[str, str] = field(default_factory=dict)
    frames: list[str] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)

    def add(self, name: str, label: str | None, frame: str) -> None:
        if name in self.frames:
            return
        self.homes.setdefault(name, frame)
        self.labels[name] = label or self.labels.get(name, name)

    def items(self, frame: str = "") -> Iterator[Item]:
        """Yield what a frame holds, or what none does: first what arrows lead from."""
        order = TopologicalSorter[str]()
        for edge in self.edges:
            order.add(edge.target, edge.source)
        for name in order.static_order():
            if name in self.frames and not frame:
                yield Frame(name, name, tuple(self.items(name)))
            elif name not in self.frames and self.homes[name] == frame:
                yield Node(name, "value" if name.startswith("_") else "call", self.labels[name])


def svg_of(chart: str) -> str:
    """Return a Mermaid flowchart as SVG; raise ValueError for a line that isn't read."""
    read = _Chart()
    read.frames = re.findall(r"(?m)^\s*subgraph (\w+)$", chart)
    frame = ""
    for line in filter(None, map(str.strip, chart.splitlines()[1:])):
        if line.startswith("subgraph "):
            frame = line.removeprefix("subgraph ")
        elif line == "end":
            frame = ""
        else:
            _read_chain(line, frame, read)
    return as_svg(Picture(tuple(read.items()), tuple(read.edges)), "diagram")


def _read_chain(line: str, frame: str, chart: _Chart) -> None:
    first = re.match(_NODE, line)
    if first is None:
        raise ValueError(f"a flowchart has a line that isn't drawn: {line}")
    last, at = first[1], first.end()
    chart.add(last, first[2], frame)
    while at < len(line):
        step = _STEP.match(line, at)
        if step is None:
            raise ValueError(f"a flowchart has a line that isn't drawn: {line}")
        arrow, words, name, label = step.groups()
        chart.add(name, label, frame)
        kind = "dotted" if arrow == "-.->" else "flow"
        if words:
            between = f"_{len(chart.labels)}"
            chart.add(between, words, frame)
            chart.edges.append(Edge(last, between, kind))
            last = between
        chart.edges.append(Edge(last, name, kind))
        last, at = name, step.end()
