"""The steps that a program has without declaring them."""

from __future__ import annotations

import anyio
import pytest
from trio.testing import MockClock

from lcc.grammar.ir import Arg, Const, Exit, Plan, Task
from lcc.runtime.calls.built_in import BUILT_IN, with_built_in
from lcc.runtime.tool import ArgumentError


def program(tool: str) -> Plan:
    return Plan(body=(Task(1, tool, (Arg(None, Const(2)),)), Exit("answer", Const(1))), fails="strict")


def test_only_what_a_program_calls_is_added_and_a_tool_of_the_same_name_goes_before() -> None:
    sleep = BUILT_IN["time.sleep"]
    assert with_built_in(program("time.sleep"), {}) == {"time.sleep": sleep}
    assert with_built_in(program("search"), {}) == {}
    assert with_built_in(Plan(), {}) == {}
    own = {"time.sleep": BUILT_IN["time.sleep"]}
    assert with_built_in(program("time.sleep"), own)["time.sleep"] is own["time.sleep"]


def test_it_sleeps_for_as_long_as_it_is_told() -> None:
    async def main() -> float:
        before = anyio.current_time()
        tool = BUILT_IN["time.sleep"]
        assert tool.to_json(await tool.function(**tool.convert({"seconds": 90}))) is None  # type: ignore[misc]
        return anyio.current_time() - before

    clock = MockClock(autojump_threshold=0)
    assert anyio.run(main, backend="trio", backend_options={"clock": clock}) == pytest.approx(90)


@pytest.mark.parametrize("seconds", [-1, float("nan"), float("inf")])
def test_a_time_that_is_none_is_a_value_error(seconds: float) -> None:
    with pytest.raises(ValueError, match=r"non-negative|NaN|too large"):
        BUILT_IN["time.sleep"].convert({"seconds": seconds})


@pytest.mark.parametrize("seconds", ["3", True, None])
def test_what_is_no_number_does_not_fit(seconds: object) -> None:
    with pytest.raises(ArgumentError):
        BUILT_IN["time.sleep"].convert({"seconds": seconds})  # type: ignore[dict-item]
