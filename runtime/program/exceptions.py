"""Keep, beside the exception that a program sees, the failure of the call that it comes from."""

from __future__ import annotations

from typing import Final

from lcc.grammar.ir import NOWHERE
from lcc.grammar.ir.operations import OperationError
from lcc.grammar.source import Span
from lcc.runtime.failures import exception_of, is_fatal, program_failure
from lcc.runtime.result import Failure

_FAILURE: Final = "failure of a call"
_PLACE: Final = "place of a statement"


class Fatal(OperationError):
    """A failure that no handler sees."""

    def __init__(self, failure: Failure) -> None:
        super().__init__("run", failure.message)
        self.failure = failure


def at(error: BaseException, span: Span) -> BaseException:
    """Note where an exception was raised; it keeps the first place."""
    if span != NOWHERE:
        error.__dict__.setdefault(_PLACE, span)
    return error


def place_of(error: BaseException) -> Span | None:
    """Return where an exception was raised."""
    found = error.__dict__.get(_PLACE)
    return found if isinstance(found, Span) else None


def seen(failure: Failure) -> BaseException:
    """Return the exception that a program sees of a failed call."""
    if is_fatal(failure):
        return Fatal(failure)
    made = exception_of(failure)
    made.__dict__[_FAILURE] = failure
    return made


def failure_behind(error: BaseException) -> Failure:
    """Return the failure that an exception stands for: a call's, or the program's own."""
    if isinstance(error, Fatal):
        return error.failure
    known = error.__dict__.setdefault(_FAILURE, program_failure(error))
    assert isinstance(known, Failure)
    return known
