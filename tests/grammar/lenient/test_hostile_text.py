"""Hostile text takes work in proportion to its length, is refused with a located error, and never raises."""

from __future__ import annotations

import sys
from types import FrameType
from typing import Any

import pytest
from corpus import records, tools_of
from corruption import TOOLS
from hypothesis import given, settings, strategies as st

from benchmarks.hostile import BEGINNINGS, PIECES, Family, examples
from lcc.grammar.lenient import StreamParser, parse_model
from lcc.grammar.limits import DEFAULT_LIMITS, TextLimits
from lcc.grammar.signatures import NO_TOOLS, Tools
from lcc.grammar.syntax.parser import Parsed

FRAGMENTS = tuple(dict.fromkeys((*BEGINNINGS, *PIECES, *examples())))
WORST = [
    Family("1. search(", "a,"),
    Family("1. search([", "a=1,"),
    Family('1. search({"a": "', "“"),
    Family('1. g({"a": "', "'s "),
    Family("1. join(", '"a", '),
    Family("1. f(x, ", '{"name": "f"}, '),
    Family("1. f(“", '", "'),
    Family("1. search(", "str("),
    Family("1. search(1+1", "$11"),
    Family('1. search("', "$1"),
    Family("1. search(", "L001,"),
    Family("", "1. search(a=x y\n"),
    Family("1. search(", "search(a) + "),
    Family("1. search(\n", "[["),
]


@st.composite
def hostile(draw: st.DrawFn) -> str:
    """Fragments one after another and in one another, each repeated, up to about 20 kB."""
    text = draw(st.sampled_from(BEGINNINGS))
    for _ in range(draw(st.integers(1, 4))):
        piece = "".join(draw(st.lists(st.sampled_from(FRAGMENTS), min_size=1, max_size=3)))
        text += piece * draw(st.sampled_from((1, 3, 30, 5_000 // (len(piece) + 1))))
    return text[:20_000]


def read(text: str, tools: Tools) -> tuple[int, Parsed]:
    """Return how many Python and C functions are called to read a text (a measure that no other program disturbs) and what it says."""
    made = 0

    def count(frame: FrameType, event: str, argument: object) -> None:
        nonlocal made
        made += event in ("call", "c_call")

    parser = StreamParser(tools, LIMITS)
    before = sys.getprofile()
    sys.setprofile(count)
    try:
        parser.feed(text)
        parser.close()
    finally:
        sys.setprofile(before)
    return made, parser.parsed()


CASES = [case for name in ("clean", "wild") for case in records(name)]
LIMITS = TextLimits(repairs=20_000)


def bound(text: str) -> int:
    """Return how many calls reading a text may make: some for each character, and those of all repairs that may be tried."""
    return 100 * len(text) + 10 * LIMITS.repairs


@settings(max_examples=max(settings.default.max_examples // 2, 1), deadline=None)
@given(hostile(), st.sampled_from((NO_TOOLS, TOOLS)))
def test_the_work_on_any_text_is_bounded(text: str, tools: Tools) -> None:
    made, parsed = read(text, tools)
    assert made < bound(text)
    for found in parsed.diagnostics:
        assert found.span is None or found.span.end <= len(text) + 1


@pytest.mark.parametrize("family", WORST, ids=str)
@pytest.mark.parametrize("tools", [NO_TOOLS, TOOLS], ids=["without tools", "with tools"])
def test_the_work_on_the_worst_families_is_bounded_at_any_length(family: Family, tools: Tools) -> None:
    for size in (5_000, 20_000, 80_000):
        text = family.text(size)
        made, _ = read(text, tools)
        assert made < bound(text), size


@pytest.mark.parametrize(
    ("begun", "piece"),
    [
        ("", "`"),
        ("", "“"),
        ("", '\\"'),
        ("Note: ", "\t"),
        ("1. join(", "Thought"),
        ("1. search('", "\t"),
        ('{"a": ', "«"),
    ],
)
def test_no_pattern_searches_a_line_anew_from_each_of_its_places(begun: str, piece: str) -> None:
    text = begun + piece * (400_000 // len(piece)) + '")\n2. join()\n'
    made, parsed = read(text, TOOLS)
    assert made < bound(text)
    assert not parsed.plan.tasks


def test_a_name_of_a_program_may_have_many_dots() -> None:
    few, many = (read(f"x = a{'.a' * dots}()\n", NO_TOOLS)[0] for dots in (10, 100))
    assert many < 200 * few


def test_ends_that_a_plan_goes_on_behind_take_no_time_in_the_plan() -> None:
    texts = ("".join(f"{n}. f()\n<END_OF_PLAN>\n" for n in range(1, size)) for size in (300, 1200))
    few, many = (read(text, NO_TOOLS)[0] for text in texts)
    assert many < 5 * few


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_what_models_really_write_takes_a_small_part_of_the_steps(case: dict[str, Any]) -> None:
    few, tools = TextLimits(repairs=DEFAULT_LIMITS.repairs // 50), tools_of(case)
    for known in (tools, NO_TOOLS):
        assert not any("more ways" in d.message for d in parse_model(case["text"], tools=known, limits=few).diagnostics)


@pytest.mark.parametrize("text", ["1. search(" + "a," * 6_000, '1. search({"a": "' + "“" * 20_000])
def test_a_text_with_too_many_readings_is_refused_as_ambiguous(text: str) -> None:
    parsed = parse_model(f"{text}\n2. join()\n", limits=TextLimits(repairs=20_000))
    assert not parsed.ok
    (found,) = [d for d in parsed.diagnostics if d.code == "R042"]
    assert found.message == "this call can be read in more ways than are tried"
    assert found.span is not None
    assert found.span.start == 0
    assert found.help is not None


def test_calls_that_need_no_repair_are_read_whatever_the_budget_is() -> None:
    parsed = parse_model('1. search("tides")\n2. search("moon")\n3. join()\n', limits=TextLimits(repairs=0))
    assert parsed.ok
    assert len(parsed.plan.tasks) == 2


def test_what_follows_a_call_that_is_given_up_is_not_given_out() -> None:
    limits = TextLimits(repairs=1_000)
    parsed = parse_model(f'1. search("tides")\n2. search({"a," * 2_000}\n3. search("moon")\n4. join()\n', limits=limits)
    assert not parsed.ok
    assert [task.id for task in parsed.plan.tasks] == [1]
