"""Fix what a backend is: something that makes one call at a time, and can be told to stop."""

from __future__ import annotations

from typing import Protocol

from lcc.grammar.values import Json
from lcc.runtime.context import Context
from lcc.runtime.tool import Arguments, Tool


class Backend(Protocol):
    """Makes calls somewhere else than in the event loop.

    `call` returns the tool's result as a JSON value that nobody else holds. It raises what the tool raised, or RemoteError;
    ArgumentError and ResultError as the tool's `convert` and `to_json` do; WorkerLost. If it is cancelled it stops the call; if
    the call can't be stopped within the grace of the run it raises LeftBehind, and lets go of it. It never repeats a call: the
    scheduler does, where the effect allows. `call` is asked for as many calls at once as the run's limits let through.
    """

    async def call(self, tool: Tool, arguments: Arguments, context: Context | None) -> Json:
        """Make one call. `context` is for a tool that asks for one."""

    async def close(self) -> None:
        """Let go of threads, processes and connections; stop what still runs if it can be stopped."""
