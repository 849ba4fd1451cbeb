"""Ask on the terminal whether to go on where a limit is reached: with twice as much of what is spent."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from lcc.cli.consent.approve import may_ask, typed
from lcc.cli.console import Console
from lcc.grammar.diagnostics.terminal import escape
from lcc.runtime.options import Budget, BudgetAsker, BudgetRequest

if TYPE_CHECKING:
    from lcc.ask.accounts import LimitAsker, LimitReached, Limits

N = TypeVar("N", int, float)


def budget_asker(console: Console) -> BudgetAsker | None:
    """Return who says whether a run goes on whose budget is spent: the person at the terminal, or nobody."""
    if not may_ask(console):
        return None

    async def ask(request: BudgetRequest) -> Budget | None:
        budget, spent = request.budget, request.spent
        if not await _goes_on(request.message, console):
            return None
        return Budget(
            calls=_more(budget.calls, spent.calls),
            tokens=_more(budget.tokens, spent.tokens),
            usd=_more(budget.usd, spent.usd),
        )

    return ask


def limit_asker(console: Console) -> LimitAsker | None:
    """Return who says whether a question goes on that has reached a limit: the person at the terminal, or nobody."""
    if not may_ask(console):
        return None

    async def ask(reached: LimitReached) -> Limits | None:
        limits, spent = reached.limits, reached.spent
        if not await _goes_on(reached.message, console):
            return None
        return replace(
            limits,
            model_calls=_more(limits.model_calls, reached.model_calls),
            tokens=_more(limits.tokens, spent.tokens.tokens),
            usd=_more(limits.usd, spent.usd or 0.0),
        )

    return ask


async def _goes_on(message: str, console: Console) -> bool:
    with console.aside():
        console.say(escape(message.removeprefix("not started: ")))
        answer = await typed("go on, with twice as much? [y/N] ", console)
    return answer.endswith("\n") and answer.strip().lower() in ("y", "yes")


def _more(limit: N | None, spent: N) -> N | None:
    """Return twice as much as was spent, of what is spent; the rest stays."""
    return limit if limit is None or spent < limit else 2 * max(spent, limit)
