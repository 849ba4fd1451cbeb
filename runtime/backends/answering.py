"""Make a call that another process asks for, and say what became of it."""

from __future__ import annotations

import base64
import inspect
import pickle  # of the user's functions, by name
import time
from collections.abc import Mapping
from typing import Any

from lcc.grammar.ir import task_id
from lcc.grammar.values import Json
from lcc.runtime.binding import call_function, too_large
from lcc.runtime.context import Context
from lcc.runtime.failures import TooLarge, class_name, failure_of, message_of, retry_after
from lcc.runtime.result import UNHIDDEN_LIMIT, FailureKind
from lcc.runtime.tool import Tool


def answer(request: Mapping[str, Any], tools: dict[str, Tool]) -> dict[str, Json]:
    """Return the reply to a request; whatever the tool raises, `sys.exit` too, is part of it. `tools` keeps those that were loaded."""
    carried = request["tool"]
    try:
        if carried not in tools:
            tools[carried] = pickle.loads(base64.b64decode(carried))  # noqa: S301 - made by the parent, of its own functions
    except BaseException as error:
        message = f"the tool can't be loaded in another process: {class_name(error)}: {message_of(error)}"
        return {"kind": FailureKind.TOOL.value, "message": message, "cause": class_name(error)}
    try:
        value = _call(tools[carried], request["arguments"], request["context"])
        limit = request["limit"]
        if limit is not None and too_large(value, limit):
            raise TooLarge(limit)
    except BaseException as error:
        failure = failure_of(error, 1, limit=UNHIDDEN_LIMIT)
        return {
            "kind": failure.kind.value,
            "message": failure.message,
            "cause": failure.cause,
            "bases": list(failure.bases),
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
