"""Tools of a library for runs of bodies: what they were called with is noted, and single calls can be made to fail or to take long."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import anyio
from body_plans import program
from running_plans import tool, tools
from trio.testing import MockClock

from lcc.grammar.ir import Plan
from lcc.grammar.signatures import Effect
from lcc.runtime.options import Options
from lcc.runtime.result import RunResult
from lcc.runtime.run import Run, execute
from lcc.runtime.tool import Tool


class Library:
    """`calls`: what was called, in order. `takes`: seconds of calls by what is noted of them; `fails`: what they raise."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.takes: dict[str, float] = {}
        self.fails: dict[str, list[BaseException]] = {}

    async def _act(self, call: str, result: Any) -> Any:
        self.calls.append(call)
        await anyio.sleep(self.takes.get(call, 0))
        if self.fails.get(call):
            raise self.fails[call].pop(0)
        return result

    def tools(self, **limits: Any) -> dict[str, Tool]:
        """Return the tools, as the programs of `body_plans` know them."""

        async def find_books(topic: str) -> Any:
            return await self._act(f"find {topic}", [f"{topic} 1", f"{topic} 2"])

        async def count_copies(book: str) -> Any:
            return await self._act(f"count {book}", len(book))

        async def order_copies(book: str, number: int = 1) -> Any:
            return await self._act(f"order {book} {number}", number)

        async def send(to: str, text: str) -> Any:
            return await self._act(f"send {to} {text}", True)

        async def discard(book: str) -> Any:
            return await self._act(f"discard {book}", True)

        read, write = Effect.READ, Effect.WRITE
        return tools(
            tool(find_books, "topic", resources=("library",), effect=read, **limits),
            tool(count_copies, "book", resources=("stock:{book}",), effect=read, **limits),
            tool(order_copies, "book", "number?", resources=("stock:{book}",), effect=write, **limits),
            tool(send, "to", "text", resources=("mail",), effect=write, idempotent=True, **limits),
            tool(discard, "book", resources=("library",), effect=Effect.DESTRUCTIVE, **limits),
        )

    def run(
        self, text: str | Plan, inputs: dict[str, Any] | None = None, *, backend: str = "virtual", **options: Any
    ) -> RunResult:
        """Run a program, on trio with a clock that jumps by default."""
        plan = program(text)[0] if isinstance(text, str) else text
        given, limits = self.tools(), options.pop("limits", {})
        if limits:
            given = self.tools(**limits)
        return on(backend, lambda: execute(plan, given, inputs or {}, options=Options(**options)))

    def events(self, text: str) -> tuple[RunResult, list[Any]]:
        """Run a program, and return its events too."""
        events: list[Any] = []
        return self.run(text, on_event=events.append), events


def on(backend: str, main: Callable[[], Any]) -> Any:
    """Run a coroutine function on asyncio, on trio, or on trio with a clock that jumps."""
    if backend == "virtual":
        return anyio.run(main, backend="trio", backend_options={"clock": MockClock(autojump_threshold=0)})
    return anyio.run(main, backend=backend)


__all__ = ["Library", "Run", "on"]
