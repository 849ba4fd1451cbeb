"""Values as models write them: JSON, Python and JavaScript alike, and nothing that is no value."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, strategies as st

from lcc.grammar.reading.loose_values import NotUnderstood, read_value, whole_value

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**9), 10**9)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(JSON, st.booleans())
def test_json_is_read_as_json_reads_it(value: Any, ascii_only: bool) -> None:
    assert whole_value(json.dumps(value, ensure_ascii=ascii_only, indent=1)) == value


@given(JSON)
def test_a_python_literal_is_read_as_python_reads_it(value: Any) -> None:
    assert whole_value(repr(value)) == value


WRITTEN: list[tuple[str, Any]] = [
    ("{query: 'tides', top: 3,}", {"query": "tides", "top": 3}),
    ("{“query”：“tides”，“top”：3}", {"query": "tides", "top": 3}),
    ('{"a": True, "b": None, "c": undefined}', {"a": True, "b": None, "c": None}),
    ('{"a": 1, // one\n /* two */ "b": 2, # three\n}', {"a": 1, "b": 2}),
    ("('a', 'b')", ["a", "b"]),
    ("('a',)", ["a"]),
    ("('a')", "a"),
    ("()", []),
    ("「潮汐」", "潮汐"),
    ("„Ebbe“", "Ebbe"),
    ("«marée»", "marée"),
    ("« marée basse »", "marée basse"),
    ('"""a "b" c"""', 'a "b" c'),
    ("'it\\'s'", "it's"),
    ('"C:\\work"', "C:\\work"),
    ('"\\ud83d\\ude00"', "\U0001f600"),
    ('"a\nb"', "a\nb"),
    ("-1_000.5e2", -100050.0),
]


@pytest.mark.parametrize(("text", "value"), WRITTEN)
def test_what_models_write_is_read(text: str, value: Any) -> None:
    assert whole_value(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "[1", "[1 2]", '{"a": 1', '{"a" 1}', '{"a": 1, "a": 2}', "{a: b}", "NaN", "Infinity", "1e999", "007", "1.2.3", '"a', "a",
        '"\\ud800"', '"\\U99999999"', '{"a": 1} b', "9" * 5_000, "[" * 5_000, "(" * 5_000, "{a:" * 5_000, '"a" "b"', "{1: 2}", "[,]",
        "1" + "０" * 3, "_", "{'a': open('x')}",
    ],
)  # fmt: skip
def test_what_is_no_value_for_certain_is_refused(text: str) -> None:
    with pytest.raises(NotUnderstood):
        whole_value(text)


@given(st.text(st.sampled_from("{}[]()'\"`“”:,\\ux0 1-#/*\n")) | st.text())
def test_no_text_raises_anything_else(text: str) -> None:
    try:
        found = read_value(text)
    except NotUnderstood:
        return
    assert 0 < found.end <= len(text)
    json.dumps(found.value)
