"""End calls with what an earlier process knew of them."""

from __future__ import annotations

from lcc.grammar.ir import TaskId
from lcc.runtime.graph.node import Call
from lcc.runtime.recording import InDoubt, Journal
from lcc.runtime.result import Failure, FailureKind, TaskStatus


class Recollection:
    """What a journal knows of a run that goes on. `used`: the tasks that it was asked about; a later call of theirs is a new one."""

    def __init__(self, journal: Journal | None) -> None:
        self._journal = journal
        self.used: set[TaskId] = set()

    def ends(self, call: Call) -> bool:
        """End a call with what is known of it, if that is enough; return whether it has ended."""
        known = None if self._journal is None else self._journal.recall(call.id)
        if known is None or call.id in self.used:
            return False
        self.used.add(call.id)
        if not isinstance(known, InDoubt):
            call.status, call.value, call.failure = known.status, known.value, known.error
            return True
        if _may_be_made_again(call):
            return False
        call.status, call.in_doubt = TaskStatus.FAILED, True
        call.failure = Failure(FailureKind.DOUBT, known.message, known.attempts)
        return True

    def knows(self, call: Call) -> bool:
        """Whether a call will end with what is known of it."""
        if self._journal is None or call.id in self.used:
            return False
        known = self._journal.recall(call.id)
        return known is not None and not (isinstance(known, InDoubt) and _may_be_made_again(call))


def _may_be_made_again(call: Call) -> bool:
    return call.binding.early or call.binding.idempotent
