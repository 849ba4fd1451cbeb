"""Check what becomes of a tool's result: plain JSON values, or a clear refusal."""

from __future__ import annotations

import collections
import dataclasses
import datetime
import decimal
import enum
import fractions
import itertools
import json
import pathlib
import types
import uuid
from collections.abc import Iterator
from typing import Any, NamedTuple

import pydantic
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lcc.results import MAX_DEPTH, to_json
from lcc.runtime.tool import ResultError


class Colour(enum.Enum):
    RED = "red"


class Level(enum.IntEnum):
    HIGH = 3


class Text(str):
    __slots__ = ()


class Number(float):
    __slots__ = ()


class Pair(NamedTuple):
    left: int
    right: str


@dataclasses.dataclass
class Point:
    x: float
    where: pathlib.PurePosixPath | None = None


class Place(pydantic.BaseModel):
    name: str = pydantic.Field(alias="Name")
    at: Point


def plain() -> st.SearchStrategy[Any]:
    text = st.text(st.characters(exclude_categories=("Cs",)), max_size=5)
    scalar = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | text
    return st.recursive(scalar, lambda v: st.lists(v, max_size=3) | st.dictionaries(text, v, max_size=3), max_leaves=8)


@given(plain())
def test_a_json_value_stays_as_it_is(value: Any) -> None:
    found = to_json(value)
    assert found == value
    assert json.dumps(found) == json.dumps(value)


def _containers(value: Any) -> Iterator[int]:
    if isinstance(value, list | dict):
        yield id(value)
        for item in value.values() if isinstance(value, dict) else value:
            yield from _containers(item)


@given(plain())
def test_a_result_shares_no_container_with_what_the_tool_returned(value: Any) -> None:
    found = to_json(value)
    assert not set(_containers(found)) & set(_containers(value))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ((1, (2,)), [1, [2]]),
        (Pair(1, "x"), [1, "x"]),
        ({3, 1, 2}, [1, 2, 3]),
        (frozenset(("b", "a")), ["a", "b"]),
        ({1, "a"}, ["a", 1]),
        (collections.deque([1]), [1]),
        (collections.OrderedDict(a=1), {"a": 1}),
        (types.MappingProxyType({"a": (1,)}), {"a": [1]}),
        ({Colour.RED: 1, Text("t"): 2}, {"red": 1, "t": 2}),
        (Colour.RED, "red"),
        (Level.HIGH, 3),
        (Text("x"), "x"),
        (Number(1.5), 1.5),
        (Point(1.5, pathlib.PurePosixPath("/a")), {"x": 1.5, "where": "/a"}),
        (Place(Name="x", at=Point(1.0)), {"Name": "x", "at": {"x": 1.0, "where": None}}),
        ([Place(Name="x", at=Point(1.0))], [{"Name": "x", "at": {"x": 1.0, "where": None}}]),
        (datetime.datetime(2026, 1, 2, 3, 4, tzinfo=datetime.UTC), "2026-01-02T03:04:00Z"),
        (datetime.date(2026, 1, 2), "2026-01-02"),
        (decimal.Decimal("1.50"), "1.50"),
        (fractions.Fraction(1, 3), "1/3"),
        (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        ("naïve €", "naïve €"),
    ],
)
def test_what_has_an_obvious_json_form_gets_it(value: object, expected: object) -> None:
    found = to_json(value)
    assert found == expected
    assert json.dumps(found) == json.dumps(expected)


async def _coroutine() -> None: ...


async def _async_generator() -> Any:
    yield 1


class Hostile:
    def __repr__(self) -> str:
        raise ValueError("no repr")


class BadMapping(dict[str, int]):
    def items(self) -> Any:
        raise OSError("gone")


