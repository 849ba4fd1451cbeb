"""Follow source ids."""

from __future__ import annotations

from lcc.grammar.ir import Batched, Const, Dropped, Element, Expanded, Folded, ListOf, Merged, Ref
from lcc.grammar.ir.origins import Origins


def test_an_id_that_nothing_happened_to_is_itself() -> None:
    origins = Origins()
    assert origins.value_of(1) == Ref(1)
    assert not origins
    assert 1 not in origins
    assert origins.of(1) is None


def test_every_kind_of_origin_is_followed() -> None:
    origins = Origins(
        [
            Expanded(3, 4),
            Merged(5, 2),
            Merged(Element(3, 1), 2),
            Folded(7, Const("x")),
            Dropped(8),
            Batched(9, 20),
            Batched(Element(3, 2), 20),
            Folded(Element(3, 3), Const(1)),
            Merged(10, 5),
            Expanded(11, 0),
        ]
    )
    assert origins
    assert 5 in origins
    assert origins.value_of(5) == Ref(2)
    assert origins.value_of(10) == Ref(2)
    assert origins.value_of(7) == Const("x")
    assert origins.value_of(8) is None
    assert origins.value_of(9) == Ref(9)
    assert origins.value_of(3) == ListOf((Ref(Element(3, 0)), Ref(2), Ref(Element(3, 2)), Const(1)))
    assert origins.value_of(11) == ListOf(())


def test_a_call_that_is_batched_and_dropped_later_is_gone() -> None:
    assert Origins([Batched(5, 2), Dropped(5)]).value_of(5) is None


def test_a_list_of_which_an_element_was_dropped_is_gone() -> None:
    origins = Origins([Expanded(3, 2), Dropped(Element(3, 1))])
    assert origins.value_of(3) is None
    assert origins.value_of(Element(3, 0)) == Ref(Element(3, 0))


def test_a_merged_fan_out_that_was_expanded_later_is_followed() -> None:
    origins = Origins([Merged(5, 2), Expanded(2, 1)])
    assert origins.value_of(5) == ListOf((Ref(Element(2, 0)),))


def test_the_first_entry_of_an_id_holds() -> None:
    assert Origins([Merged(5, 2), Dropped(5)]).value_of(5) == Ref(2)


def test_a_record_that_contradicts_itself_ends() -> None:
    assert Origins([Merged(1, 2), Merged(2, 1)]).value_of(1) is None
    assert Origins([Merged(1, 1)]).value_of(1) is None
    assert Origins([Expanded(1, 1), Merged(Element(1, 0), 1)]).value_of(1) is None


def test_a_long_chain_of_merges_is_followed() -> None:
    origins = Origins([Merged(n + 1, n) for n in range(1, 5_000)])
    assert origins.value_of(5_000) == Ref(1)
