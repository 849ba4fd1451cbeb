"""Search the catalogue by BM25, as WebShop does with Lucene: title, description, first bullet and options of each product.

k1 and b are Pyserini's defaults, 0.9 and 0.4. Equal scores are ordered by the product's number, so a search always gives the same.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from math import log
from typing import Final

from benchmarks.evaluations.webshop.products import Product

K1: Final = 0.9
B: Final = 0.4
TOP: Final = 50
MAX_QUERY: Final = 500
"""Characters of a query that are read."""


class Index:
    """An index of products."""

    def __init__(self, products: Sequence[Product]) -> None:
        self._products = sorted(products, key=lambda product: product.asin)
        lengths = []
        self._postings: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
        for place, product in enumerate(self._products):
            words = _words(_text(product))
            lengths.append(len(words))
            for word, count in Counter(words).items():
                self._postings[word].append((place, count))
        mean = sum(lengths) / max(len(lengths), 1)
        self._norms = [K1 * (1 - B + B * length / mean) for length in lengths]

    def search(self, query: str, top: int = TOP) -> list[Product]:
        """Return the products that match best, at most `top`; none for a query that no product shares a word with."""
        scores: defaultdict[int, float] = defaultdict(float)
        total = len(self._products)
        for word in sorted(set(_words(query[:MAX_QUERY]))):
            postings = self._postings.get(word, ())
            weight = log(1 + (total - len(postings) + 0.5) / (len(postings) + 0.5))
            for place, count in postings:
                scores[place] += weight * count * (K1 + 1) / (count + self._norms[place])
        best = sorted(scores, key=lambda place: (-scores[place], place))
        return [self._products[place] for place in best[:top]]


def _text(product: Product) -> str:
    options = [value for values in product.options.values() for value in values]
    return " ".join([product.title, product.description, *product.bullets[:1], *options])


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())
