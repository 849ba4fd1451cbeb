"""Serve questions from standard input, in a peer's environment: a line of JSON in, a line of JSON out.

In: `base_url` of the models, `tools` by name, `question`, and `calls`: what each call of a tool returns, by the tool and its first argument, and how long it
takes. Out: `answer` or `error`, `seconds`, the `calls` made, and those asked for that are `unknown`. This file runs where lcc isn't, so it imports nothing of it.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Callable
from typing import Any


class Tools:
    """The calls that are known. A call that isn't known fails, as it would for any of the systems."""

    def __init__(self, asked: dict[str, Any]) -> None:
        self._known = {(tool, key): (result, seconds) for tool, key, result, seconds in asked["calls"]}
        self.made: list[tuple[str, float, float]] = []
        self.unknown: list[str] = []

    async def call(self, tool: str, key: str) -> object:
        """Make a call in an event loop."""
        result, seconds = self._look_up(tool, key)
        began = time.monotonic()
        await asyncio.sleep(seconds)
        self.made.append((tool, began, time.monotonic()))
        return result

    def call_here(self, tool: str, key: str) -> object:
        """Make a call in this thread."""
        result, seconds = self._look_up(tool, key)
        began = time.monotonic()
        time.sleep(seconds)
        self.made.append((tool, began, time.monotonic()))
        return result

    def _look_up(self, tool: str, key: str) -> tuple[object, float]:
        if (tool, key) not in self._known:
            self.unknown.append(f"{tool}({str(key)[:60]!r})")
            raise LookupError(f"{self.unknown[-1]} is a call that no plan for the question asks for")
        return self._known[tool, key]


def serve(answer: Callable[[str, dict[str, Any], Tools], str]) -> None:
    """Answer until the input ends. What the peer prints goes to standard error."""
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        asked = json.loads(line)
        tools = Tools(asked)
        began = time.perf_counter()
        told: dict[str, object] = {}
        try:
            told["answer"] = answer(asked["question"], asked, tools)
        except Exception as error:
            told["error"] = f"{type(error).__name__}: {error}"[:300]
        told["seconds"] = time.perf_counter() - began
        told |= {"calls": tools.made, "unknown": tools.unknown}
        out.write(json.dumps(told) + "\n")
        out.flush()