def _loop() -> list[Any]:
    loop: list[Any] = []
    loop.append(loop)
    return loop


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (float("nan"), "the result is nan, which is no JSON number"),
        ([1, {"a": float("-inf")}], "the result at [1].a is -inf, which is no JSON number"),
        (Place(Name="x", at=Point(float("nan"))), "the result at .at.x is nan, which is no JSON number"),
        (b"x", "the result is bytes; decode them, or return base64 text"),
        ({"a b": bytearray()}, 'the result at ["a b"] is bytes'),
        ({1: 2}, "the result has the key 1, which is not text"),
        ([{None: 2}], "the result at [0] has the key None, which is not text"),
        ({Level.HIGH: 2}, "has the key"),
        ({(1, 2): 2}, "has the key (1, 2)"),
        ({Hostile(): 1}, "the result has the key a Hostile"),
        ("\ud800", "the result holds a lone surrogate, '\\ud800'"),
        ({"\udfff": 1}, "the result holds a lone surrogate"),
        pytest.param(10**5_000, "the result is an integer of more than 4,000 digits", id="huge"),
        (_loop(), f"is nested deeper than {MAX_DEPTH}, or contains itself"),
        (object(), "the result is of the class object, which has no JSON form"),
        (Hostile(), "the result is of the class Hostile"),
        ((n for n in ()), "the result is an iterator; return a list"),
        (iter([1]), "the result is an iterator; return a list"),
        (_async_generator(), "the result is an iterator; return a list"),
        (int, "the result is a class, which has no JSON form"),
        (KeyError("x"), "the result is an exception, which has no JSON form"),
        (len, "the result is a function or a module"),
        (json, "the result is a function or a module"),
        (BadMapping(a=1), "the result can't be converted: OSError: gone"),
    ],
)
def test_what_has_no_json_form_is_refused_where_it_stands(value: object, message: str) -> None:
    with pytest.raises(ResultError) as caught:
        to_json(value)
    assert message in str(caught.value)


def test_a_coroutine_that_nobody_awaited_is_closed_and_refused() -> None:
    with pytest.raises(ResultError, match="declare the tool with `async def`"):
        to_json(_coroutine())


def test_nesting_is_allowed_up_to_the_limit() -> None:
    value: list[Any] = []
    for _ in range(MAX_DEPTH - 1):
        value = [value]
    assert to_json(value) == value
    with pytest.raises(ResultError, match="deeper"):
        to_json([value])


def test_shared_parts_that_multiply_are_cut_short() -> None:
    value: list[Any] = [0] * 1_000
    for _ in range(60):
        value = [value] * 1_000
    with pytest.raises(ResultError, match=r"the result at (\[0\])+… holds more than 10,000,000 values"):
        to_json(value)


class Raising(list[object]):
    """Raises when it is looked into."""

    def __init__(self, error: BaseException) -> None:
        super().__init__([1])
        self.error = error

    def __iter__(self) -> Iterator[object]:
        raise self.error


class Mute(Exception):
    def __str__(self) -> str:
        raise SystemExit(3)


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(1), GeneratorExit(), Mute(), ValueError("no")])
def test_whatever_a_value_raises_is_a_fault_of_the_result(error: BaseException) -> None:
    with pytest.raises(ResultError, match="can't be converted"):
        to_json({"a": Raising(error)})


class EndlessList(list[object]):
    def __iter__(self) -> Iterator[object]:
        return itertools.count()


class EndlessDict(dict[str, int]):
    def items(self) -> Any:
        return ((str(n), n) for n in itertools.count())


class EndlessMapping(collections.abc.Mapping[str, int]):
    length = 2

    def __len__(self) -> int:
        return self.length

    def __getitem__(self, key: str) -> int:
        return int(key)

    def __iter__(self) -> Iterator[str]:
        return map(str, itertools.count())


class EndlessSet(collections.abc.Set[int]):
    def __len__(self) -> int:
        return 2

    def __contains__(self, item: object) -> bool:
        return True

    def __iter__(self) -> Iterator[int]:
        return itertools.count()


class VastMapping(EndlessMapping):
    length = 10**12


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (EndlessList([1, 2]), "at [0] has more items than the 2 that its length tells of"),
        (EndlessDict(a=1, b=2), "at [0] has more items than the 2 that its length tells of"),
        (EndlessMapping(), "at [0] has more items than the 2 that its length tells of"),
        (EndlessSet(), "at [0] has more items than the 2 that its length tells of"),
        (VastMapping(), "at [0] holds more than 10,000,000 values"),
    ],
)
def test_what_goes_on_without_end_is_refused(value: object, why: str) -> None:
    with pytest.raises(ResultError) as caught:
        to_json([value])
    assert str(caught.value) == f"the result {why}"


def test_a_mapping_of_a_class_of_its_own_is_an_object() -> None:
    assert to_json(types.MappingProxyType({"a": (1, collections.deque([2]))})) == {"a": [1, [2]]}
