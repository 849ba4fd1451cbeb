"""Compare tools with what pydantic makes of the same annotations: what it refuses is refused before the run, what it takes arrives as it has it."""

from __future__ import annotations

import datetime
import decimal
import enum
import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal, NamedTuple

import pydantic
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from pydantic import (
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    RootModel,
    StringConstraints,
    field_validator,
)

import lcc
from lcc.grammar.ir import Arg, Join, Plan, Task
from lcc.grammar.ir.constants import value_of_json
from lcc.passes.verify import verify
from lcc.python_tools.function import tool_of


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Point(NamedTuple):
    x: int
    y: str = "q"


@dataclass
class Size:
    width: float
    height: float = 1.0


class Loan(BaseModel):
    model_config = ConfigDict(populate_by_name=True)
    title: str = Field(min_length=2)
    days: int = Field(14, ge=1, le=30, alias="loanDays")
    price: decimal.Decimal | None = None

    @field_validator("title")
    @classmethod
    def known(cls, value: str) -> str:
        if value == "nothing":
            raise ValueError("nothing can't be lent")
        return value.title()


class Reader(BaseModel):
    name: str = Field(validation_alias=AliasChoices("name", "full_name"))
    loans: list[Loan] = []


class Numbers(RootModel[list[int]]):
    pass


HINTS: list[Any] = [
    int, float, str, bool, None, Any, list[int], dict[str, int], dict[int, float], set[int], tuple[int, str], tuple[int, ...],
    int | None, int | str, str | list[str], Literal["a", 1], Literal[Colour.RED], Colour, Point, Size, Loan, Reader, Numbers,
    datetime.date, datetime.timedelta, uuid.UUID, decimal.Decimal, bytes, Annotated[int, Field(ge=1, le=5)],
    Annotated[str, StringConstraints(pattern="^[a-z]+$")], Annotated[int, BeforeValidator(lambda v: 3 if v == "three" else v)],
    list[Loan], dict[str, Size], Loan | str, list[Loan | int],
]  # fmt: skip

_SCALARS = st.sampled_from(
    [0, 1, 3, 7, -1, 2.0, 2.5, True, None, "a", "b", "red", "abc", "three", "2024-05-01", "PT1H", "1.10", "nothing", "tides",
     "3fa85f64-5717-4562-b3fc-2c963f66afa6", 9007199254740993]
)  # fmt: skip
_KEYS = st.sampled_from(
    ["a", "1", "x", "y", "title", "days", "loanDays", "price", "width", "height", "name", "full_name", "loans"]
)
VALUES = st.recursive(
    _SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(_KEYS, inner, max_size=3)),
    max_leaves=5,
)
LOANS = st.fixed_dictionaries(
    {"title": st.sampled_from(["tides", "x", "nothing"])},
    optional={"loanDays": _SCALARS, "days": _SCALARS, "price": _SCALARS},
)


def _function(hint: Any) -> Callable[..., Any]:
    def take(value: Any) -> str:
        return repr(value)

    take.__annotations__ = {"value": hint, "return": str}
    return take


def _refusals(tool: lcc.Tool, value: Any) -> list[str]:
    plan = Plan((), (Task(1, "take", (Arg("value", value_of_json(value)),)),), Join((), id=2))
    return [found.message for found in verify(plan, {"take": tool.signature}) if found.is_error]


def _accepts(validate: Callable[[], object]) -> bool:
    try:
        validate()
    except pydantic.ValidationError:
        return False
    return True


def _compared(hint: Any, value: Any) -> None:
    """What pydantic takes strictly is taken, what it refuses at its laxest is refused, and what is taken arrives as pydantic has it.

    Between the two lcc is as strict as its own types: a text is no number, true no integer, and fields that a model ignores are unknown.
    """
    tool = tool_of(_function(hint))
    adapter: pydantic.TypeAdapter[Any] = pydantic.TypeAdapter(hint)
    text = json.dumps(value)
    refusals = _refusals(tool, value)
    if _accepts(lambda: adapter.validate_json(text, strict=True)):
        assert not [one for one in refusals if "has no field" not in one]
    if not _accepts(lambda: adapter.validate_python(value)) and not _accepts(lambda: adapter.validate_json(text)):
        assert refusals or (isinstance(value, float | int) and hint is str)
    if not refusals and _accepts(lambda: adapter.validate_python(value)):
        assert repr(tool.convert({"value": value})["value"]) == repr(adapter.validate_python(value))


@given(st.sampled_from(HINTS), st.one_of(VALUES, LOANS, st.lists(LOANS, max_size=2)))
def test_a_value_that_stands_in_a_plan_is_judged_as_pydantic_judges_it(hint: Any, value: Any) -> None:
    _compared(hint, value)


@pytest.mark.slow
@settings(max_examples=8_000, suppress_health_check=list(HealthCheck), deadline=None)
@given(st.sampled_from(HINTS), st.one_of(VALUES, LOANS, st.lists(LOANS, max_size=2)))
def test_a_value_is_judged_as_pydantic_judges_it_at_length(hint: Any, value: Any) -> None:
    _compared(hint, value)


def _defaults() -> Iterator[tuple[Callable[..., Any], str]]:
    def read(url: str = Field(description="which page"), length: int = Field(default=5, gt=0)) -> str:
        return f"{url} {length!r}"

    def tags(names: list[str] = Field(default_factory=list)) -> str:  # noqa: B008
        return f"{names!r}"

    yield read, "x 5"
    yield tags, "[]"


def test_a_field_as_a_default_is_what_pydantic_has_it() -> None:
    (read, said), (tags, none) = _defaults()
    assert lcc.run('1. read("x")\n2. answer($1)', [read]).answer == said
    assert lcc.run("1. tags()\n2. answer($1)", [tags]).answer == none
    with pytest.raises(lcc.CompileError, match="needs `url`"):
        lcc.compile("1. read(length=3)\n2. join()", [read])
    with pytest.raises(lcc.CompileError, match="`length` of `read` must be greater than 0"):
        lcc.compile('1. read("x", 0)\n2. join()', [read])


def test_the_context_of_another_framework_is_no_parameter() -> None:
    class AgentContext:
        pass

    AgentContext.__module__ = "other_framework.server"

    def needs(query: str, ctx: AgentContext) -> str:
        return query

    def may(query: str, ctx: AgentContext | None = None) -> str:
        return query

    needs.__annotations__ = {"query": str, "ctx": AgentContext}
    may.__annotations__ = {"query": str, "ctx": AgentContext | None}
    with pytest.raises(ValueError, match="`ctx` is a AgentContext, which only its own framework passes in"):
        tool_of(needs)
    assert [p.name for p in tool_of(may).signature.parameters] == ["query"]
    assert lcc.run('1. may("x")\n2. answer($1)', [may]).answer == "x"
