"""Tell a tool about the call it serves: a parameter annotated `lcc.Context` receives one, and plans don't see it."""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from lcc.grammar.ir import TaskId


def _never() -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Context:
    """The call that a tool serves. Every field has a default, so that a test may call a tool with `Context()`.

    `task`: the id in the plan, `3` or an element's `3[1]`. `attempt`: 1, and more on a retry. `run`: the id of the run.
    `deadline`: when the attempt is given up, in seconds of `time.monotonic()`; None for never.
    `on_report`, `is_cancelled`, `on_usage`: what the runtime listens and answers with. A call in another process has none.
    """

    tool: str = ""
    task: TaskId = 0
    attempt: int = 1
    run: str = ""
    deadline: float | None = None
    on_report: Callable[[str], None] | None = None
    is_cancelled: Callable[[], bool] = _never
    on_usage: Callable[[int, float], None] | None = None

    @property
    def idempotency_key(self) -> str:
        """A key for services that take one: the same for every attempt at this task in this run, and for no other call."""
        return hashlib.sha256(f"{self.run}\0{self.task}".encode("utf-8", "surrogatepass")).hexdigest()[:32]

    @property
    def cancelled(self) -> bool:
        """Whether nobody waits for the result any more. A long loop in a thread should look now and then, and return."""
        return self.is_cancelled()

    @property
    def remaining(self) -> float:
        """Seconds until the deadline: 0 when it is past, infinity when there is none."""
        return math.inf if self.deadline is None else max(0.0, self.deadline - time.monotonic())

    def report(self, message: str) -> None:
        """Tell whoever watches the run what the call is at, in a few words. May be called from any thread."""
        if self.on_report is not None:
            self.on_report(message)

    def spend(self, tokens: int = 0, usd: float = 0.0) -> None:
        """Tell what the call cost, in tokens and USD; a run's budget counts it. May be called often, and from any thread."""
        if self.on_usage is not None:
            self.on_usage(tokens, usd)
