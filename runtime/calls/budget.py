"""Count what a run spends, and say when that is enough."""

from __future__ import annotations

from threading import Lock

from lcc.runtime.options import Budget
from lcc.runtime.result import Failure, FailureKind, Usage


class Ledger:
    """The calls, tokens and money of one run. Tools report from any thread; `limited` tells whether a budget was set."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._lock = Lock()
        self.calls = 0
        self._tokens = 0
        self._usd = 0.0
        self.limited = budget != Budget()

    def spend(self, tokens: int, usd: float) -> None:
        """Add what a tool reports."""
        tokens, usd = int(tokens), float(usd)  # here, where it fails the call if it must: they may be of any class
        with self._lock:
            self._tokens += tokens
            self._usd += usd

    @property
    def usage(self) -> Usage:
        """What was spent up to now."""
        return Usage(self.calls, self._tokens, self._usd)

    def exceeded(self) -> Failure | None:
        """Return why another call may not start, if it may not."""
        budget = self._budget
        if budget.calls is not None and self.calls >= budget.calls:
            return _spent(f"{budget.calls} calls")
        if budget.tokens is not None and self._tokens >= budget.tokens:
            return _spent(f"{budget.tokens} tokens")
        if budget.usd is not None and self._usd >= budget.usd:
            return _spent(f"{budget.usd:g} USD")
        return None


def _spent(what: str) -> Failure:
    return Failure(FailureKind.BUDGET, f"not started: the run's budget of {what} is spent")
