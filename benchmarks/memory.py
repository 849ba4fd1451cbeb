"""Measure the memory that running a plan takes, a task, at its peak.

    python -m benchmarks.memory [--tasks 10000]

What Python allocates from the plan in memory to the last result, the results included: tasks that wait for nothing and are all inside
their tool at once, and a chain, of which one is.
"""

from __future__ import annotations

import argparse
import tracemalloc

import anyio

from benchmarks.scheduler import Work, graphs, plan_of
from lcc.grammar.ir import Plan
from lcc.grammar.signatures import Effect, Parameter, Signature
from lcc.runtime.options import Options
from lcc.runtime.run import execute
from lcc.runtime.tool import Tool

SIGNATURE = Signature("work", (Parameter("key"), Parameter("read")), effect=Effect.READ)


def peak(plan: Plan, work: Work) -> int:
    """Return the most bytes that were allocated at any time of a run."""
    tool = Tool(SIGNATURE, work, dict, lambda value: value)  # type: ignore[arg-type,return-value]

    async def once() -> None:
        result = await execute(plan, {"work": tool}, options=Options(concurrency=len(plan.tasks)))
        assert result.ok

    tracemalloc.start()
    try:
        anyio.run(once)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def main() -> None:
    """Print bytes a task."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", type=int, default=10_000)
    given = parser.parse_args()
    every = graphs(given.tasks)
    for shape in ("suspended", "chain"):
        plan = plan_of(every[shape])
        print(
            f"{shape:12}{peak(plan, Work(shape, given.tasks)) / given.tasks:10,.0f} bytes a task, {given.tasks:,} tasks"
        )


if __name__ == "__main__":
    main()
