"""Order calls that conflict: each waits for the earlier ones whose effects it must see, or must not overtake.

    1. write(path="a.txt", text="x")      # def write(path: str, text: str): writes file:{path}
    2. read(path="a.txt")                 # reads file:{path}
    3. write(path="b.txt", text="y")
=>
    2. read(path="a.txt") after 1

These edges are meaning, not speed: every level ends with them. What follows transitively, or from data, gets no edge. The
elements of a fan-out that write follow one another. Calls of undeclared tools are exempt.

In a plan with a body the runtime keeps the order of calls; there it is only said which loops turn one after the other, and what
undeclared tools hold up.

Requires: a verified, bound plan, rewritten for the last time. Keeps: everything else, and every edge that is there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from itertools import islice
from typing import Final

from lcc.grammar.diagnostics.wording import listed, plural
from lcc.grammar.flow import flow_of
from lcc.grammar.ir import Element, ListOf, Plan, Ref, Region, Task, TaskId, blocks_of, flat, references, with_after
from lcc.grammar.signatures import Effect
from lcc.passes.analysis.effects import Access, Ordering, orders_of
from lcc.passes.analysis.waits import holding_tools, serial_loops
from lcc.passes.context import Action, Context

_LONG = 64
"""Tasks with more predecessors than this aren't searched for what follows from them."""


def order_effects(plan: Plan, context: Context) -> Plan:
    """Add the order edges, in plan order, and say which tools are exempt."""
    if plan.body is not None:
        _explain(plan, context)
        return plan
    orderer = Orderer(context)
    before = flat(plan, "order edges")
    tasks = tuple(orderer.task(task) for task in before)
    orderer.finish()
    if all(a is b for a, b in zip(tasks, before, strict=True)):
        return plan
    return Plan(plan.inputs, tasks, plan.join, plan.origins)


def _explain(plan: Plan, context: Context) -> None:
    """Say which loops of a plan with a body turn one after the other, and what undeclared tools hold up."""
    flow = flow_of(plan, orders_of(context.accesses, context.calls))
    for serial in serial_loops(flow, context.calls.effect):
        names = " and ".join([f"`{name}`" for name in serial.names[:3]] + (["more"] if len(serial.names) > 3 else []))
        tool = f"`{serial.calls[0].tool}`"
        why = {
            "names": f"{names} {'goes' if len(serial.names) == 1 else 'go'} from turn to turn, and {_counted(serial.calls)} on it",
            "leaves": f"a turn decides whether there is a next one, and {_counted(serial.calls)} on that",
            "undeclared": f"{tool} is undeclared, so it may write; declared as a read or pure, its calls would overlap",
            "writes": f"{tool} writes, and writes keep the order of the turns",
        }[serial.why]
        loop = serial.loop.statement
        context.report_at(Action.SERIAL, "turns of this loop wait for one another", why, loop.id, loop.span)
    if context.tools and plan.fails == "independent":
        _report_exempt(context, _undeclared(plan, context))
    elif context.tools:
        for held in islice(holding_tools(flow, context.calls.effect), MOST_HELD):
            what = (
                f"`{held.first.tool}` is undeclared, so {plural(held.holds, 'other call')} {_wait(held.holds)} for it"
            )
            context.report(
                Action.HELD, what, "declared as what it does, it would hold up only what conflicts", (held.first,)
            )


MOST_HELD: Final = 3
"""Of how many undeclared tools it is said what they hold up."""


def _wait(number: int) -> str:
    return "waits" if number == 1 else "wait"


def _counted(calls: Collection[Task]) -> str:
    if len(calls) == 1:
        return f"`{next(iter(calls)).tool}` depends"
    return f"{len(calls)} calls depend"


