"""Run tools in processes of their own: true parallelism, real isolation, killed on timeout.

A process is told which function to call by pickling the *tool*, which the user wrote: by name, like any function. What models and
tools wrote, arguments and results, crosses as JSON lines. Processes are kept for further calls until the run ends.
"""

from __future__ import annotations

import base64
import json
import os
import pickle  # of the user's functions, by name; never of data that a model or a tool made
import signal
import subprocess
import sys
from collections.abc import Mapping

from anyio import (
    BrokenResourceError,
    CancelScope,
    ClosedResourceError,
    EndOfStream,
    move_on_after,
    open_process,
)
from anyio.abc import Process

from lcc.grammar.values import Json
from lcc.runtime.backends.interface import RemoteError, WorkerLost
from lcc.runtime.context import Context
from lcc.runtime.result import FailureKind
from lcc.runtime.tool import ArgumentError, Arguments, ResultError, Tool

_COMMAND = [sys.executable, "-c", "from lcc.runtime.backends.process_child import main; main()"]


class Processes:
    """A pool that grows as it is used; the scheduler's limits say how far."""

    def __init__(self, grace: float) -> None:
        self._grace = grace
        self._idle: list[_Child] = []
        self._all: set[_Child] = set()

    async def call(self, tool: Tool, arguments: Arguments, context: Context | None) -> Json:
        """Call a tool in a process, which is killed if the call is cancelled."""
        carried = _carried(tool)
        limit = tool.signature.limits.max_result_bytes
        request = {
            "tool": carried,
            "arguments": dict(arguments),
            "context": None if context is None else _context(context),
            "limit": limit,
        }
        child = self._idle.pop() if self._idle else await self._start()
        try:
            reply = await child.ask(request)
        except BaseException:
            self._all.discard(child)
            with CancelScope(shield=True):
                await child.kill()
            raise
        self._idle.append(child)
        return _result(reply)

    async def _start(self) -> _Child:
        with CancelScope(shield=True):  # a process that was started must not be lost sight of
            process = await open_process(
                _COMMAND,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=None,
                start_new_session=True,
                env=_environment(),
            )
        child = _Child(process)
        self._all.add(child)
        return child

    async def close(self) -> None:
        """End all processes: idle ones see the end of their input; those that don't end in time are killed."""
        for child in self._all:
            await child.end(self._grace)
        self._all.clear()
        self._idle.clear()


class _Child:
    """One process and what it has sent so far."""

    def __init__(self, process: Process) -> None:
        self._process = process

    async def ask(self, request: Mapping[str, Json]) -> Mapping[str, Json]:
        assert self._process.stdin is not None
        try:
            await self._process.stdin.send(json.dumps(request).encode() + b"\n")
            reply = await self._line()
        except (BrokenResourceError, ClosedResourceError, EndOfStream, OSError):
            with CancelScope(shield=True):
                raise WorkerLost(_obituary(await self._process.wait())) from None
        return json.loads(reply)  # type: ignore[no-any-return]

    async def _line(self) -> bytes:
        assert self._process.stdout is not None
        pieces: list[bytes] = []
        while True:
            piece = await self._process.stdout.receive()
            pieces.append(piece)
            if piece.endswith(b"\n"):
                return b"".join(pieces)

    async def kill(self) -> None:
        """Kill the process and those that it started."""
        if self._process.returncode is None:
            try:
                if sys.platform == "win32":
                    self._process.kill()
                else:
                    os.killpg(self._process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        await self._process.aclose()

    async def end(self, grace: float) -> None:
        with CancelScope(shield=True):
            assert self._process.stdin is not None
            await self._process.stdin.aclose()
            with move_on_after(grace):
                await self._process.wait()
            await self.kill()


def _environment() -> dict[str, str]:
    """Let the process import what this one can."""
    path = os.pathsep.join(entry or os.getcwd() for entry in sys.path)
    return {**os.environ, "PYTHONPATH": path}


def _carried(tool: Tool) -> str:
    try:
        return base64.b64encode(pickle.dumps(tool)).decode()
    except Exception as error:
        message = f"`{tool.name}` can't be called in another process: it must be a function at the top level of a module ({error})"
        raise RemoteError(message, type(error).__name__, FailureKind.TOOL) from None


def _context(context: Context) -> dict[str, Json]:
    remaining = context.remaining
    return {
        "tool": context.tool,
        "task": str(context.task),
        "attempt": context.attempt,
        "run": context.run,
        "remaining": None if context.deadline is None else remaining,
    }


def _result(reply: Mapping[str, Json]) -> Json:
    if "value" in reply:
        return reply["value"]
    kind, message, cause = reply["kind"], str(reply["message"]), reply.get("cause")
    if kind == FailureKind.ARGUMENTS:
        raise ArgumentError(message)
    if kind == FailureKind.RESULT:
        raise ResultError(message)
    wait = reply.get("retry_after")
    raise RemoteError(
        message,
        str(cause) if cause is not None else None,
        FailureKind(str(kind)),
        float(wait) if isinstance(wait, int | float) else None,
    )


def _obituary(code: int) -> str:
    if code < 0:
        try:
            return f"the process of the call was killed by {signal.Signals(-code).name}"
        except ValueError:
            return f"the process of the call was killed by signal {-code}"
    return f"the process of the call ended with status {code}"
