"""Keep an ask's accounts: what each role spent, and whether there is anything left to spend."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

from lcc.ask.events import AskSink, ModelCalled
from lcc.grammar.given import require_number, require_seconds
from lcc.models.settings import ModelSettings
from lcc.models.tokens import RoleUsage, TokenUsage, price, total
from lcc.runtime.options import Budget
from lcc.runtime.result import Usage
from lcc.runtime.tool import BudgetSpent

N = TypeVar("N", int, float)

_ROUNDING: Final = 1e-9
"""USD that two sums of the same costs may differ by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one question may spend, on models and on tools together; None is no limit.

    `model_calls`, `tokens`, `usd`: once spent, no further model is asked and no further call started. What runs ends by itself, so
    that the last call may go beyond. `seconds`: the whole ask is stopped then.
    """

    model_calls: int | None = None
    tokens: int | None = None
    usd: float | None = None
    seconds: float | None = None

    def __post_init__(self) -> None:
        for name in ("model_calls", "tokens", "usd"):
            require_number(getattr(self, name), name)
        require_seconds(self.seconds, "seconds")


class Stopped(BudgetSpent):
    """A limit is reached. The message says which."""


class Accounts:
    """The spending of one ask. `calls`: of tools, in all runs together, also of those for plans that were refused or broke off."""

    def __init__(self, limits: Limits, clock: Callable[[], float], emit: AskSink) -> None:
        self._limits = limits
        self._clock = clock
        self._emit = emit
        self.calls = 0
        self.roles: dict[str, RoleUsage] = {}
        self._asked = 0
        self._told = Usage()

    def begin(self) -> None:
        """Take down that a model is asked; raise Stopped if none may be. Calls that haven't ended count too."""
        self.check()
        self._asked += 1

    def charge(self, role: str, settings: ModelSettings, usage: TokenUsage, began: float) -> RoleUsage:
        """Take down what a model call came to, and return it."""
        cost = RoleUsage(usage, price(usage, settings.model, settings.base_url))
        self.roles[role] = self.roles.get(role, RoleUsage()) + cost
        self._emit(ModelCalled(role, settings.model, cost, self._clock() - began, began))
        return cost

    def charged_to_run(self, tokens: int, usd: float) -> None:
        """Note that a run was told of spending that is on these accounts already."""
        self._told = Usage(0, self._told.tokens + tokens, self._told.usd + usd)

    def charge_tools(self, usage: Usage) -> None:
        """Take down the calls of a run, and what its tools reported beside the model calls that are taken down already."""
        self.calls += usage.calls
        told, self._told = self._told, Usage()
        tokens, usd = max(0, usage.tokens - told.tokens), max(0.0, usage.usd - told.usd)
        if tokens or usd > _ROUNDING:
            cost = RoleUsage(TokenUsage(completion=tokens), usd)
            self.roles["tools"] = self.roles.get("tools", RoleUsage()) + cost

    def check(self) -> None:
        """Raise Stopped if no further model may be asked."""
        spent, limits = total(self.roles), self._limits
        if limits.model_calls is not None and self._asked >= limits.model_calls:
            raise Stopped(f"the limit of {limits.model_calls} model calls is reached")
        if limits.tokens is not None and spent.tokens.tokens >= limits.tokens:
            raise Stopped(f"the limit of {limits.tokens:,} tokens is reached")
        if limits.usd is not None:
            if spent.usd is None:
                raise Stopped("there is a limit in USD, and the price of the model isn't known")
            if spent.usd >= limits.usd:
                raise Stopped(f"the limit of {limits.usd:g} USD is reached")

    def left(self, budget: Budget) -> Budget:
        """Return what a run's tools may spend: what is left of the ask's, within the run's own budget."""
        spent, limits = total(self.roles), self._limits
        tokens = None if limits.tokens is None else max(0, limits.tokens - spent.tokens.tokens)
        usd = None if limits.usd is None or spent.usd is None else max(0.0, limits.usd - spent.usd)
        calls = None if budget.calls is None else max(0, budget.calls - self.calls)
        return Budget(calls=calls, tokens=_least(budget.tokens, tokens), usd=_least(budget.usd, usd))


def _least(one: N | None, other: N | None) -> N | None:
    return other if one is None else one if other is None else min(one, other)
