"""Estimate a run of a plan with a body, from the least that it does to the most: calls, time, tokens, money.

    for book in books:                  taken to have `fan_out` turns where its list isn't written out
    if left < 2: … else: …              at least what the cheaper branch takes, at most what the dearer one takes
    while …:                            1 to `fan_out` turns
    except …:                           not at all, or once
    what is behind a break, a return    perhaps not at all

Turns overlap unless they wait for one another (`waits`). The time is that of the longest path, or that of the work where a limit of
calls at once makes it longer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import field
from math import inf
from typing import Final, assert_never

from lcc.grammar.dataclass import dataclass
from lcc.grammar.diagnostics.wording import listed, seconds
from lcc.grammar.flow import Flow, flow_of
from lcc.grammar.ir import (
    Block,
    Exit,
    ForEach,
    Gather,
    If,
    Inline,
    Let,
    Plan,
    Region,
    Statement,
    Task,
    TaskId,
    Try,
    Value,
    While,
    block_calls,
    block_statements,
    calls_of,
)
from lcc.grammar.signatures import Tools
from lcc.passes.analysis.calls import Calls, with_built_in
from lcc.passes.analysis.costs import Costs
from lcc.passes.analysis.critical_path import flow_path
from lcc.passes.analysis.effects import Accesses, orders_of
from lcc.passes.analysis.estimate import FAN_OUT
from lcc.passes.analysis.lengths import known_length
from lcc.passes.analysis.waits import serial_loops

MOST: Final = 1e12
"""Amounts are cut here: loops in loops of loops make them grow without bound."""


@dataclass(frozen=True, slots=True)
class Span:
    """From the least to the most."""

    least: float = 0
    most: float = 0

    def __add__(self, other: Span) -> Span:
        return Span(min(self.least + other.least, MOST), min(self.most + other.most, MOST))

    def __mul__(self, other: Span) -> Span:
        return Span(min(self.least * other.least, MOST), min(self.most * other.most, MOST))

    def __or__(self, other: Span) -> Span:
        """Return what one of the two comes to."""
        return Span(min(self.least, other.least), max(self.most, other.most))


ONCE: Final = Span(1, 1)
PERHAPS: Final = Span(0, 1)
NONE: Final = Span()


@dataclass(frozen=True, slots=True)
class Amounts:
    """How many calls are made, and what all of them take: seconds of work, tokens, USD."""

    calls: Span = NONE
    seconds: Span = NONE
    tokens: Span = NONE
    usd: Span = NONE

    def __add__(self, other: Amounts) -> Amounts:
        return Amounts(
            self.calls + other.calls, self.seconds + other.seconds, self.tokens + other.tokens, self.usd + other.usd
        )

    def __mul__(self, times: Span) -> Amounts:
        return Amounts(self.calls * times, self.seconds * times, self.tokens * times, self.usd * times)

    def __or__(self, other: Amounts) -> Amounts:
        return Amounts(
            self.calls | other.calls, self.seconds | other.seconds, self.tokens | other.tokens, self.usd | other.usd
        )


NOTHING: Final = Amounts()


@dataclass(frozen=True, slots=True)
class Tally:
    """The amounts of a block, as a whole and by tool. The least of the whole may be more than that of all tools."""

    whole: Amounts = NOTHING
    tools: Mapping[str, Amounts] = field(default_factory=dict)

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.whole + other.whole, {tool: a + b for tool, a, b in _paired(self.tools, other.tools)})

    def __mul__(self, times: Span) -> Tally:
        return Tally(self.whole * times, {tool: one * times for tool, one in self.tools.items()})

    def __or__(self, other: Tally) -> Tally:
        return Tally(self.whole | other.whole, {tool: a | b for tool, a, b in _paired(self.tools, other.tools)})


def _paired(one: Mapping[str, Amounts], two: Mapping[str, Amounts]) -> Iterator[tuple[str, Amounts, Amounts]]:
    for tool in dict.fromkeys((*one, *two)):
        yield tool, one.get(tool, NOTHING), two.get(tool, NOTHING)


@dataclass(frozen=True, slots=True)
class BodyEstimate:
    """What a run is expected to take. `critical_path`: the calls that decide the longest run, each with how often it is made in turn."""

    makespan: Span
    tally: Tally
    critical_path: tuple[tuple[TaskId, int], ...]
    critical_seconds: float
    assumptions: tuple[str, ...] = ()

    def __str__(self) -> str:
        least, most, calls = self.makespan.least, self.makespan.most, self.tally.whole.calls
        return f"{calls.least:g} to {calls.most:g} calls in {seconds(least)} to {seconds(most)}"


def estimate_body(
    plan: Plan, tools: Tools, costs: Costs | None = None, *, workers: float = inf, fan_out: int = FAN_OUT
) -> BodyEstimate:
    """Estimate the run of a plan with a body. `workers`: calls at once; `fan_out`: turns of a loop whose list isn't known."""
    costs = costs or Costs()
    tools = with_built_in(plan, tools)
    calls = Calls(tools)
    flow = flow_of(plan, orders_of(Accesses(calls), calls))
    serial = {id(one.loop.statement): one.waiting for one in serial_loops(flow, calls.effect)}
    counter = _Counter(plan, tools, costs, fan_out, serial)
    tally = counter.block(plan.body or ())
    for task in calls_of(plan):
        counter.in_turn.setdefault(task.id, 1)
    most, path = flow_path(flow, _weights(flow, counter, least=False))
    least, _ = flow_path(flow, _weights(flow, counter, least=True))
    work = tally.whole.seconds
    makespan = Span(max(least, work.least / workers), max(most, work.most / workers))
    ids = {node: id for id, node in flow.calls.items()}
    shown = tuple([(ids[place], counter.in_turn[ids[place]]) for place in path if place in ids])
    return BodyEstimate(makespan, tally, shown, most, (*counter.assumptions, *_guessed(tally, tools, costs)))


