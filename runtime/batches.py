"""Tell the results of a batch call apart: each element succeeds or fails alone.

A batch form returns a list with one result for each argument object, in order. Where one failed it puts the exception, instead
of raising it, which would fail all. In JSON an exception is an object with the one key `$error`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from lcc.grammar.values import Json
from lcc.runtime.result import Failure, FailureKind, TaskStatus, shorten

_ERROR: Final = "$error"


@dataclass(frozen=True, slots=True)
class BatchResults:
    """Convert what a batch form returns: exceptions apart, everything else as its tool does."""

    to_json: Callable[[object], Json]

    def __call__(self, returned: object) -> Json:
        """Return the JSON value; raise ResultError as the tool's own conversion does."""
        if not isinstance(returned, list | tuple) or not any(isinstance(one, Exception) for one in returned):
            return self.to_json(returned)
        results = self.to_json([None if isinstance(one, Exception) else one for one in returned])
        assert isinstance(results, list)
        return [
            {_ERROR: {"cause": type(one).__name__, "message": shorten(str(one))}}
            if isinstance(one, Exception)
            else result
            for one, result in zip(returned, results, strict=True)
        ]


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
