"""Serve calls in a process of their own: requests come as JSON lines on standard input, replies go out on standard output.

What a tool prints goes to standard error, so that it can't be taken for a reply. When the parent is gone, however it went, the
input ends and the process leaves at once, also from the middle of a call.
"""

from __future__ import annotations

import base64
import inspect
import json
import os
import pickle  # of the user's functions, by name
import time
from collections.abc import Mapping
from queue import SimpleQueue
from threading import Thread
from typing import Any, BinaryIO

from lcc.grammar.ir import task_id
from lcc.grammar.values import Json
from lcc.runtime.binding import call_function, too_large
from lcc.runtime.context import Context
from lcc.runtime.failures import failure_of, retry_after
from lcc.runtime.result import FailureKind
from lcc.runtime.tool import Tool


def main() -> None:
    """Serve until the input ends."""
    requests, replies = _private_streams()
    queue: SimpleQueue[bytes] = SimpleQueue()
    Thread(target=_read, args=(requests, queue), daemon=True).start()
    tools: dict[str, Tool] = {}
    while True:
        reply = _answer(json.loads(queue.get()), tools)
        replies.write(json.dumps(reply).encode() + b"\n")
        replies.flush()


def _private_streams() -> tuple[BinaryIO, BinaryIO]:
    """Keep the pipes for this module, and give the tools an empty input and the error stream."""
    requests = os.fdopen(os.dup(0), "rb")
    replies = os.fdopen(os.dup(1), "wb")
    empty = os.open(os.devnull, os.O_RDONLY)
    os.dup2(empty, 0)
    os.close(empty)
    os.dup2(2, 1)
    return requests, replies


def _read(requests: BinaryIO, queue: SimpleQueue[bytes]) -> None:
    for line in requests:
        queue.put(line)
    os._exit(0)


def _answer(request: Mapping[str, Any], tools: dict[str, Tool]) -> dict[str, Json]:
    carried = request["tool"]
    try:
        if carried not in tools:
            tools[carried] = pickle.loads(base64.b64decode(carried))  # noqa: S301 - made by the parent, of its own functions
    except BaseException as error:
        message = f"the tool can't be loaded in another process: {type(error).__name__}: {error}"
        return {"kind": FailureKind.TOOL.value, "message": message, "cause": type(error).__name__}
    try:
        value = _call(tools[carried], request["arguments"], request["context"])
        limit = request["limit"]
        if limit is not None and too_large(value, limit):
            return {"kind": FailureKind.TOO_LARGE.value, "message": f"the result takes more than {limit} bytes as JSON"}
    except BaseException as error:
        failure = failure_of(error, 1)
        return {
            "kind": failure.kind.value,
            "message": failure.message,
            "cause": failure.cause,
            "retry_after": retry_after(error),
        }
    return {"value": value}


def _call(tool: Tool, arguments: Mapping[str, Json], context: Mapping[str, Any] | None) -> Json:
    raw: Any = call_function(tool, arguments, None if context is None else _context(context))
    if inspect.isawaitable(raw):
        import asyncio  # most tools that want a process only compute

        raw = asyncio.run(_wait_for(raw))
    return tool.to_json(raw)


async def _wait_for(awaitable: Any) -> object:
    return await awaitable


def _context(given: Mapping[str, Any]) -> Context:
    remaining = given["remaining"]
    return Context(
        tool=given["tool"],
        task=task_id(given["task"]),
        attempt=given["attempt"],
        run=given["run"],
        deadline=None if remaining is None else time.monotonic() + remaining,
    )
