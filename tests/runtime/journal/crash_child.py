"""Run a 200-task plan with a journal, to be killed at any moment: `crash_child.py JOURNAL LOG`.

Every call appends a line to the log the moment it acts, so that the log is the outside world that the run changes.
"""

from __future__ import annotations

import os
import sys

import anyio

import lcc
from lcc.grammar.source import Source
from lcc.python_tools.collect import as_tools
from lcc.runtime.journal.file import JournalError
from lcc.runtime.journal.record import RunJournal, begin_run, resume_run
from lcc.runtime.options import Options
from lcc.runtime.run import Run

LOG = ""


def _act(line: str) -> None:
    with open(LOG, "a", encoding="utf-8") as file:
        file.write(f"{line}\n")


@lcc.tool(effect="read")
async def look(key: int, after: int = 0) -> int:
    """Read something; the value depends on the arguments alone."""
    await anyio.lowlevel.checkpoint()
    _act(f"look {key}")
    return key * 10 + after % 10


@lcc.tool(effect="write", resource="once:{key}")
async def once(key: int, value: int) -> int:
    """Write something that must not be written twice."""
    _act(f"once {key}")
    await anyio.lowlevel.checkpoint()
    return value + 1


@lcc.tool(effect="write", resource="again:{key}", idempotent=True)
def again(key: int, value: int) -> int:
    """Write something that may be written again."""
    _act(f"again {key}")
    return value + 2


TOOLS = [look, once, again]


def plan_text() -> str:
    """Return 200 tasks: chains of a look, a write and another look."""
    lines = []
    for i in range(1, 201):
        match i % 4:
            case 1:
                lines.append(f"{i}. look({i})")
            case 2:
                lines.append(f"{i}. once({i}, ${i - 1})")
            case 3:
                lines.append(f"{i}. again({i}, ${i - 2})")
            case _:
                lines.append(f"{i}. look({i}, after=${i - 1})")
    return "\n".join([*lines, "201. join()"])


async def execute(journal: RunJournal, plan: lcc.Plan) -> lcc.RunResult:
    """Run the plan with its journal."""
    options = Options(journal=journal, concurrency=8)
    async with Run(plan, as_tools(TOOLS), {}, options=options, keep_events=False, run_id=journal.run) as run:
        result = await run.wait()
    journal.close(result)
    return result


def start(path: str) -> tuple[RunJournal, lcc.Plan]:
    """Begin the run, or resume the one in the journal."""
    signatures = {name: tool.signature for name, tool in as_tools(TOOLS).items()}
    if os.path.exists(path):
        try:
            journal, stored = resume_run(path, signatures)
        except JournalError as error:
            if "holds no runs" not in str(error):
                raise
        else:
            return journal, stored.plan
    plan = lcc.compile(plan_text(), tools=TOOLS).plan
    return begin_run(path, plan, Source("crash.plan", plan_text()), signatures, {}), plan


def main(path: str, log: str) -> lcc.RunResult:
    """Do it, and return the result."""
    global LOG
    LOG = log
    return anyio.run(execute, *start(path))


if __name__ == "__main__":
    print("ready", flush=True)
    main(sys.argv[1], sys.argv[2])
    print("done", flush=True)
