"""Run passes on a plan that is still being written: verify, expand-each, deduplicate, order-effects, task by task.

Each of these passes is a machine that takes tasks in plan order; the batch pass feeds it a whole plan, this module feeds it a
stream. So both give the same. One thing differs in form: a stream can't know that a text further down will read the whole list
of a fan-out, so it expands every literal one, and such a text keeps `$3` for the list that the results of task 3 make up.

What was emitted may have started, so it is never changed in silence: a retraction says which calls to cancel and which to
make instead. When the plan is whole, `complete` runs what needs all of it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from lcc.grammar.diagnostics import Diagnostic
from lcc.grammar.ir import BodyNotSupported, InputDecl, Join, Origin, Plan, Task, TaskId, Value, dependencies, flat
from lcc.grammar.ir.origins import Origins
from lcc.grammar.signatures import Tools
from lcc.passes.analysis.costs import Costs
from lcc.passes.bind import Binder, bind_input
from lcc.passes.context import NOTHING_EARLIER, Change, Context, Earlier
from lcc.passes.deduplicate import Merger
from lcc.passes.expand_each import Expander
from lcc.passes.order_effects import Orderer
from lcc.passes.pipeline import DEFAULT_LEVEL, Optimized, optimize, passes_of
from lcc.passes.verify import Verifier

ONLINE: Final = ("expand-each", "deduplicate", "order-effects")
"""The passes that run on a stream, in this order, where the level has them; `verify` runs before them."""


@dataclass(frozen=True, slots=True)
class Step:
    """What one event of the stream came to.

    `tasks`: calls to make, in plan order. `cancelled`: emitted calls that are not part of the plan any more; one that is also
    among `tasks` is made anew. `lists`: what the whole list of an expanded fan-out is made of, for texts that read it.
    `diagnostics`, `changes`: about the task that was added or the end, nothing for a retraction.
    """

    tasks: tuple[Task, ...] = ()
    cancelled: tuple[TaskId, ...] = ()
    lists: Mapping[TaskId, Value] = field(default_factory=dict)
    diagnostics: tuple[Diagnostic, ...] = ()
    changes: tuple[Change, ...] = ()


class Online:
    """The online passes of a level. Feed it inputs and tasks in plan order, retractions as they come, and the join.

    A task that is wrong, or reads one that is, is held back: a plan with errors changes nothing, so no call may depend on it.
    Retracting costs time in the length of the plan, since the passes run again on what remains.
    """

    def __init__(self, tools: Tools, *, level: int = DEFAULT_LEVEL, earlier: Earlier = NOTHING_EARLIER) -> None:
        self._tools = tools
        self._level = level
        self._earlier = earlier
        self._inputs: list[InputDecl] = []
        self._source: list[Task] = []
        self._repaired: dict[int, Sequence[str]] = {}
        self._resolved: set[TaskId] = set()
        self._emitted: dict[TaskId, Task] = {}
        self._lists: dict[TaskId, Value] = {}
        self._join: Join | None = None
        self._machines = self._fresh()

    def declare(self, declared: InputDecl) -> None:
        """Take the declaration of an input; declarations stand before the tasks that read them."""
        self._inputs.append(declared)
        self._machines.declare(declared)

    def add(self, task: Task, *, repairs: Sequence[str] = (), resolved: bool = False) -> Step:
        """Take the next task. `repairs`: codes of the repairs made in its text; `resolved`: one chose what a reference names."""
        if task.when is not None or task.ok or task.instead is not None:
            raise BodyNotSupported("a plan that is read as it is written")
        self._source.append(task)
        if repairs and isinstance(task.id, int):
            self._repaired[task.id] = repairs
        if resolved:
            self._resolved.add(task.id)
        found, changed = self._machines.told()
        tasks = tuple(self._machines.task(task))
        self._emitted.update((emitted.id, emitted) for emitted in tasks)
        lists = self._machines.new_lists()
        self._lists.update(lists)
        return Step(tasks, (), lists, *self._machines.since(found, changed))

    def retract(self, ids: Collection[TaskId]) -> Step:
        """Take back tasks, as if they had never been written."""
        ids = frozenset(ids)
        self._source = [task for task in self._source if task.id not in ids]
        self._resolved.difference_update(ids)
        for id in ids:
            if isinstance(id, int):
                self._repaired.pop(id, None)
        self._machines = self._fresh()
        now = {emitted.id: emitted for task in self._source for emitted in self._machines.task(task)}
        lists = self._machines.new_lists()
        moved = {id for id in {*lists, *self._lists} if lists.get(id) != self._lists.get(id)}
        before, self._emitted, self._lists = self._emitted, now, lists

        def stays(id: TaskId) -> bool:
            task = now.get(id)
            return task is not None and task == before.get(id) and moved.isdisjoint(dependencies(task))

        new = tuple(task for id, task in now.items() if not stays(id))
        return Step(new, tuple(id for id in before if not stays(id)), lists)

    def finish(self, join: Join | None) -> Step:
        """Take the join, or None if the stream ended without one. Nothing may be added after it."""
        found, changed = self._machines.told()
        self._join = self._machines.finish(join)
        return Step((), (), {}, *self._machines.since(found, changed))

    def plan(self) -> Plan:
        """Return the plan as it is now, with the record of what became of source ids."""
        inputs = tuple(bind_input(declared) for declared in self._inputs)
        return Plan(inputs, tuple(self._emitted.values()), self._join, self._machines.origins())

    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """Return all findings about the plan as it is now, in text order."""
        return self._machines.verifier.diagnostics()

    def changes(self) -> tuple[Change, ...]:
        """Return what the passes did to the plan as it is now, in the order in which it happened."""
        return tuple(self._machines.context.changes)

    def _fresh(self) -> _Machines:
        verifier = Verifier(self._tools, repaired=self._repaired, resolved=self._resolved, earlier=self._earlier)
        machines = _Machines(verifier, Context(self._tools, earlier=self._earlier), online_passes(self._level))
        for declared in self._inputs:
            machines.declare(declared)
        return machines


def complete(
    plan: Plan,
    tools: Tools,
    *,
    level: int = DEFAULT_LEVEL,
    started: Collection[TaskId] = (),
    costs: Costs | None = None,
    earlier: Earlier = NOTHING_EARLIER,
) -> Optimized:
    """Run the passes of a level that need a whole plan on one that `Online` made.

    Calls in `started` are not batched. One of them that turned out dead is missing from the plan that comes back: cancel it.
    """
    flat(plan, "a plan that is read as it is written")
    rest = [name for name in passes_of(level) if name not in ONLINE]
    return optimize(plan, tools, passes=rest, started=frozenset(started), costs=costs, earlier=earlier)


def online_passes(level: int) -> tuple[str, ...]:
    """Return the passes of a level that run on a stream."""
    return tuple(name for name in ONLINE if name in passes_of(level))


class _Machines:
    """The machines of one level, fed one after another."""

    def __init__(self, verifier: Verifier, context: Context, passes: Collection[str]) -> None:
        self.verifier = verifier
        self.context = context
        self._types = context.types(Plan())
        self._expanded_types = context.types(Plan())
        self._binder = Binder(context.calls, self._types)
        self._expander = (
            Expander(context, Binder(context.calls, self._expanded_types)) if "expand-each" in passes else None
        )
        self._merger = Merger(context) if "deduplicate" in passes else None
        self._orderer = Orderer(context)
        self._broken: set[TaskId] = set()
        self._listed = (0, 0)

    def declare(self, declared: InputDecl) -> None:
        """Take an input."""
        self.verifier.declare(declared)
        self._types.declare(declared)
        self._expanded_types.declare(declared)

    def task(self, task: Task) -> Iterable[Task]:
        """Return the calls that a task becomes; none if it is wrong, or reads one that is, or was merged."""
        if not self.verifier.task(task) or any(id in self._broken for id in dependencies(task)):
            self._broken.add(task.id)
            return ()
        task = self._binder.task(task)
        return list(self._ordered(self._merged(self._expanded(task))))

    def _expanded(self, task: Task) -> Iterable[Task]:
        if self._expander is None:
            return (task,)
        self.context.running = "expand-each"
        return self._expander.task(task)

    def _merged(self, tasks: Iterable[Task]) -> Iterable[Task]:
        for task in tasks:
            self.context.running = "deduplicate"
            kept = task if self._merger is None else self._merger.task(task)
            if kept is not None:
                yield kept

    def _ordered(self, tasks: Iterable[Task]) -> Iterable[Task]:
        for task in tasks:
            self.context.running = "order-effects"
            yield self._orderer.task(task)

    def finish(self, join: Join | None) -> Join | None:
        """Return the join that reads what tasks became."""
        self.verifier.finish(join)
        self.context.running = "order-effects"
        self._orderer.finish()
        if join is None:
            return None
        join = self._binder.join(join)
        if self._expander is not None:
            join = self._expander.join(join)
        return join if self._merger is None else self._merger.join(join)

    def origins(self) -> tuple[Origin, ...]:
        """Return the record, pass by pass as in a batch."""
        expanded = () if self._expander is None else self._expander.origins
        merged = () if self._merger is None else self._merger.origins
        return (*expanded, *merged)

    def new_lists(self) -> dict[TaskId, Value]:
        """Return what the fan-outs expanded since the last time are made of. Elements merge, if they do, as they come."""
        if self._expander is None:
            return {}
        merged = [] if self._merger is None else self._merger.origins
        expanded = self._expander.origins[self._listed[0] :]
        known = Origins([*expanded, *merged[self._listed[1] :]])
        self._listed = len(self._expander.origins), len(merged)
        return {origin.id: value for origin in expanded if (value := known.value_of(origin.id)) is not None}

    def told(self) -> tuple[int, int]:
        """Return how many findings and changes there are."""
        return len(self.verifier.found), len(self.context.changes)

    def since(self, found: int, changed: int) -> tuple[tuple[Diagnostic, ...], tuple[Change, ...]]:
        """Return the findings and changes since then."""
        return tuple(self.verifier.found[found:]), tuple(self.context.changes[changed:])
