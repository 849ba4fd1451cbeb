"""Change the tasks of a run while it goes on: take some back, or make those of the whole plan the run's."""

from __future__ import annotations

from collections.abc import Iterable

from lcc.grammar.ir import Element, Task, TaskId, task_references
from lcc.runtime.graph.graph import Graph
from lcc.runtime.graph.node import NEVER, Call, FanOut, Planned, Step
from lcc.runtime.result import TaskStatus


def revise(graph: Graph, tasks: Iterable[Task]) -> list[Call]:
    """Make these the tasks of the run. What started stays, if its id does; the rest is built anew, since edges may differ.

    Returns the calls that started and are no longer part of the plan. They count as ended; stop those that run.
    """
    graph.kept = {}
    given = {}
    for id_, node in graph.nodes.items():
        if not isinstance(node, Planned):
            given[id_] = node
        elif isinstance(node, Call) and (node.status is not None or node.attempts):
            graph.kept[id_] = node
        else:
            if node.status is not None:
                graph.told[id_] = node.status
            _dissolve(node)
    graph.nodes, graph.open, graph.places = given, 0, 0
    fan_outs = set()
    for task in tasks:
        graph.add(task)
        if task.each is not None:
            fan_outs.add(task.id)
    gone = [n for id_, n in graph.kept.items() if not (isinstance(id_, Element) and id_.task in fan_outs)]
    for node in gone:
        del graph.kept[node.id]
        graph.let_go(node)
    return gone


def retract(graph: Graph, id_: TaskId) -> list[Call]:
    """Take a task back, and with it all that reads it. Returns the calls that started, as `revise` does."""
    gone = {id_}
    started = []
    for node in sorted(graph.nodes.values(), key=lambda n: n.place):
        owner = node.id.task if isinstance(node.id, Element) else node.id
        reads = task_references(node.task) if isinstance(node, Planned) else ()
        if owner in gone or node.id in gone or any(_names(ref.task, gone) for ref in reads):
            gone.add(node.id)
    for one in gone & graph.nodes.keys():
        node = graph.nodes.pop(one)
        if node.status is None:
            graph.open -= 1
        if isinstance(node, Planned):
            graph.let_go(node)
        if isinstance(node, Call) and node.attempts:
            started.append(node)
        else:
            _dissolve(node)
    return started


def _dissolve(node: Step) -> None:
    """Take a node out of the graph: neither its predecessors nor the queue bring it back."""
    node.waiting = NEVER
    node.status = TaskStatus.CANCELLED
    if isinstance(node, FanOut):
        for step in (node.unroll, node.approval):
            if step is not None:
                step.waiting, step.status = NEVER, TaskStatus.CANCELLED


def _names(id_: TaskId, gone: set[TaskId]) -> bool:
    return id_ in gone or (isinstance(id_, Element) and id_.task in gone)
