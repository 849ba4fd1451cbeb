"""WebShop's reward: the values that its definition gives, and its quirks."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from benchmarks.evaluations.webshop.products import Goal, Product
from benchmarks.evaluations.webshop.reward import (
    Reward,
    attributes_matched,
    normal_option,
    options_matched,
    reward_of,
    score,
    token_set_ratio,
    type_factor,
)


def product(
    *,
    title: str = "",
    price: float = 35.0,
    bullets: tuple[str, ...] = (),
    description: str = "",
    attributes: tuple[str, ...] = (),
    query: str = "query 1",
    category: str = "a › b › c",
    nouns: str = "wireless bluetooth headphones",
) -> Product:
    return Product(
        "B000000000", title, price, {}, bullets, description, attributes, query, category, tuple(nouns.split())
    )


def goal(attributes: tuple[str, ...], options: Mapping[str, str], cap: float, wanted: Product | None = None) -> Goal:
    return Goal("g", "", wanted or product(), attributes, options, cap)


@pytest.mark.parametrize(
    ("query", "category", "nouns", "factor"),
    [
        ("query 1", "a › b › c", "wireless bluetooth headphones", 1.0),
        ("query 2", "b › c › a", "wireless bluetooth headphones", 1.0),
        ("query 2", "d › e", "headphones towel", 1.0),
        ("query 2", "d › e", "cotton bath towel", 0.0),
        ("query 1", "a › b › c", "cotton bath towel", 0.0),
    ],
)
def test_the_kind_counts_by_query_category_or_name(query: str, category: str, nouns: str, factor: float) -> None:
    assert type_factor(product(query=query, category=category, nouns=nouns), goal((), {}, 1)) == factor


@pytest.mark.parametrize(("nouns", "factor"), [("alpha", 0.1), ("alpha beta", 0.5), ("alpha beta gamma", 1.0)])
def test_a_name_that_shares_little_counts_less(nouns: str, factor: float) -> None:
    long = product(nouns="alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu")
    assert type_factor(product(query="query 2", category="y", nouns=nouns), goal((), {}, 1, long)) == factor


def test_no_nouns_in_the_goal_are_worth_a_fifth() -> None:
    nameless = product(nouns="")
    assert type_factor(product(query="query 2", category="y", nouns="alpha"), goal((), {}, 1, nameless)) == 0.5
    assert type_factor(product(nouns="alpha"), goal((), {}, 1, nameless)) == 1.0


def test_attributes_match_hidden_ones_nearly_and_texts_verbatim() -> None:
    wanted = ("tea tree", "essential oils", "natural ingredients")
    assert attributes_matched(product(attributes=("tea tree", "essential oil", "natural ingredients")), wanted) == 3
    assert attributes_matched(product(attributes=("essential oil", "natural ingredients")), wanted) == 2
    told = product(bullets=("This shampoo has Essential Oils",), description="made with natural ingredients")
    assert attributes_matched(told, wanted) == 2
    other = product(
        attributes=("tea bag", "earl gray"), title="English tea", bullets=("Soothing aroma",), description="Best tea"
    )
    assert attributes_matched(other, wanted) == 0


def test_options_match_by_colour_and_in_any_order() -> None:
    assert options_matched(["dark green"], ["green"]) == 1
    assert options_matched(["red"], ["green"]) == 0
    assert options_matched(["pack of 12", "powder snow", "XL"], ["cool powder snow", "XL", "pack of 12"]) == 3
    assert options_matched([], ["green"]) == 0


def test_quirks_are_kept() -> None:
    assert token_set_ratio("x-large", "large") == 100
    assert normal_option("Navy Blue") == "blue"
    assert normal_option("navy") == "navy"
    assert token_set_ratio("", "large") == 0


def test_a_reward_is_the_share_of_what_was_wanted_times_the_kind() -> None:
    wanted = goal(("noise cancelling", "long lasting"), {"color": "black"}, 60.0)
    item = product(price=49.99, attributes=("noise cancelling",), bullets=("Long lasting battery",))
    assert reward_of(item, wanted, {"color": "black"}) == Reward(1.0, 2, 1, True, 4)
    assert reward_of(item, wanted, {"color": "black"}).success
    dear = product(price=69.99, attributes=("noise cancelling",), bullets=("Long lasting battery",))
    assert reward_of(dear, wanted, {"color": "black"}).value == 0.75
    assert reward_of(item, wanted, {}).value == 0.75
    assert not reward_of(item, wanted, {}).success


def test_the_situations_of_webshops_own_tests_are_worth_as_much() -> None:
    attributes = ("tea tree", "essential oils", "natural ingredients")
    options = {"color": "grey", "size": "XL"}
    whole = product(attributes=("tea tree", "essential oil", "natural ingredients"))
    told = product(bullets=("This shampoo has essential oils",), description="made with natural ingredients")
    assert reward_of(whole, goal(attributes, options, 40.0), options).value == 1.0
    assert reward_of(told, goal(attributes, options, 40.0), options).value == pytest.approx(5 / 6)
    more = {**options, "pack": "pack of 12"}
    assert reward_of(told, goal(attributes, more, 40.0), options).value == pytest.approx(5 / 7)
    far = product(bullets=told.bullets, description=told.description, query="other", category="x", nouns="a z")
    ten = product(nouns="a b c d e f g h i j")
    assert reward_of(far, goal(attributes, more, 40.0, ten), options).value == pytest.approx(5 / 14)


def test_the_score_is_a_hundred_times_the_mean() -> None:
    assert score([Reward(1.0, 1, 0, True, 2), Reward(0.5, 1, 0, True, 2), Reward(1.0, 0, 0, False, 2)]) == 50.0
    assert score([]) == 0.0
