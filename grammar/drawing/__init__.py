"""Pictures and short texts of plans, for people.

In: a plan; tools, which only mark what writes. Out: an SVG picture, a Mermaid flowchart or a Graphviz digraph; a value or statement in a few
words. Everything in them is escaped: no argument can end a label or add a statement.
Must not know: passes, runs.

Read `picture` (nodes, edges, frames, and how two notations write them), then `line`, which draws plans that are a line of tasks,
and `nested`, which draws those with a body; `words` says what their labels say. `layout` places them in layers, `svg` writes what is placed;
`marks` adds notes, the critical path, and what differs between two.
"""

from __future__ import annotations

from lcc.grammar.drawing import line, nested
from lcc.grammar.drawing.picture import LABEL_WIDTH, Picture, as_dot, as_mermaid
from lcc.grammar.ir import Plan
from lcc.grammar.signatures import NO_TOOLS, Tools

__all__ = ["LABEL_WIDTH", "Picture", "as_dot", "as_mermaid", "dot", "mermaid", "picture"]


def picture(plan: Plan, tools: Tools = NO_TOOLS) -> Picture:
    """Return the picture of a plan. `tools` mark the calls that write, and order those of a plan with a body."""
    return line.picture(plan, tools) if plan.body is None else nested.picture(plan, tools)


def mermaid(plan: Plan, tools: Tools = NO_TOOLS) -> str:
    """Return a Mermaid flowchart of a plan. `tools` mark the calls that write, and order those of a plan with a body."""
    return as_mermaid(picture(plan, tools))


def dot(plan: Plan, tools: Tools = NO_TOOLS) -> str:
    """Return a Graphviz digraph of a plan. `tools` mark the calls that write, and order those of a plan with a body."""
    return as_dot(picture(plan, tools))
