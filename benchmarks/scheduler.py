"""Measure what the scheduler costs beside a task group with an event for each task, all in one run.

    python -m benchmarks.scheduler [--tasks 10000] [--rounds 5] [--backend asyncio|trio]

Graphs: `wide` (no edges), `chain`, `layered` (rows of 50, three predecessors each). Tools return at once, except in `suspended`,
where all calls wait until the last one has started, and `limited`, where 100 of them may. lcc runs with its events on and a timeout
for each call, from a plan in memory to its results; `public` is `await lcc.compile(text, tools).arun()` with a typed tool, compiled once;
the others run bare coroutines. Ratios are to plain anyio; steadier than times. Seconds are those of the process.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import random
import time
from collections.abc import Awaitable, Callable
from statistics import median

import anyio

import lcc
from lcc.grammar.ir import Arg, Const, Join, ListOf, Plan, Ref, Task
from lcc.grammar.signatures import CallLimits, Effect, Parameter, Signature
from lcc.runtime.events import Event, TaskEnded, TaskStarted
from lcc.runtime.options import Options
from lcc.runtime.run import execute
from lcc.runtime.tool import Tool

Graph = list[list[int]]
"""For each task the tasks that it reads."""


def graphs(count: int) -> dict[str, Graph]:
    """Return the graphs by name."""
    rng = random.Random(7)
    width = 50
    layered = [
        [] if k < width else [(k // width - 1) * width + j for j in rng.sample(range(width), 3)] for k in range(count)
    ]
    return {
        "wide": [[] for _ in range(count)],
        "chain": [[k - 1] if k else [] for k in range(count)],
        "layered": layered,
        "suspended": [[] for _ in range(count)],
        "limited": [[] for _ in range(count)],
    }


class Work:
    """What a task does: nothing, or wait until as many tasks as may run at once are running."""

    def __init__(self, shape: str, count: int) -> None:
        self.held = count if shape == "suspended" else 0
        self.yields = shape == "limited"
        self.started = 0
        self.go = anyio.Event()

    async def __call__(self, key: int, read: list[int]) -> int:
        if self.held:
            self.started += 1
            if self.started == self.held:
                self.go.set()
            await self.go.wait()
        elif self.yields:
            await anyio.sleep(0)
        return key


async def plain_anyio(graph: Graph, work: Work, limit: int | None) -> None:
    """Run a graph as most would write it: a task and an event for each node."""
    events = [anyio.Event() for _ in graph]
    values: list[int] = [0] * len(graph)
    limiter = anyio.CapacityLimiter(limit) if limit else None

    async def node(k: int) -> None:
        for before in graph[k]:
            await events[before].wait()
        if limiter is not None:
            async with limiter:
                values[k] = await work(k, [values[j] for j in graph[k]])
        else:
            values[k] = await work(k, [values[j] for j in graph[k]])
        events[k].set()

    async with anyio.create_task_group() as group:
        for k in range(len(graph)):
            group.start_soon(node, k)


async def raw_asyncio(graph: Graph, work: Work, limit: int | None) -> None:
    """The same on asyncio alone."""
    events = [asyncio.Event() for _ in graph]
    values: list[int] = [0] * len(graph)
    semaphore = asyncio.Semaphore(limit) if limit else None

    async def node(k: int) -> None:
        for before in graph[k]:
            await events[before].wait()
        if semaphore is not None:
            async with semaphore:
                values[k] = await work(k, [values[j] for j in graph[k]])
        else:
            values[k] = await work(k, [values[j] for j in graph[k]])
        events[k].set()

    async with asyncio.TaskGroup() as group:
        for k in range(len(graph)):
            group.create_task(node(k))


def plan_of(graph: Graph) -> Plan:
    """Return the graph as a plan."""
    tasks = tuple(
        Task(k + 1, "work", (Arg(None, Const(k)), Arg(None, ListOf(tuple(Ref(j + 1) for j in reads)))))
        for k, reads in enumerate(graph)
    )
    return Plan((), tasks, Join((Ref(len(graph)),)))


class Watcher:
    """Looks at every event and takes the time from an end to the next start, which is the lag in a chain."""

    def __init__(self) -> None:
        self.ended = 0.0
        self.lags: list[float] = []

    def __call__(self, event: Event) -> None:
        """Look at an event."""
        if type(event) is TaskStarted:
            self.lags.append(event.time - self.ended)
        elif type(event) is TaskEnded:
            self.ended = event.time


def lcc_run(plan: Plan, watch: Watcher, *, observed: bool) -> Callable[[Graph, Work, int | None], Awaitable[None]]:
    """Return the run of a plan by lcc; `observed`: with events and timeouts."""

    async def run(graph: Graph, work: Work, limit: int | None) -> None:
        async def tool(key: int, read: list[int]) -> int:
            return await work(key, read)

        signature = Signature(
            "work",
            (Parameter("key"), Parameter("read")),
            effect=Effect.READ,
            limits=CallLimits(timeout=60.0 if observed else None, concurrency=limit),
        )
        bound = Tool(signature, tool, dict, lambda value: value)  # type: ignore[arg-type,return-value]
        options = Options(concurrency=len(graph), on_event=watch if observed else None)
        result = await execute(plan, {"work": bound}, options=options)
        assert result.ok

    return run


def text_of(graph: Graph) -> str:
    """Return the graph as the text of a plan."""
    lines = [f"{k + 1}. work({k}, [{', '.join(f'${j + 1}' for j in reads)}])\n" for k, reads in enumerate(graph)]
    return f"{''.join(lines)}join(${len(graph)})\n"


def public_run(graph: Graph, limit: int | None) -> Callable[[Graph, Work, int | None], Awaitable[None]]:
    """Return the run of a graph as users run a plan: compiled once, with a typed tool."""
    now: list[Work] = []

    async def work(key: int, read: list[int]) -> int:
        return await now[0](key, read)

    compiled = lcc.compile(text_of(graph), [lcc.tool(effect="read", concurrency=limit)(work)], level=0)
    options = lcc.Options(concurrency=len(graph))

    async def run(_: Graph, work: Work, limit: int | None) -> None:
        now[:] = [work]
        assert (await compiled.arun(options=options)).ok

    return run


def small_run(backend: str, rounds: int = 300) -> float:
    """Return the seconds that a prepared plan of 10 calls takes, one run after the other."""
    graph = graphs(10)["wide"]
    run = public_run(graph, None)

    async def many() -> float:
        best = float("inf")
        for _ in range(5):
            start = time.process_time()
            for _ in range(rounds):
                await run(graph, Work("wide", 10), None)
            best = min(best, (time.process_time() - start) / rounds)
        return best

    return anyio.run(many, backend=backend)


def timed(run: Callable[[Graph, Work, int | None], Awaitable[None]], shape: str, graph: Graph, backend: str) -> float:
    """Return the seconds of the processor that one run takes; the garbage of others isn't its own."""
    limit = 100 if shape == "limited" else None

    async def once() -> float:
        work = Work(shape, len(graph))
        start = time.process_time()
        await run(graph, work, limit)
        return time.process_time() - start

    gc.collect()
    return anyio.run(once, backend=backend)


