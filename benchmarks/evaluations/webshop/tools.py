"""Offer the shop to plans: search, and look at items. Both only read; buying is no tool, and happens once, after the last decision."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeAlias

import lcc
from benchmarks.evaluations.webshop.shop import NotInShop, Shop, asin_of

Spend: TypeAlias = Callable[[str, str, Sequence[object]], Awaitable[None]]
"""Spends the time of a call: the task's id in the plan, the tool, its arguments."""

SEARCH: Final = "search"
EXPLORE: Final = "explore"


class Browser:
    """A way to look at the shop. `spend` lets each look take its time."""

    def __init__(self, shop: Shop, spend: Spend | None = None) -> None:
        self._shop = shop
        self._spend = spend

    async def search(self, query: str, page: int = 1, task: str = "") -> list[str]:
        """Return a page of results. Raises NotInShop."""
        await self._take(task, SEARCH, query, page)
        return self._shop.search(query, page)

    async def explore(self, item: str, task: str = "") -> str:
        """Return the page of an item: of a line of results, or of its number. Raises NotInShop."""
        asin = asin_of(item)
        if asin is None:
            raise NotInShop(f"{item[:60]!r} is no line of results, and no item")
        await self._take(task, EXPLORE, asin)
        return self._shop.item(asin)

    async def _take(self, task: str, tool: str, *arguments: object) -> None:
        if self._spend is not None:
            await self._spend(task, tool, arguments)


def tools_of(browser: Browser) -> tuple[Callable[..., object], ...]:
    """Return the tools: search, explore."""

    @lcc.tool(effect="read", resource="shop")
    async def search(context: lcc.Context, query: str, page: int = 1) -> list[str]:
        """Search the shop; ten results a page, each with its item, title and price"""
        return await browser.search(query, page, str(context.task))

    @lcc.tool(effect="read", resource="shop")
    async def explore(context: lcc.Context, item: str) -> str:
        """Look at the page of a result: options, features, description"""
        return await browser.explore(item, str(context.task))

    return search, explore
