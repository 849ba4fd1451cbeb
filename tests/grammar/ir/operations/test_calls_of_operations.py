"""What CPython does with a whole collection at the speed of C isn't done here element by element: no function is called for each."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest

from lcc.grammar.ir.operations import BINARY, METHODS, MODULES, Meter, builtin
from lcc.grammar.ir.operations.basis.kinds import SetValue

Made = Callable[[Meter, int], object]


def texts(count: int) -> list[Any]:
    return [f"row {n}" for n in range(count)]


def numbers(count: int) -> list[Any]:
    return [n * 7919 % 1000 / 10 for n in range(count)]


def pairs(count: int) -> list[Any]:
    return list(zip(range(count), texts(count), strict=True))


def sets(count: int) -> tuple[SetValue, SetValue]:
    return SetValue(texts(count)), SetValue(texts(2 * count)[count // 2 :])


WHOLE: dict[str, Made] = {
    "join": lambda m, n: METHODS[str]["join"](m, ", ", texts(n)),
    "sorted": lambda m, n: builtin("sorted")(m, texts(n)),
    "sorted pairs": lambda m, n: builtin("sorted")(m, pairs(n)),
    "sum": lambda m, n: builtin("sum")(m, numbers(n)),
    "prod": lambda m, n: MODULES["math"]["prod"](m, numbers(n)),
    "max of texts": lambda m, n: builtin("max")(m, texts(n)),
    "min of pairs": lambda m, n: builtin("min")(m, pairs(n)),
    "set": lambda m, n: builtin("set")(m, pairs(n)),
    "list of a set": lambda m, n: builtin("list")(m, SetValue(texts(n))),
    "dict of pairs": lambda m, n: builtin("dict")(m, pairs(n)),
    "dict of zip": lambda m, n: builtin("dict")(m, builtin("zip")(m, texts(n), numbers(n))),
    "Counter": lambda m, n: MODULES["collections"]["Counter"](m, texts(n)),
    "dumps": lambda m, n: MODULES["json"]["dumps"](m, texts(n)),
    "loads": lambda m, n: MODULES["json"]["loads"](m, str(list(range(n)))),
    **{f"set {sign}": lambda m, n, o=BINARY[sign]: o(m, *sets(n)) for sign in ("&", "|", "-", "^")},  # type: ignore[misc]
    **{
        f"set.{name}": lambda m, n, o=METHODS[SetValue][name]: o(m, SetValue(texts(n)), texts(n))  # type: ignore[misc]
        for name in ("union", "intersection", "difference", "symmetric_difference", "issubset", "issuperset")
    },
    "set.isdisjoint": lambda m, n: METHODS[SetValue]["isdisjoint"](m, SetValue(texts(n)), numbers(n)),
}


def calls(make: Made, count: int) -> int:
    """Return how many functions in Python are called, beside what makes the collections."""
    found = 0

    def seen(frame: FrameType, event: str, argument: object) -> None:
        nonlocal found
        found += event == "call" and frame.f_code.co_filename != __file__

    make(Meter(), count)  # what is made once isn't counted
    meter = Meter()
    before = sys.getprofile()
    sys.setprofile(seen)
    try:
        make(meter, count)
    finally:
        sys.setprofile(before)
    return found


@pytest.mark.parametrize("name", WHOLE)
def test_the_number_of_calls_is_the_same_for_ten_times_the_elements(name: str) -> None:
    assert calls(WHOLE[name], 1_000) <= calls(WHOLE[name], 100) + 50
