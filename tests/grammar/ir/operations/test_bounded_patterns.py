"""Check that regular expressions find what `re` finds, with effort that doesn't explode."""

from __future__ import annotations

import re
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from lcc.grammar.ir.operations import METHODS, MODULES, Meter, OperationError, OperationLimits, PatternValue
from lcc.grammar.ir.operations.regular.matcher import (
    AT,
    CHAR,
    JUMP,
    LOOK,
    MATCH,
    SAVE,
    SPLIT,
    Matcher,
    Program,
    program_of,
)

RE = MODULES["re"]
LETTERS = [
    "a",
    "b",
    "ab",
    ".",
    "[ab]",
    "[^a]",
    r"\w",
    r"\d",
    r"\s",
    "x",
    "1",
    r"\b",
    "^",
    "$",
    "",
    r"\.",
    "A",
    "é",
    r"[a-c\d]",
]


def pattern(random: Random, depth: int = 3) -> str:
    """Make up a pattern of the fragment, now and then one that isn't."""
    one = random.random()
    if depth == 0 or one < 0.25:
        return random.choice(LETTERS)
    inner = pattern(random, depth - 1)
    if one < 0.5:
        return inner + pattern(random, depth - 1)
    if one < 0.6:
        return f"(?:{inner}|{pattern(random, depth - 1)})"
    if one < 0.7:
        return f"({inner})"
    if one < 0.9:
        return f"(?:{inner}){random.choice(['*', '+', '?', '*?', '+?', '??', '{2}', '{1,2}', '{0,2}?', '{2,}'])}"
    return random.choice(["(?={})", "(?!{})", "(?<=a){}", "(?<!b){}", "(?i:{})", "(?s:{})"]).format(inner)


def found(call: Any) -> Any:
    try:
        return call()
    except re.error as error:
        return str(error).partition(" at position")[0]


@settings(max_examples=600)
@given(st.integers(0, 2**32))
def test_random_patterns_match_as_in_cpython(seed: int) -> None:
    random = Random(seed)
    text = "".join(random.choice("aabbx1 A.\né") for _ in range(random.randrange(9)))
    source, flags = pattern(random), random.choice([0, 0, 2, 8, 16])
    try:
        ours = found(lambda: [m.spans for m in RE["finditer"](Meter(), source, text, flags).iterator])
        whole = found(lambda: RE["fullmatch"](Meter(), source, text, flags))
        pieces = found(lambda: RE["split"](Meter(), source, text, 0, flags))
        replaced = found(lambda: RE["sub"](Meter(), source, "<\\g<0>>", text, 0, flags))
    except OperationError:
        return
    shown = f"{source!r} in {text!r}, flags {flags}"
    assert ours == found(lambda: [m.regs for m in re.finditer(source, text, flags)]), shown
    wanted = found(lambda: re.fullmatch(source, text, flags))
    assert getattr(whole, "spans", whole) == getattr(wanted, "regs", wanted), shown
    assert pieces == found(lambda: re.split(source, text, flags=flags)), shown
    assert replaced == found(lambda: re.sub(source, "<\\g<0>>", text, flags=flags)), shown


EXPLODING = [
    (r"(a+)+$", "a" * 5000 + "b"),
    (r"(a|aa)+$", "a" * 5000 + "b"),
    (r"^(?:a|a)*$", "a" * 5000 + "b"),
    (r"(.*)(.*)(.*)(.*)x", "a" * 1500),
    (r"^(\w+\s?)*$", "word " * 1000 + "!"),
    (r"([a-zA-Z0-9])(([\-.]|[_]+)?([a-zA-Z0-9]+))*@", "a" * 3000),
    (r"(?=(?:a+)+b)a", "a" * 1500),
]


@pytest.mark.parametrize(("source", "text"), EXPLODING)
def test_a_pattern_that_has_no_end_in_cpython_is_an_error_at_once(source: str, text: str) -> None:
    meter = Meter()
    with pytest.raises(OperationError, match="this pattern takes more than 4,000,000,000 steps on this text") as caught:
        RE["search"](meter, source, text)
    assert (caught.value.kind, caught.value.help is not None) == ("steps", True)
    assert meter.steps_used < 1_000_000


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (r"(a+)+$", "a" * 20 + "b"),
        (r"(?:(?:a?){20})(?:a{20})", "a" * 19),
        (r"(.*)(.*)x", "a" * 500),
        (r"(\w+) (\w+) (\w+)$", "the quick brown fox " * 200),
    ],
)
def test_a_pattern_that_takes_a_moment_in_cpython_is_answered(source: str, text: str) -> None:
    meter = Meter()
    assert RE["search"](meter, source, text) is None
    assert re.search(source, text) is None


