"""Run tools in processes of their own: true parallelism, real isolation, killed on timeout.

Requests and replies cross as JSON lines (see `wire`). Processes are kept for further calls until the run ends.
"""

from __future__ import annotations

import json
import os
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
from lcc.runtime.backends.error_stream import ErrorStream
from lcc.runtime.backends.wire import request_of, value_of
from lcc.runtime.context import Context
from lcc.runtime.tool import Arguments, Tool, WorkerLost

_COMMAND = [sys.executable, "-c", "from lcc.runtime.backends.process_child import main; main()"]


class Processes:
    """A pool that grows as it is used; the scheduler's limits say how far."""

    def __init__(self, grace: float) -> None:
        self._grace = grace
        self._idle: list[_Child] = []
        self._all: set[_Child] = set()
        self._errors: ErrorStream | None = None

    async def call(self, tool: Tool, arguments: Arguments, context: Context | None) -> Json:
        """Call a tool in a process, which is killed if the call is cancelled."""
        request = request_of(tool, arguments, context)
        child = self._idle.pop() if self._idle else await self._start()
        try:
            reply = await child.ask(request)
        except BaseException:
            self._all.discard(child)
            with CancelScope(shield=True):
                await child.kill()
            raise
        self._idle.append(child)
        return value_of(reply)

    async def _start(self) -> _Child:
        self._errors = self._errors or ErrorStream()
        with CancelScope(shield=True):  # a process that was started must not be lost sight of
            process = await open_process(
                _COMMAND,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors.file,
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
        if self._errors is not None:
            await self._errors.close(self._grace)


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


def _obituary(code: int) -> str:
    if code < 0:
        try:
            return f"the process of the call was killed by {signal.Signals(-code).name}"
        except ValueError:
            return f"the process of the call was killed by signal {-code}"
    return f"the process of the call ended with status {code}"
