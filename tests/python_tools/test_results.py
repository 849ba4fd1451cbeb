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
from collections.abc import Callable, Iterable, Iterator
from typing import Annotated, Any, Literal, NamedTuple, NotRequired

import anyio
import pydantic
import pytest
from hypothesis import given, strategies as st
from typing_extensions import TypedDict

import lcc
from lcc.grammar.ir import Batched
from lcc.grammar.syntax.parser import parse_plan
from lcc.python_tools import results
from lcc.python_tools.declare import tool
from lcc.python_tools.function import tool_of
from lcc.python_tools.results import MAX_DEPTH, to_json
from lcc.runtime.result import FailureKind, RunResult, TaskStatus
from lcc.runtime.run import execute
from lcc.runtime.tool import ResultError, Tool


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
        ({1: 2, "1": 3}, "the result has two keys that are the same text in JSON"),
        ([{object: 2}], "the result at [0] has the key <class 'object'>, which JSON can't have"),
        ({b"a": 2}, "has the key"),
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


@pytest.mark.parametrize("most", [100_000, pytest.param(results.MAX_VALUES, marks=pytest.mark.slow)])
def test_shared_parts_that_multiply_are_cut_short(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results, "MAX_VALUES", most)
    value: list[Any] = [0] * 1_000
    for _ in range(60):
        value = [value] * 1_000
    with pytest.raises(ResultError, match=rf"the result at (\[0\])+… holds more than {most:,} values"):
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


def declared(hint: object, returned: object) -> Tool:
    def f() -> object:
        return returned

    f.__annotations__ = {"return": hint}
    return tool_of(f)


class Base(pydantic.BaseModel):
    name: str
    size: int = 1


class Derived(Base):
    more: str = "x"


class Written(pydantic.BaseModel):
    """A model whose JSON form isn't what its annotations say, and says so nowhere."""

    size: int

    @pydantic.field_serializer("size")
    def as_text(self, size: int):  # type: ignore[no-untyped-def]
        return f"{size} m"


class Row(TypedDict):
    name: str
    size: NotRequired[float]


@pytest.mark.parametrize(
    ("hint", "returned", "expected"),
    [
        (int, 3.0, 3),
        (float, 3, 3),
        (list[int], [1, 2.0], [1, 2]),
        (int | None, 3.0, 3),
        (float | int, 3.0, 3.0),
        (None, None, None),
        (Any, object, None),
        (Row, {"name": "x", "size": 1, "more": True}, {"name": "x", "size": 1, "more": True}),
        (dict[str, list[float]], {"a": [1.0]}, {"a": [1.0]}),
        (Colour, Colour.RED, "red"),
        (datetime.date, datetime.date(2026, 1, 2), "2026-01-02"),
        (decimal.Decimal, decimal.Decimal("1.50"), "1.50"),
        (set[int], {2, 1}, [1, 2]),
        (tuple[int, str], (1, "x"), [1, "x"]),
        (Base, Base(name="x"), {"name": "x", "size": 1}),
        (Base, Derived(name="x"), {"name": "x", "size": 1, "more": "x"}),
        (list[Base | None], [Base(name="x"), None], [{"name": "x", "size": 1}, None]),
        (Base, {"name": "x", "size": 2.0}, {"name": "x", "size": 2}),
        (Written, Written(size=3), {"size": "3 m"}),
    ],
)
def test_a_result_of_the_declared_type_passes(hint: object, returned: object, expected: object) -> None:
    returned = "anything" if returned is object else returned
    expected = "anything" if returned == "anything" else expected
    found = declared(hint, returned).to_json(returned)
    assert found == expected
    assert repr(found) == repr(expected)


@pytest.mark.parametrize(
    ("hint", "returned", "message"),
    [
        (str, 3, "the result of `f` must be `str`, not a number"),
        (str, None, "the result of `f` must be `str`, not null"),
        (str, ["x"], "the result of `f` must be `str`, not a list"),
        (int, "3", "the result of `f` must be `int`, not a text"),
        (int, True, "the result of `f` must be `int`, not a boolean"),
        (int, 3.5, "the result of `f` must be `int`, not a number with a fraction"),
        (float, False, "the result of `f` must be `float`, not a boolean"),
        (bool, 1, "the result of `f` must be `bool`, not a number"),
        (None, "x", "the result of `f` must be `None`, not a text"),
        (int | str, [], "the result of `f` must be `int | str`, not a list"),
        (Literal["a"], "b", "the result of `f` must be `Literal['a']`, not a text"),
        (list[str], ["a", 1], "the result of `f` at [1] must be `str`, not a number: it declares `list[str]`"),
        (dict[str, int], {"a b": "1"}, 'the result of `f` at ["a b"] must be `int`, not a text'),
        (
            list[Row],
            [{"name": 1}],
            "the result of `f` at [0].name must be `str`, not a number: it declares `list[Row]`",
        ),
        (list[Row] | None, [{"size": 1}], "the result of `f` at [0].name is missing"),
        (Row, [], "the result of `f` must be `Row`, not a list"),
        (Base, {"size": 1}, "the result of `f` at .name is missing: it declares `Base`"),
        (datetime.date, 3, "the result of `f` must be `str`, not a number"),
    ],
)
def test_a_result_that_is_not_what_the_tool_declares_is_refused_where_it_stands(
    hint: object, returned: object, message: str
) -> None:
    with pytest.raises(ResultError) as caught:
        declared(hint, returned).to_json(returned)
    assert message in str(caught.value)


