"""Make the wishes: five hundred instructions, each with a product that fulfils it, from a seed.

    i want a noise cancelling headphones that fills the battery quickly, with color: black, and price lower than 60.00 dollars

A wish is kept only if at most one other product of the family fulfils it. In three of ten, one attribute is paraphrased.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from random import Random
from typing import Final

from benchmarks.evaluations.webshop.catalogue import catalogue
from benchmarks.evaluations.webshop.products import Goal, Product
from benchmarks.evaluations.webshop.reward import reward_of
from benchmarks.evaluations.webshop.vocabulary import Department, Kind, departments

GOALS: Final = 500
PARAPHRASED: Final = 0.3
TWINS: Final = (1.0, 0.15)
"""How often a wish is kept that no other of the family fulfils, and one that one other does; it never is where more do."""


@cache
def goals(seed: int = 0) -> tuple[Goal, ...]:
    """Return the wishes, in a shuffled order, so that any first part of them is of all departments."""
    families = catalogue(seed)
    made = []
    for number in range(GOALS):
        random = Random(f"goal {seed} {number}")
        family = families[number % len(families)]
        made.append(_goal(f"goal-{number}", family, random))
    Random(f"order {seed}").shuffle(made)
    return tuple(made)


def _goal(id_: str, family: Sequence[Product], random: Random) -> Goal:
    department, kind = _origin(family[0])
    while True:
        product = random.choice(family)
        attributes = random.sample(product.attributes, random.randint(1, 3))
        names = random.sample(sorted(product.options), random.randint(0, 2))
        options = {name: random.choice(product.options[name]) for name in sorted(names)}
        cap = _cap(product.price, random)
        said = _instruction(department, kind, attributes, options, cap, random)
        goal = Goal(id_, said, product, tuple(attributes), options, cap)
        twins = sum(reward_of(one, goal, offered(one, options)).success for one in family if one is not product)
        if twins < len(TWINS) and random.random() < TWINS[twins]:
            return goal


def offered(product: Product, wanted: Mapping[str, str]) -> dict[str, str]:
    """Return the wanted options that a product offers."""
    return {name: value for name, value in wanted.items() if value in product.options.get(name, ())}


def _origin(product: Product) -> tuple[Department, Kind]:
    return next((d, kind) for d in departments() for kind in d.kinds if kind.query == product.query)


def _cap(price: float, random: Random) -> float:
    """Return a price limit by WebShop's rule: of the four smallest multiples of 10 above the price draw two, and take the larger."""
    above = [limit for limit in range(10, 1000, 10) if limit > price][:4]
    return float(max(random.sample(above, 2)))


def _instruction(
    department: Department,
    kind: Kind,
    attributes: Sequence[str],
    options: Mapping[str, str],
    cap: float,
    random: Random,
) -> str:
    before = list(attributes)
    after = ""
    known = [attribute for attribute in attributes if attribute in department.paraphrases]
    if known and random.random() < PARAPHRASED:
        chosen = random.choice(known)
        before.remove(chosen)
        after = f" {department.paraphrases[chosen]}"
    wish = f"i want a {', '.join(before)}{' ' if before else ''}{kind.noun}{after}"
    parts = [f"{name}: {value}" for name, value in options.items()]
    return ", ".join(
        [
            wish,
            *([f"with {parts[0]}"] if parts else []),
            *(f"and {part}" for part in parts[1:]),
            f"and price lower than {cap:.2f} dollars",
        ]
    )
