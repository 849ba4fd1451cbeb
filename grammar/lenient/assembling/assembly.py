"""Assemble a plan from calls as they come: number them, hold what refers to nothing yet, take back what a later text replaces.

A task is given out when everything that it reads was given out. One that refers to a number that no call has yet waits for
it until the plan ends; then the number is money, or the task is an error. From the first error on, nothing is given out:
what follows can't be trusted to refer to what it says.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field, replace
from graphlib import TopologicalSorter
from heapq import heappop, heappush
from itertools import chain

from lcc.grammar.diagnostics import Diagnostic
from lcc.grammar.ir import NOWHERE, InputDecl, Plan, Task, TaskId, dependencies, references
from lcc.grammar.lenient.assembling.entry import NOTATION, Entry, counting, renumbered_fix
from lcc.grammar.lenient.assembling.numbers import Numbers
from lcc.grammar.lenient.assembling.resolving import Resolver
from lcc.grammar.lenient.calls.settle import Read
from lcc.grammar.lenient.marks import repairs
from lcc.grammar.lenient.marks.events import (
    DiagnosticFound,
    Event,
    InputParsed,
    JoinParsed,
    Retracted,
    TaskParsed,
    Withdrawn,
)
from lcc.grammar.lenient.marks.placeholders import left_out
from lcc.grammar.lenient.marks.repairs import BARE_TEXT, error
from lcc.grammar.source import Source, Span
from lcc.grammar.syntax.parser import Parsed, build_join
from lcc.grammar.tolerant.tool_names import ToolNames


@dataclass(slots=True)
class Assembly:
    """One plan in the making. Every method yields the events that it causes.

    `earlier`: ids of plans before this one. A call that has one of them gets an id past all of them, and `$n` that names no call
    before it here names the earlier one. `notes`: the diagnostics that belong to no task. `join`: the one that counts.
    """

    names: ToolNames
    limit: int
    earlier: frozenset[int] = frozenset()
    inputs: dict[str, InputDecl] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    variables: dict[str, Entry] = field(default_factory=dict)
    notes: list[Diagnostic] = field(default_factory=list)
    numbers: Numbers = field(init=False)
    join: Entry | None = None
    flushed: bool = False
    _shown: JoinParsed | None = None
    _unread: set[int] = field(default_factory=set)
    _failed_at: int | None = None
    _styled: bool = False
    _dollars: bool = False
    _waiting: dict[int | str | Entry, list[Entry]] = field(default_factory=dict)
    _named: dict[str, list[Entry]] = field(default_factory=dict)
    _order: int = 0

    def __post_init__(self) -> None:
        self.numbers = Numbers(self.earlier)

    @property
    def empty(self) -> bool:
        """Whether nothing of a plan was found."""
        return not (self.entries or self.join or self.inputs or self.failed)

    @property
    def failed(self) -> bool:
        """Whether something can't be read, so that nothing behind it is given out."""
        return self._failed_at is not None

    def add(self, reads: tuple[Read, ...], thought: str) -> Iterator[Event]:
        """Add the calls of one statement: those inside of it first, the statement's own last."""
        inner: dict[str, Entry] = {}
        for read in reads:
            made = Entry(self._order, read, thought if read is reads[-1] else "")
            made.inner = {name: entry for name, entry in inner.items() if name in made.mentions.names}
            self._order += 1
            if repairs.REFERENCE_STYLE.code in read.codes or (repairs.ASSIGNMENT.code in read.codes and read.number):
                self._styled = True
            if read is not reads[-1]:
                inner[read.nested or ""] = made
                self.entries.append(made)  # its number is free only when all are known
            elif read.call.kind == "task":
                yield from self._add_task(made)
            else:
                yield from self._add_join(made)

    def declare(self, declared: InputDecl) -> Iterator[Event]:
        """Add an input. Texts that were read before it are read again."""
        self.inputs[declared.name] = declared
        yield InputParsed(declared)
        again = [entry for entry in self._named.pop(declared.name, []) if entry.said]
        for waiting in again:
            yield Retracted(waiting.id)
            waiting.said = None
        yield from self._release(*again)

    def note(self, *found: Diagnostic) -> Iterator[Event]:
        """Report what belongs to no task."""
        self.notes += found
        yield from map(DiagnosticFound, found)

    def fail(self, diagnostic: Diagnostic, number: int | None = None) -> Iterator[Event]:
        """Report a statement that can't be read. What follows it is not given out."""
        yield from self.note(diagnostic)
        self._unread.add(number or 0)
        yield from self._fail_at(self._order)

    def withdraw(self) -> Iterator[Event]:
        """Give out nothing at all: what can't be read may stand behind what was."""
        yield from self._fail_at(-1)

    def clear(self) -> Iterator[Event]:
        """Take everything back, for good."""
        yield from self._retract(-1)
        yield from map(Withdrawn, self.notes)
        yield from self._hide_join()

    def flush(self) -> Iterator[Event]:
        """End the plan: decide what waits, and give out the join."""
        self.flushed = True
        self._number_late()
        self._styled = self._styled or not self._dollars
        for made in self.entries:
            yield from self._release(made)
        for made in self.entries:
            if not (made.said or self._is_past(made)):
                message = "this call and others refer to one another in a circle"
                yield from self._refuse(made, error("P010", message, made.call.span))
        yield from self._show_join()

    def parsed(self, source: Source) -> Parsed:
        """Return what stands, once the plan is over."""
        standing = [made.said for made in self.entries if made.said]
        found = [
            *self.notes,
            *chain(*(one.diagnostics for one in standing)),
            *(self._shown.diagnostics if self._shown else ()),
        ]
        found.sort(key=lambda one: (one.span or NOWHERE).start)
        plan = Plan(tuple(self.inputs.values()), self._tasks(), self._shown.join if self._shown else None)
        unread = frozenset({*self._unread, *(made.id for made in self.entries if self._is_past(made))} - {0})
        repaired = {made.id: made.said.repaired for made in self.entries if made.said and made.said.repaired}
        return Parsed(plan, tuple(found), source, unread, repaired)

    def _tasks(self) -> tuple[Task, ...]:
        """Return the tasks that stand in the order of the text, but each behind what it reads."""
        tasks = [made.said.task for made in self.entries if made.said]
        places = {task.id: place for place, task in enumerate(tasks)}
        before = ([places[id] for id in (*dependencies(task), *task.after) if id in places] for task in tasks)
        sorter = TopologicalSorter(dict(enumerate(before)))
        sorter.prepare()
        ready: list[int] = []
        ordered = []
        while sorter.is_active():
            for place in sorter.get_ready():
                heappush(ready, place)
            ordered.append(tasks[heappop(ready)])
            sorter.done(places[ordered[-1].id])
        return tuple(ordered)

    def _add_task(self, made: Entry) -> Iterator[Event]:
        if not made.inner and self._is_stutter(made):
            yield from self.note(repairs.STUTTER.told(made.call.span, ""))
            return
        if len(self.entries) >= self.limit:
            message = f"more than {self.limit:,} tasks"
            yield from self.fail(error("P015", message, made.call.span, "split the plan, or raise the limit"))
            return
        self.entries.append(made)
        self._define(made)
        if not self.failed:
            yield from self._arrived(made)

    def _is_stutter(self, made: Entry) -> bool:
        """Whether a call repeats the last one of its number: the same words, and its references mean the same."""
        find, said = self.numbers.find, made.mentions
        twin = self.numbers.written.get(-1 if made.written is None else made.written, [made])[-1]
        same = twin is not made and (twin.call.tool, twin.call.args) == (made.call.tool, made.call.args)
        return same and all(find(twin, number) is find(made, number) for number in said.numbers | said.possible)

    def _define(self, made: Entry) -> None:
        """Give an entry its id and make it known by its number and its name."""
        if self.numbers.define(made):
            made.renumbered = made.written not in self.earlier  # what it means is settled then
            what = "0 is no number for a task" if made.written == 0 else "the number is already taken"
            start, text = made.call.span.start, None if made.read.codes else str(made.id)
            span = Span(start, start + len(str(made.written)))
            made.base += (repairs.RENUMBERED.told(span, text, f"{what}; this call is task {made.id}"),)
        if made.base and made.id != made.written:
            made.base = tuple(renumbered_fix(found, made.id) for found in made.base)
        if made.read.variable and made.read.says != "data":
            self.variables[made.read.variable] = made

    def _arrived(self, made: Entry) -> Iterator[Event]:
        """Give an entry out if nothing is missing, else let it wait; then those that waited for it."""
        said = made.mentions
        if not said.nothing:
            self._dollars = self._dollars or bool(said.numbers)
            self._styled = self._styled or any(self.numbers.other(made, number) for number in said.sure)
            for name in said.names - self.inputs.keys():
                self._named.setdefault(name, []).append(made)
            unclear = not self._styled and any(self.numbers.find(made, number) for number in said.possible)
            made.wanted = [*([NOTATION] if unclear else ()), *said.names, *said.numbers, *made.read.after]
            if made.read.says == "data":
                made.wanted = [NOTATION]
        known: list[Entry] = []
        if self._waiting:
            for number in {made.id, made.written or made.id}:
                known += self._waiting.pop(number, ())
        yield from self._release(*known, made)

    def _awaited(self, made: Entry) -> int | str | Entry | None:
        """Return what an entry waits for, the first of all that it does."""
        while made.wanted:
            found: Entry | None = None
            match made.wanted[-1]:
                case "?" as notation:
                    if not (self._styled or self.flushed):
                        return notation
                case Entry() as called:
                    found = called
                case int() as number:
                    found = self.numbers.other(made, number)
                    if found is None and not self.flushed:
                        return number
                case name:
                    found = made.inner.get(name) or self.variables.get(name)
            if found is not None and found is not made and not found.said:
                return found
            made.wanted.pop()
        return None

    def _release(self, *first: Entry) -> Iterator[Event]:
        """Give out entries that wait for nothing, and all that only waited for them."""
        ready = deque(first)
        while ready:
            current = ready.popleft()
            if current.said or self._is_past(current):
                continue
            awaited = self._awaited(current)
            if awaited is not None:
                self._waiting.setdefault(awaited, []).append(current)
                continue
            current.said = yield from self._resolved(current)
            if current.said:
                yield current.said
                ready += self._waiting.pop(current, ())
                if self._styled:
                    ready += self._waiting.pop(NOTATION, ())

    def _resolved(self, made: Entry) -> Generator[Event, None, TaskParsed | None]:
        """Return a call with what it refers to; refuse it where something isn't there, let it wait where that isn't given out yet."""
        args, after, found, codes = made.call.args, tuple[TaskId, ...](), made.base, made.read.codes
        if not made.mentions.nothing or self.variables:
            resolver = Resolver(
                made, self.numbers, self._styled, self.variables, self.inputs, self.names, self._largest
            )
            args = resolver.arguments()
            if resolver.failed:
                yield from self._refuse(made, *resolver.found)
                return None
            before = [self.numbers.called(made, key) for key in made.read.after]
            if None in before or made in before:
                message = "this names a call that the plan doesn't hold as one before it"
                yield from self._refuse(made, error("P010", message, made.call.span, "name calls that the plan holds"))
                return None
            read = [ref.task for arg in args for ref in references(arg.value)]
            after = tuple(sorted({one.id for one in before if one}.difference(read)))
            targets = (*before, *(self.numbers.assigned[id] for id in read if isinstance(id, int)))
            made.wanted = [one for one in targets if one and not one.said]
            if made.wanted:
                self._waiting.setdefault(made.wanted[-1], []).append(made)
                return None
            found, codes = (*found, *resolver.found), (*codes, *resolver.codes)
        gap = left_out(
            made.call.tool, args, self.names, self.numbers.assigned if BARE_TEXT.code in made.read.codes else ()
        )
        if gap is not None:
            yield from self._refuse(made, gap)
            return None
        task = Task(made.id, made.call.tool, args, after, 0.0, made.thought, made.call.span, made.call.name_at)
        return TaskParsed(task, found, counting(codes))

    def _largest(self) -> int:
        """Return the largest number among the last calls, and one more for the join."""
        return max((e.written or e.id for e in self.entries[-50:]), default=1) + 1

    def _refuse(self, made: Entry, *found: Diagnostic) -> Iterator[Event]:
        self._unread.add(made.id)
        yield from self.note(*(diagnostic for diagnostic in found if diagnostic.is_error))
        yield from self._fail_at(made.order)

    def _fail_at(self, order: int) -> Iterator[Event]:
        if self._failed_at is None or order < self._failed_at:
            self._failed_at = order
            yield from self._retract(order)
            yield from self._hide_join()

    def _retract(self, order: int) -> Iterator[Event]:
        for later in reversed(self.entries):
            if later.order >= order and later.said:
                later.said = None
                yield Retracted(later.id)

    def _is_past(self, made: Entry) -> bool:
        return self._failed_at is not None and made.order >= self._failed_at

    def _number_late(self) -> None:
        """Give the calls that stood inside of others the numbers past all that are in use."""
        last = max([0, *self.numbers.assigned, self.join.id if self.join else 0])
        for late in [made for made in self.entries if not made.id]:
            last += 1
            late.id, self.numbers.assigned[last] = last, late
            message = f"{repairs.NESTED_CALL.message}; it becomes task {last}"
            late.base += (repairs.NESTED_CALL.told(late.call.span, f"${last}", message),)
            late.wanted = [*late.mentions.names, *late.mentions.numbers]

    def _add_join(self, made: Entry) -> Iterator[Event]:
        if self.join is not None:
            yield from self.note(repairs.EARLY_JOIN.told(self.join.call.span, ""))
        made.id = made.written or 0
        self.join = made
        if self._styled:
            yield from self._release(*self._waiting.pop(NOTATION, ()))

    def _show_join(self) -> Iterator[Event]:
        made = self.join
        if made is None or self.failed:
            return
        said = yield from self._resolved(made)
        if said is None:
            self.join = None
            return
        call = replace(
            made.call, args=said.task.args, id=None if made.written in self.numbers.assigned else made.written
        )
        join = build_join(call, made.thought, self._tasks() if not call.args and call.kind == "join" else ())
        found = said.diagnostics
        if any(one.said and one.call.span.start > made.call.span.start for one in self.entries):
            told = repairs.EARLY_JOIN.told(
                made.call.span, None, "calls follow this `join`; it is read as the last statement"
            )
            found += (replace(told, help="move it behind the last call"),)
        self._shown = JoinParsed(join, found)
        yield self._shown

    def _hide_join(self) -> Iterator[Event]:
        if self._shown is not None:
            self._shown = None
            yield JoinParsed(None)
