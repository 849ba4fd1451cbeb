"""Run a body with loops, conditions and handlers with a journal, to be killed at any moment: `body_crash_child.py JOURNAL LOG`.

Every call appends a line to the log the moment it acts, so that the log is the outside world that the run changes.
"""

from __future__ import annotations

import os
import sys

import anyio

import lcc
from lcc.grammar.ir import (
    Apply,
    Arg,
    Builtin,
    Const,
    Exit,
    ForEach,
    Gather,
    Handler,
    If,
    Let,
    ListOf,
    Local,
    Part,
    Plan,
    Ref,
    Task,
    Try,
    Value,
    While,
)
from lcc.grammar.source import Source
from lcc.python_tools.collect import as_tools
from lcc.runtime.journal.file import JournalError
from lcc.runtime.journal.record import RunJournal, begin_run, resume_run
from lcc.runtime.options import Options
from lcc.runtime.run import Run

LOG = ""
TURNS = 12


def _act(line: str) -> None:
    with open(LOG, "a", encoding="utf-8") as file:
        file.write(f"{line}\n")


@lcc.tool(effect="read", resource="stock:{key}")
async def look(key: int, context: lcc.Context) -> int:
    """Read something that never changes."""
    await anyio.lowlevel.checkpoint()
    _act(f"look {context.task} {key}")
    return key * 7 % 10


@lcc.tool(effect="read", resource="weather")
async def flaky(key: int, context: lcc.Context) -> int:
    """Fail for some keys."""
    _act(f"flaky {context.task} {key}")
    await anyio.lowlevel.checkpoint()
    if key % 3 == 0:
        raise KeyError(key)
    return key


@lcc.tool(effect="write", resource="once:{key}")
async def once(key: int, value: object, context: lcc.Context) -> int:
    """Write something that must not be written twice."""
    _act(f"once {context.task} {key} {value}")
    await anyio.lowlevel.checkpoint()
    return key + 1


@lcc.tool(effect="write", resource="again:{key}", idempotent=True)
def again(key: int, value: object, context: lcc.Context) -> str:
    """Write something that may be written again."""
    _act(f"again {context.task} {key} {value}")
    return f"{value}"


TOOLS = [look, flaky, once, again]


def call(id_: int, tool: str, *values: Value) -> Task:
    """Return a call with arguments by position."""
    return Task(id_, tool, tuple(Arg(None, value) for value in values))


def op(name: str, *values: Value) -> Apply:
    """Return an operation."""
    return Apply(name, values)


PROGRAM = """
total = 0
for item in range(12):
    value = look(item)
    total = total + value
    if value % 2:
        once(item, total)
    try:
        once(item + 100, flaky(item))
    except KeyError as error:
        again(item, str(error))
left = 5
while left > 0:
    once(left + 200, total)
    left = left - 1
answer([total, [look(key) for key in [31, 32, 33]]])
"""
"""A program that does about the same, for `LCC_CRASH=program`."""


def body() -> Plan:
    """Return the plan: each turn looks, and writes what depends on that, on failures, and on the turns before."""
    if os.environ.get("LCC_CRASH") == "program":
        return lcc.compile(PROGRAM, TOOLS, front_end="python").plan
    item, total, value = Local("item"), Local("total"), Ref(2)
    add = Let(op("operator +", total, value), ("total",))
    handler = Handler(Builtin("KeyError"), (call(5, "again", item, op("builtin str", Local("error"))),), "error")
    attempt = Try((call(4, "flaky", item),), (handler,), (call(6, "once", op("operator +", item, Const(100)), Ref(4)),))
    odd = op("operator %", value, Const(2))
    turn = (call(2, "look", item), add, If(odd, (call(3, "once", item, total),)), attempt)
    loop = ForEach(1, "item", op("builtin range", Const(TURNS)), turn)
    count = Let(op("operator -", Local("left"), Const(1)), ("left",))
    while_ = While(
        7,
        op("operator >", Local("left"), Const(0)),
        (call(8, "once", op("operator +", Local("left"), Const(200)), total), count),
    )
    part = Part(
        (call(10, "again", Local("g"), total), call(11, "look", Local("g"))),
        Ref(11),
        "g",
        ListOf((Const(31), Const(32), Const(33))),
    )
    return Plan(
        body=(
            Let(Const(0), ("total",)),
            loop,
            Let(Const(5), ("left",)),
            while_,
            Gather(9, (part,)),
            Exit("answer", ListOf((total, Ref(9)))),
        ),
        fails="strict",
    )


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
    plan = body()
    return begin_run(path, plan, Source("crash.plan", ""), signatures, {}), plan


def main(path: str, log: str, backend: str = "asyncio") -> lcc.RunResult:
    """Do it, and return the result."""
    global LOG
    LOG = log
    return anyio.run(execute, *start(path), backend=backend)


if __name__ == "__main__":
    print("ready", flush=True)
    main(sys.argv[1], sys.argv[2])
    print("done", flush=True)