def main() -> None:
    """Print a table of microseconds a task, and ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--backend", choices=("asyncio", "trio"), default="asyncio")
    given = parser.parse_args()
    columns = ["plain anyio", "lcc", "lcc, bare", "lcc, public", "raw asyncio"]
    columns = columns[: 5 if given.backend == "asyncio" else 4]
    print(f"µs a task, {given.tasks} tasks, median of {given.rounds} rounds on {given.backend} (ratio to plain anyio)")
    print(f"{'':12}" + "".join(f"{name:>22}" for name in columns))
    chain_lag = 0.0
    for shape, graph in graphs(given.tasks).items():
        plan = plan_of(graph)
        watch = Watcher()
        limit = 100 if shape == "limited" else None
        ours = [lcc_run(plan, watch, observed=on) for on in (True, False)]
        runs = [plain_anyio, *ours, public_run(graph, limit), raw_asyncio]
        times: list[list[float]] = [[] for _ in columns]
        for _ in range(given.rounds):
            for column in range(len(columns)):
                times[column].append(timed(runs[column], shape, graph, given.backend))
        if shape == "chain":
            chain_lag = median(watch.lags)
        plain = median(times[0])
        cells = [f"{median(t) / given.tasks * 1e6:.1f} ({median(t) / plain:.2f}×)" for t in times]
        print(f"{shape:12}" + "".join(f"{cell:>22}" for cell in cells))
    print(f"a prepared plan of 10 calls, public path: {small_run(given.backend) * 1e6:.0f} µs a run")
    print(f"end of a task to the start of the one that reads it, in a chain: {chain_lag * 1e6:.0f} µs at the median")


if __name__ == "__main__":
    main()
