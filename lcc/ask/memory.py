"""Remember what the plans of one question did: calls, results, which of them a later plan may use, and whether one brings anything new.

A later plan reads an earlier result by its id, and an equal read isn't made again. A call that failed can't be read; a write that
failed still counts as a write, since it may have changed something. What ran for a plan that was then refused is remembered
under ids below zero, which no plan can name: its results serve equal calls, nothing else.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lcc.grammar.diagnostics import Diagnostic
from lcc.grammar.ir import Element, Merged, Plan, Ref, Task, TaskId, Value, map_references
from lcc.grammar.signatures import Tools
from lcc.grammar.source import Source
from lcc.grammar.syntax.print_value import print_value
from lcc.grammar.values import Json
from lcc.passes.context import Earlier
from lcc.runtime.journal.spilling import mark_of
from lcc.runtime.result import RunResult, TaskRecord, TaskStatus

if TYPE_CHECKING:
    from lcc.grammar.python.arriving.program_stream import Piece


@dataclass(frozen=True, slots=True)
class Round:
    """One plan and its run.

    `written`: the plan as the model wrote it, with the ids that it has among all plans of the question. `plan`: what was run.
    `records`: what became of each task of `written`, and of the elements of fan-outs; a task that nothing needs has none.
    Spans of `diagnostics` are in `source`, the text that the model wrote. `reused`: how many of them had their result from a call made before.
    `program`: where the model wrote a program, that. `pieces`: its statements, of which a later program goes on behind the first `reached`.
    """

    number: int
    written: Plan
    plan: Plan
    result: RunResult
    records: Mapping[TaskId, TaskRecord]
    diagnostics: tuple[Diagnostic, ...]
    source: Source
    reused: int = 0
    program: str | None = None
    pieces: tuple[Piece, ...] = ()
    reached: int = 0


class Memory:
    """The calls of the plans before. `records` holds what became of each, and `last_id` is the highest id in use."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._tasks: dict[TaskId, Task] = {}
        self.records: dict[TaskId, TaskRecord] = {}
        self.last_id = 0
        self._hidden = 0
        self._ids: set[int] = set()

    def earlier(self) -> Earlier:
        """Return the calls before, for the passes."""
        finished = (id_ for id_, task in self._tasks.items() if self._is_read(task) and id_ in self.records)
        return Earlier(tuple(self._tasks.values()), frozenset(finished))

    def values(self) -> Mapping[TaskId, Json]:
        """Return the results that there are by now, by id. One that is in a journal is read when it is asked for."""
        return _Values({id_: one for id_, one in self.records.items() if one.status is TaskStatus.OK})

    def ids(self) -> frozenset[int]:
        """Return the ids of earlier calls, failed ones too: a plan that uses one again has its call renumbered."""
        return frozenset(self._ids)

    def keep_round(self, round_: Round) -> None:
        """Remember a plan and its results, by id."""
        final = _by_source(round_.plan.tasks)
        for task in round_.written.tasks:
            assert isinstance(task.id, int)
            self._ids.add(task.id)
            self.last_id = max(self.last_id, task.id)
            for part in final.get(task.id, ()):
                if part.id != task.id:
                    self._keep(part, round_.records.get(part.id))
            self._keep(_own(final.get(task.id, ()), task), round_.records.get(task.id))

    def keep_hidden(self, plan: Plan, result: RunResult) -> None:
        """Remember what ran for a plan that was refused."""
        names: dict[TaskId, TaskId] = {}
        for task in plan.tasks:
            record = result.tasks.get(task.id)
            if record is None or record.start is None:
                continue
            self._hidden -= 1
            names[task.id] = self._hidden
            hidden = _renamed(task, names)
            self._tasks[hidden.id] = hidden
            if record.status is TaskStatus.OK:
                self.records[hidden.id] = record

    def _keep(self, task: Task, record: TaskRecord | None) -> None:
        if record is not None and record.status is TaskStatus.OK:
            self._tasks[task.id] = task
            self.records[task.id] = record
        elif record is not None and record.start is not None and not self._is_read(task):
            self._hidden -= 1
            self._tasks[self._hidden] = replace(task, id=self._hidden)

    def _is_read(self, task: Task) -> bool:
        signature = self._tools.get(task.tool)
        return signature is not None and signature.effect.may_start_early


