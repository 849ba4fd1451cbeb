"""Turn what was raised into a structured error, and that into the exception that a program sees."""

from __future__ import annotations

import builtins
import os
from collections.abc import Callable
from math import isfinite
from time import time
from types import TracebackType
from typing import Final

from lcc.grammar.values import PathError
from lcc.runtime.context import NoToolModel
from lcc.runtime.options import NotAllowed
from lcc.runtime.recording import NotWritten
from lcc.runtime.result import MESSAGE_LIMIT, UNHIDDEN_LIMIT, Failure, FailureKind, shorten
from lcc.runtime.tool import ArgumentError, BudgetSpent, RemoteError, ResultError, WorkerLost


class Unavailable(LookupError):
    """A result that isn't there, because its task didn't end well. The message names the task and how it ended."""


class TooLarge(ValueError):
    """A result is larger than its tool may return."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"the result takes more than {limit} bytes as JSON")


_HERE = os.path.dirname(__file__) + os.sep
_KINDS: tuple[tuple[type[BaseException], FailureKind], ...] = (
    (TooLarge, FailureKind.TOO_LARGE),  # one kind of these is an ArgumentError, too
    (PathError, FailureKind.PATH),
    (Unavailable, FailureKind.PATH),
    (ArgumentError, FailureKind.ARGUMENTS),
    (ResultError, FailureKind.RESULT),
    (BudgetSpent, FailureKind.BUDGET),
    (NoToolModel, FailureKind.TOOL),
    (NotAllowed, FailureKind.DENIED),
    (NotWritten, FailureKind.JOURNAL),
    (WorkerLost, FailureKind.LOST),
    (SystemExit, FailureKind.EXIT),
)
_REPEATED = frozenset({FailureKind.RAISED, FailureKind.TIMEOUT, FailureKind.LOST, FailureKind.EXIT})


def failure_of(
    error: BaseException, attempts: int, hide: Callable[[str], str] = str, limit: int = MESSAGE_LIMIT
) -> Failure:
    """Return the failure of a call that raised, its message cut to `limit` once `hide` has taken secrets out of it.

    A group of one exception is that exception. Nothing of the exception's own code is asked but what it says.
    """
    while issubclass(type(error), BaseExceptionGroup) and len(_members_of(error)) == 1:
        error = _members_of(error)[0]
    trace: TracebackType | None = BaseException.__traceback__.__get__(error)  # type: ignore[union-attr]
    BaseException.with_traceback(error, _without_lcc(trace))  # a frozen class refuses the assignment
    if type(error) is RemoteError:
        cause = None if error.cause is None else hide(error.cause)
        return Failure(error.kind, shorten(hide(str(error)), limit), attempts, cause, error, bases=error.bases)
    kind = next((kind for type_, kind in _KINDS if issubclass(type(error), type_)), FailureKind.RAISED)
    message = f"the tool called sys.exit({_said(error)})" if kind is FailureKind.EXIT else message_of(error)
    bases = builtin_bases(error) if kind is FailureKind.RAISED else ()
    return Failure(kind, shorten(hide(message), limit), attempts, hide(class_name(error)), error, bases)


_members_of: Callable[[BaseException], tuple[BaseException, ...]] = BaseExceptionGroup.exceptions.__get__


def _without_lcc(trace: TracebackType | None) -> TracebackType | None:
    """Return a traceback from where the tool's code begins: it is what the user wants to see, and holds no worker's frame."""
    while trace is not None and trace.tb_frame.f_code.co_filename.startswith(_HERE):
        trace = trace.tb_next
    return trace


def message_of(error: BaseException) -> str:
    """Return what an exception says, or its class, cut where it is longer than messages from which secrets are still to be taken."""
    return _said(error) or class_name(error)


_name_of: Callable[[type], str] = type.__dict__["__name__"].__get__


def class_name(value: object) -> str:
    """Return the name of a value's class, without asking the class for it: a metaclass may answer with a tool's code."""
    return str.__str__(_name_of(type(value)))


def _said(error: BaseException) -> str:
    try:
        return shorten(str.__str__(str(error)), UNHIDDEN_LIMIT)
    except BaseException as second:  # it is a tool's code that says it
        return f"{class_name(error)} (its message can't be had: {class_name(second)})"


_mro_of: Callable[[type], tuple[type, ...]] = type.__dict__["__mro__"].__get__


def builtin_bases(error: BaseException) -> tuple[str, ...]:
    """Return the names of the builtin classes that an exception is of, without those that follow from another one."""
    found: list[type] = []
    for one in _mro_of(type(error)):
        name = _name_of(one)
        if getattr(builtins, name, None) is one and not any(one in _mro_of(kept) for kept in found):
            found.append(one)
    return tuple(map(_name_of, found))


def may_help_again(failure: Failure) -> bool:
    """Whether the same call could end differently: the tool failed, not what it was given or what it returned."""
    return failure.kind in _REPEATED


def retry_after(error: BaseException | None) -> float | None:
    """Return the seconds that a server asked to wait: the exception's `retry_after`, or its response's Retry-After header.

    Seconds or an HTTP date (RFC 9110, 10.2.3); anything else is None, and so is what can't be had.
    """
    try:
        given = getattr(error, "retry_after", None)
        if given is None:
            headers = getattr(getattr(error, "response", None), "headers", None)
            given = headers.get("retry-after") if hasattr(headers, "get") else None  # type: ignore[union-attr]
        seconds = _seconds(given)
    except BaseException:  # these may be properties, and what they give of any class: a tool's code
        return None
    return max(0.0, seconds) if isfinite(seconds) else None


def _seconds(given: object) -> float:
    if isinstance(given, bool) or not isinstance(given, int | float | str):
        raise TypeError
    try:
        return float(given)
    except ValueError:
        from email.utils import parsedate_to_datetime  # takes long to load

        return parsedate_to_datetime(str(given)).timestamp() - time()


_FATAL: Final = frozenset(
    {
        FailureKind.BUDGET,
        FailureKind.CANCELLED,
        FailureKind.DENIED,
        FailureKind.DIFFERS,
        FailureKind.DOUBT,
        FailureKind.FUEL,
        FailureKind.JOURNAL,
        FailureKind.REFUSED,
        FailureKind.REPEATED,
        FailureKind.SKIPPED,
        FailureKind.WAITING,
    }
)
_CLASSES: Final = {
    FailureKind.ARGUMENTS: "TypeError",
    FailureKind.RESULT: "ValueError",
    FailureKind.TOO_LARGE: "ValueError",
    FailureKind.PATH: "LookupError",
    FailureKind.TIMEOUT: "TimeoutError",
    FailureKind.EXIT: "BaseException",
}
"""What a program sees of a failure that isn't an exception of the tool's: else RuntimeError."""


_REFUSALS: Final = frozenset({"refused", "value"})
"""Kinds of OperationError that aren't about limits."""


