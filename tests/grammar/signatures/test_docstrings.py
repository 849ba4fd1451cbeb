"""Check what a planner is shown of a docstring."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from lcc.grammar.signatures.docstrings import read_docstring

GOOGLE = """Find pages.

    More, later.

    Args:
        query (str): what to look for,
            in words
        limit: how many

    Returns:
        pages: a list
    """
NUMPY = """Find pages.

    Parameters
    ----------
    query : str
        what to look for,
        in words
    limit
        how many

    Returns
    -------
    pages
        a list
    """
SPHINX = """Find pages.

    :param str query: what to look for,
        in words
    :param limit: how many
    :returns: a list
    """


@pytest.mark.parametrize("text", [GOOGLE, NUMPY, SPHINX], ids=["google", "numpy", "sphinx"])
def test_the_three_usual_styles_say_the_same(text: str) -> None:
    doc = read_docstring(text)
    assert doc.summary == "Find pages."
    assert doc.parameters == {"query": "what to look for, in words", "limit": "how many"}


def test_the_summary_is_the_first_paragraph_on_one_line() -> None:
    assert read_docstring("\n  Find pages\n  quickly.\n\n  Else nothing.").summary == "Find pages quickly."
    assert read_docstring("Find pages.\nArgs:\n    query: text").summary == "Find pages."


@pytest.mark.parametrize("text", [None, "", "   \n "])
def test_no_text_says_nothing(text: str | None) -> None:
    assert read_docstring(text).summary == ""


@given(st.text(alphabet=st.sampled_from("Args:\n -param x()*`"), max_size=60))
def test_any_text_is_read(text: str) -> None:
    assert "\n" not in read_docstring(text).summary
