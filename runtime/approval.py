"""Ask before something is destroyed: what an approver is shown and what it answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from lcc.grammar.ir import TaskId
from lcc.grammar.values import Json


class NotAllowed(Exception):
    """A destructive call has no approval, or one for other arguments. The message says which."""


@dataclass(frozen=True, slots=True)
class ApprovalRequest:
    """Calls that wait for one answer: a single destructive task, or every element of a fan-out with its own arguments.

    The arguments are those that the calls will be made with: a call with others is refused. They are text of models and tools:
    escape them for a terminal. Elements that can't be called, or were by the run that is resumed, are not among the calls.
    """

    id: TaskId
    tool: str
    calls: tuple[tuple[TaskId, Mapping[str, Json]], ...]


Approver: TypeAlias = Callable[[ApprovalRequest], Awaitable[bool]]
"""Returns True to allow all calls of the request; anything else is a no, also what Python counts as true. Never called for two requests at once. What it raises counts as no."""
