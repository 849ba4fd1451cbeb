"""Run a plan while a model writes it: text in, calls out at the end of each line, everything else when the plan is whole.

text ─▶ StreamParser ─▶ Online (verify, expand, deduplicate, order) ─▶ Run.add
end  ─▶ whole and without errors? ─▶ complete ─▶ Run.finish,  else nothing that changes anything has been called

The text is read a bounded piece at a time, so that none, however it arrives, holds the event loop for long.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final, Protocol

from anyio.lowlevel import checkpoint

from lcc.ask.accounts import Accounts
from lcc.ask.events import AskSink, Running, TaskPlanned
from lcc.ask.memory import Memory
from lcc.codes import NOT_WHOLE
from lcc.grammar.diagnostics import Diagnostic, Severity, has_errors
from lcc.grammar.ir import InputDecl, Join, Plan, Statement, Task, TaskId, Value, dependencies
from lcc.grammar.lenient.marks.events import Ended, Event, InputParsed, JoinParsed, Retracted, TaskParsed
from lcc.grammar.lenient.stream import StreamParser
from lcc.grammar.signatures import Tools
from lcc.grammar.source import Source
from lcc.grammar.syntax.parser import Parsed
from lcc.passes.context import Change
from lcc.passes.online import Online, Step, complete
from lcc.runtime.consent.write_log import WriteLog
from lcc.runtime.events import Event as RunEvent
from lcc.runtime.inputs import RunError
from lcc.runtime.journal.compilation import compilation_of
from lcc.runtime.journal.record import RunJournal
from lcc.runtime.journal.spilling import spilled
from lcc.runtime.options import Options
from lcc.runtime.result import FailureKind, RunResult
from lcc.runtime.run import Run

NO_JOIN: Final = "V003"
NO_TOOLS: Final = "give the answer itself, without a call: answer(…)"
PROGRAM: Final = "this is a program with more than calls, where a plan of calls is asked for"
NO_PROGRAM: Final = "write numbered calls, without conditions, loops and computations"
NO_INPUTS: Final = "declare no inputs, and write their values in the calls"


def run_options(
    given: Options,
    accounts: Accounts,
    emit: AskSink,
    round_: int,
    journal: RunJournal | None,
    seen: Callable[[RunEvent], None] | None = None,
) -> Options:
    """Return the options of one plan's run: within what is left to spend, its events among the ask's. `seen` gets them first."""
    own = given.on_event

    def on_event(event: RunEvent) -> None:
        for sink in (seen, own):
            if sink is not None:
                sink(event)
        emit(Running(round_, event))

    budget, asker = accounts.left(given.budget), accounts.budget_asker(given.budget, given.on_budget)
    return replace(given, on_event=on_event, budget=budget, on_budget=asker, journal=journal)


_GOING_ON: Final = frozenset({FailureKind.CANCELLED, FailureKind.WAITING, FailureKind.JOURNAL})


def close_journal(journal: RunJournal | None, run: Run, writes: WriteLog) -> RunResult:
    """Close the journal of a run, and return what is kept of its result in memory. One that was broken off, or waits for somebody, hasn't ended."""
    result = run.result
    if journal is None:
        return result
    failures = [result.failure, *(record.error for record in result.tasks.values())]
    going_on = any(failure is not None and failure.kind in _GOING_ON for failure in failures)
    journal.close(None if going_on else result)
    kept = spilled(journal, result)
    run.keep(kept)
    writes.replace(kept.tasks)
    return kept


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of a text. `plan`: what is run; None if the text is refused, for the errors among `diagnostics`. `changes`: what passes did."""

    written: Plan
    plan: Plan | None
    diagnostics: tuple[Diagnostic, ...]
    source: Source
    changes: tuple[Change, ...] = ()


def note_verdict(journal: RunJournal | None, verdict: Verdict, tools: Tools) -> None:
    """Take down what a report tells of a plan."""
    if journal is not None:
        plan, found = verdict.plan or verdict.written, verdict.diagnostics
        journal.note_compilation(compilation_of(plan, verdict.source, tools, verdict.changes, found, verdict.written))


def told_to_model(found: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Return what keeps a plan from being run, with the help that a model can follow: nobody gives its plans inputs, or tools."""
    helps = {"X001": NO_INPUTS, "X004": NO_TOOLS}
    return tuple(replace(one, help=helps.get(one.code, one.help)) for one in found)


class OpenRun(Protocol):
    """A run that takes a plan while it is written."""

    def add(self, statement: Statement) -> None:
        """Add a call, or a statement."""

    def declare(self, declared: InputDecl) -> None:
        """Take an input."""

    def gather(self, lists: Mapping[TaskId, Value]) -> None:
        """Say what fan-outs are made of."""

    def retract(self, id_: TaskId) -> None:
        """Take a call back."""

    def cancel(self, message: str = ...) -> None:
        """Stop it."""

    def finish(self, plan: Plan) -> None:
        """Take the whole plan; raises RunError."""


