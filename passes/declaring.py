"""Say what it would free to declare the effects of undeclared tools: each is taken for a read, and for pure, and the plan is compiled anew.

    undeclared: note, 1 call in the plan; 2 other calls wait for it
      declared as a read or as pure: 3.00 s instead of 10.00 s

An undeclared tool may write anything: what it does keeps its place in programs, and nothing of it is merged, dropped or begun early.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import inf
from typing import Final, NamedTuple

from lcc.grammar.flow import flow_of
from lcc.grammar.ir import Plan, calls_of
from lcc.grammar.signatures import OUTSIDE, Effect, Resource, Signature, Tools
from lcc.passes.analysis.calls import Calls
from lcc.passes.analysis.costs import Costs
from lcc.passes.analysis.effects import Accesses, orders_of
from lcc.passes.analysis.estimate import estimate
from lcc.passes.analysis.estimate_body import estimate_body
from lcc.passes.analysis.waits import holding_tools
from lcc.passes.pipeline import optimize

MOST_TOOLS: Final = 8
"""Of how many tools it is said: each takes two compilations."""
EFFECTS: Final = (Effect.READ, Effect.PURE)


class Taken(NamedTuple):
    """What a run is expected to take at most: calls, and seconds from start to end."""

    calls: float
    makespan: float


@dataclass(frozen=True, slots=True)
class Freed:
    """An undeclared tool, or with an empty name all of them.

    `written`: how many calls of it the plan has. `held`: how many other calls wait for one though they read nothing that it made; known
    of plans with a body. `as_`: what the run would take if it were declared to have this effect, and no resource of its own.
    """

    tool: str
    written: int
    held: int
    as_: Mapping[Effect, Taken]


@dataclass(frozen=True, slots=True)
class Declaring:
    """What a run takes now, and what declaring would free: each tool, those that hold up most first; then all of them, if there are several."""

    now: Taken
    freed: tuple[Freed, ...]


def declaring(
    plan: Plan, tools: Tools, costs: Costs | None = None, *, level: int = 2, workers: float = inf
) -> Declaring | None:
    """Return what declaring would free of a verified plan, not yet optimized; None if it calls no undeclared tool."""
    counts: dict[str, int] = {}
    for task in calls_of(plan):
        if task.tool in tools and tools[task.tool].effect is Effect.UNDECLARED:
            counts[task.tool] = counts.get(task.tool, 0) + 1
    if not counts:
        return None

    def taken(others: Mapping[str, Signature]) -> Taken:
        known = {**tools, **others}
        optimized = optimize(plan, known, level=level, costs=costs).plan
        if optimized.body is None:
            found = estimate(optimized, known, costs, workers=workers)
            return Taken(found.calls, found.makespan)
        ranges = estimate_body(optimized, known, costs, workers=workers)
        return Taken(ranges.tally.whole.calls.most, ranges.makespan.most)

    def freed(tool: str, names: list[str]) -> Freed:
        as_ = {effect: taken({name: _declared(tools[name], effect) for name in names}) for effect in EFFECTS}
        return Freed(tool, sum(counts[name] for name in names), sum(held.get(name, 0) for name in names), as_)

    held = _held(plan, tools)
    names = sorted(counts, key=lambda name: (-held.get(name, 0), -counts[name], name))[:MOST_TOOLS]
    each = [freed(name, [name]) for name in names]
    return Declaring(taken({}), tuple([*each, freed("", names)] if len(names) > 1 else each))


def _declared(signature: Signature, effect: Effect) -> Signature:
    """Return a declaration that says nothing but the effect: a read is then one of the world outside."""
    return replace(signature, effect=effect, resources=(Resource(OUTSIDE),) if effect is Effect.READ else ())


def _held(plan: Plan, tools: Tools) -> dict[str, int]:
    if plan.body is None:
        return {}
    calls = Calls(tools)
    flow = flow_of(plan, orders_of(Accesses(calls), calls))
    return {one.first.tool: one.holds for one in holding_tools(flow, calls.effect)}
