"""Check what is remembered of runs, and what is expected of calls."""

from __future__ import annotations

import json
from math import ceil

import pytest
from hypothesis import given, strategies as st

from lcc.grammar.ir import Arg, Const, ListOf, Ref, Task
from lcc.grammar.signatures import Cost, Signature
from lcc.passes.analysis.costs import Costs, Expected
from lcc.passes.analysis.profile import (
    ACCURACY,
    ENOUGH,
    LONGEST,
    SHORTEST,
    VERSION,
    Profile,
    ProfileError,
    Sketch,
    argument_bytes,
    size_class,
)

seconds = st.floats(SHORTEST, 1e5)


def sketch_of(durations: list[float]) -> Sketch:
    sketch = Sketch()
    for one in durations:
        sketch.add(one)
    return sketch


@given(st.lists(seconds, min_size=1), st.floats(0, 1))
def test_a_quantile_is_as_close_as_promised(durations: list[float], q: float) -> None:
    sketch = sketch_of(durations)
    ordered = sorted(durations)
    exact = ordered[ceil(q * (len(ordered) - 1) - 1e-9)], ordered[int(q * (len(ordered) - 1))]
    got = sketch.quantile(q)
    assert any(abs(got - one) <= (ACCURACY + 1e-9) * one for one in exact)
    assert sketch.count == len(durations)
    assert sketch.mean == pytest.approx(sum(durations) / len(durations), rel=1e-6, abs=1e-9)


@given(st.lists(seconds), st.lists(seconds), st.lists(seconds))
def test_merging_is_adding_in_any_order(a: list[float], b: list[float], c: list[float]) -> None:
    left, right = sketch_of(a), sketch_of(b)
    left.merge(right)
    left.merge(sketch_of(c))
    right.merge(sketch_of(c))
    right.merge(sketch_of(a))
    assert left == right == sketch_of([*a, *b, *c])
    assert Sketch.from_json(json.loads(json.dumps(left.to_json()))) == left


def test_a_sketch_is_small_whatever_it_is_given() -> None:
    sketch = sketch_of([0.0, 1e-30, 1e30, *(1.01**n for n in range(-2000, 2000))])
    assert len(sketch.buckets) < 1_600
    assert sketch.quantile(0) == pytest.approx(SHORTEST, rel=0.02)
    assert sketch.quantile(1) == pytest.approx(LONGEST, rel=0.02)
    assert Sketch().quantile(0.5) == Sketch().mean == 0.0


@pytest.mark.parametrize("bad", [-1.0, float("nan")])
def test_what_is_no_duration_is_refused(bad: float) -> None:
    with pytest.raises(ValueError, match="not a duration"):
        Sketch().add(bad)
    with pytest.raises(ValueError, match="not a share"):
        Sketch().quantile(1 + abs(bad))


records = st.lists(
    st.tuples(
        st.sampled_from(["a", "b"]), seconds, st.integers(0, 5000), st.integers(0, 100), st.floats(0, 1), st.booleans()
    )
)


def profile_of(calls: list[tuple[str, float, int, int, float, bool]]) -> Profile:
    profile = Profile()
    for tool, took, size, tokens, usd, ok in calls:
        profile.record(tool, took, argument_bytes=size, tokens=tokens, usd=usd, ok=ok)
    return profile


