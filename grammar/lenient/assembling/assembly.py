"""Assemble a plan from calls as they come: number them, hold what refers to nothing yet, take back what a later text replaces.

A task is given out when everything that it reads was given out. One that refers to a number that no call has yet waits for
it until the plan ends; then the number is money, or the task is an error. From the first error on, nothing is given out:
what follows can't be trusted to refer to what it says.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from lcc.grammar.diagnostics import Diagnostic
from lcc.grammar.ir import Arg, InputDecl, Join, Plan, Task, TaskId, references
from lcc.grammar.lenient.assembling.entry import NOTATION, Entry, State, renumbered_fix
from lcc.grammar.lenient.assembling.numbers import Numbers
from lcc.grammar.lenient.assembling.resolving import Resolver
from lcc.grammar.lenient.calls.ordering import in_order
from lcc.grammar.lenient.calls.settle import Read
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
from lcc.grammar.lenient.marks.repairs import (
    ASSIGNMENT,
    EARLY_JOIN,
    NESTED_CALL,
    REFERENCE_STYLE,
    RENUMBERED,
    STUTTER,
    error,
)
from lcc.grammar.source import Span
from lcc.grammar.syntax.parser import build_join
from lcc.grammar.tolerant.tool_names import ToolNames

_NOT_BEFORE: Final = "this names a call that the plan doesn't hold as one before it"


@dataclass(slots=True)
class Assembly:
    """One plan in the making. Every method yields the events that it causes.

    `earlier`: ids of plans before this one. A call that has one of them gets an id past all of them, and `$n` that names no call
    before it here names the earlier one. `notes`: the diagnostics that belong to no task. `unread`: the ids of what can't be read.
    """

    names: ToolNames
    limit: int
    earlier: frozenset[int] = frozenset()
    inputs: dict[str, InputDecl] = field(default_factory=dict)
    unread: set[int] = field(default_factory=set)
    entries: list[Entry] = field(init=False)
    variables: dict[str, Entry] = field(init=False)
    notes: list[Diagnostic] = field(init=False)
    joins: list[Entry] = field(init=False)
    numbers: Numbers = field(init=False)
    shown_join: Join | None = None
    flushed: bool = False
    _failed_at: int | None = None
    _styled: bool = False
    _dollars: bool = False
    _waiting: dict[int | str | Entry, list[Entry]] = field(init=False)
    _late: list[Entry] = field(init=False)
    _named: dict[str, list[Entry]] = field(default_factory=dict)
    _order: int = 0

    def __post_init__(self) -> None:
        self._begin()

    def _begin(self) -> None:
        self.entries, self.variables, self.notes, self.joins = [], {}, [], []
        self.numbers, self._waiting, self._late = Numbers(self.earlier), {}, []

    @property
    def empty(self) -> bool:
        """Whether nothing of a plan was found."""
        return not (self.entries or self.joins or self.inputs or self._failed_at is not None)

    @property
    def join(self) -> Entry | None:
        """The join that counts."""
        return self.joins[-1] if self.joins else None

    def add(self, reads: tuple[Read, ...], thought: str) -> Iterator[Event]:
        """Add the calls of one statement: those inside of it first, the statement's own last."""
        inner: dict[str, Entry] = {}
        for read in reads[:-1]:
            made = self._entry(read, "", inner)
            self._late.append(made)  # its number is free only when all are known
            inner[read.nested or ""] = made
        read = reads[-1]
        if read.call.kind == "task":
            yield from self._add_task(read, thought, inner)
        else:
            yield from self._add_join(read, thought, inner)

    def declare(self, declared: InputDecl) -> Iterator[Event]:
        """Add an input. Texts that were read before it are read again."""
        self.inputs[declared.name] = declared
        yield InputParsed(declared)
        again = [entry for entry in self._named.pop(declared.name, []) if entry.state is State.STANDING]
        for waiting in again:
            yield Retracted(waiting.id)
            waiting.state = State.WAITING
        for waiting in again:
            yield from self._give(waiting)

    def note(self, diagnostic: Diagnostic) -> Iterator[Event]:
        """Report what belongs to no task."""
        self.notes.append(diagnostic)
        yield DiagnosticFound(diagnostic)

    def fail(self, diagnostic: Diagnostic, number: int | None = None) -> Iterator[Event]:
        """Report a statement that can't be read. What follows it is not given out."""
        yield from self.note(diagnostic)
        if number is not None:
            self.unread.add(number)
        yield from self._fail_at(self._order)

    @property
    def failed(self) -> bool:
        """Whether something can't be read, so that nothing behind it is given out."""
        return self._failed_at is not None

    def withdraw(self) -> Iterator[Event]:
        """Give out nothing at all: what can't be read may stand behind what was."""
        yield from self._fail_at(-1)

    def clear(self) -> Iterator[Event]:
        """Take everything back."""
        for gone in reversed(self.entries):
            if gone.state is State.STANDING:
                yield Retracted(gone.id)
            gone.state = State.DROPPED
        yield from map(Withdrawn, self.notes)
        yield from self._hide_join()
        self.unread.clear()
        self._failed_at, self.flushed = None, False
        self._begin()

    def flush(self) -> Iterator[Event]:
        """End the plan: decide what waits, and give out the join."""
        self.flushed = True
        self._number_late()
        self._styled = self._styled or not self._dollars
        for made in self.entries:
            if made.read.says == "data" and made.state is State.WAITING:
                args = self._resolver(made).arguments()
                read = {ref.task for arg in args for ref in references(arg.value) if isinstance(ref.task, int)}
                made.wanted = [self.numbers.assigned[id] for id in read]
                made.wanted += filter(None, (self.numbers.called(made, key) for key in made.read.after))
        for made in self.entries:
            yield from self._release(made)
        for made in self.entries:
            if made.state is State.WAITING and not self._is_past(made):
                message = "this call and others refer to one another in a circle"
                yield from self._refuse(made, error("P010", message, made.call.span))
        self.unread |= {made.id for made in self.entries if self._is_past(made)}
        self.unread.discard(0)
        yield from self._show_join()

    def plan(self) -> Plan:
        """Return what stands: tasks in the order of the text, but behind what they read."""
        standing = (e.task for e in self.entries if e.state is State.STANDING and e.task is not None)
        return Plan(tuple(self.inputs.values()), in_order(standing), self.shown_join)

    def diagnostics(self) -> list[Diagnostic]:
        """Return every diagnostic that stands."""
        standing = (found for e in self.entries if e.state is State.STANDING for found in e.diagnostics)
        return [*self.notes, *standing, *(self.join.diagnostics if self.join and self.shown_join else ())]

    def repaired(self) -> dict[int, tuple[str, ...]]:
        """Return the codes of the repairs that count, by task."""
        return {e.id: e.repaired for e in self.entries if e.state is State.STANDING and e.repaired}

    def _add_task(self, read: Read, thought: str, inner: dict[str, Entry]) -> Iterator[Event]:
        twin = self.numbers.written.get(-1 if read.number is None else read.number)
        if twin and not inner and self._is_stutter(twin[-1], read):
            yield from self.note(STUTTER.told(read.call.span, ""))
            return
        if len(self.entries) >= self.limit:
            message = f"more than {self.limit:,} tasks"
            yield from self.fail(error("P015", message, read.call.span, "split the plan, or raise the limit"))
            return
        made = self._entry(read, thought, inner)
        self._define(made, read)
        if self._failed_at is not None:
            self.unread.add(made.id)
            return
        yield from self._arrived(made)

    def _is_stutter(self, twin: Entry, read: Read) -> bool:
        """Whether a call repeats another: the same words, and its references mean the same."""
        if (twin.call.tool, twin.call.args) != (read.call.tool, read.call.args):
            return False
        probe = Entry(self._order, read)
        find = self.numbers.find
        return all(find(twin, n) is find(probe, n) for n in probe.mentions.numbers | probe.mentions.possible)

    def _entry(self, read: Read, thought: str, inner: dict[str, Entry]) -> Entry:
        made = Entry(self._order, read, thought)
        made.inner = {name: entry for name, entry in inner.items() if name in made.mentions.names}
        self._order += 1
        self.entries.append(made)
        self._styled = (
            self._styled or REFERENCE_STYLE.code in read.codes or bool(ASSIGNMENT.code in read.codes and read.number)
        )
        return made

    def _define(self, made: Entry, read: Read) -> None:
        """Give an entry its id and make it known by its number and its name."""
        if self.numbers.define(made):
            made.renumbered = made.written not in self.earlier  # what it means is settled then
            what = "0 is no number for a task" if made.written == 0 else "the number is already taken"
            start, text = made.call.span.start, None if read.codes else str(made.id)
            span = Span(start, start + len(str(made.written)))
            made.base += (RENUMBERED.told(span, text, f"{what}; this call is task {made.id}"),)
        if made.base and made.id != made.written:
            made.base = tuple(renumbered_fix(found, made.id) for found in made.base)
        if read.variable and read.says != "data":
            self.variables[read.variable] = made

    def _arrived(self, made: Entry) -> Iterator[Event]:
        """Give an entry out if nothing is missing, else let it wait; then those that waited for it."""
        if not made.mentions.nothing:
            numbers = made.mentions.numbers
            self._dollars = self._dollars or bool(numbers)
            for name in made.mentions.names:
                if name not in self.inputs:
                    self._named.setdefault(name, []).append(made)
            made.wanted = [*made.mentions.names, *numbers, *made.read.after]
            made.wanted = [NOTATION] if made.read.says == "data" else [*self._notation(made), *made.wanted]
        known: list[Entry] = []
        if self._waiting:
            for number in {made.id, made.written or made.id}:
                known += self._waiting.pop(number, ())
        yield from self._release(*known, made)

    def _notation(self, made: Entry) -> Iterator[str]:
        """Say whether a text names results in another notation, and it isn't clear yet that the model writes them so."""
        mentions = made.mentions
        if any(self.numbers.find(made, number) is not None for number in mentions.possible):
            if any(self.numbers.other(made, number) is not None for number in mentions.sure):
                self._styled = True
            if not self._styled:
                yield NOTATION

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
            if found is not None and found is not made and found.state is not State.STANDING:
                return found
            made.wanted.pop()
        return None

    def _release(self, *first: Entry) -> Iterator[Event]:
        """Give out entries that wait for nothing, and all that only waited for them."""
        ready = deque(first)
        while ready:
            current = ready.popleft()
            if current.state is not State.WAITING or self._is_past(current):
                continue
            awaited = self._awaited(current)
            if awaited is not None:
                self._waiting.setdefault(awaited, []).append(current)
            elif (yield from self._give(current)):
                ready += self._waiting.pop(current, ())
                if self._styled:
                    ready += self._waiting.pop(NOTATION, ())

    def _give(self, made: Entry) -> Generator[Event, None, bool]:
        """Resolve an entry and give it out, or refuse it; return whether it stands."""
        if made.mentions.nothing and not self.variables:
            args = made.call.args
        else:
            resolver = self._resolver(made)
            args = resolver.arguments()
            if resolver.failed:
                yield from self._refuse(made, *resolver.found)
                return False
            made.found, made.found_codes = resolver.found, resolver.codes
        gap = left_out(made.call.tool, args, self.names)
        if gap is not None:
            yield from self._refuse(made, gap)
            return False
        after = self._after(made, args) if made.read.after else ()
        if after is None:
            yield from self._refuse(made, error("P010", _NOT_BEFORE, made.call.span, "name calls that the plan holds"))
            return False
        made.task = Task(made.id, made.call.tool, args, after, 0.0, made.thought, made.call.span, made.call.name_at)
        made.state = State.STANDING
        yield TaskParsed(made.task, made.diagnostics, made.repaired)
        return True

    def _after(self, made: Entry, args: tuple[Arg, ...]) -> tuple[TaskId, ...] | None:
        """Return the ids of the calls that a call follows, but doesn't read; None where one isn't there."""
        before = {self.numbers.called(made, key) for key in made.read.after}
        read = {ref.task for arg in args for ref in references(arg.value)}
        return None if before & {None, made} else tuple(sorted(one.id for one in before if one and one.id not in read))

    def _resolver(self, made: Entry) -> Resolver:
        return Resolver(made, self.numbers, self._styled, self.variables, self.inputs, self.names, self._largest)

    def _largest(self) -> int:
        """Return the largest number among the last calls, and one more for the join."""
        return max((e.written or e.id for e in self.entries[-50:]), default=1) + 1

    def _refuse(self, made: Entry, *found: Diagnostic) -> Iterator[Event]:
        made.state = State.DROPPED
        self.unread.add(made.id)
        for diagnostic in found:
            if diagnostic.is_error:
                yield from self.note(diagnostic)
        yield from self._fail_at(made.order)

    def _fail_at(self, order: int) -> Iterator[Event]:
        if self._failed_at is not None and self._failed_at <= order:
            return
        self._failed_at = order
        for later in reversed(self.entries):
            if later.order >= order and later.state is State.STANDING:
                later.state = State.WAITING
                self.unread.add(later.id)
                yield Retracted(later.id)
        yield from self._hide_join()

    def _is_past(self, made: Entry) -> bool:
        return self._failed_at is not None and made.order >= self._failed_at

    def _number_late(self) -> None:
        """Give the calls that stood inside of others the numbers past all that are in use."""
        last = max([0, *self.numbers.assigned, *(j.written or 0 for j in self.joins)])
        for late in self._late:
            last += 1
            late.id, self.numbers.assigned[last] = last, late
            message = f"{NESTED_CALL.message}; it becomes task {last}"
            late.base += (NESTED_CALL.told(late.call.span, f"${last}", message),)
            late.wanted = [*late.mentions.names, *late.mentions.numbers]
        self._late = []

    def _add_join(self, read: Read, thought: str, inner: dict[str, Entry]) -> Iterator[Event]:
        made = Entry(self._order, read, thought, read.number or 0, inner)
        self._order += 1
        if self.join is not None:
            yield from self.note(EARLY_JOIN.told(self.join.call.span, ""))
        self.joins.append(made)
        if REFERENCE_STYLE.code in read.codes:
            self._styled = True
            yield from self._release(*self._waiting.pop(NOTATION, ()))

    def _show_join(self) -> Iterator[Event]:
        made = self.join
        if made is None or self._failed_at is not None:
            return
        if None in [self.numbers.called(made, key) for key in made.read.after]:
            yield from self._refuse(made, error("P010", _NOT_BEFORE, made.call.span, "name calls that the plan holds"))
            return
        resolver = self._resolver(made)
        args = resolver.arguments()
        gap = left_out(made.call.tool, args, self.names)
        if resolver.failed or gap:
            yield from self._refuse(made, *resolver.found, *filter(None, [gap]))
            self.joins = []
            return
        standing = self.plan().tasks if not args and made.call.kind == "join" else ()
        call = replace(made.call, args=args, id=None if made.written in self.numbers.assigned else made.written)
        join = build_join(call, made.thought, standing)
        made.found, made.found_codes = resolver.found, resolver.codes
        if any(e.state is State.STANDING and e.call.span.start > made.call.span.start for e in self.entries):
            message = "calls follow this `join`; it is read as the last statement"
            told = EARLY_JOIN.told(made.call.span, None, message)
            made.found = [*made.found, replace(told, help="move it behind the last call")]
        self.shown_join = join
        yield JoinParsed(join, made.diagnostics)

    def _hide_join(self) -> Iterator[Event]:
        if self.shown_join is not None:
            self.shown_join = None
            yield JoinParsed(None)
