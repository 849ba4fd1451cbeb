"""Check that text is measured and cut as a terminal shows it."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from lcc.grammar.diagnostics.terminal import cell, cut


def width(text: str) -> int:
    return sum(cell(char, 0)[1] for char in text)


@pytest.mark.parametrize(
    ("text", "limit", "shown"),
    [
        ("abc", 3, "abc"),
        ("abcd", 3, "ab…"),
        ("日本", 4, "日本"),
        ("日本語", 4, "日…"),
        ("日本語", 5, "日本…"),
        ("e\u0301e\u0301e\u0301", 3, "e\u0301e\u0301e\u0301"),
        ("abc", 1, "…"),
        ("abc", 0, ""),
        ("", 0, ""),
    ],
)
def test_a_text_is_cut_by_cells(text: str, limit: int, shown: str) -> None:
    assert cut(text, limit) == shown


@given(st.text("aé語e\u0301👍"), st.integers(0, 20))
def test_a_cut_text_fits_and_a_fitting_text_is_not_cut(text: str, limit: int) -> None:
    shown = cut(text, limit)
    assert width(shown) <= limit
    if width(text) <= limit:
        assert shown == text


def test_a_tab_goes_to_the_next_multiple_of_four() -> None:
    assert [cell("\t", column)[1] for column in range(5)] == [4, 3, 2, 1, 4]
