"""Expand a fan-out over a literal list into single calls.

    1. search(each ["tides", "moon"])
    2. compare($1, first=$1[0])
=>
    1[0]. search("tides")
    1[1]. search("moon")
    2. compare([$1[0], $1[1]], first=$1[0])

The elements can then be merged, dropped, batched, ordered and started one by one. A fan-out over a fan-out's list expands
with it. Left for the run: a fan-out whose whole list is read inside a text, since no value says "these results as the JSON
of a list" there; a destructive one, whose elements are approved together; one over more than `MOST_ELEMENTS`; and what would make more
than `MOST_CALLS` of all.

Requires: a verified, bound plan. Keeps: order, spans, results: what a run reports is the same, expanded or not.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

from lcc.grammar.ir import (
    Arg,
    Element,
    Expanded,
    Format,
    Join,
    ListOf,
    Plan,
    Ref,
    Task,
    TaskId,
    Value,
    change_args,
    children,
    flat,
    map_references,
    rebuild,
    rewrite_after,
    with_values,
)
from lcc.grammar.limits import DEFAULT_LIMITS
from lcc.grammar.signatures import Effect
from lcc.passes.bind import Binder
from lcc.passes.context import Action, Context

MOST_ELEMENTS: Final = 128
"""Fan-outs over longer lists stay: each of their readers, of which a stream doesn't know the number, would grow by as many references."""
MOST_CALLS: Final = 16_384
"""Past this many single calls in all, fan-outs stay as they are: a short text would take minutes to compile."""
MOST_REFERENCES: Final = 1_000_000
"""Past this many references to elements in all, fan-outs stay as they are."""


def expand_each(plan: Plan, context: Context) -> Plan:
    """Expand every fan-out over a literal list, in plan order."""
    if not any(task.each is not None for task in flat(plan, "expand-each")):
        return plan
    binder = Binder(context.calls, context.types(plan))
    expander = Expander(context, binder, _whole_reads(plan))
    tasks = tuple(element for task in flat(plan, "expand-each") for element in expander.task(task))
    if not expander.origins:
        return plan
    join = None if plan.join is None else expander.join(plan.join)
    return Plan(plan.inputs, tasks, join, (*plan.origins, *expander.origins))


