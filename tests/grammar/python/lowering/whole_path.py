"""Run a program the whole way, text to machine, with tools that take their time; say what differs from CPython.

    compare(text, level, pause, backend)   None, or what is wrong; Skipped where there is nothing to compare

What is compared: what is handed back, the printed text, the exception; the writes of each resource, and the undeclared calls among
them, in order; which calls were made. Reads may be merged, and may have been begun behind a failure.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from typing import Any, Final

from body_world import Pause
from both_ways import TOOLS, Seen, World, by_cpython, tool
from virtual_time import Hang, run_virtually

from lcc.compiler import CompileError, compile_parsed
from lcc.grammar.front_ends.python import parse
from lcc.grammar.ir import Plan
from lcc.grammar.signatures import Effect, Resource, Tools
from lcc.runtime.options import Options
from lcc.runtime.result import FailureKind, RunResult
from lcc.runtime.run import Run
from lcc.runtime.tool import Tool

_PATTERNS: Final = {"berth": "seen:{ship}", "depth": "seen:log", "note": "seen:{name}"}
SIGNATURES: Final[Tools] = {
    name: replace(signature, effect=Effect.PURE)
    if name == "tides"
    else replace(signature, resources=(Resource(_PATTERNS[name]),) if name in _PATTERNS else ())
    for name, signature in TOOLS.items()
}
_DECLARED: Final[Tools] = SIGNATURES | {
    "signal": replace(TOOLS["signal"], effect=Effect.WRITE, resources=(Resource("seen:log"),))
}
"""For programs that gather: there undeclared calls may overlap, so that what reads see depends on the time."""


class Skipped(Exception):
    """There is nothing to compare: the program is refused, or no program of Python."""


def signatures(text: str) -> Tools:
    """Return the declarations that a program is run with."""
    return _DECLARED if "gather" in text else SIGNATURES


def bound(world: World, pause: Pause, declared: Tools) -> dict[str, Tool]:
    """Return the tools of a world, ready for a run: each call pauses before and after it acts."""

    def one(name: str) -> Tool:
        act = tool(world, name)

        async def function(*args: Any, **names: Any) -> Any:
            await pause()
            try:
                return act(*args, **names)
            finally:
                await pause()

        return Tool(declared[name], function, lambda given: given, lambda value: value)  # type: ignore[arg-type,return-value]

    return {name: one(name) for name in declared}


async def _run(plan: Plan, tools: dict[str, Tool]) -> RunResult:
    async def yes(_: object) -> bool:
        return True

    async with Run(plan, tools, options=Options(approve=yes), keep_events=False) as running:
        return await running.wait()


def compiled(text: str, level: int) -> Plan:
    """Return a program's plan; raise Skipped where it is refused."""
    try:
        return compile_parsed(parse(text, tools=signatures(text)), signatures(text), level=level).plan
    except CompileError as error:
        raise Skipped(
            "refused: " + ",".join(sorted({d.code for d in error.diagnostics if d.severity.name == "ERROR"}))
        ) from error


def compare(
    text: str,
    level: int,
    pause: Pause,
    backend: str,
    how: Callable[[Plan, dict[str, Tool]], Awaitable[RunResult]] = _run,
) -> str | None:
    """Return what a run does otherwise than CPython; None if it is as it should be. `how`: it is done."""
    plan = compiled(text, level)
    try:
        wanted = by_cpython(text)
    except SyntaxError as error:
        raise Skipped("no Python") from error
    wanted.tasks = "create_task" in text
    world = World()
    try:
        result = run_virtually(partial(how, plan, bound(world, pause, signatures(text))), backend)
    except Hang:
        return "it hangs"
    if result.failure is not None and result.failure.kind is not FailureKind.RAISED:
        raise Skipped(f"stopped: {result.failure.kind.value}")
    given = _given(result)
    if given != (wanted.error, wanted.printed, None if wanted.error else json.dumps(wanted.given)):
        return f"it gives {given}, not {(wanted.error, wanted.printed, wanted.given)}"
    ahead = wanted.error is not None or any(word in text for word in ("except", "finally", "return_exceptions"))
    return _writes(world, wanted, text) or _calls(world, wanted, ahead=ahead)


def _given(result: RunResult) -> tuple[Any, ...]:
    failure = result.failure
    if failure is not None:
        return f"{failure.cause}: {'' if failure.message == failure.cause else failure.message}", result.printed, None
    if result.answered:
        return None, result.printed, json.dumps(result.answer)
    join = result.join
    return None, result.printed, json.dumps(join[0] if isinstance(join, list) and join else join or None)


def _writes(world: World, wanted: Seen, text: str) -> str | None:
    found, meant = _lines(world.calls, text), _lines(wanted.calls, text)
    return None if found == meant else f"it writes {found}, not {meant}"


def _lines(calls: list[tuple[str, list[Any]]], text: str) -> dict[str, list[str]]:
    """Return what each resource has seen, in order. In a gather an undeclared call may overlap with others."""
    names = {str(given[0]) for name, given in calls if name == "note"}
    found: dict[str, list[str]] = {}
    for name, given in calls:
        shown = f"{name} {json.dumps(given)}"
        if name == "note":
            found.setdefault(str(given[0]), []).append(shown)
        elif name == "signal":
            for one in {"log", *(() if "gather" in text else names)}:
                found.setdefault(one, []).append(shown)
    return found


def _calls(world: World, wanted: Seen, *, ahead: bool) -> str | None:
    made = Counter(f"{name} {json.dumps(given)}" for name, given in world.calls)
    meant = Counter(f"{name} {json.dumps(given)}" for name, given in wanted.calls)
    missing = set(meant) - set(made)
    if wanted.error is not None and wanted.tasks:
        missing = {
            call for call in missing if call.startswith(("note", "signal"))
        }  # tasks that had begun when it failed
    if missing:
        return f"it doesn't call {missing}"
    added = {call for call in made if made[call] > meant[call]}
    if added and (not ahead or any(call.startswith(("note", "signal")) for call in added)):
        return f"it calls {added} too often"
    return None
