"""Make the `Context` that a tool asks for, and take what the tool tells through it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

from lcc.runtime.binding import Binding
from lcc.runtime.clock import thread_messenger
from lcc.runtime.context import Context
from lcc.runtime.events import EventSink, TaskReported, TaskSpent
from lcc.runtime.graph.node import Call
from lcc.runtime.limits.budget import Ledger
from lcc.runtime.options import Options
from lcc.runtime.result import FailureKind


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
    ) -> None:
        """`hide` takes secrets out of what tools report."""
        self._run_id = run_id
        self._clock = clock
        self._ledger = ledger
        self._sink = sink
        self._options = options
        self._hide = hide
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
