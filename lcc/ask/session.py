"""Bring one question to its end, by whatever strategy: an answer, a limit, or a failure that keeps what was done.

Who listens is called back with its events; what the callback raises ends the ask, and is raised from it as it is.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import cast

from anyio import CancelScope, get_cancelled_exc_class, move_on_after

from lcc.ask.accounts import Accounts, Limits, Stopped
from lcc.ask.answer import Answer, AnswerStatus, AskFailed
from lcc.ask.asked import NoAnswer, Solved, Solver
from lcc.ask.events import Answered, AskEvent, AskListener, AskSink, log
from lcc.ask.planning.approved_plans import WaitsForApproval
from lcc.ask.planning.planner import PlanRefusedTwice
from lcc.ask.typed import NotOfType
from lcc.async_listener import AsyncListener, is_async
from lcc.grammar.diagnostics import Diagnostic
from lcc.models.faults import ModelFault
from lcc.runtime.journal.file import JournalError
from lcc.runtime.run import hand_over


class Session:
    """One question on its way to an answer."""

    def __init__(
        self,
        solver: Solver,
        accounts: Accounts,
        limits: Limits,
        clock: Callable[[], float],
        emit: AskSink,
        question: str = "",
        notes: Sequence[Diagnostic] = (),
    ) -> None:
        """`question`: its id in a journal. `notes`: what there is to say before anything is asked."""
        self._question = question
        self._notes = notes
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
        except WaitsForApproval as waits:
            found = self._end(AnswerStatus.WAITING, None, str(waits))
        except Stopped as stop:
            found = self._end(AnswerStatus.STOPPED, None, str(stop))
        except (ModelFault, PlanRefusedTwice, NoAnswer, NotOfType, JournalError) as fault:
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
        notes = (*self._notes, *(solved.notes if solved else ()))
        return Answer(
            status=status,
            text=solved.text if solved else "",
            value=solved.value if solved else None,
            thought=solved.thought if solved else "",
            reason=reason,
            rounds=rounds,
            usage=dict(self._accounts.roles),
            calls=self._accounts.calls,
            diagnostics=(*(d for round_ in rounds for d in round_.diagnostics), *notes),
            notes=notes,
            seconds=self._clock() - self._began,
            question=self._question,
        )


class Listener:
    """A callback that is called no more once it has raised: from then on every event raises the same again, so that nothing goes on.

    `so_far`: returns an answer with what is known by then.
    """

    def __init__(self, callback: AskSink | None) -> None:
        self._callback = callback
        self._error: BaseException | None = None
        self.so_far: Callable[[], Answer] | None = None

    def __call__(self, event: AskEvent) -> None:
        """Log an event, and pass it on."""
        log(event)
        if self._callback is None:
            return
        if self._error is not None:
            raise self._error
        try:
            self._callback(event)
        except BaseException as error:
            self._error = error
            raise

    def fail(self, error: BaseException | None) -> None:
        """Note what was raised beside the ask."""
        self._error = error

    @contextmanager
    def own_error(self) -> Iterator[None]:
        """Raise the callback's exception, whatever the ask has made of it."""
        try:
            yield
        except Exception:
            if self._error is None:
                raise
        if self._error is not None:
            if self.so_far is not None:
                hand_over(self._error, "lcc_answer", self.so_far())
            raise self._error


@asynccontextmanager
async def listening(callback: AskListener | None) -> AsyncIterator[Listener]:
    """Give what tells a callback of events. An async one has heard of all of them when the block ends; what it raises ends the block."""
    if not is_async(callback):
        listener = Listener(cast("AskSink | None", callback))
        with listener.own_error():
            yield listener
        return
    beside = AsyncListener[AskEvent](cast("Callable[[AskEvent], Awaitable[object]]", callback))
    listener = Listener(beside.put)
    with listener.own_error(), CancelScope() as scope:

        def stop() -> None:
            listener.fail(beside.error)
            scope.cancel()

        await beside.open(stop)
        broken_off = False
        try:
            yield listener
        except get_cancelled_exc_class():
            broken_off = True
            raise
        finally:
            await beside.close(now=broken_off)
