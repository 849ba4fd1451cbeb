"""Run graphs through the executor of llama-index-packs-agents-llm-compiler, in an environment of its own, where lcc isn't.

A graph comes as a line of JSON on standard input: for each task those that it reads. When the tasks are prepared, `ready` goes out,
then the seconds and the number of calls made, as JSON.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time

from llama_index.core.tools import FunctionTool
from llama_index.packs.agents_llm_compiler.schema import LLMCompilerTask
from llama_index.packs.agents_llm_compiler.task_fetching_unit import TaskFetchingUnit

calls = 0


async def work(key: int, read: list[int]) -> int:
    """Return at once."""
    global calls
    calls += 1
    return key


async def main() -> None:
    """Time from prepared tasks to the last result."""
    graph = json.loads(sys.stdin.readline())
    tool = FunctionTool.from_defaults(async_fn=work)
    tasks = {
        k + 1: LLMCompilerTask(
            idx=k + 1,
            name="work",
            tool=tool,
            args=(k, [f"${j + 1}" for j in read]),
            dependencies=[j + 1 for j in read],
        )
        for k, read in enumerate(graph)
    }
    print("ready", flush=True)
    start = time.perf_counter()
    await TaskFetchingUnit.from_tasks(tasks).schedule()
    print(json.dumps({"seconds": time.perf_counter() - start, "calls": calls}))


asyncio.run(main())
