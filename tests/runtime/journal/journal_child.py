"""Begin a run in each journal that standard input names, make it, and say how that went: one line for each."""

from __future__ import annotations

import sys

import anyio

import lcc
from lcc.grammar.source import Source
from lcc.python_tools.collect import as_tools
from lcc.runtime.journal.record import begin_run
from lcc.runtime.options import Options
from lcc.runtime.run import Run

TEXT = "1. look(1)\n2. look($1)\n3. join()\n"


@lcc.tool(effect="read")
async def look(key: int) -> int:
    """Return the next number."""
    return key + 1


async def run(path: str) -> lcc.RunResult:
    """Make a run with a journal that other processes open at the same time."""
    tools = [look]
    plan = lcc.compile(TEXT, tools=tools).plan
    signatures = {name: tool.signature for name, tool in as_tools(tools).items()}
    journal = begin_run(path, plan, Source("<plan>", TEXT), signatures, {})
    options = Options(journal=journal)
    async with Run(plan, as_tools(tools), {}, options=options, keep_events=False, run_id=journal.run) as running:
        result = await running.wait()
    journal.close(result)
    return result


def main() -> None:
    """Read paths until there are no more."""
    print("ready", flush=True)
    for line in sys.stdin:
        try:
            print(anyio.run(run, line.rstrip("\n")).status.value, flush=True)
        except Exception as error:
            print(f"{type(error).__name__}: {error}".replace("\n", " "), flush=True)


if __name__ == "__main__":
    main()