class Orderer:
    """Order task by task, in plan order."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._ordering = Ordering(context.accesses.families)
        self._before: dict[TaskId, tuple[TaskId, ...]] = {}
        self._places: dict[TaskId, int] = {}
        self._fan_outs: set[TaskId] = set()
        self._exempt: dict[str, list[Task]] = {}

    def task(self, task: Task) -> Task:
        """Return a task with its order predecessors."""
        context = self._context
        accesses = context.accesses.of(task)
        found = self._ordering.add(task.id, accesses) if accesses else {}
        effect = context.calls.effect(task.tool)
        if effect is Effect.UNDECLARED and context.tools:
            self._exempt.setdefault(task.tool, []).append(task)
        previous = _previous_element(task, effect)
        data = self._starts_after(task)
        self._places[task.id] = len(self._places)
        if not found and not task.after and previous is None:
            self._before[task.id] = data
            return task
        ids = found if previous is None else {**found, previous: None}
        computed = dict.fromkeys(sorted(ids, key=self._places.__getitem__))
        after = self._reduced(computed, task.after, data)
        self._before[task.id] = (*data, *after)
        if after == task.after:
            return task
        self._report(task, after, found)
        return with_after(task, after)

    def finish(self) -> None:
        """Say once for each undeclared tool what declaring its effect would allow."""
        _report_exempt(self._context, self._exempt)

    def _starts_after(self, task: Task) -> tuple[TaskId, ...]:
        """Return the tasks that are over, with all their elements, before any part of this one starts, since it reads them.

        That isn't so where only an element of a fan-out is read, or each element of this one waits for its own.
        """
        found: dict[TaskId, None] = {}
        for arg in task.args:
            value = arg.value
            if arg.each:
                self._fan_outs.add(task.id)
                if isinstance(value, ListOf) or (isinstance(value, Ref) and value.task in self._fan_outs):
                    continue
            for ref in references(value):
                if not (ref.path and ref.task in self._fan_outs):
                    found[ref.task] = None
        return tuple(found)

    def _reduced(
        self, computed: dict[TaskId, None], present: tuple[TaskId, ...], data: tuple[TaskId, ...]
    ) -> tuple[TaskId, ...]:
        """Return the edges that don't follow from others. Present ones stay unless a computed one implies them."""
        covered = set(data)
        for id in (*computed, *data):
            before = self._before.get(id, ())
            if len(before) <= _LONG:
                covered.update(before)
        kept = dict.fromkeys(id for id in present if id not in covered)
        kept.update(dict.fromkeys(id for id in computed if id not in covered))
        return tuple(kept)

    def _report(self, task: Task, after: Iterable[TaskId], found: dict[TaskId, Access]) -> None:
        known = set(task.after)
        new = [id for id in after if id not in known]
        if not new:
            return
        uses = ", ".join(dict.fromkeys(f"`{found[id]}`" for id in new if id in found))
        why = f"both use {uses}" if uses else "elements that write keep their order"
        self._context.report(Action.ORDERED, f"{task.id} waits for {listed(new)}", why, (task,))


def _report_exempt(context: Context, exempt: Mapping[str, list[Task]]) -> None:
    for tool, tasks in exempt.items():
        context.report(
            Action.UNORDERED,
            f"{listed([task.id for task in tasks])} {'run' if len(tasks) > 1 else 'runs'} in no order with other calls",
            f"`{tool}` is undeclared; with an effect, conflicts keep the plan's order, and pure calls and reads "
            "merge, are dropped when unused, and start early",
            tasks[:1],
        )


def _undeclared(plan: Plan, context: Context) -> dict[str, list[Task]]:
    """Return the calls of undeclared tools of a plan, by tool, but for those in strict statements."""
    found: dict[str, list[Task]] = {}
    todo = list(plan.body or ())
    for one in todo:
        if isinstance(one, Task) and context.calls.effect(one.tool) is Effect.UNDECLARED:
            found.setdefault(one.tool, []).append(one)
        elif not isinstance(one, Region):
            todo += [inner for block in blocks_of(one) for inner in block]
    return found


def _previous_element(task: Task, effect: Effect) -> TaskId | None:
    id = task.id
    return Element(id.task, id.place - 1) if isinstance(id, Element) and id.place and effect.writes else None
