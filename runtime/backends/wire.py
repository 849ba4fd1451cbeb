"""Carry a call to another process, and what became of it back.

The other process is told which function to call by pickling the *tool*, which the user wrote: by name, like any function. What
models and tools wrote, arguments and results, crosses as JSON.
"""

from __future__ import annotations

import base64
import pickle  # of the user's functions, by name; never of data that a model or a tool made
from collections.abc import Mapping

from lcc.grammar.values import Json
from lcc.runtime.context import Context
from lcc.runtime.failures import class_name, message_of
from lcc.runtime.result import FailureKind
from lcc.runtime.tool import ArgumentError, Arguments, RemoteError, ResultError, Tool


def request_of(tool: Tool, arguments: Arguments, context: Context | None) -> dict[str, Json]:
    """Return the object that `answering.answer` takes; raises RemoteError if the tool can't be found by name elsewhere."""
    return {
        "tool": _carried(tool),
        "arguments": dict(arguments),
        "context": None if context is None else _context(context),
        "limit": tool.signature.limits.max_result_bytes,
    }


def _carried(tool: Tool) -> str:
    try:
        return base64.b64encode(pickle.dumps(tool)).decode()
    except Exception as error:
        message = f"`{tool.name}` can't be called in another process: it must be a function at the top level of a module ({message_of(error)})"
        raise RemoteError(message, class_name(error), FailureKind.TOOL) from None


def _context(context: Context) -> dict[str, Json]:
    remaining = context.remaining
    return {
        "tool": context.tool,
        "task": str(context.task),
        "attempt": context.attempt,
        "run": context.run,
        "remaining": None if context.deadline is None else remaining,
    }


def value_of(reply: Mapping[str, Json]) -> Json:
    """Return the value of a reply; raise what the call raised there."""
    if "value" in reply:
        return reply["value"]
    kind, message, cause = reply["kind"], str(reply["message"]), reply.get("cause")
    if kind == FailureKind.ARGUMENTS:
        raise ArgumentError(message)
    if kind == FailureKind.RESULT:
        raise ResultError(message)
    wait, bases = reply.get("retry_after"), reply.get("bases")
    raise RemoteError(
        message,
        str(cause) if cause is not None else None,
        FailureKind(str(kind)),
        float(wait) if isinstance(wait, int | float) else None,
        tuple(map(str, bases)) if isinstance(bases, list) else (),
    )