class Expander:
    """Expand task by task, in plan order. `binder` has bound nothing of the plan yet.

    What stood in a list stands alone now, and lists stand where a fan-out was read, so what is rewritten is bound again.
    `reads` says how often the whole list of a fan-out is read: outside of texts, and in texts. Without it, as on a stream,
    texts keep `$3` for the list of an expanded fan-out 3, which the run puts together.
    """

    def __init__(self, context: Context, binder: Binder, reads: Reads | None = None) -> None:
        self._context = context
        self._binder = binder
        self._reads = reads
        self._counts: dict[TaskId, int] = {}
        self._lists: dict[TaskId, ListOf] = {}
        self._instead: dict[TaskId, tuple[TaskId, ...]] = {}
        self._references = 0
        self._calls = 0
        self.origins: list[Expanded] = []

    def task(self, task: Task) -> Iterable[Task]:
        """Return the single calls that a task becomes, or the task itself with its references rewritten."""
        new = rewrite_after(self._rewritten(task), self._instead)
        spread = new.each
        if spread is None or not isinstance(spread.value, ListOf) or isinstance(new.id, Element):
            return (self._bound(new, task),)
        items = spread.value.items
        reason = self._reason_to_keep(new, len(items))
        if reason:
            self._context.report(Action.KEPT, f"{new.id} stays a fan-out", reason, (task,))
            return (self._bound(new, task),)
        return [self._binder.task(element) for element in self._expanded(new, new.id, items)]

    def _bound(self, task: Task, source: Task) -> Task:
        if task is not source:
            return self._binder.task(task)
        self._binder.learn(task)
        return task

    def join(self, join: Join) -> Join:
        """Return a join that reads elements."""
        values = tuple(self._value(value) for value in join.values)
        return join if all(a is b for a, b in zip(values, join.values, strict=True)) else with_values(join, values)

    def _expanded(self, task: Task, id: int, items: tuple[Value, ...]) -> Iterable[Task]:
        count = len(items)
        self._counts[id] = count
        self._calls += count
        self._instead[id] = tuple(Element(id, place) for place in range(count)) or task.after
        self.origins.append(Expanded(id, count))
        calls = "1 call" if count == 1 else f"{count} calls"
        self._context.report(Action.EXPANDED, f"{id} becomes {calls}", "its list is known", (task,))
        return [
            Task(
                Element(id, place),
                task.tool,
                _single(task.args, item),
                task.after,
                task.priority,
                task.thought,
                task.span,
            )
            for place, item in enumerate(items)
        ]

    def _reason_to_keep(self, task: Task, count: int) -> str:
        if self._context.calls.effect(task.tool) is Effect.DESTRUCTIVE:
            return "one question asks to approve of all its elements"
        if count > MOST_ELEMENTS:
            return f"{count:,} elements are more than {MOST_ELEMENTS:,}"
        if self._calls + count > MOST_CALLS:
            return f"more than {MOST_CALLS:,} calls would be made of fan-outs"
        if self._reads is None:
            return ""
        if task.id in self._reads.in_texts:
            return "a text reads its whole list"
        if task.id in self._reads.too_deep:
            return "a plan can't hold its list where it is read"
        self._references += count * self._reads.whole.get(task.id, 0)
        return "its readers would grow too long" if self._references > MOST_REFERENCES else ""

    def _rewritten(self, task: Task) -> Task:
        return change_args(task, lambda arg, _: self._value(arg.value)) if self._counts else task

    def _value(self, value: Value) -> Value:
        match value:
            case Ref():
                return self._list(value) if not value.path and value.task in self._counts else self._element(value)
            case Format():
                return map_references(value, self._element)
            case _:
                return rebuild(value, self._value)

    def _list(self, ref: Ref) -> Value:
        id = ref.task
        assert isinstance(id, int)
        if id not in self._lists:  # one for all readers: there may be many
            self._lists[id] = ListOf(tuple(Ref(Element(id, place), (), ref.span) for place in range(self._counts[id])))
        return self._lists[id]

    def _element(self, ref: Ref) -> Ref:
        count = self._counts.get(ref.task)
        if not count or not ref.path or not isinstance(ref.task, int):
            return ref
        place = ref.path[0]
        if not isinstance(place, int) or not -count <= place < count:
            return ref
        return Ref(Element(ref.task, place % count), ref.path[1:], ref.span)


class Reads:
    """How often the whole list of each fan-out is read outside of texts, and which are read inside of one.

    `too_deep`: those that are read where a list would be nested deeper than the text of a plan may be.
    """

    def __init__(self) -> None:
        self.whole: dict[TaskId, int] = {}
        self.in_texts: set[TaskId] = set()
        self.too_deep: set[TaskId] = set()

    def add(self, value: Value, fan_outs: Collection[TaskId], depth: int = 1) -> None:
        """Count the reads in a value."""
        match value:
            case Ref(task, ()):
                if task in fan_outs:
                    self.whole[task] = self.whole.get(task, 0) + 1
                    if depth >= DEFAULT_LIMITS.nesting:
                        self.too_deep.add(task)
            case Format(parts):
                self.in_texts.update(p.task for p in parts if isinstance(p, Ref) and not p.path and p.task in fan_outs)
            case _:
                for item in children(value):
                    self.add(item, fan_outs, depth + 1)


def _whole_reads(plan: Plan) -> Reads:
    fan_outs = {task.id for task in flat(plan, "expand-each") if task.each is not None}
    reads = Reads()
    for task in flat(plan, "expand-each"):
        for arg in task.args:
            reads.add(arg.value, fan_outs)
    if plan.join is not None:
        for value in plan.join.values:
            reads.add(value, fan_outs)
    return reads


def _single(args: tuple[Arg, ...], item: Value) -> tuple[Arg, ...]:
    return tuple(Arg(arg.name, item, False, arg.span) if arg.each else arg for arg in args)
