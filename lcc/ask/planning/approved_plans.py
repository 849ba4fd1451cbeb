"""Put a plan before somebody once it is whole and verified, and before anything of it is called.

A no goes to the planner, with its reason. What is left of a plan some of whose lines were dropped, and a text that stands in its
place, are verified as a model's text is, and shown in their turn; if something is wrong with it, the plan is shown again, with that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

from lcc.ask.accounts import Stopped
from lcc.ask.diary import Diary, digest_of
from lcc.ask.planning.plan_run import Reading, Verdict
from lcc.ask.planning.planner_prompt import problems
from lcc.grammar.given import in_brief
from lcc.grammar.ir import InputDecl, Plan, Statement, TaskId, Value
from lcc.grammar.signatures import Tools
from lcc.grammar.syntax.print_plan import print_plan
from lcc.grammar.values import Json
from lcc.plan_request import PlanAnswer, PlanApprover, PlanRequest, answer_of, plan_digest, without
from lcc.runtime.failures import message_of
from lcc.runtime.inputs import check_run
from lcc.runtime.journal.pending import Waiting
from lcc.runtime.options import LATER
from lcc.runtime.result import RunResult
from lcc.runtime.tool import Tool

_TRIES: Final = 10
"""How often a plan is shown whose replacement is wrong."""


class WaitsForApproval(Exception):
    """A plan, or a call, waits for somebody. The message says which."""


def check_waiting(result: RunResult) -> None:
    """Raise WaitsForApproval for a run that ended because a call of it waits for somebody."""
    if result.waits:
        assert result.failure is not None
        raise WaitsForApproval(result.failure.message)


class NotApproved(Exception):
    """Somebody said no to a plan. The message is the reason, and may be empty."""


class Trial(Protocol):
    """What reads a plan's text and calls nothing."""

    def feed(self, text: str) -> None:
        """Take a piece of the text."""

    def end(self, finish_reason: str = "stop") -> Verdict:
        """Say what came of it."""


class NoRun:
    """Stands where an open run stands, and runs nothing."""

    def __init__(self, tools: Mapping[str, Tool]) -> None:
        self._tools = tools
        self.plan: Plan | None = None

    def add(self, statement: Statement) -> None:
        """Take no part in it."""

    def declare(self, declared: InputDecl) -> None:
        """Take no part in it."""

    def gather(self, lists: Mapping[TaskId, Value]) -> None:
        """Take no part in it."""

    def retract(self, id_: TaskId) -> None:
        """Take no part in it."""

    def cancel(self, message: str = "") -> None:
        """Take no part in it."""

    def finish(self, plan: Plan) -> None:
        """Refuse what a run would refuse; raises RunError."""
        check_run(plan, self._tools, {})
        self.plan = plan


class PlanApprovals:
    """Who approves of the plans of one question. `trial`: returns what reads a text."""

    def __init__(
        self, approver: PlanApprover, diary: Diary, tools: Tools, language: str, trial: Callable[[], Trial]
    ) -> None:
        self._approver = approver
        self._diary = diary
        self._tools = tools
        self._language = language
        self._trial = trial

    async def settle(self, text: str, finish: str) -> tuple[str, Verdict | None]:
        """Return the text that may be run, or a verdict on one that is refused whoever approves.

        What somebody made of a plan is put before them again. Raises NotApproved for a no, WaitsForApproval where there is no answer yet, Stopped if no good text comes of it.
        """
        verdict = await self._read(text, finish)
        if verdict.plan is None:
            return text, verdict
        shown, wrong = self._shown(text, verdict), ""
        for _ in range(_TRIES):
            answer = await self._ask(shown, verdict, wrong)
            if not answer.approved:
                raise NotApproved(" ".join(answer.reason.split()))
            if answer.text is None and not answer.drop:
                return shown, None
            try:
                other = answer.text if answer.text is not None else without(verdict.written, answer.drop)
            except ValueError as error:
                wrong = str(error)
                continue
            found = await self._read(other, "stop")
            if found.plan is None:
                wrong = problems(found.diagnostics, found.source)
                continue
            if verdict.plan is not None and plan_digest(found.plan) == plan_digest(verdict.plan):
                return other, None  # it is what was shown
            shown, verdict, wrong = self._shown(other, found), found, ""
        raise Stopped(f"no plan was approved: {in_brief(wrong)}")

    async def _read(self, text: str, finish: str) -> Verdict:
        trial = self._trial()
        reading = Reading(trial.feed)
        reading.take(text)
        await reading.rest()
        return trial.end(finish)

    def _shown(self, text: str, verdict: Verdict) -> str:
        return text if self._language == "python" else print_plan(verdict.written)

    async def _ask(self, text: str, verdict: Verdict, wrong: str) -> PlanAnswer:
        assert verdict.plan is not None
        request = PlanRequest(text, verdict.plan, self._tools, self._language, wrong)
        key = digest_of("approval", [request.digest, wrong])
        known = self._diary.take(key)
        if known is not None:
            return _recorded(known.reply)
        found = await self._answer(request)
        kept: dict[str, Json] = {"approved": found.approved, "reason": found.reason, "text": found.text}
        kept["drop"] = list(found.drop)
        await self._diary.note("approval", key, kept, None)
        return found

    async def _answer(self, request: PlanRequest) -> PlanAnswer:
        waiting = self._diary.waiting
        given = None if waiting is None else await waiting(Waiting.find, request.digest)
        if given is not None and given.allowed is not None:
            return PlanAnswer(approved=given.allowed, reason=given.reason)
        try:
            answer = answer_of(await self._approver(request))
        except Exception as error:
            return PlanAnswer(approved=False, reason=f"approval failed: {message_of(error)}")
        if answer is LATER:
            if waiting is None:
                raise WaitsForApproval(
                    "the plan waits for approval, and no journal is kept in which it could be resumed"
                )
            await waiting(Waiting.put, request.digest, request.to_dict())
            raise WaitsForApproval("the plan waits for approval")
        assert isinstance(answer, PlanAnswer)
        return answer


def _recorded(kept: Any) -> PlanAnswer:
    return PlanAnswer(
        approved=kept["approved"] is True,
        reason=str(kept["reason"]),
        drop=tuple(int(one) for one in kept["drop"]),
        text=None if kept["text"] is None else str(kept["text"]),
    )
