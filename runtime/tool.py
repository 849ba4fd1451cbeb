"""Bind a signature to the Python that does the work."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import TypeAlias

from lcc.grammar.dataclass import dataclass
from lcc.grammar.signatures import Signature
from lcc.grammar.signatures.declaration import Isolation
from lcc.grammar.values import Json
from lcc.runtime.result import FailureKind

Arguments: TypeAlias = Mapping[str, Json]
"""The arguments of one call by parameter name: JSON values, defaults left out."""


class ArgumentError(ValueError):
    """The arguments of a call are not what the tool takes. The message names the parameter and says why."""


class BudgetSpent(Exception):
    """A call may not go on, because what it needs is spent. The message says which limit."""


class ResultError(ValueError):
    """What a tool returned is no JSON value, or not of the declared type. The message says where in the value and what it is."""


@dataclass(frozen=True, slots=True)
class Tool:
    """A signature and its implementation.

    `function`: what the user wrote, sync or async; called by keyword, positional-only parameters by position.
    `convert`: JSON arguments to the objects that the function takes; raises ArgumentError.
    `to_json`: what the function returned to a JSON value of the declared type; raises ResultError.
    `context_parameter`: the parameter that receives a `Context`; it is not in the signature.
    `lifespan`: what must be open while the tool is called, as a connection; runs enter it, several at once too, and leave it.
    """

    signature: Signature
    function: Callable[..., object]
    convert: Callable[[Arguments], Mapping[str, object]]
    to_json: Callable[[object], Json]
    isolation: Isolation = "auto"
    context_parameter: str | None = None
    lifespan: AbstractAsyncContextManager[object] | None = None

    @property
    def name(self) -> str:
        """The name that plans call."""
        return self.signature.name


async def open_lifespans(tools: Iterable[Tool], stack: AsyncExitStack) -> None:
    """Enter what tools need open, each once; `stack` leaves it."""
    lifespans = {id(tool.lifespan): tool.lifespan for tool in tools if tool.lifespan is not None}
    for lifespan in lifespans.values():
        await stack.enter_async_context(lifespan)


class LeftBehind(Exception):
    """A call was told to stop and went on beyond its grace; nobody waits for it any more."""


class WorkerLost(Exception):
    """What made the call is gone: its process died or its machine went away. The message says what is known."""


class RemoteError(Exception):
    """A call failed where its exception can't be had. `cause` is the exception's type, `bases` its builtin ones."""

    def __init__(
        self,
        message: str,
        cause: str | None = None,
        kind: FailureKind = FailureKind.RAISED,
        retry_after: float | None = None,
        bases: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message)
        self.bases = bases
        self.cause = cause
        self.kind = kind
        self.retry_after = retry_after
