"""Measure what a journal costs: runs of tools that return at once, with and without, in one run.

    python -m benchmarks.journal [--tasks 2000] [--rounds 5]

`journal` survives a killed process, `durable` a killed machine (each commit waits for the disk). A chain pays a commit for each
task, since a result is durable before anything that reads it starts; tasks of a wide plan share commits.
"""

from __future__ import annotations

import argparse
import gc
import tempfile
import time
from pathlib import Path
from statistics import median

import anyio

from benchmarks.scheduler import graphs, plan_of
from lcc.grammar.ir import Plan
from lcc.grammar.signatures import Effect, Parameter, Signature
from lcc.grammar.source import Source
from lcc.grammar.syntax.print_plan import print_plan
from lcc.runtime.journal.record import begin_run
from lcc.runtime.options import Options
from lcc.runtime.run import execute
from lcc.runtime.tool import Tool

MODES = ("without", "journal", "durable")


async def work(key: int, read: list[int]) -> int:
    """Return at once."""
    return key


SIGNATURE = Signature("work", (Parameter("key"), Parameter("read")), effect=Effect.READ)
TOOLS = {"work": Tool(SIGNATURE, work, dict, lambda value: value)}  # type: ignore[arg-type,return-value]


def timed(plan: Plan, mode: str, folder: Path) -> float:
    """Return the seconds of one run, a new journal's first entry included."""

    async def once() -> float:
        start = time.perf_counter()
        journal = None
        if mode != "without":
            journal = begin_run(str(folder / "J"), plan, source, {"work": SIGNATURE}, {}, durable=mode == "durable")
        result = await execute(plan, TOOLS, options=Options(concurrency=len(plan.tasks), journal=journal))
        if journal is not None:
            journal.close(result)
        assert result.ok
        return time.perf_counter() - start

    source = Source("benchmark.plan", print_plan(plan))
    gc.collect()
    return anyio.run(once)


def main() -> None:
    """Print a table of microseconds a task."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", type=int, default=2_000)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    print(f"µs a task, {given.tasks} tasks, median of {given.rounds} rounds")
    print(f"{'':10}" + "".join(f"{mode:>12}" for mode in MODES))
    for shape in ("wide", "layered", "chain"):
        plan = plan_of(graphs(given.tasks)[shape])
        times: dict[str, list[float]] = {mode: [] for mode in MODES}
        for _ in range(given.rounds):
            for mode in MODES:
                with tempfile.TemporaryDirectory() as folder:
                    times[mode].append(timed(plan, mode, Path(folder)))
        print(f"{shape:10}" + "".join(f"{median(times[mode]) / given.tasks * 1e6:12.1f}" for mode in MODES))


if __name__ == "__main__":
    main()
