"""Make tools take their time, and remember when they ran.

async with log.call("search", entity, task=context.task):
    return pages[entity]
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from benchmarks.simulated.pace import Pace


@dataclass(slots=True)
class ToolCall:
    """A call of a tool. `seconds` is how long it was to take; `began` and `ended` are on the event loop's clock."""

    tool: str
    task: str
    seconds: float
    began: float
    ended: float = 0.0


@dataclass(slots=True)
class ToolLog:
    """The calls of tools for one question. `pace` None: a call takes what its work takes."""

    pace: Pace | None
    calls: list[ToolCall] = field(default_factory=list)

    @asynccontextmanager
    async def call(self, tool: str, *arguments: object, task: object = "") -> AsyncIterator[ToolCall]:
        """Spend a call's time, then do its work. `task`: its id in the plan, if there is one.

        A tool that asks a model spends that model's time: it sets `seconds` to it, and has a pace of 0 in `Pace.tools`.
        """
        clock = asyncio.get_running_loop().time
        seconds = self.pace.tool_seconds(tool, *arguments) if self.pace else 0.0
        one = ToolCall(tool, str(task), seconds, clock())
        self.calls.append(one)
        await asyncio.sleep(seconds)
        try:
            yield one
        finally:
            one.ended = clock()
