"""Ask the planner, and run what it writes while it writes it.

A reply that breaks off is asked for again, whole. A plan that is refused goes back once, with what is wrong with it. In both cases
nothing was changed, and what its reads found serves the next attempt.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from lcc.ask.accounts import Stopped
from lcc.ask.asked import Asked
from lcc.ask.caller import CUT_OFF
from lcc.ask.diary import digest_of, request_digest
from lcc.ask.events import PlannerHeld, PlanReady, PlanRefused, PlanStarted, PlanText
from lcc.ask.joining.looks import Looks
from lcc.ask.joining.observations import show_round
from lcc.ask.memory import Memory, Round, merged_ids, round_records
from lcc.ask.planning.approved_plans import NoRun, NotApproved, PlanApprovals, Trial
from lcc.ask.planning.plan_grammars import PlanGrammars
from lcc.ask.planning.plan_run import PlanRun, Reading, Verdict, close_journal, note_verdict, run_options
from lcc.ask.planning.planner_prompt import denial_message, problems, refusal_message, replan_message, system_message
from lcc.ask.planning.prose import Prose, prose_of
from lcc.ask.written import with_writes
from lcc.codes import NOT_HELD
from lcc.grammar.diagnostics import Diagnostic, Severity
from lcc.grammar.ir import Plan, calls_of
from lcc.grammar.source import Source
from lcc.grammar.syntax.print_plan import print_plan
from lcc.models.faults import PASSING, ModelFault
from lcc.models.request import Finish, Held, Message, ReplyGrammar, Request
from lcc.runtime.events import Event, TaskStarted
from lcc.runtime.journal.record import RunJournal
from lcc.runtime.run import Run

CORRECTIONS: Final = 1
"""How often a refused plan goes back to the model, for each plan."""


class PlanRefusedTwice(Exception):
    """The model wrote no plan that can be run. The message holds what is wrong with the last one."""


@dataclass(frozen=True, slots=True)
class AskedText:
    """What a plan's text is had by: a request, or the text itself. `key`: what a journal recognizes it by."""

    key: str
    request: Request | None
    text: str = ""
    role: str = "plan"


class _Denied(Exception):
    """Somebody said no to a plan."""

    def __init__(self, text: str, reason: str) -> None:
        super().__init__(reason)
        self.text = text
        self.reason = reason


@dataclass(slots=True)
class _Run:
    """One attempt: the open run, and what reads the text into it."""

    run: Run
    plan: PlanRun
    journal: RunJournal | None


