"""Count what a run spends, and say when that is enough."""

from __future__ import annotations

from threading import Lock

from lcc.grammar.dataclass import dataclass
from lcc.grammar.given import in_brief, require_number
from lcc.runtime.result import Failure, FailureKind, Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What a whole run may spend; None is no limit. A task that would start beyond it fails, what runs goes on.

    `calls`: how many may be made; `tokens` and `usd`: what tools may report that they spent, the money in USD. Raises TypeError or
    ValueError for what is no such number.
    """

    calls: int | None = None
    tokens: int | None = None
    usd: float | None = None

    def __post_init__(self) -> None:
        for name in ("calls", "tokens", "usd"):
            require_number(getattr(self, name), name)
        at_least(0, "calls", self.calls, whole=True)
        at_least(0, "tokens", self.tokens, whole=True)
        at_least(0, "usd", self.usd)


class Ledger:
    """The calls, tokens and money of one run, or of all that share a pool, which is then the `owner` of the budget and `above` each run's.

    Tools report from any thread; `limited` tells whether a call must be admitted.
    """

    def __init__(self, budget: Budget, owner: str = "run", above: Ledger | None = None) -> None:
        self.budget = budget
        self._owner = owner
        self._above = above
        self._lock = Lock()
        self.calls = 0
        self._tokens = 0
        self._usd = 0.0
        self.limited = budget != Budget() or above is not None

    def admit(self) -> Failure | None:
        """Count a call that starts, or return why it may not."""
        if self._above is None:
            return self._admit()
        failure = self._exceeded()
        if failure is None:
            with self._above._lock:
                failure = self._above._admit()
        if failure is None:
            self.calls += 1
        return failure

    def _admit(self) -> Failure | None:
        failure = self._exceeded()
        if failure is None:
            self.calls += 1
        return failure

    @property
    def own_is_spent(self) -> bool:
        """Whether it is this budget that is spent, and none above it."""
        return self._exceeded() is not None

    def spend(self, tokens: int, usd: float) -> None:
        """Add what a tool reports."""
        tokens, usd = int(tokens), float(usd)  # here, where it fails the call if it must: they may be of any class
        with self._lock:
            self._tokens += tokens
            self._usd += usd
        if self._above is not None:
            self._above.spend(tokens, usd)

    @property
    def usage(self) -> Usage:
        """What was spent up to now."""
        return Usage(self.calls, self._tokens, self._usd)

    def _exceeded(self) -> Failure | None:
        budget = self.budget
        what = None
        if budget.calls is not None and self.calls >= budget.calls:
            what = f"{budget.calls} calls"
        elif budget.tokens is not None and self._tokens >= budget.tokens:
            what = f"{budget.tokens} tokens"
        elif budget.usd is not None and self._usd >= budget.usd:
            what = f"{budget.usd:g} USD"
        if what is None:
            return None
        return Failure(FailureKind.BUDGET, f"not started: the {self._owner}'s budget of {what} is spent")


def larger(given: object, before: Budget) -> Budget:
    """Return a budget to go on with; raise ValueError for anything that isn't one, or isn't more than before."""
    if not isinstance(given, Budget) or given == before:
        raise ValueError("no larger budget")
    return given


def at_least(least: int, name: str, value: object, *, whole: bool = False) -> None:
    """Raise ValueError for a number that is too small, or none; None is no limit."""
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, int if whole else int | float) or not value >= least:
        raise ValueError(
            f"{name} must be a {'whole ' if whole else ''}number of at least {least}, not {in_brief(value)}"
        )
