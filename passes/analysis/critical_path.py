"""Measure how much work still follows each task: upward ranks, and the longest path.

The upward rank of a task is its own duration plus the largest rank among the tasks that wait for it (Topcuoglu, Hariri and
Wu, IEEE TPDS 2002). Running the highest rank first is list scheduling by critical path.

In a plan with a body a call has one rank for all of its turns: the longest path below it through one turn of each loop, and through
the longer of two branches.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from lcc.grammar.flow import Flow
from lcc.grammar.ir import ListOf, Plan, Task, TaskId, calls_of, dependencies, flat, references
from lcc.grammar.ir.origins import Origins
from lcc.grammar.signatures import Tools
from lcc.passes.analysis.costs import Costs


def predecessors(plan: Plan) -> dict[TaskId, tuple[TaskId, ...]]:
    """Return what each task waits for: the tasks that it reads, then those that it follows by order."""
    origins = Origins(plan.origins)
    found: dict[TaskId, tuple[TaskId, ...]] = {}
    for task in flat(plan, "what each task waits for"):
        data = dependencies(task)
        if origins and any(id in origins for id in data):
            data = tuple(dict.fromkeys(live for id in data for live in _live(id, origins)))
        found[task.id] = (*data, *task.after) if task.after else data
    return found


def _live(id: TaskId, origins: Origins) -> tuple[TaskId, ...]:
    value = origins.value_of(id)
    return () if value is None else tuple(ref.task for ref in references(value))


def durations(plan: Plan, tools: Tools, costs: Costs) -> dict[TaskId, float]:
    """Return how long each task is expected to take, in seconds, if nothing makes its elements wait.

    The elements of a fan-out run side by side, those that write one after another.
    """
    found: dict[TaskId, float] = {}
    for task in calls_of(plan):
        signature = tools.get(task.tool)
        seconds = costs.seconds(task, signature)
        if signature is not None and signature.effect.writes:
            seconds *= elements(task)
        found[task.id] = seconds
    return found


def elements(task: Task, unknown: int = 1) -> int:
    """Return how many calls a task makes: 1, or the length of its list, or `unknown` where only the run knows it."""
    spread = task.each
    if spread is None:
        return 1
    return len(spread.value.items) if isinstance(spread.value, ListOf) else unknown


def upward_ranks(plan: Plan, seconds: Mapping[TaskId, float]) -> dict[TaskId, float]:
    """Return the upward rank of each task, in seconds."""
    before = predecessors(plan)
    behind: dict[TaskId, float] = {}
    ranks: dict[TaskId, float] = {}
    for task in reversed(flat(plan, "ranks along a line")):
        rank = ranks[task.id] = seconds[task.id] + behind.get(task.id, 0.0)
        for id in before[task.id]:
            if rank > behind.get(id, 0.0):
                behind[id] = rank
    return ranks


def critical_path(plan: Plan, seconds: Mapping[TaskId, float]) -> tuple[TaskId, ...]:
    """Return the tasks of a longest path, first to last; of several the one that comes first in the plan."""
    before = predecessors(plan)
    ends: dict[TaskId, float] = {}
    through: dict[TaskId, TaskId | None] = {}
    last: TaskId | None = None
    for task in flat(plan, "a critical path along a line"):
        slowest = max(before[task.id], key=_by(ends), default=None)
        through[task.id] = slowest
        ends[task.id] = seconds[task.id] + (0.0 if slowest is None else ends[slowest])
        if last is None or ends[task.id] > ends[last]:
            last = task.id
    path: list[TaskId] = []
    while last is not None:
        path.append(last)
        last = through[last]
    return tuple(reversed(path))


def _by(ends: Mapping[TaskId, float]) -> Callable[[TaskId], float]:
    return lambda id: ends[id]


def flow_ranks(flow: Flow, seconds: Mapping[TaskId, float]) -> dict[TaskId, float]:
    """Return the upward rank of each call of a plan with a body, in seconds."""
    behind = [0.0] * len(flow.nodes)
    ids = {node: id for id, node in flow.calls.items()}
    ranks: dict[TaskId, float] = {}
    for place in range(len(flow.nodes) - 1, -1, -1):
        id = ids.get(place)
        rank = behind[place] + (0.0 if id is None else seconds[id])
        if id is not None:
            ranks[id] = rank
        for one in flow.nodes[place].before:
            behind[one] = max(behind[one], rank)
    return ranks


def flow_path(flow: Flow, weight: Callable[[int], float]) -> tuple[float, tuple[int, ...]]:
    """Return how long the longest path is, and the nodes on it, first to last. `weight`: how long a node takes."""
    ends = [0.0] * len(flow.nodes)
    through = [-1] * len(flow.nodes)
    for place, node in enumerate(flow.nodes):
        for one in node.before:
            if ends[one] > ends[place]:
                ends[place], through[place] = ends[one], one
        ends[place] += weight(place)
    last = max(range(len(ends)), key=ends.__getitem__, default=-1)
    longest = 0.0 if last < 0 else ends[last]
    path = []
    while last >= 0:
        path.append(last)
        last = through[last]
    return longest, tuple(reversed(path))