def plainly(program: Program, text: str, start: int, advance: bool = False) -> tuple[bool, int]:
    """Backtrack without memory; return whether there is a match, and the steps."""
    stack, steps = [(0, start)], 0
    while stack:
        at, place = stack.pop()
        while True:
            what, a, b = program.code[at]
            at += 1
            steps += 1
            if what == SPLIT:
                stack.append((b[0], place))
                at = a
            elif what == JUMP:
                at = a
            elif what == MATCH:
                if place > start or not advance:
                    return True, steps
                break
            elif what == CHAR and place < len(text) and a[text[place]]:
                place += 1
            elif what == AT and a.match(text, place) is not None:
                pass
            elif what == LOOK:
                inner, back = a
                holds, more = plainly(inner, text, place - back) if place >= back else (False, 0)
                steps += more
                if holds is b:
                    break
            elif what != SAVE:
                break
    return False, steps


@settings(max_examples=600)
@given(st.integers(0, 2**32))
def test_the_effort_is_that_of_backtracking_without_memory(seed: int) -> None:
    random = Random(seed)
    text = "".join(random.choice("aaaabx ") for _ in range(random.randrange(14)))
    try:
        program = program_of(pattern(random, 4), 0)
    except (OperationError, re.error):
        return
    matcher = Matcher(Meter(), program, text)
    wanted = 0
    for start in (*range(len(text) + 1), *range(len(text) + 1)):  # the second time all failures are known
        for advance in (False, True):
            found, steps = plainly(program, text, start, advance)
            wanted += steps
            assert (matcher.run(program, start, advance=advance) is not None) is found
            assert matcher.effort == wanted, (text, start)


def test_long_failures_are_counted_too() -> None:
    program = program_of("(a|aa)+$", 0)
    text = "a" * 14 + "b"
    matcher = Matcher(Meter(), program, text)
    assert matcher.search(0) is None
    assert matcher.effort == sum(plainly(program, text, start)[1] for start in range(14)) > 4 * 255


def test_texts_that_are_left_to_try_are_bounded() -> None:
    with pytest.raises(OperationError) as caught:
        RE["search"](Meter(OperationLimits(memory=4_000_000, steps=10**9)), ".*?x", "a" * 500_000)
    assert caught.value.kind == "memory"


def test_a_search_that_takes_too_many_steps_is_stopped() -> None:
    with pytest.raises(OperationError) as caught:
        RE["search"](Meter(OperationLimits(steps=1_000)), r"(.*)(.*)x", "a" * 1000)
    assert caught.value.kind == "steps"


@pytest.mark.parametrize(
    "source",
    [
        r"(a)\1", r"(?P<x>a)(?P=x)", r"(a)?(?(1)b|c)", r"(?>a)b", r"a*+b", r"(a*)*", r"(?:a|)+", r"(?=(a))a", "a" * 1001,
        r"(?:a{500}){500}", "(" * 400 + ")" * 400, r"[[a]b]", "(?L)a",
    ],
)  # fmt: skip
def test_a_pattern_outside_of_the_fragment_is_refused_with_help(source: str) -> None:
    with pytest.raises((OperationError, re.error, ValueError)) as caught:
        RE["search"](Meter(), source, "aaa")
    if isinstance(caught.value, OperationError):
        assert caught.value.kind == "refused"


def test_a_range_that_takes_long_to_compile_is_refused() -> None:
    with pytest.raises(OperationError):
        RE["search"](Meter(), "(?i)[\x00-\U0010ffff]", "a")


def test_matches_are_asked_as_in_cpython() -> None:
    meter = Meter()
    match = RE["search"](meter, r"(?P<key>\w+)=(?P<value>\d+)?", "at k=")
    wanted = re.search(r"(?P<key>\w+)=(?P<value>\d+)?", "at k=")
    assert wanted is not None
    methods = METHODS[type(match)]
    assert methods["groupdict"](meter, match) == wanted.groupdict()
    assert methods["groups"](meter, match, "-") == wanted.groups("-")
    assert methods["group"](meter, match, "key", 0) == wanted.group("key", 0)
    assert repr(match) == repr(wanted)
    assert methods["span"](meter, match, "value") == (-1, -1)


def test_a_compiled_pattern_does_what_the_functions_do() -> None:
    meter = Meter()
    compiled = RE["compile"](meter, r"\d+", 2)
    assert compiled == PatternValue(r"\d+", 2)
    assert METHODS[PatternValue]["findall"](meter, compiled, "1 22") == ["1", "22"]
    assert RE["sub"](meter, compiled, "#", "1 22") == "# #"


def test_the_same_pattern_costs_the_same_whenever_it_is_used() -> None:
    used = []
    for _ in range(2):
        meter = Meter()
        RE["findall"](meter, r"(\w+)@(\w+)\.com", "ann@example.com, bob@example.org " * 20)
        used.append((meter.steps_used, meter.memory_used))
    assert used[0] == used[1]
