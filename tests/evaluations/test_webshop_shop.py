"""The shop: what a visit allows, what a catalogue holds, and what a search finds."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from benchmarks.evaluations.webshop.catalogue import MEMBERS, catalogue
from benchmarks.evaluations.webshop.chooser import full_query, read_item, read_wish
from benchmarks.evaluations.webshop.goals import goals, offered
from benchmarks.evaluations.webshop.products import Goal
from benchmarks.evaluations.webshop.purchase import Purchase, pay, read_purchase
from benchmarks.evaluations.webshop.reward import SIMILAR, normal_option, options_matched, reward_of, token_set_ratio
from benchmarks.evaluations.webshop.shop import NotInShop, Visit, asin_of, shop_of
from benchmarks.evaluations.webshop.vocabulary import departments

SHOP = shop_of()
GOALS = goals()


def searched(goal: Goal = GOALS[0], query: str = "lamp warm glow") -> Visit:
    visit = Visit(SHOP, goal)
    assert visit.act(f"search[{query}]")
    return visit


def opened(goal: Goal = GOALS[0]) -> Visit:
    visit = searched(goal)
    assert visit.act(f"click[{visit.buttons[-1]}]")
    return visit


def test_a_visit_goes_from_the_search_to_results_to_an_item_and_back() -> None:
    visit = searched()
    first = visit.page
    assert first.count("\n") == 9
    assert visit.act("click[Next >]")
    assert visit.page != first
    assert visit.act("click[< Prev]")
    assert visit.page == first
    assert not visit.act("click[< Prev]")
    item = visit.buttons[-1]
    assert visit.act(f"click[{item.lower()}]")
    assert visit.page.startswith("Title: ")
    assert item in visit.page
    assert visit.act("click[Features]")
    assert visit.page.startswith("Feature: ")
    assert visit.act("click[< Prev]")
    assert visit.act("click[Description]")
    assert visit.page.startswith("Description: ")
    assert not visit.act("click[Buy Now]")
    assert visit.act("click[< Prev]")
    assert visit.act("click[< Prev]")
    assert visit.page == first
    assert visit.act("click[Back to Search]")
    assert visit.buttons == ()


@pytest.mark.parametrize(
    "action", ["", "search[]", "click[]", "click[Buy Now]", "buy[B000000000]", "click[B000000000]", "x"]
)
def test_what_is_not_offered_does_nothing(action: str) -> None:
    visit = Visit(SHOP, GOALS[0])
    before = visit.page, visit.buttons
    assert not visit.act(action)
    assert (visit.page, visit.buttons) == before


def test_searching_is_for_the_search_page_only() -> None:
    visit = searched()
    assert not visit.act("search[table]")
    assert visit.act("click[Back to Search]")
    assert visit.act("search[table]")


def test_a_chosen_option_stays_chosen_on_sub_pages_and_the_last_value_counts() -> None:
    visit = opened()
    asin = next(part for part in visit.page.split(" ; ") if part.startswith("Item: ")).removeprefix("Item: ")
    name, values = next(iter(SHOP.product(asin).options.items()))
    assert visit.act(f"click[{values[0]}]")
    assert visit.act(f"click[{values[1]}]")
    assert visit.act("click[Description]")
    assert visit.act("click[< Prev]")
    assert visit.chosen == {name: values[1]}
    assert visit.act("click[< Prev]")
    assert visit.act(f"click[{asin}]")
    assert visit.chosen == {}


def test_buying_pays_once_and_ends_the_visit() -> None:
    goal = GOALS[0]
    visit = Visit(SHOP, goal)
    assert visit.buy(goal.product.asin, goal.options).success
    assert visit.done
    assert not visit.act("search[table]")
    with pytest.raises(NotInShop, match="visit is over"):
        visit.buy(goal.product.asin, goal.options)


def test_buying_what_is_not_there_is_refused_with_what_there_is() -> None:
    product = GOALS[0].product
    with pytest.raises(NotInShop, match="no item 'B999999999'"):
        Visit(SHOP, GOALS[0]).buy("B999999999", {})
    name, values = next(iter(product.options.items()))
    with pytest.raises(NotInShop, match=f"it offers {values[0]}"):
        Visit(SHOP, GOALS[0]).buy(product.asin, {name: "nonsense"})
    with pytest.raises(NotInShop, match="it offers nothing"):
        Visit(SHOP, GOALS[0]).buy(product.asin, {"material": "wood"})


def test_looking_without_a_visit_shows_what_a_visit_shows() -> None:
    visit = searched()
    lines = SHOP.search("lamp warm glow")
    assert "\n".join(lines) == visit.page
    asin = asin_of(lines[0])
    assert asin is not None
    assert visit.act(f"click[{asin}]")
    parts = [visit.page]
    for button in ("Features", "Description"):
        visit.act(f"click[{button}]")
        parts.append(visit.page)
        visit.act("click[< Prev]")
    assert SHOP.item(asin) == " ; ".join(parts)


def test_pages_beyond_the_fiftieth_result_are_not_there() -> None:
    assert len(SHOP.search("lamp", 4)) == 10
    assert SHOP.search("lamp", 5) == []
    for page in (0, 6, -1):
        with pytest.raises(NotInShop, match="pages 1 to 5"):
            SHOP.search("lamp", page)
    assert SHOP.search("xyzzy") == []
    assert SHOP.search("") == []


@given(st.text(max_size=30))
def test_any_query_is_answered_the_same_way_twice(query: str) -> None:
    assert SHOP.search(query) == SHOP.search(query)
    assert len(SHOP.search(query)) <= 10


def test_a_better_match_comes_first() -> None:
    asin = asin_of(SHOP.search(GOALS[0].product.title)[0])
    assert asin in {one.asin for family in catalogue() for one in family if GOALS[0].product in family}


def test_the_catalogue_is_a_thousand_products_in_families_and_always_the_same() -> None:
    families = catalogue()
    assert len(SHOP.products) == 1000
    assert {len(family) for family in families} == {MEMBERS}
    assert all(len(asin) == 10 for asin in SHOP.products)
    catalogue.cache_clear()
    assert catalogue() == families
    assert catalogue(1) != families
    for family in families:
        assert len({(one.query, one.name_nouns) for one in family}) == 1
        assert all(3 <= len(one.attributes) <= 6 and 8 <= len(one.title.split()) <= 14 for one in family)


def test_each_attribute_is_shown_in_one_place_and_no_other_is() -> None:
    known = {
        name: department.attributes for department in departments() for name in [k.query for k in department.kinds]
    }
    for product in SHOP.products.values():
        places = [product.title.lower(), " ".join(product.bullets).lower(), product.description.lower()]
        for attribute in known[product.query]:
            assert sum(attribute in place for place in places) == (attribute in product.attributes)


def test_no_two_attributes_or_options_are_taken_for_each_other() -> None:
    for department in departments():
        assert len(department.attributes) == 30
        for one in department.attributes:
            alike = [two for two in department.attributes if token_set_ratio(one, two) > SIMILAR or one in two]
            assert alike == [one]
        for values in department.options.values():
            for value in values:
                assert normal_option(value) == value
                assert [two for two in values if options_matched([value], [two])] == [value]


def test_every_wish_can_be_fulfilled_and_at_least_six_near_twins_do_not() -> None:
    assert len(GOALS) == len({goal.id for goal in GOALS}) == 500
    families = {one.asin: family for family in catalogue() for one in family}
    for goal in GOALS:
        reward = pay(SHOP, goal, str(Purchase(goal.product.asin, goal.options)))
        assert reward is not None
        assert reward.success
        twins = [one for one in families[goal.product.asin] if one is not goal.product]
        assert sum(not reward_of(one, goal, offered(one, goal.options)).success for one in twins) >= 6


def test_the_catalogue_is_as_hard_as_it_is_said_to_be() -> None:
    lists = [SHOP.search(full_query(read_wish(goal.instruction))) for goal in GOALS]
    first = sum(any(goal.product.asin in line for line in lines) for goal, lines in zip(GOALS, lists, strict=True))
    assert 0.6 <= first / len(GOALS) <= 0.8
    firsts = [(goal, asin_of(SHOP.search(goal.instruction)[0])) for goal in GOALS]
    paid = [pay(SHOP, goal, str(Purchase(asin))) for goal, asin in firsts if asin is not None]
    assert 0.05 <= sum(reward is not None and reward.success for reward in paid) / len(GOALS) <= 0.2


def test_instructions_and_pages_are_read_as_they_were_meant() -> None:
    paraphrased = 0
    for goal in GOALS:
        wish = read_wish(goal.instruction)
        assert sorted(wish.attributes) == sorted(goal.attributes)
        assert (dict(wish.options), wish.cap, wish.noun) == (dict(goal.options), goal.cap, goal.product.name_nouns[1])
        paraphrased += any(one not in goal.instruction for one in goal.attributes)
        item = read_item(SHOP.item(goal.product.asin))
        assert item is not None
        assert (item.title, item.price, dict(item.options)) == (
            goal.product.title,
            goal.product.price,
            dict(goal.product.options),
        )
    assert 0.15 <= paraphrased / len(GOALS) <= 0.35


@pytest.mark.parametrize("text", ["", "buy me a lamp", "i want a thing, and price lower than 5.00 dollars"])
def test_what_is_no_instruction_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="instruction"):
        read_wish(text)


@pytest.mark.parametrize(
    ("answer", "read"),
    [
        ("buy[B012345678]", Purchase("B012345678")),
        (
            "I take buy[B012345678; color=black; size=30 inch].",
            Purchase("B012345678", {"color": "black", "size": "30 inch"}),
        ),
        ("buy[B012345678] or buy[B087654321]", None),
        ("buy[B012345678; color]", None),
        ("buy[12]", None),
        ("nothing fits", None),
        ("", None),
    ],
)
def test_a_decision_is_read_or_is_none(answer: str, read: Purchase | None) -> None:
    assert read_purchase(answer) == read
    assert read is None or read_purchase(str(read)) == read


def test_a_decision_for_what_the_shop_has_not_got_pays_nothing() -> None:
    assert pay(SHOP, GOALS[0], "buy[B999999999]") is None
    assert pay(SHOP, GOALS[0], f"buy[{GOALS[0].product.asin}; color=nonsense]") is None
    assert pay(SHOP, GOALS[0], "nothing fits") is None
