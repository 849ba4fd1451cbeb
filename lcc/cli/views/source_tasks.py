"""Speak of the tasks of a run as the plan file does: by their ids, calls and lines there, whatever passes made of them."""

from __future__ import annotations

from lcc.grammar.ir import Element, Plan, Task, TaskId, tasks_by_id
from lcc.grammar.source import Source
from lcc.grammar.syntax.print_value import call_text

_NOTHING = Plan()


class SourceTasks:
    """The tasks of an optimized plan by the names of its source. `written`: the plan before any pass; `source`: its text."""

    def __init__(self, plan: Plan, written: Plan = _NOTHING, source: Source | None = None) -> None:
        self._written = tasks_by_id(written)
        self._tasks = tasks_by_id(plan)
        self._source = source
        self._fan_outs: dict[TaskId, str] = {}

    def call(self, id_: TaskId) -> str:
        """Return a task's call as the source has it; of one that a pass made, in the source's terms."""
        task = self._written.get(id_)
        if task is None:
            if isinstance(id_, Element) and id_ not in self._tasks:
                return self._fan_out(id_.task)
            task = self._made(id_)
        return "" if task is None else call_text(task)

    def _fan_out(self, whole: TaskId) -> str:
        """Return a fan-out's call, written once for all of its elements: it may hold a long list."""
        if whole not in self._fan_outs:
            task = self._written.get(whole) or self._tasks.get(whole)
            self._fan_outs[whole] = "" if task is None else call_text(task)
        return self._fan_outs[whole]

    def line(self, id_: TaskId) -> int | None:
        """Return the line on which a task stands, None where it stands in no text."""
        task = self._written.get(id_) or self._made(id_)
        if self._source is None or task is None or task.span == (0, 0):
            return None
        return self._source.position(task.span.start)[0]

    def _made(self, id_: TaskId) -> Task | None:
        task = self._tasks.get(id_)
        if task is None:
            whole = id_.task if isinstance(id_, Element) else id_
            return self._written.get(whole) or self._tasks.get(whole)
        return task
