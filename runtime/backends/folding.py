"""Evaluate calls of pure tools at compile time, in a process that can be killed.

    with FoldProcess(tools) as evaluate:
        optimize(plan, signatures, evaluate=evaluate)

The process is forked, so it starts in milliseconds and has the tools as they are. Requests and replies cross as JSON lines. A
call that takes longer than the limit is killed with all it started, and its tool isn't tried again. Where forking isn't safe or
isn't there (other threads run, or it is Windows), nothing is evaluated: folding is only an optimization.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import os
import select
import signal
import threading
import time
from collections.abc import Awaitable, Mapping
from types import TracebackType
from typing import BinaryIO, Final, NoReturn

from lcc.grammar.values import Json
from lcc.passes.context import NotEvaluated
from lcc.runtime.binding import call_function
from lcc.runtime.failures import class_name, message_of
from lcc.runtime.tool import Tool

LIMIT: Final = 0.1
"""Seconds that one call may take, once the process has started."""
START_LIMIT: Final = 10.0
"""Seconds that the start of the process may take."""
BUDGET: Final = 2.0
"""Seconds that all calls of one compilation may take together."""
MOST_BYTES: Final = 1_000_000
"""A longer reply is refused."""

_USED_UP: Final = "the time for evaluating calls is used up"


class FoldProcess:
    """An evaluator for `optimize`. Starts its process when it is first asked; leave the `with` block to end it."""

    def __init__(self, tools: Mapping[str, Tool], *, limit: float | None = None, budget: float | None = None) -> None:
        self._tools = tools
        self._limit = LIMIT if limit is None else limit
        self._left = BUDGET if budget is None else budget
        self._given_up: dict[str, str] = {}
        self._child: _Child | None = None

    def __enter__(self) -> FoldProcess:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the process."""
        if self._child is not None:
            self._child.kill()
            self._child = None

    def __call__(self, name: str, arguments: Mapping[str, Json]) -> Json:
        """Return what a call returns, as a JSON value; raise NotEvaluated."""
        tool = self._tools.get(name)
        if tool is None or tool.context_parameter is not None:
            raise NotEvaluated("nothing is bound to it" if tool is None else "it needs the context of a run")
        if name in self._given_up:
            raise NotEvaluated(self._given_up[name])
        if self._left <= 0:
            raise NotEvaluated(_USED_UP)
        child = self._started()
        start = time.perf_counter()
        try:
            reply = child.ask(name, arguments, min(self._limit, self._left))
        except (TimeoutError, OSError) as error:
            self.close()
            if isinstance(error, TimeoutError) and self._left < self._limit:
                raise NotEvaluated(_USED_UP) from None
            slow = f"it takes longer than {1000 * self._limit:.0f} ms"
            self._given_up[name] = slow if isinstance(error, TimeoutError) else f"its process ended: {error}"
            raise NotEvaluated(self._given_up[name]) from None
        finally:
            self._left -= time.perf_counter() - start
        if "error" in reply:
            raise NotEvaluated(str(reply["error"]))
        return reply["value"]

    def _started(self) -> _Child:
        if self._child is None:
            if not hasattr(os, "fork") or threading.active_count() > 1:
                raise NotEvaluated("no process can be forked here")
            self._child = _Child(self._tools)
            try:
                self._child.read_reply(START_LIMIT)
            except OSError:
                self.close()
                raise NotEvaluated("the process for it did not start") from None
        return self._child


class _Child:
    """The process, and the pipes to and from it."""

    def __init__(self, tools: Mapping[str, Tool]) -> None:
        requests, self._to = os.pipe()
        self._from, replies = os.pipe()
        self._pid = os.fork()
        if self._pid == 0:
            os.close(self._to)
            os.close(self._from)
            _serve(tools, requests, replies)
        os.close(requests)
        os.close(replies)

    def ask(self, name: str, arguments: Mapping[str, Json], seconds: float) -> dict[str, Json]:
        """Have a call made, in at most that time; raise TimeoutError, or OSError if the process ended."""
        request = json.dumps([name, dict(arguments)]).encode() + b"\n"
        with memoryview(request) as view:
            sent = 0
            while sent < len(request):
                sent += os.write(self._to, view[sent:])
        return self.read_reply(seconds)

    def read_reply(self, seconds: float) -> dict[str, Json]:
        """Return the next reply; the first one only says that the process has started."""
        deadline = time.monotonic() + seconds
        pieces: list[bytes] = []
        size = 0
        while not pieces or not pieces[-1].endswith(b"\n"):
            ready, _, _ = select.select([self._from], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                raise TimeoutError
            piece = os.read(self._from, 1 << 16)
            size += len(piece)
            if not piece or size > MOST_BYTES:
                raise OSError("it gave no reply" if not piece else f"its reply is longer than {MOST_BYTES:,} bytes")
            pieces.append(piece)
        reply: dict[str, Json] = json.loads(b"".join(pieces))
        return reply

    def kill(self) -> None:
        """Kill the process and those that it started."""
        os.close(self._to)
        os.close(self._from)
        for kill, target in ((os.killpg, self._pid), (os.kill, self._pid)):
            try:
                kill(target, signal.SIGKILL)
            except OSError:
                continue
        os.waitpid(self._pid, 0)


def _serve(tools: Mapping[str, Tool], requests: int, replies: int) -> NoReturn:
    """Answer until the requests end, in the forked process; never return into the code that forked."""
    try:
        os.setpgid(0, 0)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        nothing = os.open(os.devnull, os.O_RDWR)
        for standard in (0, 1, 2):
            os.dup2(nothing, standard)
        with os.fdopen(requests, "rb") as lines, os.fdopen(replies, "wb") as out:
            _reply(out, {})
            for line in lines:
                _reply(out, _answer(tools, *json.loads(line)))
    finally:
        os._exit(0)


def _reply(out: BinaryIO, answer: Mapping[str, Json]) -> None:
    out.write(json.dumps(answer).encode() + b"\n")
    out.flush()


def _answer(tools: Mapping[str, Tool], name: str, arguments: Mapping[str, Json]) -> dict[str, Json]:
    tool = tools[name]
    try:
        result = call_function(tool, arguments)
        if inspect.isawaitable(result):
            result = asyncio.run(_wait_for(result))
        value = tool.to_json(result)
        json.dumps(value, allow_nan=False)
    except BaseException as error:
        return {"error": f"{class_name(error)}: {message_of(error)}"[:500]}
    return {"value": value}


async def _wait_for(awaitable: Awaitable[object]) -> object:
    return await awaitable
