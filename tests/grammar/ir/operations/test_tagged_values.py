"""Check that values are written as JSON and read back, and what tools give and take."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta, timezone
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st
from operation_oracle import Lazy
from operation_values import Values

from lcc.grammar.ir.operations import (
    BUILTINS,
    BadTag,
    Meter,
    OperationError,
    OperationLimits,
    Record,
    SetValue,
    from_plain,
    from_tagged,
    is_exception,
    to_plain,
    to_tagged,
)


def equal(a: Any, b: Any) -> bool:
    """Whether two values are of one kind and have equal parts, in one order."""
    if type(a) is not type(b):
        return False
    if isinstance(a, Lazy):
        return a.name == b.name and equal(list(a.iterator), list(b.iterator))
    if is_exception(a):
        return equal(a.args, b.args) and str(a) == str(b)
    if isinstance(a, dict):
        same = equal(list(a.items()), list(b.items()))
        return same and (not isinstance(a, defaultdict) or a.default_factory is b.default_factory)
    if isinstance(a, list | tuple | SetValue) or hasattr(a, "mapping"):
        return len(a) == len(b) and all(map(equal, a, b))
    return repr(a) == repr(b)


@settings(max_examples=300)
@given(st.integers(0, 2**32))
def test_every_value_reads_back_as_it_was(seed: int) -> None:
    values = Values(Random(seed))
    value = values.random.choice([values.any, values.lazy, values.large_set, values.exception, values.dict])(3)
    written = json.loads(json.dumps(to_tagged(value)))
    assert equal(from_tagged(written), value), written


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ((1, "a"), {"$tuple": [1, "a"]}),
        ({"a": 1}, {"a": 1}),
        ({"$a": 1}, {"$dict": [["$a", 1]]}),
        ({1: 2}, {"$dict": [[1, 2]]}),
        (Record(a=[1]), {"$record": {"a": [1]}}),
        (Record({"$same": 0}), {"$record": {"$same": 0}}),
        (SetValue([3, 1]), {"$set": [3, 1]}),
        (math.inf, {"$float": "inf"}),
        (-0.0, -0.0),
        (date(2026, 1, 31), {"$date": "2026-01-31"}),
        (timedelta(hours=-1), {"$timedelta": [-1, 82800, 0]}),
        (KeyError("k"), {"$exception": ["KeyError", ["k"]]}),
        (range(1, 9, 2), {"$range": [1, 9, 2]}),
    ],
)
def test_values_are_written_with_their_tags(value: Any, written: Any) -> None:
    assert to_tagged(value) == written
    assert equal(from_tagged(written), value)


def test_one_list_in_two_places_is_one_list_when_read() -> None:
    row = {"n": 1}
    value = from_tagged(to_tagged([row, row, {"n": 1}]))
    value[0]["n"] = 2
    assert value == [{"n": 2}, {"n": 2}, {"n": 1}]


def test_a_list_within_itself_reads_back() -> None:
    value: list[Any] = [1]
    value.append(value)
    found = from_tagged(to_tagged(value))
    assert found[1] is found


def test_a_list_of_two_times_itself_stays_small() -> None:
    value: list[Any] = [1]
    for _ in range(60):
        value = [value, value]
    assert len(json.dumps(to_tagged(value))) < 2000


def test_an_iterator_goes_on_where_it_was() -> None:
    lazy = BUILTINS["enumerate"](Meter(), ["a", "b", "c"])
    BUILTINS["next"](Meter(), lazy)
    written = to_tagged(lazy)
    assert BUILTINS["list"](Meter(), from_tagged(written)) == [(1, "b"), (2, "c")]
    assert BUILTINS["list"](Meter(), lazy) == [(1, "b"), (2, "c")]


def test_times_keep_zone_name_and_fold() -> None:
    for zone in (None, UTC, timezone(timedelta(hours=1), "CET"), timezone(timedelta(hours=-5))):
        for value in (datetime(2026, 1, 1, 2, fold=1, tzinfo=zone), time(3, 4, tzinfo=zone)):
            found = from_tagged(json.loads(json.dumps(to_tagged(value))))
            assert (repr(found), found.fold) == (repr(value), value.fold)


@pytest.mark.parametrize(
    "data",
    [
        {"$no": 1},
        {"$same": 3},
        {"$date": "x"},
        {"$tuple": 1},
        {"$class": "os"},
        {"$exception": ["SystemExit", []]},
        {"$set": [[1]]},
        {"$match": []},
        {"$record": []},
        {"$view": ["__class__", []]},
    ],
)
def test_what_no_value_is_written_as_is_refused(data: Any) -> None:
    with pytest.raises(BadTag):
        from_tagged(data)


def test_values_that_are_too_deep_or_too_large_are_refused() -> None:
    deep: Any = []
    for _ in range(5000):
        deep = [deep]
    for convert in (to_tagged, from_tagged, to_plain):
        with pytest.raises(OperationError, match="deeper"):
            convert(deep)
    doubled: Any = [1]
    for _ in range(60):
        doubled = [doubled, doubled]
    with pytest.raises(OperationError, match="steps"):
        to_plain(doubled, Meter(OperationLimits(steps=10_000)))


def test_the_result_of_a_tool_is_made_of_records() -> None:
    found = from_plain({"rows": [{"id": 1}], "n": None})
    assert type(found) is Record
    assert type(found["rows"][0]) is Record


@settings(max_examples=200)
@given(st.integers(0, 2**32))
def test_a_tool_gets_what_json_says(seed: int) -> None:
    value = Values(Random(seed)).of("list|dict|record|tuple|counter", 3)
    try:
        wanted = json.loads(json.dumps(value))
    except TypeError:
        with pytest.raises(OperationError):
            to_plain(value)
    else:
        assert repr(to_plain(value)) == repr(wanted)


@pytest.mark.parametrize(
    ("value", "help"),
    [(SetValue([1]), "sorted"), (date(2026, 1, 1), "isoformat"), (timedelta(1), "total_seconds"), (ValueError("x"), "str"),
     (range(3), "list"), ({(1, 2): 3}, "str")],
)  # fmt: skip
def test_what_json_lacks_is_not_handed_over(value: Any, help: str) -> None:
    with pytest.raises(OperationError) as caught:
        to_plain([value])
    assert caught.value.kind == "value"
    assert help in (caught.value.help or "")