def test_a_result_without_a_declared_type_may_be_anything() -> None:
    def f():  # type: ignore[no-untyped-def]
        return 3

    for returned in (3, "x", None, [True], {"a": 1.5}):
        assert tool_of(f).to_json(returned) == returned


def wrong_rows() -> list[str]:
    return ["a", 3]  # type: ignore[list-item]


async def wrong_rows_later() -> list[str]:
    return wrong_rows()


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
@pytest.mark.parametrize(
    ("function", "isolation"),
    [(wrong_rows_later, "loop"), (wrong_rows_later, "process"), (wrong_rows, "thread"), (wrong_rows, "process")],
)
@pytest.mark.parametrize("retries", [0, pytest.param(2, marks=pytest.mark.slow)])
def test_on_every_backend_the_task_with_the_wrong_result_fails_and_not_its_reader(
    function: Callable[[], object], isolation: Any, retries: int, backend: str
) -> None:
    async def run() -> RunResult:
        given = {"find": tool_of(tool(function, name="find", effect="read", isolation=isolation, retries=retries))}
        given["show"] = tool_of(tool(show, effect="read"))
        return await execute(parse_plan("1. find()\n2. show($1[1])\n3. join($1, $2)").plan, given)

    result = anyio.run(run, backend=backend)
    failed = result.tasks[1].error
    assert failed is not None
    assert (failed.kind, failed.attempts) == (FailureKind.RESULT, 1)
    assert failed.message == "the result of `find` at [1] must be `str`, not a number: it declares `list[str]`"
    assert result.tasks[2].status is TaskStatus.SKIPPED


async def show(text: str) -> str:
    return text


class Bounded(pydantic.BaseModel):
    size: int = pydantic.Field(ge=0)
    day: datetime.date | None = None


@dataclasses.dataclass
class Unchecked:
    day: datetime.date


class Reading(pydantic.BaseModel):
    degrees: float

    @pydantic.field_serializer("degrees")
    def shown(self, degrees: float) -> str:
        return f"{degrees} C"


class Split(pydantic.BaseModel):
    words: list[str]

    @pydantic.field_validator("words", mode="before")
    @classmethod
    def split(cls, text: str) -> list[str]:
        return text.split()


class Closed(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="forbid")
    width: int = pydantic.Field(alias="w")

    @pydantic.computed_field  # type: ignore[prop-decorator]
    @property
    def area(self) -> int:
        return self.width**2


class Wider(Closed):
    name: str = "x"


class Renamed(pydantic.BaseModel):
    width: int = pydantic.Field(serialization_alias="w")
    secret: str = pydantic.Field(exclude=True)


class Odd(enum.Enum):
    PAIR = (1, 2)


class Stop(NamedTuple):
    name: str
    day: datetime.date


Natural = Annotated[int, pydantic.Field(ge=0)]
DAY = datetime.date(2020, 1, 1)


