"""Prepare a tool for a run: how it is called, where, and within which limits."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Final, Protocol, TypeAlias

from lcc.grammar.signatures import CallLimits, Effect, FloatType, IntType, Parameter, StrType, coercion
from lcc.grammar.signatures.calling import Calling
from lcc.grammar.values import Json
from lcc.runtime.context import Context
from lcc.runtime.limits.gate import Gate
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


class Binding:
    """A tool as one run uses it. `backend` is None for calls in the event loop itself.

    `places`, `names`: how arguments are taken, by place and by name.
    `early`: a call may start before the plan is whole, but one that `discloses` only if no result is among its arguments. `writes`: elements of a fan-out keep their order.
    `plain`: `await function(**converted)` is all there is to a call; the fast path. One that is approved of isn't: what was allowed is compared.
    """

    __slots__ = (
        "backend",
        "calling",
        "destructive",
        "discloses",
        "early",
        "gates",
        "hedge",
        "idempotent",
        "limits",
        "may_retry",
        "name",
        "names",
        "places",
        "plain",
        "required",
        "tool",
        "writes",
    )

    def __init__(
        self,
        tool: Tool,
        limits: CallLimits,
        backend: Backend | None = None,
        gates: tuple[Gate, ...] = (),
        hedge: float | None = None,
        *,
        watched: bool = False,
    ) -> None:
        signature = tool.signature
        self.tool = tool
        self.name = signature.name
        self.limits = limits
        self.backend = backend
        self.gates = gates
        self.early = signature.effect.may_start_early
        self.writes = signature.effect.writes
        self.discloses = signature.discloses
        self.may_retry = signature.may_retry
        self.idempotent = signature.idempotent
        self.destructive = signature.effect is Effect.DESTRUCTIVE
        self.hedge = hedge if self.early else None
        self.calling = Calling.of(signature)
        self.places = tuple(map(_taken, self.calling.by_place))
        self.names = {name: _taken(parameter) for name, parameter in self.calling.by_name.items()}
        self.required = tuple(p.name for p in signature.parameters if p.required)
        self.plain = (
            backend is None
            and not watched
            and not self.destructive
            and tool.context_parameter is None
            and is_async(tool.function)
            and not any(p.positional_only for p in signature.parameters)
        )


Taken: TypeAlias = tuple[str, type | None, Callable[[Json], Json] | None]
"""A parameter's name, the class of values that are what it takes, and what makes others so, or None where nothing does."""

_EXACT: Final[dict[type, type]] = {IntType: int, FloatType: float, StrType: str}


def _taken(parameter: Parameter) -> Taken:
    return parameter.name, _EXACT.get(type(parameter.type)), coercion(parameter.type)


def is_async(function: Callable[..., object]) -> bool:
    """Whether a call of `function` makes a coroutine: a coroutine function, a partial of one, an object with an async call."""
    while isinstance(function, functools.partial):
        function = function.func
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(getattr(function, "__call__", None))  # noqa: B004


def call_function(tool: Tool, arguments: Arguments, context: object = None) -> object:
    """Call a tool's function with its arguments converted; return what it returns, perhaps an awaitable."""
    converted: Mapping[str, object] = tool.convert(arguments)
    keywords = dict(converted)
    positional = [p.name for p in tool.signature.parameters if p.positional_only]
    if tool.context_parameter is not None:
        keywords[tool.context_parameter] = context
        positional = _by_place(tool.function) or positional
    if not positional:
        return tool.function(**keywords)
    return tool.function(*[keywords.pop(name) for name in positional if name in keywords], **keywords)


def _by_place(function: Callable[..., object]) -> list[str]:
    """Return the parameters that a function takes by place only, that of the context, which no signature holds, among them."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (ValueError, TypeError):  # it doesn't tell
        return []
    return [p.name for p in parameters if p.kind is p.POSITIONAL_ONLY]


def too_large(value: Json, limit: int) -> bool:
    """Whether a value takes more than about `limit` bytes as JSON text."""
    return size_of(value, limit) > limit


def size_of(value: Json, most: int) -> int:
    """Return about how many bytes a value takes as JSON text: UTF-8, escapes not counted. Beyond `most` it stops counting."""
    left = most
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, str):
            left -= 2 + (len(item) if item.isascii() else len(item.encode("utf-8", "surrogatepass")))
        elif isinstance(item, dict):
            left -= 2 + 4 * len(item) + sum(map(len, item))
            stack.extend(item.values())
        elif isinstance(item, list):
            left -= 2 + len(item)
            stack.extend(item)
        elif isinstance(item, int) and not isinstance(item, bool):
            left -= 1 + item.bit_length() // 4
        else:
            left -= 4
        if left < 0:
            break
    return most - left
