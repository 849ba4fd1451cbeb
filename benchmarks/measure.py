"""Answer questions by strategies, one at a time, and write down what it took."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from benchmarks.evaluation import Evaluation, Outcome, Question, Session, Simulation, Strategy
from benchmarks.limit import Limit
from benchmarks.recorded import Recorded
from benchmarks.rows import Row
from benchmarks.simulated.asked import Served
from benchmarks.simulated.clock import run as run_on_clock
from benchmarks.simulated.pace import Pace
from benchmarks.simulated.server import ModelServer
from benchmarks.simulated.tokens import Tokens
from benchmarks.simulated.tool_log import ToolLog
from benchmarks.strategies import STRATEGIES
from lcc.models.tokens import TokenUsage, price

TIMEOUT = 600.0
"""Seconds after which a question is given up. Where waiting is skipped, it is ten times as long: a tree search by a slow model takes it."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A real endpoint and a model there, which plays every role."""

    base_url: str
    model: str
    key: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to measure. `strategies`: names, or empty for all that apply. `questions`: at most so many of each evaluation; None is all.

    `data`: a folder with records; None takes the samples. `point`: the pace's name in a sweep. `skip`: skip waiting, else wait in real time.
    `price_as`: the model whose prices count. `peers`: strategies that run in processes of their own; they need real time. `endpoint`: asked instead of the simulated models, in real time; tools stay simulated.
    `warm`: answer a question before measuring, so that no import is measured.
    """

    evaluations: Sequence[Evaluation]
    strategies: Sequence[str] = ()
    data: Path | None = None
    questions: int | None = None
    point: str = ""
    pace: Pace = field(default_factory=Pace)
    skip: bool = True
    price_as: str = "gpt-4.1-mini"
    endpoint: Endpoint | None = None
    warm: bool = True
    peers: Sequence[Strategy] = ()


def strategies_of(evaluation: Evaluation, wanted: Sequence[str]) -> list[Strategy]:
    """Return the strategies of an evaluation, only those that are wanted if any are."""
    found = [STRATEGIES[name] for name in evaluation.strategies if name in STRATEGIES]
    found += evaluation.own.values()
    return [one for one in found if not wanted or one.name in wanted]


def measure(plan: Plan, warm: set[tuple[str, str]] | None = None) -> Iterator[list[Row]]:
    """Yield the rows of each evaluation and strategy. Raises NoData.

    With `plan.warm` the first question is answered once more before, except for the evaluations and strategies in `warm`, to which
    those are added.
    """
    tokens = Tokens()
    warm = set() if warm is None else warm
    for evaluation in plan.evaluations:
        questions = evaluation.questions(plan.data)[: plan.questions]
        own = strategies_of(evaluation, plan.strategies)
        for strategy in [*own, *(plan.peers if isinstance(questions[0].record, Recorded) else ())]:
            gc.collect()
            known = not plan.warm or (evaluation.name, strategy.name) in warm
            first = questions[:0] if known else questions[:1]
            warm.add((evaluation.name, strategy.name))
            cell = _cell(plan, evaluation, first, questions, strategy, tokens)
            yield run_on_clock(cell, skip=plan.skip and plan.endpoint is None)


async def _cell(
    plan: Plan,
    evaluation: Evaluation,
    before: Sequence[Question],
    questions: Sequence[Question],
    strategy: Strategy,
    tokens: Tokens,
) -> list[Row]:
    """Measure a strategy on an evaluation's questions, after it answered those `before`."""
    if plan.endpoint is not None:
        return [await _one(plan, evaluation, question, strategy, None) for question in questions]
    simulation = Simulation(evaluation, {question.id: question for question in questions})
    async with ModelServer(simulation, plan.pace, tokens) as server:
        try:
            for question in before:
                await _one(plan, evaluation, question, strategy, server)
            server.forget()
            return [await _one(plan, evaluation, question, strategy, server) for question in questions]
        finally:
            if strategy.close is not None:
                await strategy.close()


async def _one(
    plan: Plan, evaluation: Evaluation, question: Question, strategy: Strategy, server: ModelServer | None
) -> Row:
    log = ToolLog(plan.pace)
    before = len(server.log) if server else 0
    if server is not None:
        session = Session(evaluation, question, log, server.base_url)
    else:
        assert plan.endpoint is not None
        session = Session(evaluation, question, log, plan.endpoint.base_url, plan.endpoint.key, plan.endpoint.model)
    clock = asyncio.get_running_loop().time
    began = clock()
    outcome = await answer(strategy, session, TIMEOUT * 10 if plan.skip else TIMEOUT)
    seconds = clock() - began if outcome.seconds is None else outcome.seconds
    row = row_of(plan, evaluation, question, strategy, outcome, log, server.log[before:] if server else [], seconds)
    return row if server or outcome.asked is None else _as_counted_by_lcc(row, outcome.asked.total)


def _as_counted_by_lcc(row: Row, total: Any) -> Row:
    """Return a row with the usage that a real endpoint reported."""
    used = total.tokens
    return replace(
        row,
        model_calls=used.calls,
        prompt=used.prompt,
        cached=used.cached,
        completion=used.completion,
        usd=total.usd,
    )


async def answer(strategy: Strategy, session: Session, seconds: float = TIMEOUT) -> Outcome:
    """Run a strategy on a question; a failure of any kind is an outcome. `seconds`: when it is given up."""
    try:
        async with asyncio.timeout(seconds):
            return await strategy.run(session)
    except TimeoutError:
        return Outcome(None, error=f"given up after {seconds:g} s")
    except Exception as error:
        return Outcome(None, error=f"{type(error).__name__}: {error}")


def row_of(
    plan: Plan,
    evaluation: Evaluation,
    question: Question,
    strategy: Strategy,
    outcome: Outcome,
    log: ToolLog,
    served: Sequence[Served],
    seconds: float,
) -> Row:
    """Return what there is to say about an outcome."""
    counted = [one for one in served if not one.error]
    used = TokenUsage(
        len(counted),
        sum(one.prompt for one in counted),
        sum(one.cached for one in counted),
        sum(one.completion for one in counted),
    )
    limit = Limit(outcome.asked.rounds, counted, log.calls) if strategy.limited and outcome.asked and counted else None
    return Row(
        evaluation=evaluation.name,
        question=question.id,
        strategy=strategy.name,
        point=plan.point,
        seconds=seconds,
        limit=limit.seconds if limit else None,
        matches=outcome.answer is not None and evaluation.matches(question, outcome.answer),
        score=evaluation.score(question, outcome.answer) if outcome.answer is not None else 0.0,
        answer=outcome.answer,
        error=outcome.error or next((one.error for one in served if one.error), ""),
        model_calls=used.calls,
        joiner_calls=sum(one.role.startswith("joiner") for one in counted),
        prompt=used.prompt,
        cached=used.cached,
        completion=used.completion,
        usd=_usd(counted, plan.price_as),
        tool_calls=len(log.calls),
        plan_tokens=sum(one.completion for one in counted if one.role.startswith("planner")),
        branch=question.branch,
        bound=sum(bound for bound, _ in limit.makespans) if limit else 0.0,
        makespan=sum(span for _, span in limit.makespans) if limit else 0.0,
        lags=limit.lags if limit else [],
    )


def _usd(served: Iterable[Served], model: str) -> float | None:
    """Return the price of calls, each by itself, since prices may depend on a call's size."""
    prices = [price(TokenUsage(1, one.prompt, one.cached, one.completion), model, None) for one in served]
    return None if None in prices else sum(one for one in prices if one is not None)
