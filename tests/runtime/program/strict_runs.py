"""Run strict bodies on the machine, and hold what they do to what the reference does.

compare(body, pause, backend)   None, or what is wrong
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from functools import partial
from random import Random

from body_world import PURE, READS, WRITES, Outside, Pause
from random_strict_plans import Body
from reference_interpreter import resource_keys
from reference_program import Outcome, interpret
from virtual_time import Hang, run_virtually

from lcc.grammar.ir import (
    Arg,
    Block,
    Const,
    ForEach,
    Gather,
    If,
    Inline,
    Plan,
    Region,
    Statement,
    Task,
    Try,
    While,
)
from lcc.grammar.ir.blocks import block_statements
from lcc.grammar.signatures import Effect, Signature
from lcc.grammar.values import Json
from lcc.runtime.options import Options
from lcc.runtime.result import FailureKind, RunResult
from lcc.runtime.run import Run
from lcc.runtime.tool import Tool

MOST_CALLS = 300


def tools_of(world: Outside, pause: Pause) -> dict[str, Tool]:
    """Return the tools of a world, ready for a run."""

    def tool(name: str, signature: Signature) -> Tool:
        async def function(x: Json, k: Json = 0, sure: Json = 0) -> Json:
            return await world.run(name, pause, x, k, sure)

        return Tool(signature, function, lambda given: given, lambda value: value)  # type: ignore[arg-type,return-value]

    return {name: tool(name, signature) for name, signature in world.tools.items()}


async def run(body: Body, world: Outside, pause: Pause) -> RunResult:
    """Run a body on the machine."""

    async def yes(_: object) -> bool:
        return True

    async with Run(body.plan, tools_of(world, pause), options=Options(approve=yes), keep_events=False) as running:
        return await running.wait()


def compare(
    body: Body, pause: Pause, backend: str, how: Callable[[Body, Outside, Pause], Awaitable[RunResult]] = run
) -> str | None:
    """Return what a run does otherwise than the reference; None if it is as it should be, or too long to say."""
    alone = Outside(body.tools, body.seed)
    wanted = interpret(body.plan, alone.functions())
    if len(alone.calls) > MOST_CALLS or (wanted.error or "").startswith("OperationError"):
        return None
    world = Outside(body.tools, body.seed)
    try:
        result = run_virtually(partial(how, body, world, pause), backend)
    except Hang:
        return "it hangs"
    beside = Outside(body.tools, body.seed)
    further = interpret(body.plan, beside.functions(), siblings=True)
    writes, others, most = _writes(world), _writes(alone), _writes(beside)
    if wanted.handled and (most != others or _wanted(further) != _wanted(wanted)):
        return None  # how far the parts beside one that failed came, in calls and in objects, is a matter of time
    given = _given(result)
    if given != _wanted(wanted):
        return f"it gives {given}, not {_wanted(wanted)}"
    if writes != others and not (_holds(writes, others) and _holds(most, writes)):
        return f"it writes {writes}, not {others}"
    return _calls(world, alone, ahead=wanted.error is not None or wanted.handled > 0)


def _holds(more: dict[str, list[str]], fewer: dict[str, list[str]]) -> bool:
    """Whether each resource of `fewer` has seen what it has in the order of `more`, some of it left out."""
    for key, seen in fewer.items():
        left = iter(more.get(key, ()))
        if not all(one in left for one in seen):
            return False
    return True


def _given(result: RunResult) -> tuple[Json, ...]:
    failure = result.failure
    if failure is not None:
        what = failure.cause if failure.kind is FailureKind.RAISED else failure.kind.value
        return None, _cut(f"{what}: {'' if failure.message == what else failure.message}"), result.printed
    value = (
        result.answer if result.answered else result.join[0] if isinstance(result.join, list) and result.join else None
    )
    return json.dumps(value), None, result.printed


def _cut(message: str) -> str:
    """Return what is compared of a message: failures keep no long ones."""
    return message[:500]


def _wanted(outcome: Outcome) -> tuple[Json, ...]:
    if outcome.error is not None:
        return None, _cut(outcome.error), outcome.printed
    return json.dumps(outcome.given), None, outcome.printed


def _writes(world: Outside) -> dict[str, list[str]]:
    """Return what each resource has seen, in order; undeclared calls have a line of their own, and are seen by all."""
    found: dict[str, list[str]] = {}
    keys = {key for name, given in world.calls for key in _keys(world.tools[name], given)}
    for name, given in world.calls:
        signature = world.tools[name]
        if not signature.effect.writes:
            continue
        for key in (*keys, "*") if signature.effect is Effect.UNDECLARED else _keys(signature, given):
            found.setdefault(key, []).append(f"{name} {json.dumps(given)}")
    return found


def _keys(signature: Signature, given: Json) -> Iterable[str]:
    if signature.effect in (Effect.PURE, Effect.UNDECLARED):
        return ()
    return dict.fromkeys(resource_keys(signature, given))  # type: ignore[arg-type]


def with_equal_calls(body: Body, chance: Random) -> Body:
    """Return a body most of whose reads and writes are given one of two numbers: many of them are equal, and touch the same."""

    def small(statement: Statement) -> Statement:
        if isinstance(statement, Task) and statement.tool in (*READS, *PURE, *WRITES) and chance.random() < 0.8:
            x = Arg("x", Const(chance.randrange(2)))
            k = Arg("k", Const(chance.randrange(2)))
            return replace(statement, args=(x, k, Arg("sure", Const(1))))
        return map_blocks(statement, lambda block: tuple(map(small, block)))

    return replace(body, plan=replace(body.plan, body=tuple(map(small, body.plan.body or ()))))


def map_blocks(statement: Statement, change: Callable[[Block], Block]) -> Statement:
    """Return a statement with other blocks."""
    match statement:
        case Try(body, handlers, orelse, final):
            new = tuple([replace(handler, body=change(handler.body)) for handler in handlers])
            return replace(statement, body=change(body), handlers=new, orelse=change(orelse), final=change(final))
        case Gather(parts=parts):
            return replace(statement, parts=tuple([replace(part, body=change(part.body)) for part in parts]))
        case If() | While() | ForEach():
            return replace(statement, body=change(statement.body), orelse=change(statement.orelse))
        case Inline() | Region():
            return replace(statement, body=change(statement.body))
        case _:
            return statement


def _handles(plan: Plan) -> bool:
    """Whether a plan may go on behind a failure."""
    statements = block_statements(plan.body or ())
    return any(isinstance(one, Try) or (isinstance(one, Gather) and one.exceptions) for one in statements)


def _calls(world: Outside, alone: Outside, *, ahead: bool) -> str | None:
    """Return what is wrong with the calls. None is left out; none is added but, `ahead`, reads behind what failed."""
    made, meant = _count(world), _count(alone)
    missing = set(meant) - set(made)
    if missing:
        return f"it doesn't call {missing}"
    repeated = {call for call in made if made[call] > meant[call]}
    if repeated and not ahead:
        return f"it calls {repeated} too often"
    return None


def _count(world: Outside) -> Counter[str]:
    return Counter(f"{name} {json.dumps(given)}" for name, given in world.calls)
