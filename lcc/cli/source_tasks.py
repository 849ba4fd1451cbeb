"""Speak of the tasks of a run as the plan file does: by their ids, calls and lines there, whatever passes made of them."""

from __future__ import annotations

from lcc.cli.calls import call_text
from lcc.grammar.ir import Arg, Batched, Element, Plan, Ref, Task, TaskId, Value, map_references, tasks_by_id
from lcc.grammar.source import Source
from lcc.passes.listing import listed
from lcc.passes.rewrite import with_args

_NOTHING = Plan()


class SourceTasks:
    """The tasks of an optimized plan by the names of its source. `written`: the plan before any pass; `source`: its text."""

    def __init__(self, plan: Plan, written: Plan = _NOTHING, source: Source | None = None) -> None:
        self._written = tasks_by_id(written)
        self._tasks = tasks_by_id(plan)
        self._source = source
        self._fan_outs: dict[TaskId, str] = {}
        self._members: dict[TaskId, dict[int, TaskId]] = {}
        for origin in plan.origins:
            if isinstance(origin, Batched):
                self._members.setdefault(origin.into, {})[origin.index] = origin.id

    def name(self, id_: TaskId) -> str:
        """Return what a task is called: its id, or the ids of the calls that were batched into it."""
        members = self._members.get(id_)
        return str(id_) if members is None else listed(members.values())

    def call(self, id_: TaskId) -> str:
        """Return a task's call as the source has it; of one that a pass made, in the source's terms."""
        task = self._written.get(id_)
        if task is None or id_ in self._members:
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
        return with_args(task, tuple(Arg(a.name, self._value(a.value), a.each, a.span) for a in task.args))

    def _value(self, value: Value) -> Value:
        return map_references(value, self._follow) if self._members else value

    def _follow(self, ref: Ref) -> Ref:
        place = ref.path[0] if ref.path else None
        source = self._members.get(ref.task, {}).get(place) if isinstance(place, int) else None
        return ref if source is None else Ref(source, ref.path[1:], ref.span)
