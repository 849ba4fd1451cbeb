"""Draw a plan as a Mermaid flowchart or a Graphviz digraph.

Data flows along solid edges, the order of effects along dashed ones. A fan-out has a frame of its own, its `each` edge is
labelled; calls that are declared to write stand out. All text is escaped: no argument can end a label or add a statement.

Viewers set limits of their own: Mermaid's default is 500 edges and 50,000 characters. Graphviz draws more.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from lcc.grammar.diagnostics.terminal import escape
from lcc.grammar.diagnostics.wording import brief
from lcc.grammar.ir import Element, Input, Join, Plan, Ref, Task, TaskId, Value, inputs_of, references
from lcc.grammar.signatures import NO_TOOLS, Tools
from lcc.grammar.syntax.print_value import print_call, print_value

LABEL_WIDTH: Final = 60
"""Longer calls are cut, visibly."""


@dataclass(frozen=True, slots=True)
class _Node:
    """`kind`: input, call, fan-out or end. `writes`: the tool is declared to change the outside."""

    name: str
    kind: str
    label: str
    writes: bool = False


@dataclass(frozen=True, slots=True)
class _Edge:
    """`kind`: data, each or order."""

    source: str
    target: str
    kind: str


def mermaid(plan: Plan, tools: Tools = NO_TOOLS) -> str:
    """Return a Mermaid flowchart of a plan. `tools` only mark the calls that write."""
    nodes = list(_nodes(plan, tools))
    lines = ["flowchart TD"]
    for node in nodes:
        opening, closing = _MERMAID_SHAPES[node.kind]
        lines.append(f'    {node.name}{opening}"{_mermaid_text(node.label)}"{closing}')
    arrows = {"data": "-->", "each": "-->|each|", "order": "-.->"}
    lines += [f"    {edge.source} {arrows[edge.kind]} {edge.target}" for edge in _edges(plan)]
    writing = [node.name for node in nodes if node.writes]
    if writing:
        lines += ["    classDef writes stroke-width:3px", f"    class {','.join(writing)} writes"]
    return "\n".join(lines) + "\n"


def dot(plan: Plan, tools: Tools = NO_TOOLS) -> str:
    """Return a Graphviz digraph of a plan. `tools` only mark the calls that write."""
    lines = ["digraph plan {", "    node [shape=box];"]
    for node in _nodes(plan, tools):
        bold = ", penwidth=3" if node.writes else ""
        lines.append(f'    {node.name} [label="{_dot_text(node.label)}"{_DOT_SHAPES[node.kind]}{bold}];')
    styles = {"data": "", "each": ' [label="each"]', "order": " [style=dashed]"}
    lines += [f"    {edge.source} -> {edge.target}{styles[edge.kind]};" for edge in _edges(plan)]
    return "\n".join([*lines, "}"]) + "\n"


_MERMAID_SHAPES: Final = {"input": ("[/", "/]"), "call": ("[", "]"), "fan-out": ("[[", "]]"), "end": ("([", "])")}
_DOT_SHAPES: Final = {
    "input": ", shape=parallelogram",
    "call": "",
    "fan-out": ", shape=box3d",
    "end": ", shape=box, style=rounded",
}


def _nodes(plan: Plan, tools: Tools) -> Iterator[_Node]:
    for declared in plan.inputs:
        yield _Node(
            _input_name(declared.name), "input", brief(f"${declared.name}: {escape(declared.type)}", LABEL_WIDTH)
        )
    for task in plan.tasks:
        signature = tools.get(task.tool)
        writes = signature is not None and signature.effect.writes
        yield _Node(_task_name(task.id), "fan-out" if task.each else "call", _call(task), writes)
    if plan.join is not None:
        yield _Node("join", "end", _end(plan.join))


def _edges(plan: Plan) -> Iterator[_Edge]:
    """Yield the edges, at most one from one node to another: what flows as data needs no order."""
    known = {_task_name(task.id) for task in plan.tasks} | {_input_name(declared.name) for declared in plan.inputs}
    for task in plan.tasks:
        kinds = dict.fromkeys([_task_name(id) for id in task.after], "order")
        for arg in sorted(task.args, key=lambda arg: arg.each):
            kinds |= dict.fromkeys(_read(arg.value), "each" if arg.each else "data")
        name = _task_name(task.id)
        yield from (_Edge(source, name, kind) for source, kind in kinds.items() if source in known)
    if plan.join is not None:
        read = dict.fromkeys(name for value in plan.join.values for name in _read(value))
        yield from (_Edge(source, "join", "data") for source in read if source in known)


def _read(value: Value) -> list[str]:
    """Return the names of the nodes that a value reads."""
    sources: Iterable[Ref | Input] = (*references(value), *inputs_of(value))
    return [_task_name(one.task) if isinstance(one, Ref) else _input_name(one.name) for one in sources]


def _task_name(id: TaskId) -> str:
    return f"t{id.task}_{id.place}" if isinstance(id, Element) else f"t{id}"


def _input_name(name: str) -> str:
    return f"in_{name}"


def _call(task: Task) -> str:
    return brief(f"{task.id}. {print_call(task)}", LABEL_WIDTH)


def _end(join: Join) -> str:
    if join.labels is not None:
        return "join()"
    values = ", ".join([print_value(value) for value in join.values])
    return brief(f"{'answer' if join.direct else 'join'}({values})", LABEL_WIDTH)


# Mermaid reads Markdown, HTML, KaTeX, directives (`%%{`), styles (`style…:…#…;`), links and entities in labels, and takes
# "1." for a list. So everything but what is surely text is written as a code point; `ﬂ` and `¶` are what it turns the `#`
# and `;` of those into.
_MERMAID_SPECIAL: Final = re.compile(r"[^A-Za-z0-9 ,()=\u00a1-\U0010ffff]|[ﬂ¶]")
_DOT_SPECIAL: Final = {ord("\\"): "\\\\", ord('"'): '\\"', ord("&"): "&amp;"}


def _mermaid_text(text: str) -> str:
    return _MERMAID_SPECIAL.sub(lambda found: f"#{ord(found[0])};", text)


def _dot_text(text: str) -> str:
    return text.translate(_DOT_SPECIAL)
