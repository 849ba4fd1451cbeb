"""Run graphs through the executor of llmcompiler from PyPI, in an environment of its own, where lcc isn't.

A graph comes as a line of JSON on standard input: for each task those that it reads. When the tasks are prepared, `ready` goes out,
then the seconds and the number of calls made, as JSON.
Tasks only depend on each other, no result is put into an argument. What the executor prints goes nowhere.
"""

from __future__ import annotations

import contextlib
import io
import json
import logging
import sys
import time

from langchain_core.tools import tool
from llmcompiler.graph.plan_and_schedule import schedule_tasks

calls = 0


@tool
def work(key: int) -> int:
    """Return at once."""
    global calls
    calls += 1
    return key


def main() -> None:
    """Time from prepared tasks to the last result."""
    graph = json.loads(sys.stdin.readline())
    logging.disable()
    tasks = [
        {"idx": k + 1, "tool": work, "args": {"key": k}, "dependencies": [j + 1 for j in read], "thought": None}
        for k, read in enumerate(graph)
    ]
    given = {
        "messages": [],
        "tasks": iter(tasks),
        "charts": [],
        "tasks_temporary_save": [],
        "observations": {},
        "print_dag": False,
    }
    print("ready", flush=True)
    start = time.perf_counter()
    with contextlib.redirect_stdout(io.StringIO()):
        schedule_tasks.invoke(given)
    print(json.dumps({"seconds": time.perf_counter() - start, "calls": calls}))


main()
