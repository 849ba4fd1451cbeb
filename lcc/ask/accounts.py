"""Keep an ask's accounts: what each role spent, and whether there is anything left to spend."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeAlias, TypeVar

from anyio import Lock

from lcc.ask.events import AskSink, ModelCalled
from lcc.grammar.given import require_callable, require_number, require_seconds
from lcc.models.settings import ModelSettings
from lcc.models.tokens import RoleUsage, TokenUsage, price, total
from lcc.runtime.options import Budget, BudgetAsker, BudgetRequest
from lcc.runtime.result import Usage
from lcc.runtime.tool import BudgetSpent

N = TypeVar("N", int, float)

_ROUNDING: Final = 1e-9
"""USD that two sums of the same costs may differ by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one question may spend, on models and on tools together; None is no limit.

    `model_calls`, `tokens`, `usd` (money, in USD): once spent, no further model is asked and no further call started. What runs ends by itself, so
    that the last call may go beyond. `seconds`: the whole ask is stopped then. `on_reached`: asked, unless it is the time that is over,
    whether to go on, before anything is stopped; the limits that it returns count instead.
    """

    model_calls: int | None = None
    tokens: int | None = None
    usd: float | None = None
    seconds: float | None = None
    on_reached: LimitAsker | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        for name in ("model_calls", "tokens", "usd"):
            require_number(getattr(self, name), name)
        require_seconds(self.seconds, "seconds")
        require_callable(
            self.on_reached, "on_reached", "an async function of a lcc.LimitReached that returns lcc.Limits"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitReached:
    """A question that isn't answered, and may spend no more. `spent`: by all roles; `model_calls`: requests
    to models; `message` says which limit it was.
    """

    limits: Limits
    spent: RoleUsage
    model_calls: int
    message: str


LimitAsker: TypeAlias = Callable[[LimitReached], Awaitable[Limits | None]]
"""Returns larger limits to go on with, or None to end there. Called for one limit at a time; silence, an error and anything else is a no."""


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
        self._asks = Lock()
        self._may_not_go_on = False

    async def begin(self) -> None:
        """Take down that a model is asked; raise Stopped if none may be. Calls that haven't ended count too."""
        while (said := self._reached()) is not None:
            async with self._asks:
                if self._reached() == said and not await self._goes_on(said):
                    raise Stopped(said)
        self._asked += 1

    async def _goes_on(self, said: str) -> bool:
        """Ask whether more may be spent, and take it down. A no stands for the whole question."""
        asker, limits = self._limits.on_reached, self._limits
        if asker is None or self._may_not_go_on:
            return False
        try:
            given = await asker(
                LimitReached(limits=limits, spent=total(self.roles), model_calls=self._asked, message=said)
            )
        except Exception:
            given = None
        if not isinstance(given, Limits) or not _is_larger(given, limits):
            self._may_not_go_on = True
            return False
        self._limits = replace(given, on_reached=asker, seconds=limits.seconds)
        return self._reached() != said

    def budget_asker(self, own: Budget, asker: BudgetAsker | None) -> BudgetAsker | None:
        """Return who is asked when the budget of a run is spent: of these accounts, or of the run's own part, `asker` is."""
        if self._limits.on_reached is None:
            return asker

        async def ask(request: BudgetRequest) -> Budget | None:
            budget, spent, before = request.budget, request.spent, self._limits
            shared = [
                name
                for name in ("tokens", "usd")
                if (most := getattr(budget, name)) is not None
                and getattr(spent, name) >= most
                and getattr(own, name) != most
            ]
            if not shared:
                return None if asker is None else await asker(request)
            async with self._asks:
                if self._limits == before:
                    await self._goes_on(request.message)
                if self._limits == before:
                    return None
            changed = {name: _raised(getattr(budget, name), name, before, self._limits) for name in ("tokens", "usd")}
            return replace(budget, **changed)

        return ask

    def charge(
        self, role: str, settings: ModelSettings, usage: TokenUsage, began: float, said: Mapping[str, Any]
    ) -> RoleUsage:
        """Take down what a model call came to, and return it. `said`: further fields of the event."""
        cost = RoleUsage(usage, price(usage, settings.model, settings.base_url))
        self.roles[role] = self.roles.get(role, RoleUsage()) + cost
        seconds, provider = self._clock() - began, settings.provider
        self._emit(ModelCalled(role, settings.model, cost, seconds, began, provider, **said))
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

    def _reached(self) -> str | None:
        """Return why no further model may be asked, if so."""
        spent, limits = total(self.roles), self._limits
        if limits.model_calls is not None and self._asked >= limits.model_calls:
            return f"the limit of {limits.model_calls} model calls is reached"
        if limits.tokens is not None and spent.tokens.tokens >= limits.tokens:
            return f"the limit of {limits.tokens:,} tokens is reached"
        if limits.usd is not None:
            if spent.usd is None:
                return "there is a limit in USD, and the price of the model isn't known"
            if spent.usd >= limits.usd:
                return f"the limit of {limits.usd:g} USD is reached"
        return None

    def left(self, budget: Budget) -> Budget:
        """Return what a run's tools may spend: what is left of the ask's, within the run's own budget."""
        spent, limits = total(self.roles), self._limits
        tokens = None if limits.tokens is None else max(0, limits.tokens - spent.tokens.tokens)
        usd = None if limits.usd is None or spent.usd is None else max(0.0, limits.usd - spent.usd)
        calls = None if budget.calls is None else max(0, budget.calls - self.calls)
        return Budget(calls=calls, tokens=_least(budget.tokens, tokens), usd=_least(budget.usd, usd))


def _is_larger(given: Limits, before: Limits) -> bool:
    """Whether no limit is lower than it was, and one is higher."""
    pairs = [(getattr(given, name), getattr(before, name)) for name in ("model_calls", "tokens", "usd")]
    return given != before and all(new is None or (old is not None and new >= old) for new, old in pairs)


def _raised(of_run: N | None, name: str, before: Limits, now: Limits) -> N | None:
    """Return what a run may spend once the limits are larger: as much more as they are."""
    old, new = getattr(before, name), getattr(now, name)
    return None if of_run is None or new is None or old is None else of_run + (new - old)


def _least(one: N | None, other: N | None) -> N | None:
    return other if one is None else one if other is None else min(one, other)