@given(records, records)
def test_profiles_merge_and_survive_their_file(
    a: list[tuple[str, float, int, int, float, bool]], b: list[tuple[str, float, int, int, float, bool]]
) -> None:
    one, other = profile_of(a), profile_of(b)
    one.merge(other)
    other.merge(profile_of(a))
    assert one == other == profile_of([*a, *b])
    assert Profile.loads(one.dumps()) == one
    assert bool(one) == bool(a or b)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "not a profile"),
        ("[]", "`version` and `tools` are missing"),
        ('{"version": 99, "tools": {}}', f"version 99; this lcc reads up to {VERSION}"),
        ('{"version": 1, "tools": {"a": 3}}', "must be an object"),
        ('{"version": 1, "tools": {"a": {}}}', "a sketch needs"),
        ('{"version": 1, "tools": {"a": {"seconds": {"nanoseconds": 0, "buckets": {"x": 1}}}}}', "not a profile"),
        ('{"version": 1, "tools": {"a": {"seconds": {"nanoseconds": 0, "buckets": {"1": 0}}}}}', "not a bucket"),
        ('{"version": 1, "tools": {"a": {"seconds": {"nanoseconds": 0, "buckets": {"9999": 1}}}}}', "not a bucket"),
        ('{"version": 1, "tools": {"a": {"seconds": {"nanoseconds": -1, "buckets": {}}}}}', "a sketch needs"),
        ('{"version": 1, "tools": {"a": {"seconds": {"nanoseconds": 0, "buckets": {}}, "failed": -1}}}', "`failed`"),
        ('{"version": 1, "tools": {"a": {"seconds": {"nanoseconds": 0, "buckets": {}}, "sizes": []}}}', "`sizes`"),
        ("[" * 100_000, "not a profile"),
    ],
)
def test_a_file_that_is_no_profile_is_refused(text: str, problem: str) -> None:
    with pytest.raises(ProfileError, match=problem):
        Profile.loads(text)


def test_size_classes_are_powers_of_four() -> None:
    assert [size_class(n) for n in (0, 1, 3, 4, 15, 16, 63, 64, 4096)] == [0, 0, 0, 1, 1, 2, 2, 3, 6]
    assert argument_bytes(["é", 1]) == len('["é",1]'.encode())


def call(*args: Arg) -> Task:
    return Task(1, "a", args)


def signature(**cost: float) -> Signature:
    return Signature("a", cost=Cost(**cost))  # type: ignore[arg-type]


def test_a_declared_cost_comes_before_a_measured_one_and_that_before_the_default() -> None:
    profile = Profile()
    profile.record("a", 2.0, tokens=100, usd=0.25)
    measured = Costs(profile)
    assert measured.of(call(), signature(seconds=3.0)) == Expected(3.0, 0.25, 100)
    assert measured.of(call(), signature(usd=0.5, tokens=7)) == Expected(pytest.approx(2.0), 0.5, 7)
    assert measured.of(call(), None).seconds == pytest.approx(2.0)
    assert Costs().of(call(), None) == Expected(1.0, 0.0, 0)
    assert Costs(default_seconds=0.25).seconds(call(), signature()) == 0.25
    assert measured.seconds(call(), signature(seconds=0.0)) == 0.0
    assert measured.seconds(Task(1, "b"), None) == 1.0


def test_tokens_and_money_count_failed_calls_too_and_time_does_not() -> None:
    profile = Profile()
    profile.record("a", 1.0, tokens=10, usd=0.1)
    profile.record("a", 50.0, tokens=30, usd=0.3, ok=False)
    assert profile.expected("a") == Cost(1.0, 0.2, 20)
    assert profile.expected("b") == Cost()
    only_failed = Profile()
    only_failed.record("a", 1.0, ok=False)
    assert only_failed.expected("a") == Cost()


def test_the_size_of_arguments_counts_where_it_matters() -> None:
    profile = Profile()
    for _ in range(ENOUGH):
        profile.record("a", 1.0, argument_bytes=10)
        profile.record("a", 9.0, argument_bytes=1000)
        profile.record("b", 1.0, argument_bytes=10)
        profile.record("b", 1.1, argument_bytes=1000)
    costs = Costs(profile)
    small, large = call(Arg(None, Const("x" * 6))), call(Arg(None, Const("x" * 996)))
    assert costs.seconds(small, None) == pytest.approx(1.0)
    assert costs.seconds(large, None) == pytest.approx(9.0)
    assert costs.seconds(call(Arg(None, Const("x" * 100))), None) == pytest.approx(5.0)
    assert costs.seconds(call(Arg(None, Ref(1))), None) == pytest.approx(5.0)
    assert costs.seconds(call(Arg(None, ListOf((Const("x"),)), each=True)), None) == pytest.approx(5.0)
    assert not profile.is_sized("b")
    assert profile.is_sized("a")
    assert not profile.is_sized("c")


def test_a_few_calls_of_a_size_prove_nothing() -> None:
    profile = Profile()
    for _ in range(ENOUGH - 1):
        profile.record("a", 1.0, argument_bytes=10)
        profile.record("a", 9.0, argument_bytes=1000)
    assert not profile.is_sized("a")
