"""Make the steps that a program may take without any tool of its own."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Final

import anyio

from lcc.grammar.ir import Plan, calls_of
from lcc.grammar.signatures.built_in import SLEEP
from lcc.grammar.values import Json
from lcc.runtime.tool import ArgumentError, Arguments, Tool


async def _sleep(seconds: float) -> None:
    await anyio.sleep(seconds)


def _seconds(arguments: Arguments) -> Mapping[str, object]:
    """Return the seconds; raise what CPython's own `sleep` raises."""
    seconds = arguments["seconds"]
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise ArgumentError("`seconds` must be a number")
    if seconds < 0:
        raise ValueError("sleep length must be non-negative")
    if not isfinite(seconds):
        raise ValueError("Invalid value NaN (not a number)" if seconds != seconds else "timestamp too large")
    return {"seconds": float(seconds)}


def _nothing(value: object) -> Json:
    return None


BUILT_IN: Final[Mapping[str, Tool]] = {SLEEP.name: Tool(SLEEP, _sleep, _seconds, _nothing)}


def with_built_in(plan: Plan | None, tools: Mapping[str, Tool]) -> Mapping[str, Tool]:
    """Return tools with those that a plan has without declaring them, as far as it calls them."""
    if plan is None or plan.body is None:
        return tools
    called = {task.tool for task in calls_of(plan)}
    return {**{name: tool for name, tool in BUILT_IN.items() if name in called}, **tools}
