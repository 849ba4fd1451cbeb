"""Say as which exception the failure of a call reaches the program, and which failures reach it not at all."""

from __future__ import annotations

from typing import Final

from lcc.grammar.ir.operations import OperationError, caught, exception
from lcc.runtime.result import Failure, FailureKind

FATAL: Final = frozenset(
    {FailureKind.BUDGET, FailureKind.DENIED, FailureKind.DOUBT, FailureKind.CANCELLED, FailureKind.JOURNAL}
)
"""What ends a program, whatever handlers it has."""
_CLASSES: Final = {
    FailureKind.TIMEOUT: "TimeoutError",
    FailureKind.ARGUMENTS: "TypeError",
    FailureKind.RESULT: "TypeError",
    FailureKind.TOO_LARGE: "ValueError",
    FailureKind.PATH: "LookupError",
}


class Fatal(OperationError):
    """A failure that no handler sees."""

    def __init__(self, failure: Failure) -> None:
        super().__init__("run", failure.message)
        self.failure = failure


class Reported:
    """Keeps, for each exception that a failure became, the failure."""

    def __init__(self) -> None:
        self._failures: dict[int, tuple[BaseException, Failure]] = {}

    def exception(self, failure: Failure) -> BaseException:
        """Return the exception that a program sees of a failed call."""
        made = exception_of(failure)
        self._failures[id(made)] = made, failure
        return made

    def failure(self, error: BaseException) -> Failure:
        """Return the failure that an exception ended a program with."""
        if isinstance(error, Fatal):
            return error.failure
        known = self._failures.get(id(error))
        if known is not None:
            return known[1]
        if isinstance(error, OperationError):
            message = error.message if error.help is None else f"{error.message}: {error.help}"
            return Failure(FailureKind.LIMIT, message, 0, error.kind, error)
        return Failure(FailureKind.RAISED, str(error), 0, type(error).__name__, error)


def exception_of(failure: Failure) -> BaseException:
    """Return the exception for a failure: of a builtin class, its text the message as it is reported."""
    if failure.kind in FATAL:
        return Fatal(failure)
    if failure.kind is FailureKind.RAISED and failure.exception is not None:
        seen = caught(failure.exception)
        if str(seen) == failure.message:
            return seen
        return _said(type(seen).__name__, failure.message)
    if failure.kind is FailureKind.RAISED and failure.cause is not None:
        return _said(failure.cause, failure.message)
    return _said(_CLASSES.get(failure.kind, "RuntimeError"), failure.message)


def _said(name: str, message: str) -> BaseException:
    """Return an exception of a class that says so."""
    quoted = len(message) > 1 and message[0] == message[-1] and message[0] in "'\""
    return exception(name, message[1:-1] if name == "KeyError" and quoted else message)
