"""Write and read the last decision of a shopper: `buy[B012345678; color=black; size=xl]`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from benchmarks.evaluations.webshop.products import Goal
from benchmarks.evaluations.webshop.reward import Reward
from benchmarks.evaluations.webshop.shop import NotInShop, Shop, Visit

NOTHING: Final = "nothing fits"
_BUY: Final = re.compile(r"buy\[\s*(?P<asin>B\w{9})\s*(?P<options>(?:;[^;\]=\n]{1,40}=[^;\]=\n]{1,60}){0,10})\]")


@dataclass(frozen=True, slots=True)
class Purchase:
    """What to buy, with which options."""

    asin: str
    options: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"buy[{'; '.join([self.asin, *(f'{name}={value}' for name, value in self.options.items())])}]"


def read_purchase(answer: str) -> Purchase | None:
    """Return the purchase that an answer decides on; None if it decides on none, or on several."""
    found = {match[0]: match for match in _BUY.finditer(answer)}
    if len(found) != 1:
        return None
    match = next(iter(found.values()))
    pairs = (part.split("=") for part in match["options"].split(";")[1:])
    return Purchase(match["asin"], {name.strip(): value.strip() for name, value in pairs})


def pay(shop: Shop, goal: Goal, answer: str) -> Reward | None:
    """Make the purchase of an answer, once, on a visit of its own; None if there is nothing to buy or the shop hasn't got it."""
    purchase = read_purchase(answer)
    if purchase is None:
        return None
    try:
        return Visit(shop, goal).buy(purchase.asin, purchase.options)
    except NotInShop:
        return None
