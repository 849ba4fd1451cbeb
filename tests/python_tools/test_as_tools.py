"""Check what programs may hand over as tools."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest

from lcc.python_tools.collect import as_tools
from lcc.python_tools.declare import ToolError, tool
from lcc.python_tools.function import tool_of


@tool(effect="pure")
def double(x: int) -> int:
    return 2 * x


def plain(x: int) -> int:
    return x


async def later(x: int) -> int:
    return x


class Api:
    def __init__(self, factor: int) -> None:
        self.factor = factor

    @tool
    def times(self, x: int) -> int:
        return self.factor * x

    @staticmethod
    @tool
    def fixed(x: int) -> int:
        return x

    @property
    def trap(self) -> int:
        raise AssertionError("looking for tools must not run properties")


class Sub(Api):
    @tool(name="more")
    def another(self) -> None: ...


def test_functions_methods_tools_objects_and_lists_are_taken() -> None:
    module = ModuleType("some")
    module.double = double  # type: ignore[attr-defined]
    module.copy = double  # type: ignore[attr-defined]
    module.helper = plain  # type: ignore[attr-defined]
    assert list(as_tools([double, plain, later, Api(2).times])) == ["double", "plain", "later", "times"]
    assert list(as_tools([Sub(2), [plain], (tool_of(later),)])) == ["times", "fixed", "more", "plain", "later"]
    assert list(as_tools([module])) == ["double"]
    assert list(as_tools({"any": tool_of(double)})) == ["double"]
    assert list(as_tools(iter([double]))) == ["double"]
    assert as_tools([]) == {}


def test_a_method_is_called_on_its_object() -> None:
    assert as_tools([Api(3)])["times"].function(x=2) == 6


def test_the_same_tool_twice_is_one() -> None:
    api = Api(1)
    assert list(as_tools([double, double, tool_of(double), plain, plain, api, api.times])) == [
        "double",
        "plain",
        "times",
        "fixed",
    ]


@pytest.mark.parametrize(
    ("objects", "message"),
    [
        ([Api(1), Api(2)], "two tools are called `times`"),
        ("tools.py", "tools are given as a list of functions"),
        (double, "tools are given as a list of functions"),
        (3, "tools are given as a list of functions"),
        (["tools.py"], "'tools.py' is no tool: a program gives the functions themselves"),
        ([Api], "the class `Api` can't be a tool"),
        ([3], "an object of the class `int` can't be a tool"),
        ([None], "an object of the class `NoneType` can't be a tool"),
        ([object()], "an object of the class `object` can't be a tool"),
        ([Api.times], "`Api.times` is a method without its object"),
    ],
)
def test_anything_else_is_refused(objects: Any, message: str) -> None:
    with pytest.raises(ToolError) as caught:
        as_tools(objects)
    assert message in str(caught.value)


def test_a_list_that_holds_itself_is_refused() -> None:
    loop: list[Any] = []
    loop.append(loop)
    with pytest.raises(ToolError):
        as_tools(loop)
