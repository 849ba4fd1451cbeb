"""Check what a tool's arguments become, and how a wrong one is described."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import Enum
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal, NotRequired, TypedDict

import pytest
from hypothesis import given, strategies as st
from pydantic import AfterValidator, BaseModel, Field
from pydantic_core import core_schema
from strategies import json_of, scalars, types

from lcc.grammar.signatures import Type, coerce, value_fits
from lcc.python_tools.conform import exactly
from lcc.python_tools.function import tool_of
from lcc.runtime.tool import ArgumentError


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


@dataclass
class Point:
    x: float
    y: float = 0.0


class Place(BaseModel):
    name: str
    at: Point
    near: list[Place] = []


class Note(TypedDict):
    text: str
    stars: NotRequired[int]


def even(number: int) -> int:
    if number % 2:
        raise ValueError("an even number is wanted")
    return number


def fussy(number: int) -> int:
    raise KeyError(number)


def convert(hint: object, value: Any) -> object:
    def f(value): ...  # type: ignore[no-untyped-def]

    f.__annotations__ = {"value": hint}
    return tool_of(f).convert({"value": value})["value"]


@pytest.mark.parametrize(
    ("hint", "value", "expected"),
    [
        (Any, {"a": [1]}, {"a": [1]}),
        (str, "x", "x"),
        (str, 3, "3"),
        (str, [1, None], "[1, null]"),
        (int, 3, 3),
        (int, 3.0, 3),
        (float, 3, 3.0),
        (list[int], [1, 2.0], [1, 2]),
        (int | None, 3.0, 3),
        (float | int, 3, 3),
        (list[str], [1, "2"], ["1", "2"]),
        (dict[str, float], {"a": 1}, {"a": 1.0}),
        (dict[int, str], {"1": "a"}, {1: "a"}),
        (int | None, None, None),
        (int | list[str], ["x"], ["x"]),
        (Literal["a", 1], 1, 1),
        (tuple[int, str], [1, "x"], (1, "x")),
        (set[int], [1, 1], {1}),
        (Colour, "red", Colour.RED),
        (list[Colour], ["red"], [Colour.RED]),
        (date, "2026-01-02", date(2026, 1, 2)),
        (PurePosixPath, "/a", PurePosixPath("/a")),
        (bytes, "x", b"x"),
        (Point, {"x": 1}, Point(1.0)),
        (Place, {"name": "x", "at": {"x": 1}}, Place(name="x", at=Point(1.0))),
        (Place | None, {"name": "3", "at": {"x": 1}}, Place(name="3", at=Point(1.0))),
        (Note, {"text": "x", "stars": 1}, {"text": "x", "stars": 1}),
        (Note, {"text": "x", "more": 1}, {"text": "x", "more": 1}),
        (list[Note], [{"text": 1}], [{"text": "1"}]),
        (Annotated[int, Field(gt=0)], 1, 1),
        (Annotated[int, AfterValidator(even)], 2, 2),
    ],
)
def test_json_values_become_what_the_function_takes(hint: object, value: Any, expected: object) -> None:
    found = convert(hint, value)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("hint", "value", "message"),
    [
        (int, "3", "`value` must be `int`, not a text"),
        (int, True, "`value` must be `int`, not a boolean"),
        (int, 1.5, "`value` must be `int`, not a number with a fraction"),
        (int, None, "`value` must be `int`, not null"),
        (float, "2.5", "`value` must be `float`, not a text"),
        (float, False, "`value` must be `float`, not a boolean"),
        (bool, "true", "`value` must be `bool`, not a text"),
        (bool, 1, "`value` must be `bool`, not a number"),
        (list[int], 3, "`value` must be `list[int]`, not a number"),
        (list[int], [1, "2"], "`value[1]` must be `int`, not a text"),
        (dict[str, int], {"a b": True}, '`value["a b"]` must be `int`, not a boolean'),
        (Annotated[int, Field(gt=0)], "1", "`value` must be `int`, not a text"),
        (set[int], ["1"], "`value[0]` must be `int`, not a text"),
        (int | list[str], {}, "`value` must be `int | list[str]`, not an object"),
        (int | float, "x", "`value` must be `int | float`, not a text"),
        (Literal["a", "b"], "c", "`value` must be `Literal['a', 'b']`, not a text"),
        (Colour, "green", "`value` must be `Literal['red', 'blue']`, not a text"),
        (Point, {"y": 1}, "`value.x` is missing"),
        (Point, 3, "`value` must be `Point`, not a number"),
        (Point | None, "x", "`value` must be `Point | None`, not a text"),
        (Place, {"name": "x", "at": {"x": "?"}}, "`value.at.x` must be `float`, not a text"),
        (Place, {"name": "x", "at": {"x": 1}, "near": [{"name": "y"}]}, "`value.near[0].at` is missing"),
        (
            list[Annotated[int, Field(gt=0)]],
            [0, -1, -2, -3, -4],
            "`value[0]` must be greater than 0; `value[1]` must be greater than 0; `value[2]` must be greater than 0; and 2 more",
        ),
        (Annotated[int, Field(gt=0)], 0, "`value` must be greater than 0"),
        (Annotated[str, Field(min_length=3)], "x", "`value` is not accepted: string should have at least 3 characters"),
        (Annotated[int, AfterValidator(even)], 3, "`value` is not accepted: an even number is wanted"),
        (Annotated[int, AfterValidator(fussy)], 3, "`value` could not be made from the argument: KeyError: 3"),
        (date, "x", "`value` must be a valid date"),
        (Note, {"stars": 1}, "`value"),
        (Note, 3, "`value` must be "),
    ],
)
def test_a_wrong_argument_is_described_without_jargon(hint: object, value: Any, message: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        convert(hint, value)
    text = str(caught.value)
    assert message in text
    for jargon in ("pydantic", "http", "Input should", "type=", "input_value", "\n"):
        assert jargon not in text


def search(query: str, limit: int = 10, *, exact: bool = False) -> None: ...


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "`query` is missing"),
        ({"query": "x", "limt": 3}, "there is no parameter `limt`; did you mean `limit`?"),
        ({"query": "x", "zzz": 3}, "there is no parameter `zzz`"),
    ],
)
def test_missing_and_unknown_arguments_are_named(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        tool_of(search).convert(arguments)
    assert str(caught.value) == message


def test_several_missing_arguments_are_all_named() -> None:
    def f(a: int, b: int, c: int = 1) -> None: ...

    with pytest.raises(ArgumentError, match="`a`, `b` are missing"):
        tool_of(f).convert({})


def test_defaults_are_left_to_the_function() -> None:
    assert tool_of(search).convert({"query": "x"}) == {"query": "x"}


def test_a_value_that_fits_is_passed_as_it_is() -> None:
    value: list[Any] = [{"a": [1]}]
    assert convert(list[dict[str, Any]], value) is value


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="pydantic takes typing.TypedDict from Python 3.12 on")
def test_a_typed_dict_that_pydantic_refuses_is_checked_all_the_same() -> None:
    assert convert(list[Note], [{"text": "x"}]) == [{"text": "x"}]
    with pytest.raises(ArgumentError, match=r"`value\[0\].text` is missing"):
        convert(list[Note], [{"stars": 1}])


@given(types().flatmap(lambda type_: st.tuples(st.just(type_), json_of(type_))))
def test_what_was_coerced_is_exactly_of_its_type(pair: tuple[Type, Any]) -> None:
    type_, value = pair
    assert exactly(type_)(coerce(value, type_))


@given(
    types(), scalars() | st.lists(scalars(), max_size=2) | st.dictionaries(st.sampled_from(("name", "x")), scalars())
)
def test_what_is_exactly_of_a_type_fits_it(type_: Type, value: Any) -> None:
    if exactly(type_)(value) and not _has_closed_record(type_):
        assert value_fits(value, type_)


def _has_closed_record(type_: Type) -> bool:
    return "Record" in repr(type_)


def test_a_callable_hint_of_a_result_does_not_matter() -> None:
    def f(value: int) -> Callable[[], int]:
        return lambda: value

    assert tool_of(f).convert({"value": 1}) == {"value": 1}


class Weight:
    def __init__(self, grams: float) -> None:
        self.grams = grams

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: object) -> object:
        return core_schema.no_info_plain_validator_function(lambda value: cls(float(value)))


class Shade(Enum):
    DARK = "dark"

    @classmethod
    def _missing_(cls, value: object) -> Any:
        return cls.DARK if value == "DARK" else None


class Parcel(BaseModel):
    weight: Weight
    shade: Shade

    model_config = {"arbitrary_types_allowed": True}


def test_a_type_with_a_schema_of_its_own_takes_what_pydantic_takes() -> None:
    parcel = convert(Parcel, {"weight": "2.5", "shade": "DARK"})
    assert isinstance(parcel, Parcel)
    assert (parcel.weight.grams, parcel.shade) == (2.5, Shade.DARK)
    with pytest.raises(ArgumentError):
        convert(Parcel, {"weight": "2.5", "shade": "pale"})


def test_a_default_in_the_annotation_is_filled_in() -> None:
    def page(size: Annotated[int, Field(default=5, ge=1)], tags: Annotated[list[str], Field(default_factory=list)]): ...  # type: ignore[no-untyped-def]

    tool = tool_of(page)
    assert [p.required for p in tool.signature.parameters] == [False, False]
    assert tool.convert({}) == {"size": 5, "tags": []}
    with pytest.raises(ArgumentError):
        tool.convert({"size": 0})
