"""Answer one question: plan, run, join, and again until there is an answer or no further plan is allowed."""

from __future__ import annotations

from collections.abc import Callable

from anyio import move_on_after

from lcc.ask.accounts import Accounts, Stopped
from lcc.ask.answer import Answer, AnswerStatus, AskFailed
from lcc.ask.decision import Decision
from lcc.ask.events import Answered, AnswerText, AskSink
from lcc.ask.joiner import Joiner
from lcc.ask.memory import Round
from lcc.ask.observations import show_round
from lcc.ask.planner import Planner, PlanRefusedTwice
from lcc.ask.repetition import repeats
from lcc.ask.settings import AskSettings
from lcc.ask.typed import AnswerType, NotOfType
from lcc.grammar.values import to_text
from lcc.models.faults import ModelFault

REPEATED = "the further plan repeats calls that were made, so no other was asked for"


class Session:
    """One question on its way to an answer."""

    def __init__(
        self,
        planner: Planner,
        joiner: Joiner,
        accounts: Accounts,
        settings: AskSettings,
        answer_type: AnswerType | None,
        clock: Callable[[], float],
        emit: AskSink,
    ) -> None:
        self._planner = planner
        self._joiner = joiner
        self._accounts = accounts
        self._settings = settings
        self._answer_type = answer_type
        self._clock = clock
        self._emit = emit
        self._began = clock()
        self._rounds: list[Round] = []

    async def answer(self, plan: str | None = None) -> Answer:
        """Return the answer; with `plan`, the first plan is this text. Raise AskFailed if a model gives none.

        A limit that is reached doesn't raise: the answer then says `stopped`, and holds what is known.
        """
        limit = self._settings.limits.seconds
        try:
            with move_on_after(limit) as scope:
                found = await self._rounds_of_plans(plan)
            if scope.cancelled_caught:
                raise Stopped(f"the limit of {limit:g} s is reached")
        except Stopped as stop:
            found = self._end(AnswerStatus.STOPPED, reason=str(stop))
        except (ModelFault, PlanRefusedTwice, NotOfType) as fault:
            failed = self._end(AnswerStatus.FAILED, reason=str(fault))
            self._emit(Answered(failed))
            raise AskFailed(str(fault), failed) from fault
        self._emit(Answered(found))
        return found

    async def _rounds_of_plans(self, plan: str | None) -> Answer:
        while True:
            number = len(self._rounds) + 1
            round_ = await self._planner.next_round(number, plan if number == 1 else None)
            repeated = repeats(round_, self._rounds)
            self._rounds.append(round_)
            direct = self._direct(round_)
            if direct is not None:
                return direct
            may_replan = number <= self._settings.max_replans and not repeated
            decision = await self._joiner.decide(round_, may_replan=may_replan)
            if not decision.replan:
                return self._decided(decision, REPEATED if repeated else "")
            results = show_round(round_, self._settings.result_tokens, everything=True)
            self._planner.ask_again(results, decision.text)

    def _direct(self, round_: Round) -> Answer | None:
        """Return the answer that the plan itself gives, if it does."""
        if not round_.result.answered:
            return None
        value = round_.result.answer
        text = to_text(value)
        if self._answer_type is not None:
            try:
                typed = self._answer_type.read(value)
            except NotOfType:
                return None
            return self._end(AnswerStatus.ANSWERED, text=text, value=typed)
        self._emit(AnswerText(text))
        return self._end(AnswerStatus.ANSWERED, text=text, value=value)

    def _decided(self, decision: Decision, reason: str) -> Answer:
        value = decision.text if self._answer_type is None else decision.value
        return self._end(
            AnswerStatus.ANSWERED, text=decision.text, value=value, thought=decision.thought, reason=reason
        )

    def _end(
        self, status: AnswerStatus, *, text: str = "", value: object = None, thought: str = "", reason: str = ""
    ) -> Answer:
        rounds = self._rounds
        left = self._planner.unfinished
        if left is not None and all(left is not known for known in rounds):
            rounds = [*rounds, left]
        return Answer(
            status=status,
            text=text,
            value=value,
            thought=thought,
            reason=reason,
            rounds=tuple(rounds),
            usage=dict(self._accounts.roles),
            diagnostics=tuple(d for round_ in rounds for d in round_.diagnostics),
            seconds=self._clock() - self._began,
        )
