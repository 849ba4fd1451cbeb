"""Be the shop: pages, searches and purchases, by WebShop's rules (arXiv 2207.01206, section 3).

A visit is one session with one current page, as in WebShop: `search[…]` on the search page, `click[…]` on what a page offers. What isn't
offered does nothing. Buying ends the visit. Searching and looking are also offered without a session, so that many looks can
happen at once; buying never is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Final

from benchmarks.evaluations.webshop.catalogue import catalogue
from benchmarks.evaluations.webshop.products import Goal, Product
from benchmarks.evaluations.webshop.retrieval import TOP, Index
from benchmarks.evaluations.webshop.reward import Reward, reward_of

PAGE: Final = 10
"""Items on a page of results."""
SEPARATOR: Final = " ; "
"""Between the parts of an item's page, which is one line."""
SEARCH_PAGE: Final = "Search for a product: search[words]"

_ACTION: Final = re.compile(r"(search|click)\[(.*)\]", re.DOTALL)
_LINE: Final = re.compile(r"\d{1,3} \| (?P<asin>B\w{9}) \| .* \| \d+\.\d\d dollars|(?P<alone>B\w{9})")


class NotInShop(LookupError):
    """There is no such item, rank, page or option. The message says what there is."""


class Shop:
    """The products. It has no state, and anyone may look at the same time."""

    def __init__(self, products: Iterable[Product]) -> None:
        self.products = {product.asin: product for product in products}
        self._index = Index(list(self.products.values()))

    def search(self, query: str, page: int = 1) -> list[str]:
        """Return a page of results: a line `rank | asin | title | price` for each of at most ten. Raises NotInShop for a page that can't be."""
        last = TOP // PAGE
        if not 1 <= page <= last:
            raise NotInShop(f"there is no page {page}; results have pages 1 to {last}")
        found = self._index.search(query)[(page - 1) * PAGE : page * PAGE]
        return [f"{rank} | {one.asin} | {one.title} | {dollars(one.price)}" for rank, one in enumerate(found, 1)]

    def item(self, asin: str) -> str:
        """Return all that the page of an item says: title, price, options, features, description. Raises NotInShop."""
        product = self.product(asin)
        return SEPARATOR.join([_summary(product), *_features(product), f"Description: {product.description}"])

    def product(self, asin: str) -> Product:
        """Return a product, with what is hidden of it. Raises NotInShop."""
        if asin not in self.products:
            raise NotInShop(f"there is no item {asin[:20]!r}; items are called as B0 and eight digits")
        return self.products[asin]


@cache
def shop_of(seed: int = 0) -> Shop:
    """Return the shop with the catalogue of a seed."""
    return Shop(product for family in catalogue(seed) for product in family)


def asin_of(text: str) -> str | None:
    """Return the item that a line of results is about, or that a text names alone; None if there is none."""
    found = _LINE.fullmatch(text.strip())
    return None if found is None else found["asin"] or found["alone"]


def dollars(price: float) -> str:
    """Return a price as pages show it. There is no dollar sign: in plans it would have to be doubled."""
    return f"{price:.2f} dollars"


@dataclass(slots=True)
class Visit:
    """A shopper's visit. `page`: the text that is seen; `buttons`: what can be clicked; `reward`: of the purchase, once there is one."""

    shop: Shop
    goal: Goal
    page: str = SEARCH_PAGE
    buttons: tuple[str, ...] = ()
    chosen: dict[str, str] = field(default_factory=dict)
    reward: Reward | None = None
    _query: str | None = None
    _number: int = 1
    _asin: str | None = None

    @property
    def done(self) -> bool:
        """Whether something was bought."""
        return self.reward is not None

    def act(self, action: str) -> bool:
        """Do `search[words]` or `click[button]`; return whether it did anything."""
        found = _ACTION.fullmatch(action.strip())
        if found is None or self.done:
            return False
        verb, what = found[1], found[2].strip()
        if verb == "search":
            return self._search(what)
        button = next((button for button in self.buttons if button.lower() == what.lower()), None)
        if button is not None:
            self._click(button)
        return button is not None

    def buy(self, asin: str, options: Mapping[str, str]) -> Reward:
        """Open an item, choose options and buy it. Raises NotInShop for what isn't there, or if something was bought before."""
        if self.done:
            raise NotInShop("the visit is over: something was bought")
        product = self.shop.product(asin)
        for name, value in options.items():
            if value not in product.options.get(name, ()):
                offers = ", ".join(product.options.get(name, ())) or "nothing"
                raise NotInShop(f"{asin} has no {name[:40]} {value[:40]!r}; it offers {offers}")
        self._open(asin)
        for value in options.values():
            self.act(f"click[{value}]")
        self.act("click[Buy Now]")
        assert self.reward is not None
        return self.reward

    def _search(self, query: str) -> bool:
        if self._query is not None or self._asin is not None or not query:
            return False
        self._query, self._number = query, 1
        self._show_results()
        return True

    def _show_results(self) -> None:
        assert self._query is not None
        self._asin = None
        lines = self.shop.search(self._query, self._number)
        self.page = "\n".join(lines) or "no results"
        items = tuple(asin for asin in map(asin_of, lines) if asin is not None)
        following = ("Next >",) if len(items) == PAGE and self._number < TOP // PAGE else ()
        self.buttons = ("Back to Search", *(("< Prev",) if self._number > 1 else ()), *following, *items)

    def _open(self, asin: str) -> None:
        product = self.shop.product(asin)
        self._asin, self.chosen = asin, {}
        self.page = _summary(product)
        values = (value for values in product.options.values() for value in values)
        back = ("Back to Search", "< Prev") if self._query is not None else ("Back to Search",)
        self.buttons = (*back, "Description", "Features", *values, "Buy Now")

    def _click(self, button: str) -> None:
        match button:
            case "Back to Search":
                self.page, self.buttons, self._query, self._asin = SEARCH_PAGE, (), None, None
            case "Next >" | "< Prev" if self._asin is None:
                self._number += 1 if button == "Next >" else -1
                self._show_results()
            case "< Prev":
                self._leave()
            case _ if self._asin is None:
                self._open(button)
            case _:
                self._in_item(self.shop.product(self._asin), button)

    def _leave(self) -> None:
        """Go back from a sub-page to the item, or from the item to the results."""
        assert self._asin is not None
        if self.page.startswith("Title: "):
            self._show_results()
        else:
            chosen = self.chosen
            self._open(self._asin)
            self.chosen = chosen

    def _in_item(self, product: Product, button: str) -> None:
        match button:
            case "Description":
                self.page = f"Description: {product.description}"
                self.buttons = ("Back to Search", "< Prev")
            case "Features":
                self.page = SEPARATOR.join(_features(product))
                self.buttons = ("Back to Search", "< Prev")
            case "Buy Now":
                self.reward = reward_of(product, self.goal, self.chosen)
                self.page, self.buttons = "Thank you for shopping with us!", ()
            case value:
                name = next(name for name, values in product.options.items() if value in values)
                self.chosen = {**self.chosen, name: value}


def _summary(product: Product) -> str:
    lines = [f"Title: {product.title}", f"Item: {product.asin}", f"Price: {dollars(product.price)}"]
    return SEPARATOR.join(
        [*lines, *(f"Option {name}: {', '.join(values)}" for name, values in product.options.items())]
    )


def _features(product: Product) -> list[str]:
    return [f"Feature: {bullet}" for bullet in product.bullets]
