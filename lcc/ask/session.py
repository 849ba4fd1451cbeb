"""Bring one question to its end, by whatever strategy: an answer, a limit, or a failure that keeps what was done."""

from __future__ import annotations

from collections.abc import Callable

from anyio import move_on_after

from lcc.ask.accounts import Accounts, Limits, Stopped
from lcc.ask.answer import Answer, AnswerStatus, AskFailed
from lcc.ask.events import Answered, AskSink
from lcc.ask.planning.planner import PlanRefusedTwice
from lcc.ask.strategies.asked import NoAnswer, Solved, Solver
from lcc.ask.typed import NotOfType
from lcc.models.faults import ModelFault


class Session:
    """One question on its way to an answer."""

    def __init__(
        self, solver: Solver, accounts: Accounts, limits: Limits, clock: Callable[[], float], emit: AskSink
    ) -> None:
        self._solver = solver
        self._accounts = accounts
        self._limits = limits
        self._clock = clock
        self._emit = emit
        self._began = clock()

    async def answer(self) -> Answer:
        """Return the answer. Raise AskFailed if a model gives none.

        A limit that is reached doesn't raise: the answer then says `stopped`, and holds what is known.
        """
        limit = self._limits.seconds
        try:
            with move_on_after(limit) as scope:
                solved = await self._solver.solve()
            if scope.cancelled_caught:
                raise Stopped(f"the limit of {limit:g} s is reached")
            found = self._end(AnswerStatus.ANSWERED, solved, solved.reason)
        except Stopped as stop:
            found = self._end(AnswerStatus.STOPPED, None, str(stop))
        except (ModelFault, PlanRefusedTwice, NoAnswer, NotOfType) as fault:
            failed = self._end(AnswerStatus.FAILED, None, str(fault))
            self._emit(Answered(failed))
            raise AskFailed(str(fault), failed) from fault
        self._emit(Answered(found))
        return found

    def so_far(self) -> Answer:
        """Return what is known where the ask is broken off from outside."""
        return self._end(AnswerStatus.STOPPED, None, "the ask was broken off")

    def _end(self, status: AnswerStatus, solved: Solved | None, reason: str) -> Answer:
        rounds = tuple(self._solver.rounds)
        return Answer(
            status=status,
            text=solved.text if solved else "",
            value=solved.value if solved else None,
            thought=solved.thought if solved else "",
            reason=reason,
            rounds=rounds,
            usage=dict(self._accounts.roles),
            calls=self._accounts.calls,
            diagnostics=tuple(d for round_ in rounds for d in round_.diagnostics),
            seconds=self._clock() - self._began,
        )
