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
from lcc.grammar.ir import InputDecl, Join, Plan, Task
from lcc.grammar.lenient.assembling import entry as entries, reports
from lcc.grammar.lenient.assembling.entry import Entry, State
from lcc.grammar.lenient.assembling.numbers import Counting, Numbers
from lcc.grammar.lenient.assembling.resolving import Resolver
from lcc.grammar.lenient.assembling.waiting import Waiting
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
from lcc.grammar.lenient.marks.repairs import REFERENCE_STYLE
from lcc.grammar.signatures import Tools
from lcc.grammar.source import Span
from lcc.grammar.syntax.parser import build_join

_JOINS_SHOWN: Final = 4
"""How many joins are given out at once; each takes time in the number of tasks. Beyond that, the last one at the end."""


@dataclass(slots=True)
class Note:
    """A diagnostic that belongs to no task, and at which call of the plan it was found."""

    order: int
    diagnostic: Diagnostic


@dataclass(slots=True)
class Assembly:
    """One plan in the making. Every method yields the events that it causes.

    `earlier`: ids of plans before this one. A call that has one of them gets an id past all of them, and `$n` that names no call
    before it here names the earlier one.
    """

    tools: Tools
    limit: int
    earlier: frozenset[int] = frozenset()
    entries: list[Entry] = field(default_factory=list)
    inputs: dict[str, InputDecl] = field(default_factory=dict)
    variables: dict[str, Entry] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)
    join: Entry | None = None
    joins: list[Entry] = field(default_factory=list)
    shown_join: Join | None = None
    _said_of_join: tuple[Diagnostic, ...] = ()
    failed_at: int | None = None
    unread: set[int] = field(default_factory=set)
    styled: bool = False
    dollars: bool = False
    flushed: bool = False
    numbers: Numbers = field(init=False)
    _waiting: Waiting = field(default_factory=Waiting)
    _late: list[Entry] = field(default_factory=list)
    _named: dict[str, list[Entry]] = field(default_factory=dict)
    _given: list[Entry] = field(default_factory=list)
    _last_order: int = 0
    _last_join: Entry | None = None
    _noted_join: Entry | None = None
    _before: tuple[Counting, bool, bool] = (Counting(True, False, 1), False, False)
    _order: int = 0

    def __post_init__(self) -> None:
        self.numbers = Numbers(self.earlier)

    @property
    def empty(self) -> bool:
        """Whether nothing of a plan was found."""
        return not (self.entries or self.joins or self.inputs or self.failed_at is not None)

    def add(self, reads: tuple[Read, ...], thought: str) -> Iterator[Event]:
        """Add the calls of one statement: those inside of it first, the statement's own last."""
        inner: dict[str, Entry] = {}
        self._given, self._last_order, self._last_join = [], self._order, None
        self._before = self.numbers.counting, self.styled, self.dollars
        for read in reads[:-1]:
            made = self._entry(read, "", inner)
            made.missing += 1  # its number is free only when all are known
            self._late.append(made)
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
        self.notes.append(Note(self._order, diagnostic))
        yield DiagnosticFound(diagnostic)

    def fail(self, diagnostic: Diagnostic, number: int | None = None) -> Iterator[Event]:
        """Report a statement that can't be read. What follows it is not given out."""
        yield from self.note(diagnostic)
        if number is not None:
            self.unread.add(number)
        yield from self._fail_at(self._order)

    def clear(self) -> Iterator[Event]:
        """Take everything back."""
        for gone in reversed(self.entries):
            if gone.state is State.STANDING:
                yield Retracted(gone.id)
            gone.state = State.DROPPED
        for note in self.notes:
            yield Withdrawn(note.diagnostic)
        if self.shown_join is not None:
            yield JoinParsed(None)
        self.entries, self.notes, self.joins, self._late = [], [], [], []
        self.join = self.shown_join = self.failed_at = None
        self.variables = {}
        self.unread.clear()
        self.numbers, self._waiting = Numbers(self.earlier), Waiting()
        self.flushed = False

    def bind(self, name: str | None, after: tuple[int, ...], span: Span) -> Iterator[Event]:
        """Take what a line says behind the call just added: its result's name, and the calls that it names as earlier."""
        made = self.entries[-1] if self.entries else None
        if made is None:
            return
        if any(self.numbers.find(made, number) in (None, made) for number in after if number):
            yield from self.fail(reports.no_such_call(span), made.written)
        if name is not None and not name.isdigit():
            self.variables[name] = made
            made.variable = name

    def undo(self) -> Iterator[Event]:
        """Take back the call or join added last, and what could only be given out because of it."""
        if self._last_join is not None:
            self.joins.pop()
            self.join = self.joins[-1] if self.joins else None
            self._last_join = None
            if self.shown_join is not None:
                self.shown_join = None
                yield JoinParsed(None)
                yield from self._show_join(final=False)
            return
        for given in reversed(self._given):
            if given.state is State.STANDING:
                given.state = State.WAITING
                yield Retracted(given.id)
        while self.entries and self.entries[-1].order >= self._last_order:
            self._remove(self.entries.pop())
        self.numbers.counting, self.styled, self.dollars = self._before
        for given in [e for e in self._given if e.state is State.WAITING]:
            given.missing = 0
            yield from self._arrived(given)

    def _remove(self, gone: Entry) -> None:
        gone.state = State.DROPPED
        self.numbers.remove(gone)
        if gone.variable and self.variables.get(gone.variable) is gone:
            del self.variables[gone.variable]
        if gone in self._late:
            self._late.remove(gone)

    def flush(self) -> Iterator[Event]:
        """End the plan: decide what waits, and give out the join."""
        self.flushed = True
        self._waiting.no_more_numbers()
        self._number_late()
        self.styled = self.styled or not self.dollars
        self._waiting.style_is_clear()
        for waiting in self.entries:
            yield from self._release(waiting)
        for waiting in self._waiting.take_unclear():
            yield from self._refuse(waiting, [reports.unclear(waiting)])
        for waiting in list(self.entries):
            if waiting.state is State.WAITING and not self._is_past(waiting):
                yield from self._refuse(waiting, [reports.circular(waiting)])
        for past in self.entries:
            if self._is_past(past):
                self.unread.add(past.id)
        self.unread.discard(0)
        yield from self._note_early_join()
        yield from self._show_join(final=True)

    def _note_early_join(self) -> Iterator[Event]:
        """Report a join that calls follow, once."""
        join = self.join
        if join is None or join is self._noted_join:
            return
        if any(e.state is State.STANDING and e.call.span.start > join.call.span.start for e in self.entries):
            self._noted_join = join
            yield from self.note(reports.joined_before(join.call.span))

    def plan(self) -> Plan:
        """Return what stands: tasks in the order of the text, but behind what they read."""
        standing = (e.task for e in self.entries if e.state is State.STANDING and e.task is not None)
        return Plan(tuple(self.inputs.values()), in_order(standing), self.shown_join)

    def diagnostics(self) -> list[Diagnostic]:
        """Return every diagnostic that stands."""
        found = [note.diagnostic for note in self.notes]
        for standing in self.entries:
            if standing.state is State.STANDING:
                found += standing.diagnostics
        if self.shown_join is not None:
            found += self._said_of_join
        return found

    def repaired(self) -> dict[int, tuple[str, ...]]:
        """Return the codes of the repairs that count, by task."""
        return {e.id: e.repaired for e in self.entries if e.state is State.STANDING and e.repaired}

    def _add_task(self, read: Read, thought: str, inner: dict[str, Entry]) -> Iterator[Event]:
        twin = self.numbers.latest(read.number)
        if twin is not None and not inner and self._is_stutter(twin, read):
            yield from self.note(reports.repeated(read.call.span))
            return
        if len(self.entries) >= self.limit:
            yield from self.fail(reports.too_many(self.limit, read.call.span))
            return
        made = self._entry(read, thought, inner)
        self._define(made, read)
        if self.failed_at is not None:
            self.unread.add(made.id)
            return
        yield from self._arrived(made)

    def _is_stutter(self, twin: Entry, read: Read) -> bool:
        """Whether a call repeats another: the same words, and its references mean the same."""
        if not entries.same_call(twin.call, read.call):
            return False
        probe = Entry(self._order, read.call, read.number, 0, "", (), ())
        find = self.numbers.find
        return all(find(twin, n) is find(probe, n) for n in probe.mentions.numbers)

    def _entry(self, read: Read, thought: str, inner: dict[str, Entry]) -> Entry:
        made = Entry(self._order, read.call, read.number, 0, thought, read.diagnostics, read.codes)
        if inner:
            made.inner = {name: entry for name, entry in inner.items() if name in made.mentions.names}
        self._order += 1
        self.entries.append(made)
        self.styled = self.styled or REFERENCE_STYLE.code in read.codes or bool(read.variable and read.number)
        return made

    def _define(self, made: Entry, read: Read) -> None:
        """Give an entry its id and make it known by its number and its name."""
        if self.numbers.define(made):
            made.renumbered = not self.numbers.is_earlier(made.written or 0)  # what it means is settled then
            made.base += (reports.number_taken(made),)
        if made.base and made.id != made.written:
            made.base = tuple(entries.renumbered_fix(found, made.id) for found in made.base)
        if read.variable:
            self.variables[read.variable] = made
            made.variable = read.variable

    def _arrived(self, made: Entry) -> Iterator[Event]:
        """Give an entry out if nothing is missing, else let it wait; then those that waited for it."""
        wanted = made.mentions.numbers
        self.dollars = self.dollars or bool(wanted)
        for name in made.mentions.names:
            if name not in self.inputs:
                self._named.setdefault(name, []).append(made)
        self.numbers.mention(wanted)
        if self._waiting.unclear and self.numbers.clear:
            for waiting in self._waiting.take_unclear():
                yield from self._release(waiting)
        for number in wanted:
            target = self.numbers.find(made, number)
            if target is None or target is made:
                self._waiting.for_number(made, number)
            else:
                self._waiting.behind(made, target)
        named = (self.variables.get(name) for name in made.mentions.names)
        for target in (*made.inner.values(), *named):
            if target is not None and target is not made:
                self._waiting.behind(made, target)
        self._wait_for_style(made)
        self._waiting.arrived(made)
        yield from self._release(made)

    def _wait_for_style(self, made: Entry) -> None:
        """Hold a call whose text names results in another notation until it is clear that the model writes it so."""
        if all(self.numbers.find(made, number) is None for number in made.mentions.possible):
            return
        if self.styled or self.numbers.finds(made, made.mentions.sure):
            self.styled = True
        else:
            self._waiting.for_style(made)

    def _release(self, first: Entry) -> Iterator[Event]:
        """Give out an entry and all that only waited for it."""
        ready = deque([first])
        while ready:
            current = ready.popleft()
            if current.missing or current.state is not State.WAITING or self._is_past(current):
                continue
            if self.numbers.is_unclear(current):
                if current not in self._waiting.unclear:
                    self._waiting.unclear.append(current)
                continue
            if self._reads_past(current):
                self.unread.add(current.id)
                yield from self._fail_at(current.order)
                continue
            if not (yield from self._give(current)):
                continue
            ready += self._waiting.given(current)
            if self.styled:
                ready += self._waiting.style_is_clear()

    def _give(self, made: Entry) -> Generator[Event, None, bool]:
        """Resolve an entry and give it out, or refuse it; return whether it stands."""
        if made.mentions.nothing and not self.variables:
            args = made.call.args
        else:
            resolver = self._resolver(made)
            args = resolver.arguments()
            if resolver.failed:
                yield from self._refuse(made, resolver.found)
                return False
            made.found, made.found_codes = resolver.found, resolver.codes
        made.task = Task(made.id, made.call.tool, args, (), 0.0, made.thought, made.call.span, made.call.name_at)
        made.state = State.STANDING
        self._given.append(made)
        yield TaskParsed(made.task, made.diagnostics, made.repaired)
        return True

    def _resolver(self, made: Entry) -> Resolver:
        styled = made.mentions.possible if self.styled else ()
        known = {n: self.numbers.find(made, n) is not made for n in styled if self.numbers.find(made, n) is not None}
        if known or self.variables:
            args = tuple(
                replace(arg, value=entries.restyled(arg.value, known, self.variables, arg.span))
                for arg in made.call.args
            )
            made.call = replace(made.call, args=args)
        return Resolver(
            made, lambda n: self.numbers.find(made, n), self.variables, self.inputs, self.tools, self._largest
        )

    def _largest(self) -> int:
        """Return the largest number among the last calls, and one more for the join."""
        return max((e.written or e.id for e in self.entries[-50:]), default=1) + 1

    def _refuse(self, made: Entry, found: list[Diagnostic]) -> Iterator[Event]:
        made.state = State.DROPPED
        self.unread.add(made.id)
        for diagnostic in found:
            if diagnostic.is_error:
                self.notes.append(Note(made.order, diagnostic))
                yield DiagnosticFound(diagnostic)
        yield from self._fail_at(made.order)

    def _fail_at(self, order: int) -> Iterator[Event]:
        if self.failed_at is not None and self.failed_at <= order:
            return
        self.failed_at = order
        for later in reversed(self.entries):
            if later.order >= order and later.state is State.STANDING:
                later.state = State.WAITING
                later.missing += 1
                self.unread.add(later.id)
                yield Retracted(later.id)
        if self.shown_join is not None:
            self.shown_join = None
            yield JoinParsed(None)

    def _is_past(self, made: Entry) -> bool:
        return self.failed_at is not None and made.order >= self.failed_at

    def _reads_past(self, made: Entry) -> bool:
        """Whether a call reads one behind the first call that can't be read."""
        if self.failed_at is None:
            return False
        targets = [self.numbers.find(made, number) for number in made.mentions.numbers]
        targets += [self.variables.get(name) for name in made.mentions.names]
        return any(target is not None and self._is_past(target) for target in targets)

    def _number_late(self) -> None:
        """Give the calls that stood inside of others the numbers past all that are in use."""
        last = max([self.numbers.last(), *(j.written or 0 for j in self.joins)])
        for late in self._late:
            last += 1
            self.numbers.assign(late, last)
            late.missing -= 1
            late.base += (reports.nested(late),)
            numbered = (self.numbers.find(late, number) for number in late.mentions.numbers)
            for target in (*late.inner.values(), *numbered):
                if target is not None:
                    self._waiting.behind(late, target)
        self._late = []

    def _add_join(self, read: Read, thought: str, inner: dict[str, Entry]) -> Iterator[Event]:
        made = Entry(
            self._order, read.call, read.number, read.number or 0, thought, read.diagnostics, read.codes, inner
        )
        self._order += 1
        if self.join is not None:
            yield from self.note(reports.joined_early(self.join.call.span))
        self.join = self._last_join = made
        self.joins.append(made)
        if REFERENCE_STYLE.code in read.codes:
            self.styled = True
            for waiting in self._waiting.style_is_clear():
                yield from self._release(waiting)
        if len(self.joins) <= _JOINS_SHOWN:
            yield from self._show_join(final=False)

    def _show_join(self, final: bool) -> Iterator[Event]:
        made = self.join
        if made is None or self.failed_at is not None:
            return
        targets = [self.numbers.find(made, number) for number in made.mentions.numbers]
        waits = any(t is None or t.state is not State.STANDING for t in [*targets, *made.inner.values()])
        if waits and not final:
            return
        resolver = self._resolver(made)
        args = resolver.arguments()
        if resolver.failed:
            yield from self._refuse(made, resolver.found)
            self.join = None
            return
        standing = self.plan().tasks if not made.call.args and made.call.kind == "join" else ()
        call = replace(made.call, args=args, id=None if self.numbers.is_taken(made.written) else made.written)
        join = build_join(call, made.thought, standing)
        made.found, made.found_codes = resolver.found, resolver.codes
        if join == self.shown_join and made.diagnostics == self._said_of_join:
            return
        self.shown_join, self._said_of_join = join, made.diagnostics
        yield JoinParsed(join, made.diagnostics)
