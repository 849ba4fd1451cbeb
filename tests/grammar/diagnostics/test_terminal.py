"""Check that nothing a terminal acts on, and nothing invisible, survives escaping."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given, strategies as st

from lcc.grammar.diagnostics.terminal import dump_json, escape, escape_lines, shorten

ANY_TEXT = st.text(st.characters(exclude_categories=()))
HIDDEN = ("Cc", "Cf", "Cs", "Zl", "Zp")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("\x9b31m", "\\x9b31m"),
        ("a\nb\tc\r", "a\\nb\\tc\\r"),
        ("safe\u202egnp.exe", "safe\\u202egnp.exe"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
        ("lone \ud800", "lone \\ud800"),
        ("tag \U000e0041", "tag \\U000e0041"),
        ("line\u2028break", "line\\u2028break"),
        ("日本語 é 👍 ❤\ufe0f", "日本語 é 👍 ❤\ufe0f"),
        ("back\\slash", "back\\slash"),
    ],
)
def test_escaping_shows_what_can_not_be_seen(text: str, shown: str) -> None:
    assert escape(text) == shown


def test_every_control_format_and_surrogate_character_is_escaped() -> None:
    for code in range(0x110000):
        char = chr(code)
        if unicodedata.category(char) in HIDDEN:
            assert escape(char) != char, hex(code)


@given(ANY_TEXT)
def test_escaped_text_holds_nothing_hidden(text: str) -> None:
    shown = escape(text)
    assert not [char for char in shown if unicodedata.category(char) in HIDDEN]
    shown.encode("utf-8")


def test_escaped_lines_keep_line_feeds_and_expand_tabs() -> None:
    assert escape_lines("a\r\n\tb\x1b\rc\n") == "a\n    b\\x1b\\rc\n"


@given(ANY_TEXT)
def test_escaped_lines_hold_nothing_hidden_but_line_feeds(text: str) -> None:
    shown = escape_lines(text)
    assert not [char for char in shown if char != "\n" and unicodedata.category(char) in HIDDEN]
    assert shown.count("\n") == text.count("\n")


@given(st.recursive(ANY_TEXT | st.none() | st.booleans() | st.integers(), lambda inner: st.lists(inner)))
def test_json_is_safe_to_print_and_reads_back_equal(value: object) -> None:
    text = dump_json(value)
    assert not [char for char in text if char != "\n" and unicodedata.category(char) in HIDDEN]
    assert json.loads(text) == json.loads(json.dumps(value))


def test_json_keeps_letters_readable() -> None:
    assert dump_json({"city": "Zürich 日本"}, indent=None) == '{"city": "Zürich 日本"}'


def test_numbers_that_json_does_not_have_are_texts_in_it() -> None:
    value = {"a": [float("nan"), float("inf"), 1.5], "b": -float("inf")}
    assert dump_json(value, indent=None) == '{"a": ["NaN", "Infinity", 1.5], "b": "-Infinity"}'


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("short", "short"),
        ("a  b\n c", "a b c"),
        ("x" * 30, "x" * 9 + "…"),
        ({"a": 1}, '{"a": 1}'),
        ("\x1b[31m", "\\x1b[31m"),
        (None, "null"),
    ],
)
def test_a_value_is_shortened_to_one_line(value: object, shown: str) -> None:
    assert shorten(value, 10) == shown  # type: ignore[arg-type]


@given(ANY_TEXT, st.integers(2, 40))
def test_a_shortened_value_never_exceeds_its_limit(text: str, limit: int) -> None:
    assert len(shorten(text, limit)) <= limit
