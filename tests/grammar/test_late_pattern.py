"""Check that patterns that are compiled late do what `re.compile` would."""

from __future__ import annotations

import re

import pytest

from lcc.grammar import late_pattern
from lcc.grammar.late_pattern import pattern

TEXT = r"(?P<name>[a-z]+)\s*=\s*(\d+)"


@pytest.mark.parametrize("method", ["match", "search", "fullmatch", "findall", "split"])
def test_a_late_pattern_finds_what_re_does(method):
    late, early = getattr(pattern(TEXT, re.I), method), getattr(re.compile(TEXT, re.I), method)
    for text in ("AB = 12", " ab=1, c = 2", "nothing"):
        found, wanted = late(text), early(text)
        assert (found and found[0]) == (wanted and wanted[0])


def test_it_replaces_and_iterates_and_has_the_attributes_of_a_pattern():
    late, early = pattern(TEXT), re.compile(TEXT)
    assert late.sub(r"\2", "a=1 b=2") == "1 2"
    assert [found["name"] for found in late.finditer("a=1 b=2")] == ["a", "b"]
    assert (late.groups, late.groupindex, late.pattern) == (early.groups, early.groupindex, early.pattern)


def test_it_is_compiled_once_and_not_before_it_is_used(monkeypatch):
    compiled = []
    monkeypatch.setattr(
        late_pattern.re, "compile", lambda *given: compiled.append(given) or re._compiler.compile(*given)
    )
    one = pattern("a+")
    assert compiled == []
    assert one.match("aa")
    assert one.sub("b", "aa") == "b"
    assert compiled == [("a+", 0)]


def test_what_a_pattern_lacks_it_lacks_too():
    with pytest.raises(AttributeError, match=r"'re\.Pattern' object has no attribute 'odd'"):
        _ = pattern("a").odd