class PlanRun:
    """Feed it the planner's text; it adds calls to an open run. `end` decides about the rest."""

    def __init__(self, run: OpenRun, tools: Tools, memory: Memory, *, level: int, round_: int, emit: AskSink) -> None:
        self._run = run
        self._tools = tools
        self._level = level
        self._round = round_
        self._emit = emit
        self._earlier = memory.earlier()
        self._parser = StreamParser(tools, earlier=memory.ids())
        self._online = Online(tools, level=level, earlier=self._earlier)
        self._join: Join | None = None
        self._ended = Ended(False, "nothing was written")
        self._added: dict[TaskId, Task] = {}
        self.started: set[TaskId] = set()

    def feed(self, text: str) -> None:
        """Take a piece of the text."""
        self._take(self._parser.feed(text))

    def end(self, finish_reason: str = "stop") -> Verdict:
        """Take the end of the text. If the plan is whole and has no errors, everything else may start; else nothing more does."""
        self._take(self._parser.close(finish_reason))
        parsed = self._parser.parsed("plan")
        self._online.finish(self._join)
        found = self._findings(parsed)
        if has_errors(found):
            return Verdict(parsed.plan, None, found, parsed.source)
        plan, level = self._online.plan(), self._level
        optimized = complete(plan, self._tools, level=level, started=self.started, earlier=self._earlier)
        try:
            self._run.finish(optimized.plan)
        except RunError as error:  # an input that nobody gives a value here; or a call where there are no tools
            found = (*found, *told_to_model(error.diagnostics))
            return Verdict(parsed.plan, None, found, parsed.source)
        changes = (*self._online.changes(), *optimized.changes)
        return Verdict(parsed.plan, optimized.plan, found, parsed.source, changes)

    def _findings(self, parsed: Parsed) -> tuple[Diagnostic, ...]:
        """Return what is wrong, each thing once: a text without a call has no join either, and a plan without one isn't whole."""
        if parsed.plan.body is not None:
            return (*parsed.diagnostics, Diagnostic(NOT_WHOLE, Severity.ERROR, PROGRAM, None, NO_PROGRAM))
        if not parsed.plan.tasks and parsed.plan.join is None and has_errors(parsed.diagnostics):
            return parsed.diagnostics
        lacking = tuple(self._wholeness())
        checked = (d for d in self._online.diagnostics() if not (lacking and d.code == NO_JOIN))
        return (*lacking, *parsed.diagnostics, *checked)

    def broken_off(self) -> Verdict:
        """Return what was written, of a text that broke off."""
        self._parser.close("it broke off")
        parsed = self._parser.parsed("plan")
        return Verdict(parsed.plan, None, (*self._wholeness(), *parsed.diagnostics), parsed.source)

    def so_far(self) -> Plan:
        """Return the plan as it is now, bound."""
        return self._online.plan()

    def _wholeness(self) -> Iterable[Diagnostic]:
        if not self._ended.whole:
            help_ = "write the whole plan, and end it with join() or answer(…) and <END_OF_PLAN>"
            yield Diagnostic(NOT_WHOLE, Severity.ERROR, f"the plan is not whole: {self._ended.why}", None, help_)

    def _take(self, events: Iterable[Event]) -> None:
        gone: list[TaskId] = []
        for event in events:
            if isinstance(event, Retracted):
                gone.append(event.id)  # together: each time, what is left of the plan is checked again
                continue
            self._retract(gone)
            match event:
                case TaskParsed(task, _, repaired):
                    self._emit(TaskPlanned(self._round, task))
                    self._apply(self._online.add(task, repairs=repaired))
                case InputParsed(declared):
                    self._online.declare(declared)
                    self._run.declare(declared)
                case JoinParsed(join):
                    self._join = join
                case Ended():
                    self._ended = event
                case _:  # diagnostics: what stands in the end is asked for then
                    pass
        self._retract(gone)

    def _retract(self, gone: list[TaskId]) -> None:
        if gone:
            self._apply(self._online.retract(tuple(gone)))
            gone.clear()

    def _apply(self, step: Step) -> None:
        """Change the run as the plan changed. What reads a call that is taken back leaves the run with it, and comes again."""
        self._run.gather(step.lists)
        gone = set(step.cancelled)
        for id_ in step.cancelled:
            if id_ in self._added:
                self._run.retract(id_)
        if gone:
            for id_, task in self._added.items():
                if any(read in gone for read in dependencies(task)):
                    gone.add(id_)
            for id_ in gone:
                self._added.pop(id_, None)
                self.started.discard(id_)
        new = {task.id for task in step.tasks}
        for task in self._online.plan().tasks if gone else step.tasks:
            if task.id in new or task.id in gone:
                self._add(task)

    def _add(self, task: Task) -> None:
        with suppress(RunError):  # without tools no name is unknown to `verify`; the whole plan is refused at its end
            self._run.add(task)
            self._added[task.id] = task


AT_ONCE: Final = 1_024
"""How many characters are read before the event loop is given back."""


class Reading:
    """Hand a text on to `feed`. A model calls `take` with each piece; `rest` reads what is left when the model has ended."""

    def __init__(self, feed: Callable[[str], None]) -> None:
        self._feed = feed
        self._left: deque[str] = deque()

    def take(self, piece: str) -> None:
        """Take a piece, and read about `AT_ONCE` characters of what is there."""
        self._left.extend(piece[at : at + AT_ONCE] for at in range(0, len(piece), AT_ONCE))
        self._some()

    async def rest(self) -> None:
        """Read the rest, and give the event loop back in between. A cancellation ends it."""
        while self._left:
            await checkpoint()
            self._some()

    def _some(self) -> None:
        room = AT_ONCE
        while self._left and room > 0:
            piece = self._left.popleft()
            room -= len(piece)
            self._feed(piece)
