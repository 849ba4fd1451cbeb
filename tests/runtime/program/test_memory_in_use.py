"""The memory of a program: what it can still read counts, wherever that is held, and what it has let go of doesn't."""

from __future__ import annotations

from functools import partial

import pytest
from small_programs import World
from virtual_time import run_virtually

from lcc.grammar.front_ends import parse
from lcc.runtime.options import Options
from lcc.runtime.result import RunResult
from lcc.runtime.run import Run

LIMIT = 200_000
MADE = "[0] * 1_000"
"""A value of about 8,000 bytes: a hundred of them are more than the limit."""


def run(text: str, world: World) -> RunResult:
    tools = world.tools()
    parsed = parse(text, "python", tools={name: tool.signature for name, tool in tools.items()})
    assert parsed.ok, parsed.diagnostics

    async def execute() -> RunResult:
        async with Run(parsed.plan, tools, options=Options(memory=LIMIT), keep_events=False) as running:
            return await running.wait()

    return run_virtually(partial(execute), "trio")


@pytest.mark.parametrize(
    "text",
    [
        f"n = 0\nfor i in range(100):\n    xs = {MADE}\n    n += len(xs)\nanswer(n)\n",
        f"n = 0\nwhile n < 100_000:\n    n = n + len({MADE})\nanswer(n)\n",
        f"def size(i):\n    xs = {MADE}\n    return len(xs)\nn = 0\nfor i in range(100):\n    n += size(i)\nanswer(n)\n",
        f"n = 0\nfor i in range(100):\n    try:\n        xs = {MADE}\n        n += len(xs)\n        raise ValueError(xs)\n"
        "    except ValueError as e:\n        pass\nanswer(n)\n",
        f"n = 0\nwhile n < 100:\n    xs = {MADE}\n    n = poll(y=xs)\nanswer(n * len(xs))\n",
        f"rows = []\nfor i in range(100):\n    rows.append({MADE})\n    if len(rows) > 5:\n        rows.clear()\nanswer(100_000)\n",
    ],
)
def test_what_a_program_has_let_go_of_does_not_count(text: str) -> None:
    result = run(text, World())
    assert (result.failure, result.answer) == (None, 100_000)


@pytest.mark.parametrize(
    "text",
    [
        f"rows = []\nfor i in range(100):\n    rows.append({MADE})\nanswer(len(rows))\n",
        f"rows = {{}}\nfor i in range(100):\n    rows[i] = {MADE}\nanswer(len(rows))\n",
        f"rows = None\nfor i in range(100):\n    rows = ({MADE}, rows)\nanswer(len(rows))\n",
        f"rows = [{MADE} for i in range(100)]\nanswer(len(rows))\n",
        f"rows = [({MADE}, fetch(i)) for i in range(100)]\nanswer(len(rows))\n",
        f"for row in [{MADE} for i in range(100)]:\n    fetch(len(row))\nanswer(1)\n",
        f"rows = []\nfor i in range(100):\n    try:\n        rows = [{MADE}, rows]\n        fetch('bad')\n"
        "    except ValueError:\n        pass\nanswer(len(rows))\n",
        f"rows = []\nfor row in [[0] * 10 for i in range(1_000)]:\n    if len(rows) < 12:\n        rows.append({MADE})\n"
        "    else:\n        break\nanswer(1)\n",
        f"for i in range(100):\n    put(i, y={MADE})\nanswer(1)\n",
        f"async def one(i):\n    xs = {MADE}\n    await fetch(i)\n    return xs\n"
        "import asyncio\nrows = await asyncio.gather(*[one(i) for i in range(100)])\nanswer(len(rows))\n",
        f"def keep(xs):\n    ys = {MADE}\n    if len(xs) < 100:\n        xs.append(ys)\n    return xs\nxs = []\n"
        "for i in range(100):\n    xs = keep(xs)\nanswer(len(xs))\n",
    ],
)
def test_what_a_program_can_still_read_counts(text: str) -> None:
    result = run(text, World(fails={"bad": ValueError("no")}))
    assert result.failure is not None
    assert (result.failure.code, f"{LIMIT:,} bytes" in result.failure.message) == ("X013", True)
