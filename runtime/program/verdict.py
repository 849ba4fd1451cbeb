"""Read off a machine that has come to its end what its run gives back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Protocol

from lcc.grammar.ir import NOWHERE, Join, Plan, TaskId
from lcc.grammar.ir.evaluation import NOT_TAKEN, Evaluation, NotTaken, compile_value, frame_keys
from lcc.grammar.ir.operations import OperationError, to_plain
from lcc.grammar.source import Span
from lcc.grammar.values import Json
from lcc.runtime.failures import is_fatal
from lcc.runtime.graph.node import Step
from lcc.runtime.program.call_nodes import CallNode
from lcc.runtime.program.evaluations import values_of
from lcc.runtime.program.exceptions import at, failure_behind, place_of
from lcc.runtime.program.facts.builder import by_element
from lcc.runtime.program.order.cells import OK, UNBOUND, Cell, Env, Listing, find
from lcc.runtime.program.order.scopes import GONE, Scope
from lcc.runtime.program.order.state import State
from lcc.runtime.program.strands import Leave
from lcc.runtime.result import Failure, JoinValue, RunResult, RunStatus, TaskRecord, TaskStatus, Usage


class Ended(Protocol):
    """What is asked of the machine."""

    world: State
    nodes: dict[TaskId, Step]


def verdict(
    plan: Plan,
    machine: Ended,
    root: Scope | None,
    env: Env,
    leave: Leave | None,
    began: float,
    ended: float,
    usage: Usage,
    failure: Failure | None,
) -> RunResult:
    """Return what a run gives back."""
    world = machine.world
    error = None if root is None or failure is not None else root.error
    printed = "" if root is None else "".join(root.printed)
    ended_by = failure is not None or error is not None
    join, answered, broken = _handed_back(plan, world, env, None if ended_by else leave, printed)
    answered = answered and (world.independent or not ended_by)
    place = None
    if failure is None:
        error = next((one for one in (error, *world.problems, broken) if one is not None), None)
        if error is not None:
            failure, place = failure_behind(error), place_of(error)
    tasks = _records(machine, failure, began, strict=not world.independent)
    ok = failure is None and not any(record.bad for record in tasks.values())
    return RunResult(
        status=RunStatus.OK if ok else RunStatus.FAILED,
        join=join,
        tasks=tasks,
        answer=join[0] if answered and isinstance(join, list) else None,
        answered=answered,
        merged={n.id: n.merged for n in _calls(machine) if n.merged is not None},
        makespan=ended - began,
        failure=failure,
        usage=usage,
        printed=printed,
        place=place,
    )


def _calls(machine: Ended) -> list[CallNode]:
    return [node for node in machine.nodes.values() if isinstance(node, CallNode)]


def _records(machine: Ended, failure: Failure | None, began: float, *, strict: bool) -> dict[TaskId, TaskRecord]:
    """Return the records of all calls in the order of their issue. A failure that ended nothing was handled, or not reached."""
    records = {}
    for node in _calls(machine):
        if node.status is None:
            continue
        record = node.record(began)
        if record.error is None:
            pass
        elif node.scope.forgiven and node.status is TaskStatus.SKIPPED:
            record.error = replace(record.error, handled=True)
        elif is_fatal(record.error):
            pass
        elif record.error is not failure and (strict or not node.scope.tolerant):
            gone = node.state == GONE
            record.error = replace(record.error, handled=not gone, reached=not gone)
        elif node.handled is not None or node.scope.forgiven:
            record.error = replace(record.error, handled=True)
        records[node.id] = record
    return records


def _handed_back(
    plan: Plan, world: State, env: Env, leave: Leave | None, printed: str
) -> tuple[JoinValue, bool, BaseException | None]:
    """Return the join, whether it is an answer, and what is wrong with it."""
    if leave is not None and leave.kind == "answer":
        values, broken = _plain([leave.cell], world, leave.span)
        return values, broken is None, broken
    if plan.join is not None:
        return _joined(plan.join, world.evaluation, env, world)
    given = leave.cell if leave is not None and leave.kind == "return" else None
    if given is not None and given.value is not None:
        values, broken = _plain([given], world, NOWHERE if leave is None else leave.span)
        return values, False, broken
    if printed:
        return [printed], False, None
    if world.offer is not None:
        values, broken = _plain([world.offer], world, NOWHERE)
        return [value for value in values if value is not None], False, broken
    return [], False, None


def _plain(cells: list[Cell | None], world: State, span: Span) -> tuple[list[Json], BaseException | None]:
    values: list[Json] = []
    for cell in cells:
        if cell is None or cell.state != OK or cell.value is UNBOUND or cell.value is NOT_TAKEN:
            values.append(None)
            continue
        try:
            values.append(to_plain(cell.value, world.meter))
        except OperationError as error:
            return [None], at(error, span)
    return values, None


def _joined(join: Join, evaluation: Evaluation, env: Env, world: State) -> tuple[JoinValue, bool, BaseException | None]:
    """Evaluate a join; what failed or wasn't taken is null in it."""
    values: list[Json] = []
    broken: BaseException | None = None
    complete = True
    for value in join.values:
        value = by_element(value, lambda id: isinstance(env.get(id), Listing), subscripts=True)
        found = {key: find(world.todo, env, key) for key in frame_keys(value)}
        cells = {key: cell for key, cell in found.items() if cell is not None}
        made: Any = None
        if all(cell.state == OK for cell in cells.values()):
            try:
                made = to_plain(compile_value(value, evaluation)(values_of(cells)), world.meter)
            except NotTaken:
                pass
            except Exception as error:
                complete = False
                broken = broken or at(error, getattr(value, "span", NOWHERE))
        else:
            complete = False
        values.append(made)
    if join.labels is not None:
        return dict(zip(join.labels, values, strict=True)), False, broken
    return values, join.direct and complete, broken
