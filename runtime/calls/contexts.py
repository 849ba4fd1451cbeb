"""Make the `Context` that a tool asks for, take what the tool tells through it, and put what it asks to people."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from concurrent.futures import Future
from typing import Any, Protocol, TypeAlias

from anyio import move_on_after

from lcc.grammar.values import Json
from lcc.runtime.binding import Binding
from lcc.runtime.clock import crossing, thread_messenger, thread_starter
from lcc.runtime.consent.approvals import Approvals
from lcc.runtime.context import Context
from lcc.runtime.events import EventSink, TaskReported, TaskSpent
from lcc.runtime.graph.node import Call
from lcc.runtime.limits.budget import Ledger
from lcc.runtime.options import Options, Question
from lcc.runtime.result import FailureKind

Answer: TypeAlias = Mapping[str, Json] | None
Ask: TypeAlias = Callable[[str, Mapping[str, Json] | None], Awaitable[Answer]]


class Questions:
    """The questions of one run. `start` runs a coroutine function as part of it."""

    def __init__(
        self,
        options: Options,
        approvals: Approvals,
        start: Callable[[Callable[[], Coroutine[Any, Any, None]]], object],
    ) -> None:
        self._options = options
        self._approvals = approvals
        self._start = start
        self._begin = thread_starter()

    def asker(self, call: Call) -> Ask | None:
        """Return what a tool asks with, from whatever loop it stands in; None where there is nobody to answer.

        Without a schema it is a yes or no: an empty answer is a yes.
        """
        if self._options.approve is None and self._options.answer is None:
            return None

        async def ask(message: str, schema: Mapping[str, Json] | None) -> Answer:
            future: Future[Answer] = Future()

            async def put() -> None:
                if not future.set_running_or_notify_cancel():
                    return
                answer: Answer = None
                try:
                    answer = await self._answer(call, message, schema)
                finally:  # also where the run ends meanwhile
                    future.set_result(answer)

            async def begin() -> None:
                try:
                    self._start(put)
                except Exception:  # the run is over
                    if future.set_running_or_notify_cancel():
                        future.set_result(None)

            self._begin(begin)
            return await crossing(future)

        return ask

    async def _answer(self, call: Call, message: str, schema: Mapping[str, Json] | None) -> Answer:
        if schema is None:
            return {} if await self._approvals.confirm(call, message) else None
        if self._options.answer is None:
            return None
        question = Question(call.id, call.binding.name, message, schema)
        async with self._approvals.one_at_a_time:
            with move_on_after(self._options.approval_timeout):
                try:
                    answer: object = await self._options.answer(question)
                except Exception:  # as an approver's: it is no answer
                    return None
                return answer if isinstance(answer, Mapping) else None
        return None


class Making(Protocol):
    """Who makes a call. `serial` counts its calls; `reason`: why the present one was told to stop."""

    serial: int
    reason: FailureKind | None


class Contexts:
    """What the contexts of one run share."""

    def __init__(
        self,
        run_id: str,
        clock: Callable[[], float],
        ledger: Ledger,
        sink: EventSink | None,
        options: Options,
        hide: Callable[[str], str],
        questions: Questions,
    ) -> None:
        """`hide` takes secrets out of what tools report."""
        self._run_id = run_id
        self._clock = clock
        self._ledger = ledger
        self._sink = sink
        self._options = options
        self._hide = hide
        self._questions = questions
        self._send = thread_messenger()

    def make(self, node: Call, binding: Binding, worker: Making) -> Context:
        """Return the context of the call that a worker is making."""
        serial = worker.serial
        timeout = binding.limits.timeout
        return Context(
            tool=binding.name,
            task=node.id,
            attempt=node.attempts,
            run=self._run_id,
            deadline=None if timeout is None else time.monotonic() + timeout,
            on_report=self._reporter(node) if self._sink is not None else None,
            is_cancelled=lambda: worker.serial != serial or worker.reason is not None,
            on_usage=self._spender(node),
            on_question=self._questions.asker(node),
            model=self._options.model,
            settings=self._options.settings,
        )

    def _spender(self, node: Call) -> Callable[[int, float], None]:
        sink, ledger = self._sink, self._ledger
        if sink is None:
            return ledger.spend

        def spend(tokens: int, usd: float) -> None:
            ledger.spend(tokens, usd)
            self._send(lambda: sink(TaskSpent(self._clock(), node.id, tokens, usd)))

        return spend

    def _reporter(self, node: Call) -> Callable[[str], None]:
        sink = self._sink
        assert sink is not None

        def report(message: str) -> None:
            text = str.__str__(str(message))  # here, where it fails the call if it must, and not the loop
            self._send(lambda: sink(TaskReported(self._clock(), node.id, self._hide(text))))

        return report
