"""The tools of the service: a shop's prices and orders."""

import asyncio

import lcc

PRICES = {"apple": 0.45, "pear": 0.6, "plum": 0.25}
ORDERS: dict[str, int] = {}


@lcc.tool(effect="read", resource="prices")
async def price(fruit: str) -> float:
    """Return the price of a fruit in euros."""
    await asyncio.sleep(0.001)
    return PRICES[fruit]


@lcc.tool(effect="write", resource="orders")
async def order(fruit: str, count: int) -> int:
    """Order fruit; return how many are ordered by now."""
    ORDERS[fruit] = ORDERS.get(fruit, 0) + count
    return ORDERS[fruit]


@lcc.tool(effect="destructive", resource="orders")
async def clear(fruit: str) -> int:
    """Cancel all orders of a fruit; return how many there were."""
    return ORDERS.pop(fruit, 0)


@lcc.tool(effect="pure")
async def total(prices: list[float]) -> float:
    """Return the sum of prices."""
    return round(sum(prices), 2)


TOOLS = [price, order, clear, total]
