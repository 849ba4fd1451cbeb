"""The strategy `lcc`: plan, run the plan while it is written, join, and again until there is an answer or no further plan is allowed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from lcc.ask.asked import Asked, Solved
from lcc.ask.events import AnswerText, Replanned
from lcc.ask.joining.decision import Decision
from lcc.ask.joining.joiner import Joiner
from lcc.ask.memory import Round, repeats
from lcc.ask.planning.approved_plans import check_waiting
from lcc.ask.planning.plan_files import PlanCache
from lcc.ask.planning.planner import Planner
from lcc.ask.planning.prose import Prose
from lcc.ask.programs.program_planner import ProgramPlanner
from lcc.ask.programs.step_planner import StepPlanner
from lcc.ask.strategies.replies import unplanned
from lcc.ask.typed import NotOfType
from lcc.codes import NOT_DECIDED
from lcc.grammar.diagnostics import Diagnostic, Severity
from lcc.grammar.values import to_text

NO_DECISION = "the joiner's reply holds no answer that can be read: this is its text"
REPEATED = "the further plan repeats calls that were made, so no other was asked for"

_PLANNERS: Final[Mapping[str, Callable[[Asked], Planner]]] = {
    "plan": Planner,
    "steps": StepPlanner,
    "python": ProgramPlanner,
}


class PlanAndJoin:
    """One question on its way to an answer."""

    def __init__(self, asked: Asked, *, plan: str | None = None, cache: PlanCache | None = None, model: str) -> None:
        """`plan`: the text of the first plan, which is then not asked for, nor looked up in the `cache`. `model`: the planner's."""
        self._planner = _PLANNERS[asked.settings.language](asked)
        self._joiner = Joiner(
            asked.caller,
            asked.question,
            asked.history,
            asked.answer_type,
            asked.settings.result_tokens,
            asked.emit,
            asked.writes,
        )
        self._asked = asked
        self._plan = plan
        self._cache = cache if plan is None else None
        self._model = model
        self._rounds: list[Round] = []

    @property
    def rounds(self) -> Sequence[Round]:
        """The plans with their results, an unfinished one last."""
        left = self._planner.unfinished
        if left is not None and all(left is not known for known in self._rounds):
            return [*self._rounds, left]
        return self._rounds

    async def solve(self) -> Solved:
        """Return the answer; raises as `Solver.solve`."""
        if self._cache is None:
            return await self._solve(self._plan)
        prompt = self._planner.prompt
        known = self._cache.get(self._model, prompt)
        solved = await self._solve(known)
        led_to_it = not solved.notes and len(self._rounds) == 1 and self._rounds[0].result.ok
        if known is None and led_to_it:
            self._cache.put(self._model, prompt, self._rounds[0])
        return solved

    async def _solve(self, plan: str | None) -> Solved:
        settings = self._asked.settings
        while True:
            number = len(self._rounds) + 1
            round_ = await self._planner.next_round(number, plan if number == 1 else None)
            if isinstance(round_, Prose):
                return unplanned(round_, self._asked.emit)
            check_waiting(round_.result)
            repeated = repeats(round_, self._rounds)
            self._rounds.append(round_)
            direct = self._direct(round_)
            if direct is not None:
                return direct
            may_replan = number <= settings.max_replans and not repeated and self._planner.may_go_on(round_)
            error = self._planner.error_of(round_)
            if error and may_replan:
                self._asked.emit(Replanned(number, error))
                self._planner.ask_again(round_, error)
                continue
            decision = await self._joiner.decide(round_, may_replan=may_replan)
            if not decision.replan:
                return self._decided(decision, REPEATED if repeated else "")
            self._planner.ask_again(round_, decision.text)

    def _direct(self, round_: Round) -> Solved | None:
        """Return the answer that the plan itself gives, if it does."""
        if not round_.result.answered:
            return None
        value = round_.result.answer
        text = to_text(value)
        if self._asked.answer_type is not None:
            try:
                return Solved(text=text, value=self._asked.answer_type.read(value))
            except NotOfType:
                return None
        self._asked.emit(AnswerText(text))
        return Solved(text=text, value=value)

    def _decided(self, decision: Decision, reason: str) -> Solved:
        value = decision.text if self._asked.answer_type is None else decision.value
        unread = (Diagnostic(NOT_DECIDED, Severity.WARNING, NO_DECISION, None),) if decision.unread else ()
        notes = (*self._joiner.notes, *unread)
        return Solved(text=decision.text, value=value, thought=decision.thought, reason=reason, notes=notes)
