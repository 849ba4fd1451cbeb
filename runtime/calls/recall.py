"""End calls with what an earlier process knew of them."""

from __future__ import annotations

import json
from collections.abc import Callable

from lcc.grammar.ir import TaskId
from lcc.runtime.calls.secrets import Secrets
from lcc.runtime.graph.issuer import Issuer
from lcc.runtime.graph.node import Call
from lcc.runtime.recording import InDoubt, Journal
from lcc.runtime.result import Failure, FailureKind, TaskStatus


class Recollection:
    """What a journal knows of a run that goes on. `used`: the tasks that it was asked about; a later call of theirs is a new one.

    Where which calls are made depends on results, a call is compared with the one that was made under its id. `differs` is called for
    one with other arguments: then the run isn't the one that it resumes, and must stop.
    """

    def __init__(
        self,
        journal: Journal | None,
        issuer: Issuer,
        secrets: Secrets,
        differs: Callable[[Failure], object],
    ) -> None:
        self._journal = journal
        self._issuer = issuer
        self._secrets = secrets
        self._differs = differs
        self.used: set[TaskId] = set()

    def ends(self, call: Call) -> bool:
        """End a call with what is known of it, if that is enough; return whether it has ended."""
        known = None if self._journal is None else self._journal.recall(call.id)
        if self._journal is None or call.id in self.used:
            return False
        if self._issuer.recalls and self._is_another(call, self._journal):
            return False
        if known is None:
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

    def _is_another(self, call: Call, journal: Journal) -> bool:
        """Whether a call was made with other arguments; those that were withheld can't be compared."""
        before = journal.arguments(call.id)
        if before is None:
            return False
        now = self._secrets.hide_value(dict(self._issuer.arguments(call)))
        if _exactly(now) == _exactly(dict(before)):
            return False
        message = f"call {call.id}, `{call.binding.name}`, isn't the one that was made before: its arguments differ"
        self._differs(Failure(FailureKind.DIFFERS, message, cause=str(call.id)))
        return True

    def knows(self, call: Call) -> bool:
        """Whether a call will end with what is known of it."""
        if self._journal is None or call.id in self.used:
            return False
        known = self._journal.recall(call.id)
        return known is not None and not (isinstance(known, InDoubt) and _may_be_made_again(call))


def _may_be_made_again(call: Call) -> bool:
    return call.binding.early or call.binding.idempotent


def _exactly(arguments: object) -> str:
    """Return a text that only equal arguments have, in whatever order they stand."""
    return json.dumps(arguments, sort_keys=True)
