"""Draw a plan that is a line of tasks: a node for each, edges for what is read and for the order of effects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lcc.grammar.diagnostics.terminal import escape
from lcc.grammar.diagnostics.wording import brief
from lcc.grammar.drawing.picture import LABEL_WIDTH, Edge, Node, Picture
from lcc.grammar.ir import Element, Input, Join, Plan, Ref, Task, TaskId, Value, flat, inputs_of, references
from lcc.grammar.signatures import Tools
from lcc.grammar.syntax.print_value import print_call, print_value


def picture(plan: Plan, tools: Tools) -> Picture:
    """Return the picture of a plan. A fan-out has a frame of its own, its `each` edge is labelled."""
    return Picture(tuple(_nodes(plan, tools)), tuple(_edges(plan)))


def input_node(name: str, type_: str) -> Node:
    """Return the node of an input."""
    return Node(input_name(name), "input", brief(f"${name}: {escape(type_)}", LABEL_WIDTH))


def _nodes(plan: Plan, tools: Tools) -> Iterator[Node]:
    for declared in plan.inputs:
        yield input_node(declared.name, declared.type)
    for task in flat(plan, "this picture"):
        signature = tools.get(task.tool)
        writes = signature is not None and signature.effect.writes
        yield Node(task_name(task.id), "fan-out" if task.each else "call", _call(task), writes)
    if plan.join is not None:
        yield Node("join", "end", _end(plan.join))


def _edges(plan: Plan) -> Iterator[Edge]:
    """Yield the edges, at most one from one node to another: what flows as data needs no order.

    Where a fan-out is written out, what reads the whole reads each of its elements.
    """
    tasks = flat(plan, "this picture")
    nodes = {name: [name] for name in (input_name(declared.name) for declared in plan.inputs)}
    for task in tasks:
        nodes[task_name(task.id)] = [task_name(task.id)]
        if isinstance(task.id, Element):
            nodes.setdefault(task_name(task.id.task), []).append(task_name(task.id))
    for task in tasks:
        kinds = dict.fromkeys([task_name(id) for id in task.after], "order")
        for arg in sorted(task.args, key=lambda arg: arg.each):
            kinds |= dict.fromkeys(_read(arg.value), "each" if arg.each else "data")
        yield from _into(task_name(task.id), kinds, nodes)
    if plan.join is not None:
        yield from _into("join", dict.fromkeys((n for v in plan.join.values for n in _read(v)), "data"), nodes)


def _into(target: str, kinds: dict[str, str], nodes: dict[str, list[str]]) -> Iterator[Edge]:
    """Yield the edges to a node from what it reads or waits for; `nodes`: those that stand for it."""
    met: dict[str, str] = {}
    for source, kind in kinds.items():
        met |= {name: kind for name in nodes.get(source, ()) if met.get(name, "order") == "order"}
    yield from (Edge(source, target, kind) for source, kind in met.items())


def _read(value: Value) -> list[str]:
    """Return the names of the nodes that a value reads."""
    sources: Iterable[Ref | Input] = (*references(value), *inputs_of(value))
    return [task_name(one.task) if isinstance(one, Ref) else input_name(one.name) for one in sources]


def task_name(id: TaskId) -> str:
    """Return the name of a call's node."""
    return f"t{id.task}_{id.place}" if isinstance(id, Element) else f"t{id}"


def input_name(name: str) -> str:
    """Return the name of an input's node."""
    return f"in_{name}"


def _call(task: Task) -> str:
    return brief(f"{task.id}. {print_call(task)}", LABEL_WIDTH)


def _end(join: Join) -> str:
    if join.labels is not None:
        return "join()"
    values = ", ".join([print_value(value) for value in join.values])
    return brief(f"{'answer' if join.direct else 'join'}({values})", LABEL_WIDTH)