class Planner:
    """The planner's side of one question. Its conversation grows by one exchange with every plan."""

    def __init__(self, asked: Asked) -> None:
        self._caller = asked.caller
        self._tools = asked.tools
        self._signatures = signatures = asked.signatures
        self._told, self._chosen = asked.told(), asked.choice is not None
        self._settings = settings = asked.settings
        self._emit = asked.emit
        self._answer_type = asked.answer_type
        self._writes = asked.writes
        self._talk = [
            self._first(),
            *asked.history,
            Message("user", asked.question),
        ]
        self._memory = Memory(signatures)
        self._grammars = PlanGrammars(signatures, settings.plan_bounds, steps=settings.language == "steps")
        self._held: Held | None = None
        self._approvals = (
            None
            if asked.approve_plan is None
            else PlanApprovals(
                asked.approve_plan,
                self._caller.diary,
                signatures,
                "python" if settings.language == "python" else "plan",
                self._trial,
            )
        )
        self.unfinished: Round | None = None
        self._cut_off = False

    async def next_round(self, number: int, text: str | None = None) -> Round | Prose:
        """Have a plan written and run, or run the given `text` of one; return it with its results. Words without a call are no plan.

        Raises ModelFault, PlanRefusedTwice, and Stopped at a limit. If the caller is cancelled, `unfinished` holds what had ended.
        """
        refused = broken = denied = 0
        extra: list[Message] = []
        while True:
            attempt = 1 + refused + broken + denied
            self._emit(PlanStarted(number, attempt))
            try:
                asked = self._asked(extra, text if attempt == 1 else None)
                written, verdict, round_ = await self._approved(number, asked)
            except _Denied as no:
                denied += 1
                extra = self._after_no(number, no, denied)
                continue
            except ModelFault as fault:
                broken += 1
                if fault.kind not in PASSING or broken == self._caller.tries("planner"):
                    raise
                continue
            if round_ is not None:
                self._keep(round_)
                return round_
            prose = self._prose(written, verdict) if text is None else None
            if prose is not None:
                return prose
            said = problems(verdict.diagnostics, verdict.source)
            self._emit(
                PlanRefused(number, said.splitlines()[0].removeprefix("- "), verdict.diagnostics, verdict.source)
            )
            refused += 1
            if refused > CORRECTIONS:
                cut = f"\n{CUT_OFF.format('planner')}" if self._cut_off else ""
                raise PlanRefusedTwice(f"the model wrote no plan that can be run:\n{said}{cut}")
            extra = [Message("assistant", written), self._refusal(said)]

    async def _approved(self, number: int, asked: AskedText) -> tuple[str, Verdict, Round | None]:
        """Have a plan written and run; where somebody approves, it is run once it is whole and allowed."""
        if self._approvals is None:
            return await self._attempt(number, asked)
        whole: list[str] = []
        _, finish = await self._text(number, whole.append, asked, None)
        text = "".join(whole)
        try:
            text, refused = await self._approvals.settle(text, finish)
        except NotApproved as no:
            raise _Denied(text, str(no)) from None
        if refused is not None:
            return text, self._with_held(refused), None
        return await self._attempt(number, AskedText(digest_of("approved", [number, text]), None, text, "approved"))

    def _after_no(self, number: int, no: _Denied, count: int) -> list[Message]:
        """Return what the planner is told of a plan that somebody said no to; raise Stopped where that was one too many."""
        said = no.reason or "no reason was given"
        self._emit(PlanRefused(number, f"not approved: {said}", (), Source("<plan>", no.text)))
        if count > self._settings.max_replans:
            raise Stopped(f"the plan was not approved: {said}")
        return [Message("assistant", no.text), denial_message(with_writes(said, self._writes))]

    def _trial(self) -> Trial:
        run = NoRun(self._tools)
        return PlanRun(
            run, self._signatures, self._memory, level=self._settings.level, round_=0, emit=lambda event: None
        )

    def _prose(self, written: str, verdict: Verdict) -> Prose | None:
        """Return what the planner said in words, as the answer, if it is whole and of the type that is wanted."""
        if any(calls_of(verdict.written)) or self._cut_off:
            return None
        return prose_of(written, self._signatures, self._answer_type)

    @property
    def prompt(self) -> tuple[Message, ...]:
        """What the planner is asked with next."""
        return tuple(self._talk)

    def ask_again(self, round_: Round, wanted: str) -> None:
        """Tell the planner that the last plan's results are not enough."""
        results = show_round(round_, Looks(self._settings.result_tokens), everything=True)
        results = with_writes(results, self._writes)
        self._talk.append(replan_message(results, wanted, self._memory.last_id + 1))

    def error_of(self, round_: Round) -> str:
        """Return why another plan is asked for without asking the joiner; nothing for this one: calls fail alone."""
        return ""

    def may_go_on(self, round_: Round) -> bool:
        """Whether another plan may follow."""
        return True

    def _first(self) -> Message:
        return system_message(self._told, self._settings.examples, chosen=self._chosen)

    def _refusal(self, problems: str) -> Message:
        return refusal_message(with_writes(problems, self._writes))

    def _grammar(self) -> ReplyGrammar | None:
        return self._grammars.grammar(self._memory.last_id + 1, self._memory.values())

    def _keep(self, round_: Round) -> None:
        self._memory.keep_round(round_)
        self._talk.append(Message("assistant", f"{print_plan(round_.written).strip()}\n<END_OF_PLAN>"))

    async def _attempt(self, number: int, asked: AskedText) -> tuple[str, Verdict, Round | None]:
        attempt: _Run | None = None

        def seen(event: Event) -> None:
            if attempt is not None and isinstance(event, TaskStarted):
                attempt.plan.started.add(event.id)

        journal = await self._caller.diary.open_run(asked.key)
        options = run_options(self._settings.options, self._caller.accounts, self._emit, number, journal, seen)
        self._writes.next_plan(number)
        run_id = None if journal is None else journal.run
        run = Run(
            None,
            self._tools,
            options=options,
            earlier=self._memory.values(),
            keep_events=False,
            writes=self._writes,
            run_id=run_id,
        )
        verdict: Verdict | None = None
        try:
            async with run:
                level, emit = self._settings.level, self._emit
                plan = PlanRun(run, self._signatures, self._memory, level=level, round_=number, emit=emit)
                attempt = _Run(run, plan, journal)
                written, finish = await self._text(number, plan.feed, asked, journal)
                verdict = self._with_held(plan.end(finish))
                note_verdict(journal, verdict, self._signatures)
                if verdict.plan is not None:
                    found, source = verdict.diagnostics, verdict.source
                    emit(PlanReady(number, verdict.written, found, source, reused=asked.role == "plan"))
                    await run.wait()
        finally:
            round_ = self._conclude(number, attempt, verdict)
        return written, verdict, round_

    def _with_held(self, verdict: Verdict) -> Verdict:
        """Add that the planner was to be held to a grammar, and was not."""
        if self._held is None or not self._held.failed:
            return verdict
        said = f"the planner was not held to a grammar: {self._held.why}"
        found = Diagnostic(NOT_HELD, Severity.WARNING, said, None)
        return replace(verdict, diagnostics=(*verdict.diagnostics, found))

    def _asked(self, extra: list[Message], text: str | None) -> AskedText:
        """Return what the model is asked, unless a text is given."""
        if text is not None:
            return AskedText(digest_of("plan", text), None, text)
        request = Request((*self._talk, *extra), grammar=self._grammar())
        return AskedText(request_digest("planner", request), request)

    async def _text(
        self, number: int, feed: Callable[[str], None], asked: AskedText, journal: RunJournal | None
    ) -> tuple[str, str]:
        """Feed the plan's text as it comes; return it, and why it ended."""
        reading = Reading(feed)
        diary, run = self._caller.diary, None if journal is None else journal.run
        if asked.request is None:
            if diary.take(asked.key) is None:
                await diary.note(asked.role, asked.key, asked.text, run)
            reading.take(asked.text)
            await reading.rest()
            return asked.text, "stop"

        def on_text(piece: str) -> None:
            self._emit(PlanText(number, piece))
            reading.take(piece)

        reply = await self._caller.ask_once("planner", asked.request, on_text, run=run)
        await reading.rest()
        if reply.held is not None and reply.held != self._held:
            self._held = reply.held
            self._emit(PlannerHeld(number, reply.held))
        self._cut_off = reply.finish is Finish.LENGTH
        return reply.text, "stop" if reply.finish is Finish.STOP else reply.finish.value

    def _conclude(self, number: int, attempt: _Run | None, verdict: Verdict | None) -> Round | None:
        """Take down what a run gave, however it ended."""
        if attempt is None:
            return None
        result = close_journal(attempt.journal, attempt.run, self._writes)
        self._caller.accounts.charge_tools(result.usage)
        shown = verdict or attempt.plan.broken_off()
        merged = result.merged if shown.plan is not None else merged_ids(attempt.plan.so_far())
        records, reused = round_records(shown.written, result, self._memory.records, merged)
        round_ = Round(
            number, shown.written, attempt.run.plan or Plan(), result, records, shown.diagnostics, shown.source, reused
        )
        self.unfinished = round_ if records else None
        if shown.plan is not None:
            return round_
        self._memory.keep_hidden(attempt.plan.so_far(), result)
        return None
