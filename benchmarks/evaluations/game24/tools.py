"""Offer the three tools of the Game of 24 to plans: propose, judge, keep the best. The first two ask a model.

A judge's verdict on numbers is asked for once a game, as Tree of Thoughts' published code does, also while the first request for it
is under way: so a parallel search makes the very calls that a sequential one makes.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Final, TypeAlias

from anyio import Event, create_task_group

import lcc
from benchmarks.evaluations.game24.prompts import (
    JUDGE,
    PROPOSE,
    SAMPLES,
    proposal_request,
    read_proposals,
    read_value,
    verdict_request,
)
from benchmarks.evaluations.game24.states import Numbers, numbers_left

KEPT: Final = 5

Samples: TypeAlias = Callable[[str, str, int], Awaitable[Sequence[str]]]
"""Asks a model: the system's message, the user's message, how many samples of the reply; returns the samples."""

Watch: TypeAlias = Callable[[str, str], AbstractAsyncContextManager[None]]
"""Watches a call: the tool, and the task's id in the plan."""


class Thinker:
    """A model that plays one game. `wide`: judge the states of one call at the same time, not one after another."""

    def __init__(self, ask: Samples, *, wide: bool = True) -> None:
        self._ask = ask
        self._wide = wide
        self._values: dict[str, float] = {}
        self._asked: dict[str, Event] = {}

    async def propose(self, state: str) -> list[str]:
        """Return the states that the model proposes next. Raises NoState."""
        (reply,) = await self._ask(PROPOSE, proposal_request(state), 1)
        return read_proposals(state, reply)

    async def evaluate(self, states: Sequence[str]) -> list[float]:
        """Return the value of each state. Raises NoState."""
        requests = [verdict_request(state) for state in states]
        if self._wide:
            async with create_task_group() as group:
                for request in dict.fromkeys(requests):
                    group.start_soon(self._judge, request)
        else:
            for request in requests:
                await self._judge(request)
        return [self._values[request] for request in requests]

    async def _judge(self, request: str) -> None:
        while request not in self._values:
            other = self._asked.get(request)
            if other is not None:
                await other.wait()  # if that one failed, this one asks
                continue
            self._asked[request] = Event()
            try:
                self._values[request] = read_value(await self._ask(JUDGE, request, SAMPLES))
            finally:
                self._asked.pop(request).set()


def select(states: Sequence[Sequence[str]], values: Sequence[Sequence[float]], k: int = KEPT) -> list[str]:
    """Return the k best states, those with equal numbers left once; ties keep their order. Raises NoState, ValueError for unpaired lists."""
    best: dict[Numbers, tuple[float, str]] = {}
    for some, theirs in zip(states, values, strict=True):
        for state, value in zip(some, theirs, strict=True):
            best.setdefault(numbers_left(state), (value, state))
    return [state for _, state in sorted(best.values(), key=lambda one: -one[0])[: max(k, 0)]]


def tools_of(thinker: Thinker, watch: Watch | None = None) -> tuple[Callable[..., object], ...]:
    """Return the tools of one game: thought_proposer, state_evaluator, top_k_select."""
    watched: Watch = watch or (lambda tool, task: nullcontext())

    @lcc.tool(effect="read", resource="model")
    async def thought_proposer(context: lcc.Context, state: str) -> list[str]:
        """Propose the next states after a state"""
        async with watched("thought_proposer", str(context.task)):
            return await thinker.propose(state)

    @lcc.tool(effect="read", resource="model")
    async def state_evaluator(context: lcc.Context, thoughts: list[str]) -> list[float]:
        """Value each of the states that were proposed"""
        async with watched("state_evaluator", str(context.task)):
            return await thinker.evaluate(thoughts)

    @lcc.tool(effect="pure")
    async def top_k_select(
        context: lcc.Context, thoughts: list[list[str]], values: list[list[float]], k: int = KEPT
    ) -> list[str]:
        """Keep the k best of lists of states, by their lists of values"""
        async with watched("top_k_select", str(context.task)):
            return select(thoughts, values, k)

    return thought_proposer, state_evaluator, top_k_select
