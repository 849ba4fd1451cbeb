"""Read a run's results off its graph: join, answer, records, and where removed tasks went."""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never

from lcc.grammar.dataclass import dataclass
from lcc.grammar.ir import Batched, Dropped, Element, Expanded, Folded, Join, Merged, Origin, Plan, TaskId
from lcc.grammar.ir.constants import is_constant
from lcc.grammar.values import Json, PathError
from lcc.runtime.failures import Unavailable
from lcc.runtime.graph.arguments import resolve
from lcc.runtime.graph.fan_out import summed_up
from lcc.runtime.graph.lookup import ResultTable
from lcc.runtime.graph.node import Call, Planned
from lcc.runtime.graph.room import Room, TooMuch
from lcc.runtime.result import Failure, FailureKind, JoinValue, RunResult, RunStatus, TaskRecord, TaskStatus, Usage


def outcome(
    plan: Plan, graph: ResultTable, began: float, ended: float, usage: Usage, failure: Failure | None
) -> RunResult:
    """Return what a finished run gives back."""
    origins: dict[TaskId, Origin] = {}
    for origin in plan.origins:
        if not isinstance(origin, Batched):
            origins.setdefault(origin.id, origin)
    tasks = _records(graph, origins, began)
    join, missing, broken = _join(plan.join, graph)
    answered = plan.join is not None and plan.join.direct and not missing
    failure = failure or broken
    ok = failure is None and not any(record.bad for record in tasks.values())
    return RunResult(
        status=RunStatus.OK if ok else RunStatus.FAILED,
        join=join,
        tasks=tasks,
        answer=join[0] if answered and isinstance(join, list) else None,
        answered=answered,
        missing=missing,
        merged=_merged(origins, tasks, graph),
        makespan=ended - began,
        failure=failure,
        usage=usage,
    )


def _records(graph: ResultTable, origins: Mapping[TaskId, Origin], began: float) -> dict[TaskId, TaskRecord]:
    """Return the records in the order of the plan; what passes removed comes last, a fan-out before its elements."""
    nodes = [node for node in graph.nodes.values() if isinstance(node, Planned)]
    if not origins and not any(isinstance(node, Call) and node.parent is not None for node in nodes):
        return {node.id: node.record(began) for node in nodes}
    nodes.sort(key=lambda node: node.place)
    records: dict[TaskId, TaskRecord] = {}
    for node in nodes:
        id_ = node.id
        if isinstance(id_, Element) and id_.task not in records and isinstance(origins.get(id_.task), Expanded):
            records[id_.task] = node.record(began)  # keeps the place
        records[id_] = node.record(began)
    for origin in origins.values():
        if isinstance(origin, Expanded):
            record = _expanded(origin, graph, origins, began)
            if record is not None:
                records[origin.id] = record
            else:
                records.pop(origin.id, None)
        elif isinstance(origin, Folded) and is_constant(origin.value):
            records[origin.id] = TaskRecord(TaskStatus.OK, resolve(origin.value, graph, Room(None)), None, 0.0, 0.0)
    return records


@dataclass
class _Evaluated:
    """An element that was evaluated at compile time."""

    value: Json
    start: float | None
    end: float
    status: TaskStatus | None = TaskStatus.OK
    failure: Failure | None = None
    attempts: int = 0


def _expanded(
    origin: Expanded, graph: ResultTable, origins: Mapping[TaskId, Origin], began: float
) -> TaskRecord | None:
    """Return the record of a fan-out that was expanded at compile time, as if it had been expanded here."""
    elements: list[Planned | _Evaluated] = []
    for place in range(origin.count):
        id_ = _final(Element(origin.id, place), origins)
        node = graph.nodes.get(id_) if id_ is not None else _folded(Element(origin.id, place), origins, graph, began)
        if not isinstance(node, Planned | _Evaluated) or node.status is None:
            return None
        elements.append(node)
    status, value, failure = summed_up(elements, origin.id)
    starts = [e.start - began for e in elements if e.start is not None]
    end = max((e.end - began for e in elements), default=0.0)
    return TaskRecord(status, value, failure, min(starts) if starts else None if elements else 0.0, end)


def _folded(id_: Element, origins: Mapping[TaskId, Origin], graph: ResultTable, began: float) -> _Evaluated | None:
    """Return an element that was evaluated at compile time as if it had been there from the start."""
    origin = origins.get(id_)
    if not isinstance(origin, Folded) or not is_constant(origin.value):
        return None
    return _Evaluated(resolve(origin.value, graph, Room(None)), began, began)


def _final(id_: TaskId, origins: Mapping[TaskId, Origin]) -> TaskId | None:
    """Return the task or element that holds the value of a source id; None if no call made it."""
    for _ in range(len(origins) + 1):
        origin = origins.get(id_)
        match origin:
            case None | Expanded():
                return id_
            case Merged(into=into):
                id_ = into
            case Dropped() | Folded() | Batched():
                return None
            case _:
                assert_never(origin)
    return None


def _merged(
    origins: Mapping[TaskId, Origin], tasks: Mapping[TaskId, TaskRecord], graph: ResultTable
) -> dict[TaskId, TaskId | None]:
    """Return what became of source ids that have no call. A fan-out is among them if not all of its elements have results."""
    merged: dict[TaskId, TaskId | None] = {}
    for id_, origin in origins.items():
        if isinstance(origin, Expanded):
            if id_ not in tasks:
                merged[id_] = None
            continue
        into = _final(id_, origins)
        merged[id_] = into if into in tasks or into in graph.nodes else None
    return merged


def _join(join: Join | None, graph: ResultTable) -> tuple[JoinValue, frozenset[int], Failure | None]:
    """Return the values, the places of those that there aren't, and what is wrong with them."""
    if join is None:
        return [], frozenset(), None
    values: list[Json] = []
    broken: Failure | None = None
    missing: set[int] = set()
    for value in join.values:
        try:
            values.append(resolve(value, graph, Room(graph.most_bytes, "what join reads", graph.held)))
        except Unavailable:
            missing.add(len(values))
            values.append(None)
        except PathError as error:
            missing.add(len(values))
            values.append(None)
            broken = broken or Failure(FailureKind.PATH, f"join reads {error}")
        except TooMuch as error:
            missing.add(len(values))
            values.append(None)
            broken = broken or Failure(FailureKind.TOO_LARGE, str(error))
    if join.labels is not None:
        return dict(zip(join.labels, values, strict=True)), frozenset(missing), broken
    return values, frozenset(missing), broken
