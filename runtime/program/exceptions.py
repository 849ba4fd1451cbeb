"""Keep, beside the exception that a program sees, the failure of the call that it comes from."""

from __future__ import annotations

from typing import Final

from lcc.grammar.ir.operations import OperationError
from lcc.runtime.failures import exception_of, is_fatal, program_failure
from lcc.runtime.result import Failure

_FAILURE: Final = "failure of a call"


class Fatal(OperationError):
    """A failure that no handler sees."""

    def __init__(self, failure: Failure) -> None:
        super().__init__("run", failure.message)
        self.failure = failure


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
    known = error.__dict__.get(_FAILURE)
    return known if isinstance(known, Failure) else program_failure(error)
