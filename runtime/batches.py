"""Tell the results of a batch call apart: each element succeeds or fails alone.

A batch form returns a list with one result for each argument object, in order. Where one failed it puts the exception, instead
of raising it, which would fail all. In JSON an exception is an object with the one key `$error`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeGuard

from lcc.grammar.values import Json
from lcc.runtime.failures import message_of
from lcc.runtime.result import Failure, FailureKind, TaskStatus

_ERROR: Final = "$error"


@dataclass(frozen=True, slots=True)
class BatchResults:
    """Convert what a batch form returns: exceptions apart, everything else as its tool does."""

    to_json: Callable[[object], Json]

    def __call__(self, returned: object) -> Json:
        """Return the JSON value; raise ResultError as the tool's own conversion does."""
        items = _stored(returned)
        if not any(_failed(one) for one in items):
            return self.to_json(returned)
        results = self.to_json([None if _failed(one) else one for one in items])
        assert isinstance(results, list)
        return [
            {_ERROR: {"cause": type(one).__name__, "message": message_of(one)}} if _failed(one) else result
            for one, result in zip(items, results, strict=True)
        ]


def _stored(returned: object) -> list[object]:
    """Return what a list or a tuple holds. A class of its own may iterate otherwise, and without end: that is for its conversion."""
    if issubclass(type(returned), list):
        return list(list.__iter__(returned))  # type: ignore[arg-type]
    return list(tuple.__iter__(returned)) if issubclass(type(returned), tuple) else []  # type: ignore[arg-type]


def _failed(one: object) -> TypeGuard[Exception]:
    return issubclass(type(one), Exception)  # an object may say that it is of another class


def part_of(value: Json, index: int, count: int, attempts: int) -> tuple[TaskStatus, Json, Failure | None]:
    """Return how one element of a batch call ended that returned `value` for `count` elements."""
    if not isinstance(value, list) or len(value) != count:
        got = f"{len(value)} results" if isinstance(value, list) else "no list"
        failure = Failure(FailureKind.RESULT, f"the batch form returned {got} for {count} calls", attempts)
        return TaskStatus.FAILED, None, failure
    match value[index]:
        case {"$error": {"cause": str() as cause, "message": str() as message}, **rest} if not rest:
            return TaskStatus.FAILED, None, Failure(FailureKind.RAISED, message, attempts, cause)
        case result:
            return TaskStatus.OK, result, None