def is_fatal(failure: Failure) -> bool:
    """Whether a failure ends a program whatever it handles."""
    return failure.kind in _FATAL


def exception_of(failure: Failure) -> BaseException:
    """Return the exception that a program sees of a failure: of the builtin class that fits, under the name of its own class.

    It is the same for a failure that comes from another process or a journal. Its text is the message; none where the tool gave none.
    """
    from lcc.grammar.ir.operations import foreign  # only programs need them, here and below

    if failure.kind is not FailureKind.RAISED:
        base = _CLASSES.get(failure.kind, "RuntimeError")
        return foreign(base, base, failure.message)
    base = next(filter(None, map(_known, failure.bases)), "Exception")
    return foreign(base, failure.cause or base, "" if failure.message == failure.cause else failure.message)


def _known(name: str) -> str | None:
    """Return the next builtin class above one, itself included, that programs know."""
    from lcc.grammar.ir.operations import EXCEPTION_CLASSES

    found = getattr(builtins, name, None)
    classes = found.__mro__ if isinstance(found, type) else ()
    return next((one.__name__ for one in classes if one.__name__ in EXCEPTION_CLASSES), None)


def program_failure(error: BaseException) -> Failure:
    """Return the failure of a program that ends in an exception which nothing handles, or at a limit of its own."""
    from lcc.grammar.ir.operations import OperationError, own_class, own_text

    if isinstance(error, OperationError):
        help = f"; {error.help}" if error.help else ""
        kind = FailureKind.REFUSED if error.kind in _REFUSALS else FailureKind.FUEL
        return Failure(kind, shorten(f"{error.message}{help}"), 0, error.kind, error)
    name = own_class(error)
    return Failure(
        FailureKind.RAISED,
        shorten(own_text(error)) or name,
        0,
        name,
        error,
        builtin_bases(error),
    )
