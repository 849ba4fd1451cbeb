"""Compute the physical limit of a question: how soon the answer could be there if lcc itself took no time.

That is, round by round: when the last needed token of the plan arrives, or the tools' critical path ends if that is later, and then
the joiner's call. A tool may start when the closing parenthesis of its call arrives and what it reads has ended. All durations are
those that were drawn for this question, so the limit is exact: the excess over it is lcc's own doing, and HTTP's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from benchmarks.simulated.asked import Served
from benchmarks.simulated.tool_log import ToolCall
from lcc.grammar.ir import Element, Join, Plan, Ref, Task, TaskId, references, task_references


class Limit:
    """The limit of one question that lcc answered. `seconds` is the limit; `lags`: from a call's last token on the wire to its tool's start,
    of the calls that had nothing else to wait for; `makespans`: of each round's tools, from the first possible start on: bound and measured."""

    def __init__(self, rounds: Sequence[Any], served: Sequence[Served], calls: Sequence[ToolCall]) -> None:
        self._calls = {call.task: call for call in calls}
        self.seconds = 0.0
        self.lags: list[float] = []
        self.makespans: list[tuple[float, float]] = []
        waiting = iter(rounds)
        for one in served:
            if not one.role.startswith("planner"):
                self.seconds += one.seconds if one.role.startswith("joiner") else 0.0
                continue
            round_ = next(waiting, None)
            if round_ is None:
                self.seconds += one.seconds
            else:
                self.seconds += self._round(round_.written, one)

    def _round(self, plan: Plan, planner: Served) -> float:
        """Return when a round's results could be there, in seconds from the planner's request."""
        ends: dict[TaskId, float] = {}
        starts: list[float] = []
        for task in plan.tasks:
            piece = planner.piece_at(task.span.end)
            arrival = planner.offsets[piece]
            whole = max([arrival, *(self._end(ref, ends) for ref in task_references(task))])
            parts = list(self._parts(task))
            for part, call in parts:
                ready = max([arrival, *(self._end(ref, ends) for ref in _read_by(task, part))])
                starts.append(ready)
                ends[part] = ready + (call.seconds if call else 0.0)
                if call and planner.sent and self._at_once(task, call, planner, piece):
                    self.lags.append(call.began - planner.sent[piece])
            ends[task.id] = max((ends[part] for part, _ in parts), default=whole)
        if ends:
            began = [call.began for call in self._of(plan)]
            ended = [call.ended for call in self._of(plan)]
            if began:
                self.makespans.append((max(ends.values()) - min(starts), max(ended) - min(began)))
        return max([planner.seconds, *(self._end(ref, ends) for ref in _joined(plan.join))])

    def _end(self, ref: Ref, ends: dict[TaskId, float]) -> float:
        """Return when what a reference reads is there; results of earlier rounds are."""
        if ref.path and isinstance(ref.path[0], int) and isinstance(ref.task, int):
            element = Element(ref.task, ref.path[0])
            if element in ends:
                return ends[element]
        return ends.get(ref.task, 0.0)

    def _parts(self, task: Task) -> Iterator[tuple[TaskId, ToolCall | None]]:
        """Yield the elements of a fan-out, else the task itself, each with its call."""
        assert isinstance(task.id, int)
        if task.each is None:
            yield task.id, self._calls.get(str(task.id))
            return
        place = 0
        while (call := self._calls.get(str(Element(task.id, place)))) is not None:
            yield Element(task.id, place), call
            place += 1

    def _of(self, plan: Plan) -> list[ToolCall]:
        return [call for task in plan.tasks for _, call in self._parts(task) if call is not None]

    def _at_once(self, task: Task, call: ToolCall, planner: Served, piece: int) -> bool:
        """Whether a call had nothing to wait for but its last token."""
        return all(
            (read := self._calls.get(str(ref.task))) is not None and read.ended < planner.sent[piece]
            for ref in task_references(task)
        )


def _read_by(task: Task, part: TaskId) -> Iterator[Ref]:
    """Yield what a task reads, or an element of its fan-out: of the list that it goes over, that is one element."""
    for arg in task.args:
        whole = arg.value
        if arg.each and isinstance(part, Element) and isinstance(whole, Ref) and not whole.path:
            yield Ref(whole.task, (part.place,))
        else:
            yield from references(whole)


def _joined(join: Join | None) -> Iterator[Ref]:
    for value in join.values if join is not None else ():
        yield from references(value)
