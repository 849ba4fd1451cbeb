"""Let approvals wait in a journal: a run ends where somebody must be asked, and goes on when it is resumed with an answer.

An answer is for exactly what was shown: the calls with their arguments, or the plan. If what is due then is something else, it waits anew.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import closing
from hashlib import scrypt, sha256
from inspect import isawaitable
from pathlib import Path
from time import time

from anyio import to_thread

from lcc.grammar.dataclass import dataclass
from lcc.grammar.given import kind_of
from lcc.grammar.values import Json
from lcc.runtime.journal import rows as rows_of
from lcc.runtime.journal.file import JournalError, JournalFile
from lcc.runtime.journal.questions import question_entry, question_named
from lcc.runtime.options import LATER, NOBODY, ApprovalRequest, Approver, Later, NotAllowed


@dataclass(frozen=True, slots=True)
class Wanted:
    """What waits, or waited, for an answer. `shown`: the request as JSON; `allowed`: None while there is no answer."""

    what: str
    asked: float
    shown: Mapping[str, Json]
    allowed: bool | None
    reason: str


class Waiting:
    """The approvals of one run, or one question, by its id."""

    def __init__(self, path: str | Path, owner: str, hide: Callable[[Json], Json] = lambda value: value) -> None:
        """`hide`: takes secrets out of what is written."""
        self._path = path
        self._owner = owner
        self._hide = hide

    def find(self, what: str) -> Wanted | None:
        """Return what is known of a request."""
        with closing(JournalFile(self._path)) as file:
            return next((one for one in wanted(file, self._owner) if one.what == what), None)

    def put(self, what: str, shown: Mapping[str, Json]) -> None:
        """Let a request wait; what else waited doesn't any more."""
        with closing(JournalFile(self._path)) as file, file.transaction():
            file.connection.execute("DELETE FROM approvals WHERE owner = ? AND answered IS NULL", (self._owner,))
            file.connection.execute(
                "INSERT OR REPLACE INTO approvals (owner, what, asked, shown) VALUES (?, ?, ?, ?)",
                (self._owner, what, time(), json.dumps(shown)),
            )

    def approver(self, inner: Approver | None) -> Approver | None:
        """Return who decides: by an answer that was given meanwhile, else `inner`; None if there is neither.

        What waits, and wasn't answered, goes on waiting where there is no `inner`.
        """
        with closing(JournalFile(self._path)) as file:
            known = wanted(file, self._owner)
        if inner is None and not known:
            return None
        if inner is None:
            inner = _later if known[-1].allowed is None else _nobody

        async def approve(request: ApprovalRequest) -> bool | Later:
            if request.message:  # the call has begun: a yes to it is none to what it asks
                return await _answer_of(inner, request)
            if known:
                what, _ = await to_thread.run_sync(self._recognized, request)
                found = await to_thread.run_sync(self.find, what)
                if found is not None and found.allowed is not None:
                    return found.allowed
            answer = await _answer_of(inner, request)
            if answer is LATER:
                await to_thread.run_sync(lambda: self.put(*self._recognized(request)))
            return answer

        return approve

    def _recognized(self, request: ApprovalRequest) -> tuple[str, dict[str, Json]]:
        calls: list[Json] = [[str(id_), dict(arguments)] for id_, arguments in request.calls]
        shown = self._hide([request.tool, calls])
        exact = json.dumps([request.tool, calls]).encode()
        if shown == [request.tool, calls]:
            what = sha256(exact).hexdigest()
        else:  # a digest that is quick to make would give a short secret away
            what = scrypt(exact, salt=self._owner.encode(), n=2**14, r=8, p=1).hex()
        return what, {"calls": shown, "repeats": {str(id_): said for id_, said in request.repeats.items()}}


async def _answer_of(inner: Approver, request: ApprovalRequest) -> bool | Later:
    answer: object = inner(request)
    if not isawaitable(answer):
        raise NotAllowed(f"`approve` must be an async function; it returned {kind_of(answer)}")
    return await answer  # type: ignore[no-any-return]


async def _later(request: ApprovalRequest) -> Later:
    return LATER


async def _nobody(request: ApprovalRequest) -> bool:
    raise NotAllowed(f"{'an earlier plan made it' if request.repeats else 'it is destructive'}, and {NOBODY}")


def wanted(file: JournalFile, owner: str) -> list[Wanted]:
    """Return the requests of a run or question, those that were answered too, in the order in which they were made."""
    with file.reading():
        rows = file.connection.execute(
            "SELECT what, asked, shown, answered, allowed, reason FROM approvals WHERE owner = ? ORDER BY asked",
            (owner,),
        ).fetchall()
        return [Wanted(*rows_of.approval(row)) for row in rows]


def owner_of(file: JournalFile, prefix: str | None) -> tuple[str, bool, str | None]:
    """Return the id of the run or question that is meant, whether it is being executed, and how it ended."""
    named = question_named(file, prefix)
    entry = file.entry(prefix) if named is None else question_entry(file, named)
    return entry.id, entry.alive, entry.status


def answer(path: str | Path, run: str | None = None, *, allowed: bool, reason: str = "") -> Wanted:
    """Answer what a run or question waits for; resume it then. `run`: the beginning of its id, the last by default.

    Raises JournalError, and changes nothing, if nothing waits: it was answered already, the run has ended, or it is at work.
    """
    with closing(JournalFile(path)) as file:
        owner, alive, status = owner_of(file, run)
        with file.transaction():
            known = wanted(file, owner)
            open_ = [one for one in known if one.allowed is None]
            if alive:
                raise JournalError(f"{owner[:8]} is at work, and waits for nothing", "wait until it has ended")
            if not open_:
                raise JournalError(f"{owner[:8]} waits for no approval: {_why(known, status)}", "see `lcc runs`")
            file.connection.execute(
                "UPDATE approvals SET answered = ?, allowed = ?, reason = ? WHERE owner = ? AND what = ?",
                (time(), int(allowed), reason, owner, open_[-1].what),
            )
        return open_[-1]


def _why(known: list[Wanted], status: str | None) -> str:
    if status is not None:
        return f"it has ended ({status})"
    if known:
        return f"that was answered already, with {'yes' if known[-1].allowed else 'no'}"
    return "it never asked for one"
