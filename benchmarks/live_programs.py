"""Measure how soon the call of a top-level statement starts, from the end of its line, while a program arrives token by token.

    python benchmarks/live_programs.py [--programs 20]

Goes the public way, `lcc.LiveRun`. Each call stands among loops, lists that are appended to, and conditions, which the machine follows.
Milliseconds of CPU time, so that other programs on the machine don't count.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from statistics import median, quantiles

import anyio

import lcc

TOKEN = 4
SIZES = (4, 10, 40)
"""Calls of a program; it has four statements for each."""


def lines(calls: int) -> Iterator[tuple[str, str | None]]:
    """Yield the statements of a program, each with the key of the call that it makes."""
    for i in range(calls):
        yield f"found{i} = look('k{i}')\n", f"k{i}"
        yield f"rows{i} = []\n", None
        yield f"for part in found{i}.parts:\n    rows{i}.append(part + {i})\n", None
        yield f"if found{i}.id > 3:\n    print(rows{i})\n", None


async def delays(calls: int) -> list[float]:
    """Return how long each call of one program took to start."""
    ended: dict[str, float] = {}
    found: list[float] = []

    @lcc.tool(effect="read", resource="shelf")
    async def look(key: str) -> dict[str, object]:
        found.append(time.process_time() - ended[key])
        return {"id": 1, "parts": [1, 2]}

    async with lcc.LiveRun([look], keep_events=False) as run:
        for text, key in lines(calls):
            for at in range(0, len(text), TOKEN):
                if key is not None and at + TOKEN >= len(text):
                    ended[key] = time.process_time()
                run.feed(text[at : at + TOKEN])
            await anyio.sleep(0.001)
        run.feed("answer(1)\n")
        run.finish()
        await run.wait()
    return found


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--programs", type=int, default=20)
    programs = parser.parse_args().programs
    anyio.run(delays, 4)
    print("statements   median ms   90 %")
    for calls in SIZES:
        found = [1_000 * one for _ in range(programs) for one in anyio.run(delays, calls)]
        print(f"{4 * calls + 1:10}   {median(found):9.2f}   {quantiles(found, n=10)[-1]:.2f}")


if __name__ == "__main__":
    main()
