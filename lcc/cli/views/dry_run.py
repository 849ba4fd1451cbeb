"""Show what a run would do, in layers that could run side by side, and call nothing.

Layers are for reading only: the runtime has none, it starts a task when the last thing it waits for ends.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lcc.cli.views.body_outline import outline_lines
from lcc.cli.views.source_tasks import SourceTasks
from lcc.grammar.diagnostics.terminal import cut
from lcc.grammar.diagnostics.wording import plural, seconds
from lcc.grammar.ir import Dropped, Merged, Plan, Task, TaskId, flat
from lcc.grammar.signatures import Signature, Tools
from lcc.grammar.syntax.print_value import join_text
from lcc.passes.analysis.costs import Costs
from lcc.passes.analysis.critical_path import critical_path, durations, predecessors

_EFFECT_AT: Final = 64
_PATH_SHOWN: Final = 12


def dry_run_lines(plan: Plan, tools: Tools, costs: Costs, width: int) -> Iterator[str]:
    """Yield the lines that say what would run; `plan` is the optimized plan, `costs` what calls are expected to take."""
    if plan.body is not None:
        yield from outline_lines(plan, tools, costs, width)
        return
    layers = _layers(plan)
    named = SourceTasks(plan)
    column = min(_EFFECT_AT, max(24, width - 40))
    for number, layer in enumerate(layers, 1):
        at_once = " at once" if len(layer) > 1 else ""
        yield f"step {number}: {plural(len(layer), 'call')}{at_once}"
        for task in layer:
            call = cut(f"  {task.id}. {named.call(task.id)}", column)
            note = ", ".join([*_effect(tools.get(task.tool)), *_order(task)])
            yield f"{call:<{column}}  {note}".rstrip()
    if plan.join is not None:
        yield f"then: {cut(join_text(plan.join), width - 6)}"
    yield from _left_out(plan)
    yield from _critical_path(plan, tools, costs)
    yield "dry run: nothing was called"


def _layers(plan: Plan) -> list[list[Task]]:
    before = predecessors(plan)
    depth: dict[TaskId, int] = {}
    layers: list[list[Task]] = []
    for task in flat(plan, "layers"):
        at = depth[task.id] = 1 + max((depth[id_] for id_ in before[task.id]), default=-1)
        if at == len(layers):
            layers.append([])
        layers[at].append(task)
    return layers


def _effect(signature: Signature | None) -> Iterator[str]:
    if signature is not None:
        resources = " ".join(resource.pattern for resource in signature.resources)
        yield f"{signature.effect.value} {resources}".rstrip()


def _order(task: Task) -> Iterator[str]:
    if task.after:
        yield f"after {', '.join(str(id_) for id_ in task.after)}"


def _left_out(plan: Plan) -> Iterator[str]:
    """Say which calls of the source the optimizer saved."""
    saved = []
    for origin in plan.origins:
        if isinstance(origin, Merged):
            saved.append(f"{origin.id} (same as {origin.into})")
        elif isinstance(origin, Dropped):
            saved.append(f"{origin.id} (not needed)")
    if saved:
        more = f" and {len(saved) - _PATH_SHOWN} more" if len(saved) > _PATH_SHOWN else ""
        yield f"left out: {', '.join(saved[:_PATH_SHOWN])}{more}"


def _critical_path(plan: Plan, tools: Tools, costs: Costs) -> Iterator[str]:
    expected = durations(plan, tools, costs)
    path = critical_path(plan, expected)
    if not path:
        return
    shown = [str(id_) for id_ in path]
    if len(shown) > _PATH_SHOWN:
        shown[_PATH_SHOWN // 2 : -_PATH_SHOWN // 2] = ["…"]
    total = sum(expected[id_] for id_ in path)
    known = all(costs.knows(task.tool, tools.get(task.tool)) for task in flat(plan, "layers"))
    about = "" if known else ", at 1 s for a call whose cost isn't known"
    yield f"critical path: {' → '.join(shown)} ({seconds(total)}{about})"
