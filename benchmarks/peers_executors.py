"""Measure executors side by side in one run: lcc's, the installed peers', and two task groups with an event for each task.

    python -m benchmarks.peers_executors [--sizes 1000 10000] [--limit 60] [--cache FOLDER]

The peers are llama-index-packs-agents-llm-compiler and llmcompiler from PyPI, each in a virtual environment of its own that is made
in the cache folder when it is missing. Their executors get tasks that are already parsed; tools return at once. A peer that isn't
done within the limit is stopped, and what failed is said. Tasks depend on tasks as in `benchmarks.scheduler`, lcc has its events
and timeouts on. The peers run once, the others three times (the median counts).
"""

from __future__ import annotations

import argparse
import json
import subprocess
from pathlib import Path
from statistics import median

from benchmarks.peers.environments import PEERS, default_cache, environment
from benchmarks.scheduler import Graph, Watcher, graphs, lcc_run, plain_anyio, plan_of, raw_asyncio, timed

ROUNDS = 3
SHAPES = ("wide", "chain", "layered")
Cell = float | str
"""Seconds, or why there are none."""


def peer(python: Path, script: str, graph: Graph, limit: float) -> Cell:
    """Run a graph through a peer; start-up, imports and preparing the tasks count neither as time nor towards the limit."""
    command: list[str | Path] = [python, "-W", "ignore", Path(__file__).parent / "peers" / script]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(graph) + "\n")
        process.stdin.flush()
        process.stdout.readline()
        try:
            output, errors = process.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            process.kill()
            return f"not done in {limit:g} s"
    if process.returncode:
        return str((errors.strip().splitlines() or [f"exit {process.returncode}"])[-1])[:40]
    told = json.loads(output.splitlines()[-1])
    if told["calls"] != len(graph):
        return f"made {told['calls']} of {len(graph)} calls"
    return float(told["seconds"])


def own(shape: str, graph: Graph) -> dict[str, Cell]:
    """Time lcc and the task groups, in turns."""
    runs = {
        "plain anyio": plain_anyio,
        "raw asyncio": raw_asyncio,
        "lcc": lcc_run(plan_of(graph), Watcher(), observed=True),
    }
    times: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(ROUNDS):
        for name, run in runs.items():
            times[name].append(timed(run, shape, graph, "asyncio"))
    return {name: median(seconds) for name, seconds in times.items()}


def shown(cell: Cell, tasks: int, plain: Cell) -> str:
    """Return a cell as microseconds a task, and as a multiple of plain anyio."""
    if isinstance(cell, str) or isinstance(plain, str):
        return str(cell)
    return f"{cell / tasks * 1e6:,.1f} ({cell / plain:.2f}×)"


def main() -> None:
    """Print a table of microseconds a task."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000])
    parser.add_argument("--limit", type=float, default=60.0, help="seconds for one graph of a peer")
    parser.add_argument("--cache", type=Path, default=default_cache())
    given = parser.parse_args()
    pythons = {peer.name: environment(given.cache, peer.package) for peer in PEERS}
    width = 24
    print("µs a task (ratio to plain anyio)")
    print(f"{'':16}" + "".join(f"{name:>{width}}" for name in ("plain anyio", "raw asyncio", "lcc", *pythons)))
    for tasks in given.sizes:
        for shape in SHAPES:
            graph = graphs(tasks)[shape]
            cells = own(shape, graph)
            for one in PEERS:
                cells[one.name] = peer(pythons[one.name], one.executor, graph, given.limit)
            row = "".join(f"{shown(cell, tasks, cells['plain anyio']):>{width}}" for cell in cells.values())
            print(f"{shape + f' {tasks:,}':16}" + row, flush=True)


if __name__ == "__main__":
    main()
