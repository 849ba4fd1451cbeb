"""Keep a question in a journal while it is answered, and know of it what an earlier process took down.

A question that goes on is done again from its beginning. What models said is recognized by what they were asked, and what calls came to by
the run that a reply led to; so whatever is known isn't asked or called again, and the first thing that isn't known is where it goes on.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import asdict
from hashlib import sha256
from typing import Any, Final

from anyio import CancelScope, to_thread

from lcc.grammar.signatures import Tools
from lcc.grammar.values import Json
from lcc.models.request import Finish, Held, Reply, Request, ToolCall
from lcc.models.tokens import TokenUsage
from lcc.runtime.journal.file import JournalError, StoredRun
from lcc.runtime.journal.pending import Waiting
from lcc.runtime.journal.questions import QuestionJournal, StoredReply
from lcc.runtime.journal.record import RunJournal
from lcc.runtime.options import Approver
from lcc.runtime.result import TaskRecord, TaskStatus

_DIFFERS: Final = "the question goes another way than the one that it goes on with, behind which something was written"


class Diary:
    """The journal of one question, as strategies use it; without a `journal` nothing is kept, and nothing known.

    `read`: what runs read whose replies never got whole: tool, arguments, and what came of it.
    """

    def __init__(self, journal: QuestionJournal | None, tools: Tools) -> None:
        self.journal = journal
        self.read: list[tuple[str, Mapping[str, Json], TaskRecord]] = []
        self._known: dict[str, deque[StoredReply]] = {}
        self._written: set[str] = set()
        known = None if journal is None else journal.known
        if journal is None or known is None:
            return
        for reply in known.replies:
            self._known.setdefault(reply.asked, deque()).append(reply)
        led_to = {reply.run for reply in known.replies}
        for run in known.runs:
            stored = journal.stored_run(run.id)
            if any(name not in tools or not tools[name].effect.may_start_early for name in stored.tools.values()):
                self._written.add(run.id)
            elif run.id not in led_to:
                self.read += _ended(stored)

    @property
    def is_new(self) -> bool:
        """Whether the question is asked for the first time."""
        return self.journal is None or self.journal.known is None

    @property
    def question(self) -> str:
        """The question's id in its journal, empty without one."""
        return "" if self.journal is None else self.journal.id

    @property
    def first_plan(self) -> str | None:
        """The text of the first plan, if no model wrote it."""
        known = None if self.journal is None else self.journal.known
        found = None if known is None else next((one.reply for one in known.replies if one.role == "plan"), None)
        return found if isinstance(found, str) else None

    @property
    def waiting(self) -> Callable[..., Awaitable[Any]] | None:
        """What calls a method of the question's approvals in a thread; None where none are kept."""
        if self.journal is None:
            return None
        approvals = Waiting(self.journal.path, self.journal.id)

        async def call(method: Callable[..., Any], *arguments: object) -> Any:
            return await to_thread.run_sync(method, approvals, *arguments)

        return call

    def approver(self, inner: Approver | None) -> Approver | None:
        """Return who decides about calls: by an answer that came while the question waited, else `inner`."""
        if self.journal is None:
            return inner
        return Waiting(self.journal.path, self.journal.id).approver(inner)

    async def open_run(self, asked: str) -> RunJournal | None:
        """Return the journal of the run that what was asked leads to: of the one that it led to before, if it did."""
        if self.journal is None:
            return None
        known = self._known.get(asked)
        run = known[0].run if known else None
        if run is None:
            return self.journal.begin_run()
        self._written.discard(run)
        return await to_thread.run_sync(self.journal.resume_run, run)

    def take(self, asked: str) -> StoredReply | None:
        """Return what was said to this, each time the next; None where nothing was. Raises JournalError if that can't be so."""
        known = self._known.get(asked)
        if known:
            return known.popleft()
        if self._written:
            raise JournalError(_DIFFERS, "ask it with the tools, examples and models of then, or anew")
        return None

    async def note(self, role: str, asked: str, reply: Json, run: str | None) -> None:
        """Take down what was said. It is on the disk before anything is done by it."""
        if self.journal is not None:
            with CancelScope(shield=True):
                await to_thread.run_sync(self.journal.note_reply, role, asked, reply, run)


def _ended(stored: StoredRun) -> Iterable[tuple[str, Mapping[str, Json], TaskRecord]]:
    for id_, record in stored.records.items():
        if record.status is TaskStatus.OK and id_ in stored.arguments and id_ in stored.tools:
            yield stored.tools[id_], stored.arguments[id_], record


def digest_of(role: str, asked: object) -> str:
    """Return what a request is recognized by."""
    text = json.dumps([role, asked], ensure_ascii=True, sort_keys=True, default=str)
    return sha256(text.encode()).hexdigest()


def request_digest(role: str, request: Request) -> str:
    """Return what a model's request is recognized by: who is asked, and the conversation."""
    return digest_of(role, [[asdict(entry) for entry in part] for part in (request.messages, request.plain)])


def reply_json(reply: Reply) -> Json:
    """Return a reply as a journal keeps it."""
    kept: dict[str, Any] = {"text": reply.text, "finish": reply.finish.value, "usage": asdict(reply.usage)}
    kept |= {"structured": reply.structured, "calls": [asdict(call) for call in reply.calls]}
    kept |= {"items": [dict(item) for item in reply.items]}
    kept["held"] = None if reply.held is None else [reply.held.syntax, reply.held.why, reply.held.failed]
    return kept


def reply_of(kept: Json) -> Reply:
    """Return a reply that a journal kept; raise JournalError for what is none."""
    try:
        return _reply(kept)
    except (KeyError, TypeError, ValueError) as error:
        raise JournalError(f"the journal is damaged: a reply isn't one ({error})", "ask the question anew") from None


def _reply(kept: Any) -> Reply:
    held = kept["held"]
    usage: Mapping[str, int] = {name: int(count) for name, count in kept["usage"].items()}
    return Reply(
        str(kept["text"]),
        Finish(kept["finish"]),
        TokenUsage(**usage),
        bool(kept["structured"]),
        tuple(ToolCall(str(c["id"]), str(c["name"]), str(c["arguments"])) for c in kept["calls"]),
        tuple(_items(kept["items"])),
        None if held is None else Held(held[0], str(held[1]), bool(held[2])),
    )


def _items(kept: Iterable[Mapping[str, object]]) -> Iterable[Mapping[str, object]]:
    for item in kept:
        yield dict(item)
