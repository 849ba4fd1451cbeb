"""Generate the catalogue: a thousand products in families of near-twins, from a seed.

Eight products of a family share the kind, the brand and the words of the title; each lacks what another has: an attribute, a value
of an option, or a fair price. Every attribute is shown in one place only: title, bullets or description. So a page of results can't
settle what to buy, and looking at the items pays.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from random import Random
from typing import Final

from benchmarks.evaluations.webshop.products import Product
from benchmarks.evaluations.webshop.vocabulary import BRANDS, FILLERS, REMARKS, USES, Department, Kind, departments

FAMILIES: Final = 5
"""Of each kind."""
MEMBERS: Final = 8
IN_TITLE, IN_BULLETS = 0.25, 0.45
"""How often an attribute is shown there; else it is in the description."""
MAX_IN_TITLE: Final = 2


@cache
def catalogue(seed: int = 0) -> tuple[tuple[Product, ...], ...]:
    """Return the families of products."""
    kinds = [(department, kind) for department in departments() for kind in department.kinds]
    return tuple(
        _family(department, kind, place * MEMBERS, _random(seed, kind.query, place % FAMILIES))
        for place, (department, kind) in enumerate(one for one in kinds for _ in range(FAMILIES))
    )


def _random(*key: object) -> Random:
    return Random(hashlib.sha256("|".join(map(str, key)).encode()).digest())


def _family(department: Department, kind: Kind, first: int, random: Random) -> tuple[Product, ...]:
    brand = random.choice(BRANDS)
    words = random.sample(FILLERS, 4)
    use = random.choice(USES)
    shared = random.sample(department.attributes, random.randint(4, 5))
    others = [attribute for attribute in department.attributes if attribute not in shared]
    low, high = kind.prices
    price = random.uniform(low, low + (high - low) * 0.7)
    members = []
    for member in range(MEMBERS):
        attributes = _attributes(shared, others, member, random)
        options = {name: _values(values, random) for name, values in department.options.items()}
        dear = 1.7 if member % 4 == 3 else 1.0
        cents = round(price * dear * random.uniform(0.85, 1.15)) - 0.01
        asin = _asin(first + member)
        members.append(_product(asin, kind, (brand, words, use), attributes, options, max(cents, 0.99), random))
    return tuple(members)


def _attributes(shared: Sequence[str], others: Sequence[str], member: int, random: Random) -> list[str]:
    """Return three to six attributes: those of the family but for one or two, and perhaps others."""
    missing = {shared[member % len(shared)]}
    if random.random() < 0.4:
        missing.add(random.choice(shared))
    own = [attribute for attribute in shared if attribute not in missing]
    wanted = random.randint(max(3, len(own)), 6)
    return own + random.sample(others, wanted - len(own))


def _values(values: Sequence[str], random: Random) -> tuple[str, ...]:
    """Return about half of an option's values, in their order."""
    chosen = set(random.sample(values, max(2, round(len(values) * random.uniform(0.3, 0.7)))))
    return tuple(value for value in values if value in chosen)


def _asin(number: int) -> str:
    """Return ten characters; different numbers give different ones, since the factor shares no divisor with 10 ** 8."""
    return f"B0{(number * 48_271 + 12_345_678) % 10**8:08d}"


def _product(
    asin: str,
    kind: Kind,
    name: tuple[str, Sequence[str], str],
    attributes: Sequence[str],
    options: Mapping[str, tuple[str, ...]],
    price: float,
    random: Random,
) -> Product:
    brand, words, use = name
    places: dict[str, list[str]] = {"title": [], "bullets": [], "description": []}
    for attribute in attributes:
        drawn = random.random()
        fits = drawn < IN_TITLE and len(places["title"]) < MAX_IN_TITLE
        place = "title" if fits else "bullets" if drawn < IN_TITLE + IN_BULLETS else "description"
        places[place].append(attribute)
    front = [brand, *words, *places["title"], kind.noun, use]
    title = " ".join(front).title().replace("For The", "for the").replace("For ", "for ")
    remarks = random.sample(REMARKS, 4)
    bullets = [f"{attribute.capitalize()}: one of the reasons to choose it." for attribute in places["bullets"]]
    bullets += remarks[:3]
    random.shuffle(bullets)
    told = [f"It is known to be {attribute}." for attribute in places["description"]]
    description = " ".join([f"The {brand} {kind.noun} {use}.", *told, remarks[3]])
    return Product(
        asin=asin,
        title=title,
        price=price,
        options=options,
        bullets=tuple(bullets),
        description=description,
        attributes=tuple(attributes),
        query=kind.query,
        category=kind.category,
        name_nouns=(brand.lower(), kind.noun, use.split()[-1]),
    )
