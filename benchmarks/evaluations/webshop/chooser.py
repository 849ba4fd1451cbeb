"""Read instructions and pages as a shopper does, and say how well an item fits. Nothing that is hidden from shoppers is looked at.

A wish is taken apart by its form; paraphrases are understood by a table of synonyms. An item is worth the share of wishes that its page
fulfils: attributes that it mentions, options that it offers, the price; half of it if its title doesn't name the kind. With
probability 0.05 a mention is overlooked: drawn from a hash of the instruction, the item and the attribute, so that every way of
shopping overlooks the same.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Final

from benchmarks.evaluations.webshop.vocabulary import departments

OVERLOOKED: Final = 0.05
ROUNDS: Final = 3
"""Searches for one wish, at most."""

_TITLE: Final = re.compile(
    r"Title: (?P<title>[^;\n]*) ; Item: (?P<asin>B\w{9}) ; Price: (?P<price>\d{1,7}\.\d\d) dollars"
)
_OPTION: Final = re.compile(r" ; Option (\w+): ([^;\n]*?)(?= ;|$)")
_PAGE: Final = re.compile(r'Title: [^"\n]*')
_CAP: Final = re.compile(r", and price lower than (\d{1,7}\.\d\d) dollars$")
_WANTED: Final = re.compile(r"(?:with|and) (\w+): ([\w ]+)")


@dataclass(frozen=True, slots=True)
class Wish:
    """What an instruction asks for. `noun`: the kind of product; `cap`: dollars."""

    text: str
    noun: str
    attributes: tuple[str, ...]
    options: Mapping[str, str]
    cap: float

    @property
    def count(self) -> int:
        """How many things are wished for."""
        return len(self.attributes) + len(self.options) + 1


@dataclass(frozen=True, slots=True)
class Search:
    """A search for a page of results."""

    query: str
    page: int = 1


@dataclass(frozen=True, slots=True)
class Item:
    """What the page of an item says. `text`: all of it, in lower case."""

    asin: str
    title: str
    price: float
    options: Mapping[str, tuple[str, ...]]
    text: str


@dataclass(frozen=True, slots=True)
class Fit:
    """How well an item fits a wish. `estimate`: 0 to 1; `missing`: what the page doesn't have, in words."""

    item: Item
    found: tuple[str, ...]
    options: Mapping[str, str]
    estimate: float
    missing: tuple[str, ...]


def read_wish(text: str) -> Wish:
    """Return what an instruction asks for; raise ValueError if it isn't one."""
    cap = _CAP.search(text)
    if cap is None or not text.startswith("i want a "):
        raise ValueError("the instruction doesn't say `i want a …, and price lower than … dollars`")
    first, _, options = text[len("i want a ") : cap.start()].partition(", with ")
    *front, last = first.split(", ")
    words = last.split(" ")
    nouns = [place for place, word in enumerate(words) if word in _nouns()]
    if not nouns:
        raise ValueError(f"the instruction names no kind of product: {last[:60]!r}")
    # An attribute may hold such a noun as well ("tea tree"): behind the right one stands nothing, or a paraphrase.
    known = (place for place in nouns if " ".join(words[place + 1 :]) in {"", *_synonyms()})
    place = next(known, nouns[0])
    before, after = " ".join(words[:place]), " ".join(words[place + 1 :])
    attributes = [*front, *([before] if before else []), *([_synonyms().get(after, after)] if after else [])]
    wanted = dict(_WANTED.findall(f"with {options}")) if options else {}
    return Wish(text, words[place], tuple(attributes), wanted, float(cap[1]))


def read_item(page: str) -> Item | None:
    """Return what the page of an item says; None if it isn't one."""
    head = _TITLE.match(page)
    if head is None:
        return None
    options = {name: tuple(values.split(", ")) for name, values in _OPTION.findall(page)}
    return Item(head["asin"], head["title"], float(head["price"]), options, page.lower())


def pages_in(text: str) -> list[str]:
    """Return the pages of items that stand in a text: each as a line's end, or as a string of JSON."""
    return _PAGE.findall(text)


def fit(wish: Wish, item: Item) -> Fit:
    """Return how well an item fits, as far as its page tells."""
    found = tuple(one for one in wish.attributes if one in item.text and not _overlooks(wish.text, item.asin, one))
    options = {name: value for name, value in wish.options.items() if value in item.options.get(name, ())}
    cheap = item.price <= wish.cap
    missing = [one for one in wish.attributes if one not in found]
    missing += [f"{name} {value}" for name, value in wish.options.items() if name not in options]
    missing += [] if cheap else [f"a price below {wish.cap:.2f} dollars"]
    share = (len(found) + len(options) + cheap) / wish.count
    kind = 1.0 if wish.noun in item.title.lower().split() else 0.5
    return Fit(item, found, options, share * kind, tuple(missing))


def best_fit(wish: Wish, pages: Sequence[str]) -> Fit | None:
    """Return the item that fits best: the cheaper of equal ones, then the first. None if there is no item."""
    items = {item.asin: item for item in map(read_item, pages) if item is not None}
    fits = [fit(wish, item) for item in items.values()]
    return min(fits, key=lambda one: (-one.estimate, one.item.price)) if fits else None


def next_search(wish: Wish, rounds: Sequence[tuple[Search, Sequence[str]]]) -> Search | None:
    """Return what to search after some rounds of searching and looking; None if an item fits in every way, or after three rounds.

    First all words, then fewer, then the next page of the better one; what was searched before is not searched again.
    """
    if not rounds:
        return Search(full_query(wish))
    best = max((fitting.estimate for _, pages in rounds if (fitting := best_fit(wish, pages))), default=0.0)
    if best >= 1 or len(rounds) >= ROUNDS:
        return None
    better = max(rounds, key=lambda one: _estimate(wish, one[1]))[0].query
    pages = [page for _, some in rounds for page in some]
    shorter = [Search(shorter_query(wish, pages))] if len(rounds) == 1 else []
    further = [*shorter, Search(better, 2), Search(better, 3)]
    done = {search for search, _ in rounds}
    return next(search for search in further if search not in done)


def _estimate(wish: Wish, pages: Sequence[str]) -> float:
    best = best_fit(wish, pages)
    return 0.0 if best is None else best.estimate


def full_query(wish: Wish) -> str:
    """Return the words to search first."""
    return " ".join([wish.noun, *wish.attributes])


def shorter_query(wish: Wish, pages: Sequence[str]) -> str:
    """Return the words to search next: the kind, and the attribute that the fewest of the pages mention."""
    if not wish.attributes:
        return wish.noun
    texts = [page.lower() for page in pages]
    rarest = min(wish.attributes, key=lambda one: sum(one in text for text in texts))
    return f"{wish.noun} {rarest}"


def _overlooks(*key: str) -> bool:
    return Random(hashlib.sha256("|".join(key).encode()).digest()).random() < OVERLOOKED


@cache
def _nouns() -> frozenset[str]:
    return frozenset(kind.noun for department in departments() for kind in department.kinds)


@cache
def _synonyms() -> Mapping[str, str]:
    return {said: attribute for department in departments() for attribute, said in department.paraphrases.items()}