@pytest.mark.parametrize(
    ("hint", "returned", "place", "message"),
    [
        (datetime.date, "hello", "", "must be a valid date"),
        (datetime.datetime, "hello", "", "must be a valid datetime"),
        (datetime.timedelta, "soon", "", "must be a valid duration"),
        (uuid.UUID, "x", "", "must be a valid UUID"),
        (decimal.Decimal, "abc", "", "must be a valid decimal"),
        (pydantic.HttpUrl, "no address", "", "must be a valid URL"),
        (list[datetime.date], [DAY, "x"], " at [1]", "must be a valid date"),
        (dict[str, uuid.UUID], {"a": "x"}, " at .a", "must be a valid UUID"),
        (datetime.date | int, "x", "", "must be a valid date"),
        (Iterable[datetime.date], ["x"], " at [0]", "must be a valid date"),
        (Natural, -1, "", "must be greater than or equal to 0"),
        (pydantic.PositiveInt, 0, "", "must be greater than 0"),
        (Annotated[str, pydantic.Field(max_length=2)], "abc", "", "is not accepted: string should have at most 2"),
        (Annotated[str, pydantic.Field(pattern="^a+$")], "b", "", "is not accepted: string should match pattern"),
        (Annotated[list[int], pydantic.Field(min_length=1)], [], "", "is not accepted: list should have at least 1"),
        (tuple[int, int], (1, 2, 3), "", "is not accepted: tuple should have at most 2 items"),
        (tuple[int, str], ("1", "a"), " at [0]", "must be a valid integer"),
        (Bounded, {"size": -1}, " at .size", "must be greater than or equal to 0"),
        (list[Bounded], [Bounded.model_construct(size=-1)], " at [0].size", "must be greater than or equal to 0"),
        (Unchecked, Unchecked("hello"), " at .day", "must be a valid date"),  # type: ignore[arg-type]
        (Stop, Stop("a", "hello"), " at [1]", "must be a valid date"),  # type: ignore[arg-type]
    ],
)
def test_what_only_pydantic_knows_of_a_declared_type_is_checked_too(
    hint: object, returned: object, place: str, message: str
) -> None:
    with pytest.raises(ResultError) as caught:
        declared(hint, returned).to_json(returned)
    assert str(caught.value).startswith(f"the result of `f`{place} {message}")
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize(
    ("hint", "returned", "expected"),
    [
        (datetime.date, DAY, "2020-01-01"),
        (datetime.date, "2020-01-01", "2020-01-01"),
        (datetime.timedelta, datetime.timedelta(seconds=5), "PT5S"),
        (decimal.Decimal, decimal.Decimal("1.50"), "1.50"),
        (pydantic.HttpUrl, "http://a", "http://a"),
        (pathlib.Path, pathlib.PurePosixPath("a"), "a"),
        (set[datetime.date], {DAY}, ["2020-01-01"]),
        (collections.deque[int], collections.deque([1]), [1]),
        (tuple[int, float], (1.0, 2), [1.0, 2]),
        (Natural, 3.0, 3),
        (Natural, 10**4_000, 10**4_000),
        (Annotated[float, pydantic.Field(gt=0)], 1e300, 1e300),
        (Annotated[list[Any], pydantic.Field(max_length=1)], [[{"a": None}]], [[{"a": None}]]),
        (Bounded, {"size": 1, "more": True}, {"size": 1, "more": True}),
        (Unchecked, Unchecked(DAY), {"day": "2020-01-01"}),
        (Stop, Stop("a", DAY), ["a", "2020-01-01"]),
        (Reading, Reading(degrees=1), {"degrees": "1.0 C"}),
        (list[Split], [Split(words="a b")], [{"words": ["a", "b"]}]),  # type: ignore[arg-type]
        (Closed, Wider(w=2), {"w": 2, "name": "x", "area": 4}),
        (Renamed, Renamed(width=2, secret="x"), {"w": 2}),
        (Odd, Odd.PAIR, [1, 2]),
        (pydantic.SecretStr, pydantic.SecretStr("x"), "**********"),
    ],
)
def test_what_pydantic_writes_of_a_declared_type_passes(hint: object, returned: object, expected: object) -> None:
    assert declared(hint, returned).to_json(returned) == expected


def test_the_json_form_of_a_result_passes_as_a_batch_form_hands_it_over() -> None:
    convert = declared(Reading, None).to_json
    assert convert(convert(Reading(degrees=1))) == {"degrees": "1.0 C"}


def test_a_plain_type_is_checked_without_pydantic() -> None:
    convert = declared(list[dict[str, int | None]], None).to_json
    assert isinstance(convert, results.ResultConverter)
    assert convert.declared is None


def wrong_days() -> list[datetime.date]:
    return [DAY, "hello"]  # type: ignore[list-item]


@pytest.mark.parametrize("isolation", ["thread", "process"])
def test_on_every_backend_pydantic_checks_the_result(isolation: Any) -> None:
    given = {"find": tool_of(tool(wrong_days, name="find", effect="read", isolation=isolation))}
    failed = anyio.run(execute, parse_plan("1. find()\n2. join($1)").plan, given).tasks[1].error
    assert failed is not None
    assert failed.kind is FailureKind.RESULT
    assert failed.message.startswith("the result of `find` at [1] must be a valid date")


def a_day(seed: int) -> datetime.date:
    return DAY


def some_days(calls: list[dict[str, int]]) -> list[datetime.date]:
    return [DAY if call["seed"] else "hello" for call in calls]  # type: ignore[misc]


@pytest.mark.parametrize("isolation", ["thread", "process"])
def test_pydantic_checks_each_result_of_a_batch(isolation: Any) -> None:
    tools = {"one": tool_of(tool(a_day, name="one", effect="pure", batch="many", max_batch=9))}
    tools["many"] = tool_of(tool(some_days, name="many", effect="pure", isolation=isolation))
    plan = lcc.compile("1. one(1)\n2. one(0)\n3. join($1, $2)", tools.values(), level=3).plan
    assert any(isinstance(origin, Batched) for origin in plan.origins)
    done = anyio.run(execute, plan, tools)
    assert done.tasks[1].value == "2020-01-01"
    assert done.tasks[2].error is not None
    assert done.tasks[2].error.message.startswith("the result of `many` at [0] must be a valid date")