class _Values(Mapping[TaskId, Json]):
    """The results of records."""

    def __init__(self, records: Mapping[TaskId, TaskRecord]) -> None:
        self._records = records

    def __getitem__(self, id_: TaskId) -> Json:
        return self._records[id_].value

    def __iter__(self) -> Iterator[TaskId]:
        return iter(self._records)

    def __len__(self) -> int:
        return len(self._records)


def merged_ids(plan: Plan) -> dict[TaskId, TaskId]:
    """Return which calls of a plan that never got whole stand for which."""
    return {origin.id: origin.into for origin in plan.origins if isinstance(origin, Merged)}


def round_records(
    written: Plan, result: RunResult, before: Mapping[TaskId, TaskRecord], merged: Mapping[TaskId, TaskId | None]
) -> tuple[dict[TaskId, TaskRecord], int]:
    """Return what became of every task of a plan, and how many of them read the result of an earlier call."""
    records: dict[TaskId, TaskRecord] = {}
    reused = 0

    def find(id_: TaskId) -> TaskRecord | None:
        nonlocal reused
        record = result.tasks.get(id_)
        if record is not None:
            return record
        into = merged.get(id_)
        if into is None:
            return None
        record = result.tasks.get(into)
        if record is None and into in before:
            reused += 1
            record = before[into]
        return record

    elements: dict[int, list[TaskId]] = {}
    for id_ in (*result.tasks, *merged):
        if isinstance(id_, Element):
            elements.setdefault(id_.task, []).append(id_)
    for task in written.tasks:
        assert isinstance(task.id, int)
        for id_ in (task.id, *sorted(elements.get(task.id, ()))):
            record = find(id_)
            if record is not None:
                records[id_] = record
    return records, reused


def _by_source(tasks: Iterable[Task]) -> dict[int, list[Task]]:
    grouped: dict[int, list[Task]] = {}
    for task in tasks:
        grouped.setdefault(task.id.task if isinstance(task.id, Element) else task.id, []).append(task)
    return grouped


def _own(final: Iterable[Task], written: Task) -> Task:
    """Return the task as the passes left it; as it was written if it was merged or spread into elements."""
    return next((task for task in final if task.id == written.id), written)


def _renamed(task: Task, names: Mapping[TaskId, TaskId]) -> Task:
    def rewrite(ref: Ref) -> Value:
        return replace(ref, task=names.get(ref.task, ref.task))

    args = tuple(replace(arg, value=map_references(arg.value, rewrite)) for arg in task.args)
    return replace(task, id=names[task.id], args=args, after=tuple(names.get(id_, id_) for id_ in task.after))


def repeats(round_: Round, before: Sequence[Round]) -> bool:
    """Whether a plan made no call, or the same calls as an earlier plan with the same outcome."""
    if not before:
        return False
    if round_.program is not None:
        return any(_came_of(round_) == _came_of(other) for other in before)
    if not round_.plan.tasks:
        return True
    mine = _account(round_)
    return any(mine == _account(other) for other in before)


def _came_of(round_: Round) -> Hashable:
    """Return a program, and what came of it."""
    result = round_.result
    failure = "" if result.failure is None else result.failure.shown
    return round_.program, failure, result.printed, repr(result.join)


def _account(round_: Round) -> tuple[Hashable, ...]:
    """Return the calls of a plan, whatever their ids, and how they ended."""
    places: dict[TaskId, TaskId] = {task.id: -1 - place for place, task in enumerate(round_.written.tasks)}
    return tuple((_call(task, places), _outcome(round_, task)) for task in round_.written.tasks)


def _call(task: Task, places: dict[TaskId, TaskId]) -> Hashable:
    def rename(ref: Ref) -> Value:
        return Ref(places.get(ref.task, ref.task), ref.path)

    return task.tool, tuple((a.name, a.each, print_value(map_references(a.value, rename))) for a in task.args)


def _outcome(round_: Round, task: Task) -> Hashable:
    record = round_.records.get(task.id)
    if record is None:
        return None
    return record.status, mark_of(record), "" if record.error is None else record.error.message
