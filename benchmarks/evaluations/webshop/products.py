"""Hold products and goals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Product:
    """A product. `price`: dollars. `options`: the values that can be chosen for each.

    Hidden from the shopper: `attributes`, `query`, `category` and `name_nouns`, which only the reward looks at.
    """

    asin: str
    title: str
    price: float
    options: Mapping[str, tuple[str, ...]]
    bullets: tuple[str, ...]
    description: str
    attributes: tuple[str, ...]
    query: str
    category: str
    name_nouns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Goal:
    """A wish: a product, and what matters of it. `instruction` is what the shopper is told; `cap`: dollars."""

    id: str
    instruction: str
    product: Product
    attributes: tuple[str, ...]
    options: Mapping[str, str]
    cap: float
