"""Draw edges between steps, and say what the end of one end means for the other."""

from __future__ import annotations

from lcc.grammar.ir import TaskId
from lcc.runtime.graph.node import Step
from lcc.runtime.result import Failure, FailureKind, TaskStatus

_HOW = {
    TaskStatus.OK: "is ok",
    TaskStatus.FAILED: "failed",
    TaskStatus.SKIPPED: "was skipped",
    TaskStatus.CANCELLED: "was cancelled",
    TaskStatus.ABANDONED: "was abandoned",
    TaskStatus.NOT_TAKEN: "wasn't taken",
}


def data_edge(target: Step, reader: Step) -> None:
    """Have `reader` wait for the result of `target`; if there is none any more, it will be skipped."""
    if target.status is None:
        reader.waiting += 1
        if target.readers is None:
            target.readers = [reader]
        else:
            target.readers.append(reader)
    elif target.status is not TaskStatus.OK:
        skip(reader, target)


def order_edge(target: Step, follower: Step) -> None:
    """Have `follower` wait for the end of `target`."""
    if target.status is None:
        follower.waiting += 1
        if target.followers is None:
            target.followers = [follower]
        else:
            target.followers.append(follower)
    elif target.in_doubt:
        doubt(follower, target)


def skip(reader: Step, failed: Step, status: TaskStatus | None = None) -> None:
    """Doom a step that reads a result which won't come; the first reason stands."""
    reader.in_doubt = reader.in_doubt or failed.in_doubt
    if reader.doom is None:
        message = f"reads ${failed.id}, which {_HOW[status or failed.status or TaskStatus.FAILED]}"
        reader.doom = TaskStatus.SKIPPED, Failure(FailureKind.SKIPPED, message, cause=str(failed.id))


def doubt(follower: Step, before: Step) -> None:
    """Doom a step ordered behind a write that may still be going on. The doubt is handed on to those behind it."""
    follower.in_doubt = True
    if follower.doom is None:
        message = f"resource in doubt: {before.id} may still be writing, or be half done"
        if before.failure is not None and before.failure.kind is FailureKind.DOUBT:
            message = before.failure.message
        follower.doom = TaskStatus.FAILED, Failure(FailureKind.DOUBT, message, cause=str(before.id))


def missing(node: Step, id_: TaskId) -> None:
    """Doom a step that names a task which doesn't exist."""
    node.doom = node.doom or (TaskStatus.FAILED, Failure(FailureKind.PATH, f"${id_}: there is no such task"))
