"""Build tools and run plan texts in tests: on asyncio, on trio, and on trio with a clock that jumps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import anyio
import pytest
from plain_json import json_only
from trio.testing import MockClock

from lcc.grammar.ir import Plan
from lcc.grammar.signatures import ANY, CallLimits, Effect, Parameter, Resource, Signature, Type
from lcc.grammar.syntax.parser import parse_plan
from lcc.grammar.values import Json
from lcc.runtime.events import Event
from lcc.runtime.options import Options
from lcc.runtime.result import RunResult, TaskStatus
from lcc.runtime.run import Run, execute
from lcc.runtime.tool import Tool

on_both = pytest.mark.parametrize("backend", ["asyncio", "trio"])


def tool(
    function: Callable[..., Any],
    *parameters: str,
    name: str | None = None,
    types: Mapping[str, Type] | None = None,
    effect: Effect = Effect.READ,
    isolation: Any = "auto",
    idempotent: bool = False,
    context: str | None = None,
    resources: tuple[str, ...] = (),
    **limits: Any,
) -> Tool:
    """Declare a tool by the names of its parameters; `x?` is optional."""
    declared = tuple(
        Parameter(p.rstrip("?"), (types or {}).get(p.rstrip("?"), ANY), required=not p.endswith("?"))
        for p in parameters
    )
    signature = Signature(
        name or function.__name__,
        declared,
        effect=effect,
        idempotent=idempotent,
        resources=tuple(map(Resource, resources)),
        limits=CallLimits(**limits),
    )
    return Tool(signature, function, dict, json_only, isolation, context)


def tools(*given: Tool) -> dict[str, Tool]:
    """Index tools by name."""
    return {t.name: t for t in given}


def add(run: Run, plan: Plan) -> None:
    """Give a run all tasks of a plan, one after another."""
    for task in plan.tasks:
        run.add(task)


def plan_of(text: str) -> Plan:
    """Parse a plan that must be right."""
    parsed = parse_plan(text)
    assert not parsed.diagnostics, parsed.diagnostics
    return parsed.plan


def run_plan(
    plan: Plan | str,
    given: Mapping[str, Tool],
    inputs: Mapping[str, Json] | None = None,
    *,
    backend: str = "asyncio",
    **options: Any,
) -> RunResult:
    """Run a plan to its end on a backend; `clock`: on trio, with time that jumps to the next deadline."""
    if isinstance(plan, str):
        plan = plan_of(plan)
    backend_options: dict[str, Any] = {}
    if backend == "clock":
        backend, backend_options = "trio", {"clock": MockClock(autojump_threshold=0)}
    call = partial(execute, plan, given, inputs or {}, options=Options(**options))
    return anyio.run(call, backend=backend, backend_options=backend_options)


def run_main(main: Callable[[], Any], backend: str) -> Any:
    """Run an async test body on a backend."""
    if backend == "clock":
        return anyio.run(main, backend="trio", backend_options={"clock": MockClock(autojump_threshold=0)})
    return anyio.run(main, backend=backend)


def statuses(result: RunResult) -> dict[str, str]:
    """Return the status of every task, by its id as text."""
    return {str(id_): record.status.value for id_, record in result.tasks.items()}


def starts(events: list[Event]) -> list[str]:
    """Return the ids of calls in the order in which they started."""
    return [str(e.id) for e in events if type(e).__name__ == "TaskStarted"]


OK, FAILED, SKIPPED = TaskStatus.OK, TaskStatus.FAILED, TaskStatus.SKIPPED


async def wait(seconds: float, value: Json = None) -> Json:
    """Take `seconds` of the loop's clock."""
    await anyio.sleep(seconds)
    return value


async def echo(value: Json = None) -> Json:
    """Return what it is given."""
    return value


async def boom(value: Json = None) -> Json:
    """Fail."""
    raise ValueError(f"boom {value}")


WAIT = tool(wait, "seconds", "value?")
ECHO = tool(echo, "value?")
BOOM = tool(boom, "value?")
