"""Come back from a blocking run whatever its tools do."""

from __future__ import annotations

import asyncio

import pytest
from running_plans import ECHO, plan_of, statuses, tool, tools

from lcc.runtime import blocking
from lcc.runtime.blocking import run_blocking
from lcc.runtime.options import Options
from lcc.runtime.run import execute


def test_the_result_or_the_exception_of_the_coroutine_is_the_callers():
    async def value():
        return 5

    async def fail():
        raise LookupError

    assert run_blocking(value) == 5
    with pytest.raises(LookupError):
        run_blocking(fail)


def test_a_tool_that_swallows_every_cancellation_holds_nobody(monkeypatch):
    monkeypatch.setattr(blocking, "GRACE", 0.05)
    swallowed = []

    async def stubborn(value):
        while True:
            try:
                await asyncio.sleep(3600)
            except asyncio.CancelledError:
                swallowed.append(value)

    async def main():
        given = tools(ECHO, tool(stubborn, "value", timeout=0.02))
        return await execute(plan_of("1. stubborn(1)\n2. echo(2)\njoin()\n"), given, options=Options(grace=0.02))

    result = run_blocking(main)
    assert statuses(result) == {"1": "abandoned", "2": "ok"}
    assert swallowed
    assert run_blocking(lambda: asyncio.sleep(0, "next")) == "next"
