"""Say what a plan with a body hands back: its answer, else what it returned, printed or offered, and how its calls ended."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias

from lcc.grammar.ir.operations import Meter, OperationError, to_plain
from lcc.grammar.source import Span
from lcc.grammar.values import Json
from lcc.runtime.failures import program_failure
from lcc.runtime.graph.node import Planned, Step
from lcc.runtime.result import Failure, JoinValue, RunResult, RunStatus, TaskRecord, Usage

Given: TypeAlias = tuple[Any, ...]
"""One value of the program, or none."""


@dataclass(frozen=True, slots=True)
class ProgramEnd:
    """How a program ended.

    `answer`, `returned`, `offered`: what it gave by the exits of these kinds. `printed`: its text. `join`: what the join of a plan reads,
    as JSON. `failure`: what ended it, if it didn't end well: the exception that nothing handled, a failure that nothing can handle;
    `place`: where.
    """

    answer: Given = ()
    returned: Given = ()
    offered: Given = ()
    printed: str = ""
    join: JoinValue | None = None
    failure: Failure | None = None
    place: Span | None = None


def program_result(
    end: ProgramEnd,
    nodes: Iterable[Step],
    meter: Meter,
    *,
    began: float,
    ended: float,
    usage: Usage,
    failure: Failure | None = None,
) -> RunResult:
    """Return what a run of a program gives back. `failure`: what went wrong with the run as a whole, which goes before its own."""
    join, answer, broken = _handed_over(end, meter)
    tasks: dict[Any, TaskRecord] = {node.id: node.record(began) for node in nodes if isinstance(node, Planned)}
    own = end.failure or broken
    ok = failure is None and own is None and not any(record.bad for record in tasks.values())
    return RunResult(
        status=RunStatus.OK if ok else RunStatus.FAILED,
        join=join,
        tasks=tasks,
        answer=answer[0] if answer else None,
        answered=bool(answer),
        merged={id_: record.merged for id_, record in tasks.items() if record.merged is not None},
        makespan=ended - began,
        failure=failure or own,
        usage=usage,
        printed=end.printed,
        place=end.place if failure is None and end.failure is not None else None,
    )


def _handed_over(end: ProgramEnd, meter: Meter) -> tuple[JoinValue, tuple[Json, ...], Failure | None]:
    """Return the join, the answer if there is one, and why there is neither."""
    if end.failure is not None:
        return end.join or [], (), None
    try:
        if end.answer:
            answer = to_plain(end.answer[0], meter)
            return [answer], (answer,), None
        if end.join is not None:
            return end.join, (), None
        if end.returned:
            return [to_plain(end.returned[0], meter)], (), None
        if end.printed:
            return [end.printed], (), None
        return [to_plain(value, meter) for value in end.offered or (None,)], (), None
    except OperationError as error:
        return [], (), program_failure(error)
