"""Marking words takes nothing away and adds nothing, in linear time."""

from __future__ import annotations

from hypothesis import given, strategies as st

from lcc.pages.highlight import highlighted, tokens

PLAN = 'input city: str = "Paris"\n# a note\n1. search("tides in $city")\n2. add($1[0].x, 2.5) after 1\nThought: then 3 of them\n3. join($2)\n'


def test_the_words_of_a_plan() -> None:
    marked = [(name, part) for name, part in tokens(PLAN) if name]
    assert marked == [
        ("keyword", "input"), ("string", '"Paris"'), ("comment", "# a note"), ("label", "1."), ("function", "search"),
        ("string", '"tides in $city"'), ("label", "2."), ("function", "add"), ("reference", "$1[0].x"), ("number", "2.5"),
        ("keyword", "after"), ("number", "1"), ("comment", "Thought: then 3 of them"), ("label", "3."), ("keyword", "join"),
        ("reference", "$2"),
    ]  # fmt: skip


def test_the_words_of_a_program() -> None:
    text = 'for x in f(1):\n    """a\n"b"""\n    s = f"{x}"  # why\n'
    assert [(name, part) for name, part in tokens(text) if name] == [
        ("keyword", "for"), ("keyword", "in"), ("function", "f"), ("number", "1"), ("string", '"""a\n"b"""'),
        ("string", 'f"{x}"'), ("comment", "# why"),
    ]  # fmt: skip


@given(st.text() | st.text(alphabet="\"'\\${}[].#\n 1a("))
def test_the_parts_are_the_text(text: str) -> None:
    assert "".join(part for _, part in tokens(text)) == text


def test_hostile_text_is_marked_in_one_go() -> None:
    for text in (
        '"' * 200_000,
        "'''" * 70_000,
        "${" * 100_000,
        "a.b" * 100_000,
        "\\" * 200_000,
        "$a[" * 70_000,
        "1." * 100_000,
    ):
        assert "".join(part for _, part in tokens(text)) == text


def test_markup_is_text() -> None:
    assert highlighted('<b>"</script>"') == '&lt;b&gt;<span class="w-string">&quot;&lt;/script&gt;&quot;</span>'
