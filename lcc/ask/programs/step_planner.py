"""Ask the planner for plans with steps: values, conditions and loops beside calls. Each runs while it is written, as programs do.

A plan is read as it stands, and as strict: it means what its steps mean one after the other, and its first failure ends it. A further
plan reads the results of those before it by their numbers.
"""

from __future__ import annotations

from typing import Final

from lcc.ask.asked import Asked
from lcc.ask.diary import digest_of
from lcc.ask.joining.looks import Looks
from lcc.ask.memory import Round
from lcc.ask.planning.approved_plans import NoRun, Trial
from lcc.ask.planning.kept_plans import strict_text
from lcc.ask.planning.plan_run import Verdict
from lcc.ask.planning.planner import AskedText
from lcc.ask.planning.planner_prompt import refusal_message
from lcc.ask.programs.program_planner import ProgramPlanner
from lcc.ask.programs.program_results import show_steps
from lcc.ask.programs.program_run import BegunTooEarly, ProgramRun
from lcc.ask.programs.step_prompt import further_message, step_system_message
from lcc.ask.written import with_writes
from lcc.grammar.ir import Plan, Statement, block_statements
from lcc.grammar.python.arriving.step_stream import NO_STEPS_BEHIND, StepStream, named_by
from lcc.models.request import Message, ReplyGrammar

ALL: Final = range(10**9)
"""Every id: nothing is begun too early where nothing is begun."""


class StepPlanner(ProgramPlanner):
    """The planner's side of one question, where plans have steps."""

    def __init__(self, asked: Asked) -> None:
        super().__init__(asked)
        self._behind = NO_STEPS_BEHIND

    def _first(self) -> Message:
        return step_system_message(self._told, self._settings.examples, chosen=self._chosen)

    def _refusal(self, problems: str) -> Message:
        return refusal_message(with_writes(problems, self._writes))

    def _grammar(self) -> ReplyGrammar | None:
        return self._grammars.grammar(self._next_id, self._behind.ids)

    @property
    def _next_id(self) -> int:
        """The first id behind those of the plans before, their failed steps too."""
        return 1 + max((_id_of(one) for block, _ in self._behind.done for one in block_statements(block)), default=0)

    def _stream(self) -> StepStream:
        return StepStream(behind=self._behind, ahead=[id_ for call in self._ahead for id_ in named_by(call)])

    def _trial(self) -> Trial:
        stream = StepStream(behind=self._behind, ahead=ALL)
        return ProgramRun(NoRun(self._tools), self._signatures, stream, round_=0, emit=lambda event: None)

    async def _attempt(self, number: int, asked: AskedText) -> tuple[str, Verdict, Round | None]:
        """Have a plan written and run. Where a step had begun that another stands in for, the plan is begun again, and only reads were made."""
        try:
            return await super()._attempt(number, asked)
        except BegunTooEarly as late:
            self._ahead = late.calls
            again = AskedText(digest_of("ahead", [number, late.text]), None, late.text, "approved")
            return await super()._attempt(number, again)
        finally:
            self._ahead = ()

    def _texts(self, stream: StepStream, verdict: Verdict) -> tuple[Plan, str]:
        join = verdict.written.join
        plan = Plan(stream.inputs, (), join, body=tuple(stream.statements), fails="strict")
        return plan, strict_text(plan)

    def ask_again(self, round_: Round, wanted: str) -> None:
        """Tell the planner that the last plan's results are not enough, or what it failed by."""
        results = show_steps(round_, Looks(self._settings.result_tokens), everything=True)
        results = with_writes(results, self._writes)
        self._talk.append(further_message(results, wanted, self._next_id, failed=round_.result.failure is not None))

    def _keep(self, round_: Round) -> None:
        self._talk.append(Message("assistant", f"{(round_.program or '').strip()}\n<END_OF_PLAN>"))


def _id_of(statement: Statement) -> int:
    found = getattr(statement, "id", None)
    return found if isinstance(found, int) else 0
