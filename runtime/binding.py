"""Prepare a tool for a run: how it is called, and within which limits."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lcc.grammar.signature import CallLimits, Effect, Signature
from lcc.grammar.values import Json
from lcc.runtime.tool import Arguments, Tool

if TYPE_CHECKING:
    from lcc.runtime.backends.interface import Backend
    from lcc.runtime.gates import Gate


@dataclass(slots=True)
class Binding:
    """A tool as one run uses it. `backend` is None for a call in the event loop itself.

    `early`: a call may start before the plan is whole. `writes`: elements of a fan-out keep their order.
    """

    tool: Tool
    signature: Signature
    limits: CallLimits
    backend: Backend | None
    gates: tuple[Gate, ...]
    early: bool
    writes: bool
    may_retry: bool
    destructive: bool


def bind_tool(tool: Tool, limits: CallLimits, backend: Backend | None, gates: tuple[Gate, ...]) -> Binding:
    """Bind a tool to what a run gives it."""
    signature = tool.signature
    return Binding(
        tool=tool,
        signature=signature,
        limits=limits,
        backend=backend,
        gates=gates,
        early=signature.effect.may_start_early,
        writes=signature.effect.writes,
        may_retry=signature.may_retry,
        destructive=signature.effect is Effect.DESTRUCTIVE,
    )


def is_async(function: Callable[..., object]) -> bool:
    """Whether a call of `function` makes a coroutine: a coroutine function, a partial of one, an object with an async call."""
    while isinstance(function, functools.partial):
        function = function.func
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(getattr(function, "__call__", None))  # noqa: B004


def call_function(tool: Tool, arguments: Arguments, context: object = None) -> object:
    """Call a tool's function with its arguments converted; return what it returns, perhaps an awaitable."""
    converted: Mapping[str, object] = tool.convert(arguments)
    keywords = dict(converted)
    if tool.context_parameter is not None:
        keywords[tool.context_parameter] = context
    positional = positional_only(tool.signature)
    if not positional:
        return tool.function(**keywords)
    return tool.function(*[keywords.pop(name) for name in positional if name in keywords], **keywords)


def positional_only(signature: Signature) -> list[str]:
    """Return the names of the parameters that must be given by position."""
    return [p.name for p in signature.parameters if p.positional_only]


def too_large(value: Json, limit: int) -> bool:
    """Whether a value takes more than about `limit` bytes as JSON text: UTF-8, escapes not counted. It stops counting there."""
    budget = limit
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, str):
            size = len(item)
            budget -= 2 + (size if item.isascii() else len(item.encode("utf-8", "surrogatepass")))
        elif isinstance(item, dict):
            budget -= 2 + 2 * len(item)
            for key in item:
                budget -= len(key) + 2
            stack.extend(item.values())
        elif isinstance(item, list):
            budget -= 2 + len(item)
            stack.extend(item)
        elif isinstance(item, int) and not isinstance(item, bool):
            budget -= 1 + item.bit_length() // 4
        else:
            budget -= 4
        if budget < 0:
            return True
    return False
