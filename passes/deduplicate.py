"""Merge equal calls.

    1. search("tides")
    2. search(query="tides")
    3. compare($1, $2)
=>
    1. search("tides")
    3. compare($1, $1)

Calls are equal if their arguments are, positional and keyword forms and defaults made equal. Equal pure calls merge. Equal
reads merge if no write to what they read lies between. Equal arguments name the same earlier results, so the later call
can't depend, through data, on anything that came after the earlier one. All other calls stay, however often they repeat.

Requires: a verified, bound plan. Keeps: order, spans, the first call as its author wrote it.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import NamedTuple

from lcc.grammar.ir import Join, Merged, Plan, Ref, Task, TaskId, flat, rewrite_after, rewrite_join, rewrite_task
from lcc.grammar.signatures import Effect
from lcc.passes.analysis.effects import Access, Versions
from lcc.passes.context import Action, Context


def deduplicate(plan: Plan, context: Context) -> Plan:
    """Merge each call into the first that is equal, in one walk: what merges makes its readers equal."""
    merger = Merger(context)
    tasks = tuple(kept for task in flat(plan, "deduplicate") if (kept := merger.task(task)) is not None)
    if not merger.origins:
        return plan
    join = None if plan.join is None else merger.join(plan.join)
    return Plan(plan.inputs, tasks, join, (*plan.origins, *merger.origins))


class _Seen(NamedTuple):
    task: Task
    stamp: tuple[int, ...]


class Merger:
    """Merge task by task, in plan order. Calls of earlier plans in the context come first."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._versions = Versions(context.accesses.families)
        self._seen: dict[Hashable, _Seen] = {}
        self._into: dict[TaskId, TaskId] = {}
        self._after: dict[TaskId, tuple[TaskId, ...]] = {}
        self.origins: list[Merged] = []
        for task in context.earlier.tasks:
            self._add_earlier(task)

    def task(self, task: Task) -> Task | None:
        """Return a task with its references rewritten, or None if it was merged into an earlier one."""
        context = self._context
        if self._into:
            task = rewrite_after(rewrite_task(task, self._follow), self._after)
        effect = context.calls.effect(task.tool)
        accesses = context.accesses.of(task)
        key = context.calls.key(task)
        stamp = self._versions.stamp(accesses)
        first = self._seen.get(key)
        reason = "" if first is None else self._reason_to_keep(task, effect, accesses, stamp == first.stamp)
        if first is None or (effect.may_start_early and reason):
            self._seen[key] = _Seen(task, stamp)
        if effect.writes:
            self._versions.write(task.id, accesses)
        if first is None:
            return task
        if reason:
            context.report(Action.KEPT, f"{task.id} repeats {first.task.id}, kept", reason, (task, first.task))
            return task
        why = f"`{task.tool}` is {effect}"
        context.report(Action.MERGED, f"{first.task.id} and {task.id} are one", why, (task, first.task))
        self._into[task.id] = first.task.id
        self._after[task.id] = (first.task.id,)
        self.origins.append(Merged(task.id, first.task.id))
        return None

    def join(self, join: Join) -> Join:
        """Return a join that reads what is left. Its labels stay."""
        return rewrite_join(join, self._follow) if self._into else join

    def _reason_to_keep(self, task: Task, effect: Effect, accesses: tuple[Access, ...], unchanged: bool) -> str:
        if not effect.may_start_early:
            return f"`{task.tool}` is {effect}"
        if unchanged:
            return ""
        used = ", ".join(f"`{access}`" for access in accesses)
        return f"{self._versions.last_write(accesses)} may write {used} between them"

    def _add_earlier(self, task: Task) -> None:
        """Note a call of an earlier plan: it may have written, and its result may serve again."""
        context = self._context
        effect = context.calls.effect(task.tool)
        accesses = context.accesses.of(task)
        if effect.writes:
            self._versions.write(task.id, accesses)
        elif effect.may_start_early and task.id in context.earlier.finished:
            self._seen[context.calls.key(task)] = _Seen(task, self._versions.stamp(accesses))

    def _follow(self, ref: Ref) -> Ref:
        into = self._into.get(ref.task)
        return ref if into is None else Ref(into, ref.path, ref.span)
