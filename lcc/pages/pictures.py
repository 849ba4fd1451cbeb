"""Draw a compiled plan: what its calls are expected to take, the path that decides how long a run takes, and what differs from another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lcc.grammar.diagnostics.wording import seconds
from lcc.grammar.drawing import picture
from lcc.grammar.drawing.line import task_name
from lcc.grammar.drawing.marks import noted, worded
from lcc.grammar.drawing.picture import Picture
from lcc.grammar.drawing.svg import as_svg
from lcc.grammar.drawing.words import own_names
from lcc.grammar.ir import Element, Plan, TaskId, calls_of
from lcc.grammar.signatures import NO_TOOLS, Tools
from lcc.grammar.source import Source
from lcc.pages.page import page, text
from lcc.passes.analysis.costs import Costs
from lcc.passes.analysis.estimate import estimate
from lcc.passes.analysis.estimate_body import estimate_body


def plan_picture(
    plan: Plan, tools: Tools = NO_TOOLS, costs: Costs | None = None, source: Source | None = None
) -> Picture:
    """Return the picture of a plan with the duration of each call, where one is declared or measured, and the critical path.

    `source`: the text of a plan with a body; names that it doesn't have are shown without their numbers.
    """
    costs = costs or Costs()
    notes = {task_name(one.id): note for one in calls_of(plan) if (note := _note(one.tool, tools, costs, one))}
    drawn = picture(plan, tools)
    if source is not None and source.text and plan.body is not None:
        drawn = worded(drawn, lambda words: own_names(words, source.text))
    return noted(drawn, notes, list(_steps(_critical(plan, tools, costs))))


def _note(tool: str, tools: Tools, costs: Costs, task: object) -> str:
    signature = tools.get(tool)
    if not costs.knows(tool, signature):
        return ""
    expected = costs.of(task, signature)  # type: ignore[arg-type]
    money = f", {expected.usd:g} USD" if expected.usd else ""
    return f"{seconds(expected.seconds)}{money}"


def _critical(plan: Plan, tools: Tools, costs: Costs) -> Iterable[TaskId]:
    if plan.body is None:
        return estimate(plan, tools, costs).critical_path
    return [id for id, _ in estimate_body(plan, tools, costs).critical_path]


def _steps(path: Iterable[TaskId]) -> Iterator[str]:
    """Yield the nodes of a path; elements and turns stand for the call that they are of."""
    last = ""
    for id in path:
        while isinstance(id, Element):
            id = id.task
        if (name := task_name(id)) != last:
            yield name
            last = name


def graph_page(drawn: Picture, title: str) -> str:
    """Return a page with a picture that can be zoomed and moved, and that shows what a node is joined to."""
    return page(
        title, f"<header><h1>{text(title)}</h1></header><main>{graph_pane(drawn, title)}</main>", scripts=("graph.js",)
    )


def graph_pane(drawn: Picture, title: str, name: str = "graph") -> str:
    """Return the part of a page that holds a picture; the page needs `graph.js`."""
    buttons = "".join(
        f'<button type="button" data-graph="{name}" data-zoom="{by}" aria-label="{label}">{sign}</button>'
        for by, label, sign in (("1.25", "larger", "+"), ("0.8", "smaller", "−"), ("fit", "fit the width", "fit"))
    )
    return (
        f'<div class="tools">{buttons}<span class="dim">drag to move, Ctrl and wheel to zoom, hover or Tab for what a node is joined to</span></div>'
        f'<div class="graph" id="{name}" role="region" aria-label="graph" tabindex="0">{as_svg(drawn, title, styled=False)}</div>'
    )