def _guessed(tally: Tally, tools: Tools, costs: Costs) -> Iterator[str]:
    unknown = [f"`{tool}`" for tool in sorted(tally.tools) if not costs.knows(tool, tools.get(tool))]
    if unknown:
        yield f"{costs.default_seconds:g} s for each call of {listed(unknown)}, whose cost is neither declared nor measured"


def _weights(flow: Flow, counter: _Counter, *, least: bool) -> Callable[[int], float]:
    """Return how long each node takes: all turns of a call that wait for one another, or one call if it is surely made."""
    seconds: dict[int, float] = {}
    for id, node in flow.calls.items():
        if least:
            seconds[node] = 0.0 if id in counter.avoidable else counter.seconds[id]
        else:
            seconds[node] = counter.seconds[id] * counter.in_turn[id]
    return lambda place: seconds.get(place, 0.0)


@dataclass(slots=True)
class _Counter:
    """Add up blocks. `serial`: the calls that wait for the turn before, by their loop's place in memory.

    `in_turn`: how many turns of a call come one after the other at most. `avoidable`: calls that the least run doesn't make.
    """

    plan: Plan
    tools: Tools
    costs: Costs
    fan_out: int
    serial: Mapping[int, tuple[Task, ...]]
    seconds: dict[TaskId, float] = field(default_factory=dict)
    in_turn: dict[TaskId, int] = field(default_factory=dict)
    avoidable: set[TaskId] = field(default_factory=set)
    assumptions: list[str] = field(default_factory=list)

    def block(self, block: Block) -> Tally:
        """Return what a block comes to if it is done once."""
        total = Tally()
        left = False
        for one in block:
            found = self._statement(one)
            if left:
                found *= PERHAPS
                self.avoidable.update([task.id for task in block_calls((one,))])
            total += found
            left = left or _may_leave(one)
        return total

    def _perhaps(self, block: Block, times: Span = PERHAPS) -> Tally:
        """Return what a block comes to that may not be done at all."""
        found = self.block(block) * times
        self.avoidable.update([task.id for task in block_calls(block)])
        return found

    def _statement(self, one: Statement) -> Tally:
        match one:
            case Task():
                return self._call(one)
            case ForEach(id, _, items, body):
                found = self._loop(one, body, self._turns(items, f"loop {id}"), one.orelse)
                return found if one.when is None else found * PERHAPS
            case While(id, _, body, orelse):
                self.assumptions.append(f"loop {id} has 1 to {max(1, self.fan_out)} turns, whatever its condition says")
                return self._loop(one, body, Span(1, max(1, self.fan_out)), orelse)
            case Gather(id, parts):
                found = Tally()
                for part in parts:
                    turns = ONCE if part.items is None else self._turns(part.items, f"gather {id}")
                    found += self.block(part.body) * turns
                return found
            case If(_, body, orelse):
                return self._either(body, orelse)
            case Try(body, handlers, orelse, final):
                found = self.block(body)
                for handler in handlers:
                    found += self._perhaps(handler.body)
                found += self._perhaps(orelse) if handlers else self.block(orelse)
                return found + self.block(final)
            case Region(body=body, when=when):
                return self.block(body) if when is None else self._perhaps(body)
            case Inline(body=body):
                return self.block(body)
            case Let() | Exit():
                return Tally()
            case _:
                assert_never(one)

    def _call(self, task: Task) -> Tally:
        expected = self.costs.of(task, self.tools.get(task.tool))
        self.seconds[task.id] = expected.seconds
        elements = ONCE if task.each is None else self._turns(task.each.value, f"fan-out {task.id}")
        own = Amounts(ONCE, *[Span(one, one) for one in (expected.seconds, expected.tokens, expected.usd)])
        if task.when is not None or task.instead is not None:
            elements *= PERHAPS
            self.avoidable.add(task.id)
        own *= elements
        signature = self.tools.get(task.tool)
        if signature is not None and signature.effect.writes:
            self.in_turn[task.id] = max(1, int(elements.most))
        return Tally(own, {task.tool: own})

    def _either(self, body: Block, orelse: Block) -> Tally:
        """Return what one of two blocks comes to; the least run takes the one with less work."""
        one, two = self.block(body), self.block(orelse)
        dearer = body if one.whole.seconds.least >= two.whole.seconds.least else orelse
        self.avoidable.update([task.id for task in block_calls(dearer)])
        return one | two

    def _loop(self, loop: ForEach | While, body: Block, turns: Span, orelse: Block) -> Tally:
        leaves = any(isinstance(inner, Exit) and inner.kind == "break" for inner in block_statements(body))
        if leaves:
            turns = Span(min(1, turns.least), turns.most)
        found = self._perhaps(body, turns) if turns.least == 0 else self.block(body) * turns
        if id(loop) in self.serial:
            for task in self.serial[id(loop)]:
                self.in_turn[task.id] = int(min(MOST, self.in_turn.get(task.id, 1) * max(1, turns.most)))
        return found + (self._perhaps(orelse) if leaves else self.block(orelse))

    def _turns(self, value: Value, what: str) -> Span:
        """Return how many items a value has, as far as the plan says."""
        known = known_length(value, self.plan)
        if known is None:
            known = self.fan_out
            elements = f"{known} element{'' if known == 1 else 's'}"
            self.assumptions.append(f"the list of {what} is known only at run time; taken to have {elements}")
        return Span(known, known)


def _may_leave(statement: Statement) -> bool:
    """Whether what stands behind a statement may not be done: it leaves, or something in it may leave more than itself."""
    match statement:
        case Exit(kind):
            return kind != "offer"
        case While() | ForEach():
            return any(isinstance(one, Exit) and one.kind in _FAR for one in block_statements((statement,)))
        case Inline():
            return any(
                isinstance(one, Exit) and one.kind in ("answer", "raise") for one in block_statements((statement,))
            )
        case _:
            return any(isinstance(one, Exit) and one.kind != "offer" for one in block_statements((statement,)))


_FAR: Final = frozenset({"return", "answer", "raise"})
