"""Write nodes, edges and frames as a Mermaid flowchart or a Graphviz digraph.

Data flows along solid edges, the order of effects along dashed ones; a frame holds what belongs together. Calls that are declared
to write stand out. All text is escaped: no argument can end a label or add a statement.

Viewers set limits of their own: Mermaid's default is 500 edges and 50,000 characters. Graphviz draws more.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, TypeAlias

from lcc.grammar.dataclass import dataclass
from lcc.grammar.late_pattern import pattern
from lcc.grammar.shown import Shown

LABEL_WIDTH: Final = 60
"""Longer calls are cut, visibly."""


@dataclass(frozen=True, slots=True)
class Node:
    """`kind`: input, call, fan-out, test, value or end. `writes`: the tool is declared to change the outside.

    `note`: a line below the label. `mark`: critical, added, removed or changed. Pictures in SVG show these two.
    """

    name: str
    kind: str
    label: str
    writes: bool = False
    note: str = ""
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Frame:
    """What belongs together, under a label."""

    name: str
    label: str
    inside: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Edge:
    """`kind`: data, each, order, yes, no; when: what a condition of the target reads; if failed; or next turn: from one turn of a loop to the next.

    `mark`: critical, added or removed.
    """

    source: str
    target: str
    kind: str
    mark: str = ""


Item: TypeAlias = Node | Frame


@dataclass(frozen=True, slots=True)
class Picture(Shown):
    """Nodes and frames, from top to bottom, and the edges between nodes."""

    items: tuple[Item, ...]
    edges: tuple[Edge, ...]


LABELLED: Final = ("each", "yes", "no", "when", "if failed", "next turn")
SIGNS: Final = {"": "", "critical": "", "added": "+ ", "removed": "− ", "changed": "± "}
"""What stands before the label of a node that is marked so."""
_MERMAID_SHAPES: Final = {
    "input": ("[/", "/]"), "call": ("[", "]"), "fan-out": ("[[", "]]"), "end": ("([", "])"), "test": ("{", "}"), "value": ("(", ")"),
}  # fmt: skip
_DOT_SHAPES: Final = {
    "input": ", shape=parallelogram",
    "call": "",
    "fan-out": ", shape=box3d",
    "end": ", shape=box, style=rounded",
    "test": ", shape=diamond",
    "value": ", shape=ellipse",
}


_DOT_EDGES: Final = {"order": " [style=dashed]", "next turn": ' [label="next turn", constraint=false]'}
"""What leads back has no say in where nodes stand."""


def as_mermaid(picture: Picture) -> str:
    """Return a Mermaid flowchart."""
    lines = ["flowchart TD"]
    writing: list[str] = []
    for item in picture.items:
        lines += _mermaid(item, "    ", writing)
    for edge in picture.edges:
        arrow = "-.->" if edge.kind == "order" else f"-->|{edge.kind}|" if edge.kind in LABELLED else "-->"
        lines.append(f"    {edge.source} {arrow} {edge.target}")
    if writing:
        lines += ["    classDef writes stroke-width:3px", f"    class {','.join(writing)} writes"]
    return "\n".join(lines) + "\n"


def _mermaid(item: Item, indent: str, writing: list[str]) -> Iterator[str]:
    if isinstance(item, Node):
        if item.writes:
            writing.append(item.name)
        opening, closing = _MERMAID_SHAPES[item.kind]
        yield f'{indent}{item.name}{opening}"{_mermaid_text(SIGNS[item.mark] + item.label)}"{closing}'
        return
    yield f'{indent}subgraph {item.name}["{_mermaid_text(item.label)}"]'
    for inside in item.inside:
        yield from _mermaid(inside, indent + "    ", writing)
    yield f"{indent}end"


def as_dot(picture: Picture) -> str:
    """Return a Graphviz digraph."""
    lines = ["digraph plan {", "    node [shape=box];"]
    for item in picture.items:
        lines += _dot(item, "    ")
    for edge in picture.edges:
        style = _DOT_EDGES.get(edge.kind, f' [label="{edge.kind}"]' if edge.kind in LABELLED else "")
        lines.append(f"    {edge.source} -> {edge.target}{style};")
    return "\n".join([*lines, "}"]) + "\n"


def _dot(item: Item, indent: str) -> Iterator[str]:
    if isinstance(item, Node):
        bold = ", penwidth=3" if item.writes else ""
        yield f'{indent}{item.name} [label="{_dot_text(SIGNS[item.mark] + item.label)}"{_DOT_SHAPES[item.kind]}{bold}];'
        return
    yield f"{indent}subgraph cluster_{item.name} {{"
    yield f'{indent}    label="{_dot_text(item.label)}"; labeljust=l; color=gray;'
    for inside in item.inside:
        yield from _dot(inside, indent + "    ")
    yield f"{indent}}}"


# Mermaid reads Markdown, HTML, KaTeX, directives (`%%{`), styles (`style…:…#…;`), links and entities in labels, and takes
# "1." for a list. So everything but what is surely text is written as a code point; `ﬂ` and `¶` are what it turns the `#`
# and `;` of those into.
_MERMAID_SPECIAL: Final = pattern(r"[^A-Za-z0-9 ,()=\u00a1-\U0010ffff]|[ﬂ¶]")
_DOT_SPECIAL: Final = {ord("\\"): "\\\\", ord('"'): '\\"', ord("&"): "&amp;"}


def _mermaid_text(text: str) -> str:
    return _MERMAID_SPECIAL.sub(lambda found: f"#{ord(found[0])};", text)


def _dot_text(text: str) -> str:
    return text.translate(_DOT_SPECIAL)
