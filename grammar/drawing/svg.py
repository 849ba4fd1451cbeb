"""Write a picture as SVG: no font, script or file from elsewhere; light and dark as the reader has it.

What a color says, a line or a word says as well: writes have a thick border and a note, the critical path thick lines, what was added,
removed or changed a sign before it. Every node has its whole label as a title, which viewers show and screen readers read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape as escape_xml
from itertools import pairwise
from typing import Final

from lcc.grammar.diagnostics.terminal import escape, escape_lines
from lcc.grammar.drawing.layout import CHAR, LINE, Box, Layout, Point, cells, lay_out, lines_of, note_of
from lcc.grammar.drawing.marks import nodes_of
from lcc.grammar.drawing.picture import LABELLED, SIGNS, Edge, Frame, Item, Node, Picture

STYLE: Final = """
.lcc-graph { --paper: #ffffff; --ink: #1f2328; --soft: #59636e; --box: #f6f8fa; --line: #818b98; --hot: #bc4c00; --new: #1a7f37; --old: #cf222e; --frame: #00000008; }
@media (prefers-color-scheme: dark) { .lcc-graph { --paper: #0d1117; --ink: #e6edf3; --soft: #9198a1; --box: #161b22; --line: #7d8590; --hot: #f0883e; --new: #3fb950; --old: #ff7b72; --frame: #ffffff0a; } }
.lcc-graph text { font: 12px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; fill: var(--ink); white-space: pre; }
.lcc-graph .paper { fill: var(--paper); }
.lcc-graph .note, .lcc-graph .label { fill: var(--soft); font-size: 11px; }
.lcc-graph .shape { fill: var(--box); stroke: var(--line); }
.lcc-graph .writes > .shape { stroke: var(--ink); stroke-width: 3; }
.lcc-graph .frame { fill: var(--frame); stroke: var(--line); stroke-dasharray: 2 3; }
.lcc-graph .edge { fill: none; stroke: var(--line); stroke-width: 1.2; }
.lcc-graph .order { stroke-dasharray: 6 4; }
.lcc-graph .critical > .shape, .lcc-graph .edge.critical { stroke: var(--hot); stroke-width: 2.6; }
.lcc-graph .added > .shape, .lcc-graph .edge.added { stroke: var(--new); stroke-width: 2; }
.lcc-graph .removed > .shape, .lcc-graph .edge.removed { stroke: var(--old); stroke-width: 2; stroke-dasharray: 2 4; }
.lcc-graph .changed > .shape { stroke: var(--hot); stroke-width: 2; }
.lcc-graph .head { fill: var(--line); }
.lcc-graph a:focus > .shape, .lcc-graph g:focus > .shape { stroke: var(--ink); stroke-width: 3; outline: none; }
"""
"""The rules of a picture, which a page that holds several needs once."""
_LEGEND: Final = {
    "data": "— data",
    "order": "- - order of effects",
    "critical": "thick line: critical path",
    "added": "+ added",
    "removed": "− removed",
    "changed": "± changed",
}


def as_svg(picture: Picture, title: str = "plan", styled: bool = True) -> str:
    """Return a picture as SVG text. `styled`: with its rules; a page that has STYLE leaves them out."""
    layout = lay_out(picture)
    legend = "   ".join(_legend(picture))
    width, height = max(layout.width, cells(legend) * CHAR + 28), layout.height + LINE + 12
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="lcc-graph" role="img" viewBox="0 0 {width:.0f} {height:.0f}" '
        f'width="{width:.0f}" height="{height:.0f}">',
        f"<title>{_text(title)}</title>",
        *([f"<style>{STYLE}</style>"] if styled else []),
        '<defs><marker id="lcc-head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto-start-reverse">'
        '<path class="head" d="M0 0L8 4L0 8z"/></marker></defs>',
        '<rect class="paper" width="100%" height="100%"/>',
        *_frames(picture.items, layout),
        *(_edge(edge, points) for edge, points in layout.routes),
        *(_node(node, layout.boxes[node.name]) for node in nodes_of(picture.items)),
        *(_edge_label(edge, points) for edge, points in layout.routes if edge.kind in LABELLED),
        f'<text class="note" x="14" y="{height - 10:.0f}">{_text(legend)}</text>',
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _text(text: str) -> str:
    return escape_xml(escape(text))


def _legend(picture: Picture) -> Iterator[str]:
    """Yield what the signs mean that the picture has."""
    found = {node.mark for node in nodes_of(picture.items)}
    found |= {sign for edge in picture.edges for sign in (edge.mark, edge.kind)}
    yield from (words for sign, words in _LEGEND.items() if sign in found)


def _frames(items: Iterable[Item], layout: Layout) -> Iterator[str]:
    for item in items:
        if isinstance(item, Frame):
            box = layout.boxes[item.name]
            yield f'<rect class="frame" {_rectangle(box)} rx="8"/>'
            yield f'<text class="label" x="{box.x + 10:.1f}" y="{box.y + LINE:.1f}">{_text(item.label)}</text>'
            yield from _frames(item.inside, layout)


def _rectangle(box: Box) -> str:
    return f'x="{box.x:.1f}" y="{box.y:.1f}" width="{box.width:.1f}" height="{box.height:.1f}"'


def _node(node: Node, box: Box) -> str:
    classes = " ".join(filter(None, ("node", node.kind, node.mark, "writes" if node.writes else "")))
    lines = lines_of(SIGNS[node.mark] + node.label)
    y = box.y + 6 + LINE * 0.75
    texts = [
        f'<text x="{box.middle:.1f}" y="{y + LINE * at:.1f}" text-anchor="middle">{_text(line)}</text>'
        for at, line in enumerate(lines)
    ]
    if note := note_of(node):
        texts.append(
            f'<text class="note" x="{box.middle:.1f}" y="{y + LINE * len(lines):.1f}" text-anchor="middle">{_text(note)}</text>'
        )
    title = "\n".join(filter(None, (node.label, note)))
    return f'<g class="{classes}" id="lcc-{_text(node.name)}"><title>{escape_xml(escape_lines(title))}</title>{_shape(node, box)}{"".join(texts)}</g>'


def _shape(node: Node, box: Box) -> str:
    x, y, right, low = box.x, box.y, box.x + box.width, box.y + box.height
    match node.kind:
        case "input":
            points = f"{x + 10:.1f},{y:.1f} {right:.1f},{y:.1f} {right - 10:.1f},{low:.1f} {x:.1f},{low:.1f}"
            return f'<polygon class="shape" points="{points}"/>'
        case "test":
            half = (y + low) / 2
            points = f"{x:.1f},{half:.1f} {x + 12:.1f},{y:.1f} {right - 12:.1f},{y:.1f} {right:.1f},{half:.1f} {right - 12:.1f},{low:.1f} {x + 12:.1f},{low:.1f}"
            return f'<polygon class="shape" points="{points}"/>'
        case "fan-out":
            behind = Box(box.width, box.height, box.x + 4, box.y + 4)
            return f'<rect class="shape" {_rectangle(behind)} rx="3"/><rect class="shape" {_rectangle(box)} rx="3"/>'
        case _:
            round_ = {"value": box.height / 2, "end": 10.0}.get(node.kind, 3.0)
            return f'<rect class="shape" {_rectangle(box)} rx="{round_:.1f}"/>'


def _edge(edge: Edge, points: list[Point]) -> str:
    classes = " ".join(filter(None, ("edge", edge.kind.replace(" ", "-"), edge.mark)))
    ends = f'data-from="lcc-{_text(edge.source)}" data-to="lcc-{_text(edge.target)}"'
    return f'<path class="{classes}" {ends} d="{_curve(points)}" marker-end="url(#lcc-head)"/>'


def _curve(points: list[Point]) -> str:
    """Return a smooth line through points. One that leads upwards goes around on the right."""
    (x, y), (end_x, end_y) = points[0], points[-1]
    if end_y <= y:
        side = max(x, end_x) + 90 + abs(y - end_y) / 6
        return f"M{x:.1f} {y:.1f}C{side:.1f} {y + 40:.1f} {side:.1f} {end_y - 40:.1f} {end_x:.1f} {end_y:.1f}"
    parts = [f"M{x:.1f} {y:.1f}"]
    for (x0, y0), (x1, y1) in pairwise(points):
        half = (y0 + y1) / 2
        parts.append(f"C{x0:.1f} {half:.1f} {x1:.1f} {half:.1f} {x1:.1f} {y1:.1f}")
    return "".join(parts)


def _edge_label(edge: Edge, points: list[Point]) -> str:
    (x, y), (next_x, next_y) = points[0], points[1]
    if next_y <= y:
        at = max(x, next_x) + 66 + abs(y - next_y) / 8, (y + next_y) / 2
    else:
        at = x + (next_x - x) * 0.5 + 5, y + (next_y - y) * 0.5 + 3
    return f'<text class="label" x="{at[0]:.1f}" y="{at[1]:.1f}">{_text(edge.kind)}</text>'
