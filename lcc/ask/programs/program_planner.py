"""Ask the planner for a program, and run it while it is written.

A further program goes on in the names of those before it, as they were where each ended. Of one that failed, what a call gave that
ended well answers for an equal one; behind one that ended well reads are made anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from anyio import to_thread

from lcc.ask.asked import Asked
from lcc.ask.events import PlanReady
from lcc.ask.joining.looks import Looks
from lcc.ask.memory import Round
from lcc.ask.planning.approved_plans import NoRun, Trial
from lcc.ask.planning.plan_run import Verdict, close_journal, note_verdict, run_options
from lcc.ask.planning.planner import AskedText, Planner
from lcc.ask.planning.prose import Prose
from lcc.ask.programs.program_prompt import fenced, go_on_message, refusal_message, system_message
from lcc.ask.programs.program_results import show_program
from lcc.ask.programs.program_run import ProgramRun
from lcc.ask.written import with_writes
from lcc.grammar.ir import Plan, Task, TaskId
from lcc.grammar.python.arriving.program_stream import NOTHING_BEHIND, ProgramStream
from lcc.models.request import Message, ReplyGrammar
from lcc.runtime.journal.record import RunJournal
from lcc.runtime.journal.spilling import read_back
from lcc.runtime.program.before import Before, Done
from lcc.runtime.program.table import Table
from lcc.runtime.result import FailureKind, TaskRecord
from lcc.runtime.run import Run

_EMPTY = Plan(body=(), fails="strict")
_SPENT = frozenset({FailureKind.FUEL, FailureKind.REFUSED, FailureKind.BUDGET})
"""After these no other program is asked for: it would begin with what was too much."""


@dataclass(slots=True)
class _Attempt:
    run: Run
    program: ProgramRun[Any]
    journal: RunJournal | None


class ProgramPlanner(Planner):
    """The planner's side of one question, where plans are programs."""

    def __init__(self, asked: Asked) -> None:
        super().__init__(asked)
        self._behind: Any = NOTHING_BEHIND
        self._ahead: tuple[Task, ...] = ()
        self._records: dict[TaskId, TaskRecord] = {}
        self._table = Table()

    def _first(self) -> Message:
        return system_message(self._told, self._settings.examples, chosen=self._chosen)

    def _refusal(self, problems: str) -> Message:
        return refusal_message(with_writes(problems, self._writes))

    def _grammar(self) -> ReplyGrammar | None:
        return None

    def _prose(self, written: str, verdict: Verdict) -> Prose | None:
        """Words are no Python; what can be read as a program isn't said to people."""
        unread = any(one.code.startswith("P1") for one in verdict.diagnostics)
        return super()._prose(written, verdict) if unread else None

    def error_of(self, round_: Round) -> str:
        """Return what a program failed by, if another one can be asked for with that."""
        failure = round_.result.failure
        return "" if failure is None or failure.kind is not FailureKind.RAISED else failure.shown

    def may_go_on(self, round_: Round) -> bool:
        """Whether another program may follow."""
        failure = round_.result.failure
        return failure is None or failure.kind not in _SPENT

    def ask_again(self, round_: Round, wanted: str) -> None:
        """Tell the planner that the last program's output is not enough, or what it failed by."""
        results = show_program(round_, Looks(self._settings.result_tokens))
        names = ProgramStream(self._signatures, behind=self._behind).names
        results = with_writes(results, self._writes)
        self._talk.append(go_on_message(results, wanted, names, failed=round_.result.failure is not None))

    def _keep(self, round_: Round) -> None:
        self._talk.append(Message("assistant", fenced(round_.program or "")))

    def _trial(self) -> Trial:
        return ProgramRun(NoRun(self._tools), self._signatures, self._stream(), round_=0, emit=lambda event: None)

    def _stream(self) -> Any:
        """Return what reads the next program."""
        return ProgramStream(self._signatures, behind=self._behind)

    async def _attempt(self, number: int, asked: AskedText) -> tuple[str, Verdict, Round | None]:
        journal = await self._caller.diary.open_run(asked.key)
        options = run_options(self._settings.options, self._caller.accounts, self._emit, number, journal)
        self._writes.next_plan(number)
        stream = self._stream()
        done = tuple(Done(block, failed) for block, failed in stream.done)
        records = await to_thread.run_sync(read_back, self._records) if self._records else {}
        before = Before(done, records, self._ahead, self._table, stream.place_of)
        run_id = None if journal is None else journal.run
        run = Run(
            _EMPTY, self._tools, options=options, keep_events=False, before=before, writes=self._writes, run_id=run_id
        )
        attempt: _Attempt | None = None
        verdict: Verdict | None = None
        try:
            async with run:
                program = ProgramRun(run, self._signatures, stream, round_=number, emit=self._emit)
                attempt = _Attempt(run, program, journal)
                written, finish = await self._text(number, program.feed, asked, journal)
                verdict = self._with_held(program.end(finish))
                note_verdict(journal, verdict, self._signatures)
                if verdict.plan is not None:
                    found, source = verdict.diagnostics, verdict.source
                    self._emit(PlanReady(number, verdict.written, found, source, reused=asked.role == "plan"))
                    await run.wait()
        finally:
            round_ = self._ended(number, attempt, verdict)
        return written, verdict, round_

    def _ended(self, number: int, attempt: _Attempt | None, verdict: Verdict | None) -> Round | None:
        """Take down what a run gave, however it ended."""
        if attempt is None:
            return None
        result = close_journal(attempt.journal, attempt.run, self._writes)
        stream = attempt.program.stream
        self._caller.accounts.charge_tools(result.usage)
        shown = verdict or attempt.program.broken_off()
        reused = sum(1 for into in result.merged.values() if into not in result.tasks)
        failed = result.failure is not None
        plan, text = self._texts(stream, shown)
        pieces, reached = stream.pieces(), stream.reached(result.statement, failed=failed)
        found, source = shown.diagnostics, shown.source
        round_ = Round(number, plan, plan, result, result.tasks, found, source, reused, text, pieces, reached)
        self.unfinished = round_ if result.tasks else None
        if shown.plan is None:
            self._table.begin_anew()
            return None
        self._table.go_on(result.tasks, failed=failed)
        self._behind = stream.behind(result.statement, failed=failed)
        self._records.update(result.tasks)
        return round_

    def _texts(self, stream: Any, verdict: Verdict) -> tuple[Plan, str]:
        """Return a program as a plan, and its text."""
        return Plan(body=tuple(stream.statements), fails="strict"), stream.program
