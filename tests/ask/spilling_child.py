"""Hold some answers, each with a large result, as a service does; print how much text they take, and how much more the process takes.

python spilling_child.py ANSWERS CHARACTERS JOURNAL       no journal: ""
"""

from __future__ import annotations

import gc
import sys
import tracemalloc
from pathlib import Path

import anyio

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parent)]

from asking import END, finish  # noqa: E402
from fake_model_server import FakeModelServer  # noqa: E402

import lcc  # noqa: E402


def resident() -> int:
    """Return the bytes of memory that the process has."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 if Path("/proc/self/statm").exists() else 0


async def hold(answers: int, size: int, journal: str) -> None:
    """Ask, hold what comes, and print."""

    @lcc.tool(effect="read")
    async def fetch(number: int) -> str:
        """Return a long page."""
        return f"page {number} " + "x" * size

    plans = [f"1. fetch({number})\n2. join($1)\n{END}" for number in range(answers + 1)]
    script = {"planner": plans, "joiner": [finish("done") for _ in plans]}
    with FakeModelServer(script) as server:
        model = lcc.ModelSettings(model="fake", base_url=server.base_url, key="k")
        agent = lcc.Agent([fetch], model, journal=journal or False)
        await agent.ask("?")  # what is loaded by the first question is no result
        gc.collect()
        tracemalloc.start()
        began = resident()
        held = [await agent.ask("?") for _ in range(answers)]
        gc.collect()
        grown, traced = resident() - began, tracemalloc.get_traced_memory()[0]
        for place in (0, answers - 1):
            assert held[place].results["1"] == f"page {place + 1} " + "x" * size
    print(f"{answers} answers with {size} characters each: {grown} bytes resident, {traced}")


if __name__ == "__main__":
    anyio.run(hold, int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
