"""Say what helps against the failure that ended a program."""

from __future__ import annotations

from typing import Final

from lcc.grammar.ir import TaskId
from lcc.grammar.ir.operations import OperationError
from lcc.runtime.result import Failure, FailureKind

_OF_CLASS: Final = {
    "NameError": "bind it on every way that leads here",
    "UnboundLocalError": "bind it on every way that leads here",
    "KeyError": "ask with `in` first, or read it with `.get(…)`",
    "IndexError": "ask for `len(…)` first, or go over the items with `for`",
    "ZeroDivisionError": "ask first whether the divisor is 0",
    "AttributeError": "read only what the value has; the tool's declaration says what it returns",
    "TypeError": "convert the value first: `str(…)`, `int(…)`, `list(…)`",
    "PathError": "read only what the value has; the tool's declaration says what it returns",
    "RecursionError": "nest values less",
}
_OF_NONE: Final = "ask first: `if … is not None:`"
_HANDLED: Final = "handle it where the plan can go on without: `except {}:`"
_STOOD_IN: Final = "write a step that stands in for it: a call with `if failed ${}` behind it"
_OF_KIND: Final = {
    FailureKind.BUDGET: "make fewer calls, or raise the budget",
    FailureKind.DENIED: "approve the call, or plan without it",
    FailureKind.ARGUMENTS: "give what the tool's declaration asks for",
}


def parted(failure: Failure, step: TaskId | None = None) -> tuple[str, str | None]:
    """Return what a failure says, and what helps. `step`: the number of the call that failed, where a plan's steps have numbers."""
    raised = failure.exception
    if isinstance(raised, OperationError) and raised.help:
        return failure.shown.removesuffix(f"; {raised.help}"), raised.help
    if step is not None and failure.kind is FailureKind.RAISED and failure.attempts:
        return failure.shown, _STOOD_IN.format(step)
    return failure.shown, _advice(failure)


def _advice(failure: Failure) -> str | None:
    if failure.kind is not FailureKind.RAISED:
        return _OF_KIND.get(failure.kind)
    if failure.attempts:
        known = next(iter(failure.bases), "Exception")
        return _HANDLED.format(known)
    if "NoneType" in failure.message:
        return _OF_NONE
    return _OF_CLASS.get(failure.cause or "", _HANDLED.format(failure.cause or "Exception"))
