"""Pay for a purchase as WebShop does (arXiv 2207.01206; web_agent_site/engine/goal.py).

    reward = type * (attributes matched + options matched + (price <= cap)) / (attributes wanted + options wanted + 1)

Two deliberate substitutions: fuzzy ratios are difflib's, in the definition of thefuzz's `token_set_ratio`; nouns are stored with products
instead of tagged by spaCy.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache
from typing import Final

from benchmarks.evaluations.webshop.products import Goal, Product

SIMILAR: Final = 85
"""Texts whose ratio is above it are taken for the same."""

# The order matters: a text counts as the first colour of the list that it contains, so "navy blue" is blue.
COLOR_WORDS: Final = (
    "beige", "black", "blue", "brown", "charcoal", "coral", "cream", "gold", "gray", "green", "grey", "ivory", "khaki", "lavender",
    "maroon", "mint", "natural", "navy", "olive", "orange", "pink", "purple", "red", "silver", "tan", "teal", "turquoise", "walnut",
    "white", "yellow",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reward:
    """What a purchase is worth, 0 to 1, and why: the factor of the type, and what matched of what was wanted."""

    type: float
    attributes: int
    options: int
    price: bool
    wanted: int

    @property
    def value(self) -> float:
        """The reward."""
        return self.type * (self.attributes + self.options + self.price) / self.wanted

    @property
    def success(self) -> bool:
        """Whether it is all that can be had."""
        return self.value == 1.0


def reward_of(bought: Product, goal: Goal, options: Mapping[str, str]) -> Reward:
    """Return what buying a product with chosen options is worth."""
    return Reward(
        type=type_factor(bought, goal),
        attributes=attributes_matched(bought, goal.attributes),
        options=options_matched(options.values(), goal.options.values()),
        price=bought.price <= goal.cap,
        wanted=len(goal.attributes) + len(goal.options) + 1,
    )


def type_factor(bought: Product, goal: Goal) -> float:
    """Return 1 for a product of the same kind, less for one that isn't: 0.5, 0.1, or 0 if no noun of the names is shared."""
    wanted = goal.product
    nouns = set(wanted.name_nouns)
    shared = len(nouns & set(bought.name_nouns)) / len(nouns) if nouns else 0.2
    same_query = bought.query == wanted.query
    same_category = len(_levels(bought.category) & _levels(wanted.category)) >= 2
    if shared == 0:
        return 0.0
    if shared < 0.1:
        return 0.1
    return 1.0 if same_query or same_category or shared > 0.2 else 0.5


def attributes_matched(bought: Product, wanted: Iterable[str]) -> int:
    """Return how many wanted attributes a product has: by its hidden ones, or verbatim in what its page says."""
    texts = [bought.title.lower(), " ".join(bought.bullets).lower(), bought.description.lower()]
    return sum(
        any(token_set_ratio(attribute, one) > SIMILAR for attribute in bought.attributes)
        or any(one in t for t in texts)
        for one in wanted
    )


def options_matched(chosen: Iterable[str], wanted: Iterable[str]) -> int:
    """Return how many wanted options were chosen. Texts that hold a colour count as that colour."""
    mine = [normal_option(option) for option in chosen]
    return sum(any(token_set_ratio(option, normal_option(one)) > SIMILAR for option in mine) for one in wanted)


def normal_option(text: str) -> str:
    """Return the first known colour in a text, else the text in lower case."""
    text = text.lower()
    return next((color for color in COLOR_WORDS if color in text), text)


@cache
def token_set_ratio(a: str, b: str) -> int:
    """Return how alike the words of two texts are, 0 to 100; 100 if those of one are all in the other."""
    first, second = (set(re.findall(r"\w+", text.lower())) for text in (a, b))
    if not first or not second:
        return 0
    both = _joined(first & second)
    one, other = (f"{both} {_joined(words)}".strip() for words in (first - second, second - first))
    if not both:
        return _ratio(one, other)
    return max(_ratio(both, one), _ratio(both, other), _ratio(one, other))


def _joined(words: Iterable[str]) -> str:
    return " ".join(sorted(words))


def _ratio(a: str, b: str) -> int:
    return round(100 * SequenceMatcher(None, a, b).ratio())


def _levels(category: str) -> set[str]:
    return {level.strip() for level in category.split("›")}


def score(rewards: Sequence[Reward]) -> float:
    """Return WebShop's score: a hundred times the mean reward; 0 without any."""
    return 100 * sum(reward.value for reward in rewards) / len(rewards) if rewards else 0.0
