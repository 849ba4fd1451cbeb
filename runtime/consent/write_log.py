"""Keep what the plans of one question wrote, so that a later one doesn't write it again.

A write counts as made from its beginning. One that its tool said has failed may be made again; one of which nobody knows whether it
was done may not, and so it is with a time-out or a lost connection, which the tool may have seen after the other side had acted.
"""

from __future__ import annotations

import builtins
import json
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import Any, Final

from lcc.grammar.dataclass import dataclass
from lcc.grammar.ir import TaskId
from lcc.grammar.signatures import MISSING, Signature
from lcc.grammar.signatures.built_in import SLEEP
from lcc.grammar.values import Json
from lcc.runtime.result import FailureKind, TaskRecord, TaskStatus

REPEATS: Final = ("refuse", "ask", "allow")
"""What may become of a write that an earlier plan made: it isn't made, somebody is asked, it is made again."""

_NOT_MADE: Final = frozenset(
    {
        FailureKind.ARGUMENTS,
        FailureKind.BUDGET,
        FailureKind.DENIED,
        FailureKind.DIFFERS,
        FailureKind.JOURNAL,
        FailureKind.PATH,
        FailureKind.REPEATED,
        FailureKind.SKIPPED,
    }
)
_MADE: Final = frozenset({FailureKind.RESULT, FailureKind.TOO_LARGE})
_UNKNOWN: Final = (TimeoutError, ConnectionError)


class Outcome(StrEnum):
    """What is known of a write."""

    DONE = "done"
    FAILED = "failed"
    IN_DOUBT = "in doubt"


@dataclass(slots=True)
class Write:
    """One call that may have changed something. `plan`: the number of its plan; `record`: None until it has ended."""

    plan: int
    id: TaskId
    signature: Signature
    arguments: Mapping[str, Json]
    record: TaskRecord | None = None

    @property
    def outcome(self) -> Outcome:
        """What is known of it."""
        if self.record is None:
            return Outcome.IN_DOUBT
        if self.record.status is TaskStatus.OK:
            return Outcome.DONE
        failure = self.record.error
        if failure is None or failure.kind is not FailureKind.RAISED:
            kind = None if failure is None else failure.kind
            return Outcome.FAILED if kind in _NOT_MADE else Outcome.DONE if kind in _MADE else Outcome.IN_DOUBT
        return Outcome.IN_DOUBT if any(map(_tells_nothing, failure.bases)) else Outcome.FAILED


class WriteLog:
    """The writes of one question. `repeat`: one of `REPEATS`. `writes`: all of them, in the order in which they began.

    `read`: what an earlier process read for a plan that never got whole: tool, arguments, what came of it. That serves equal reads, until
    something is written.
    """

    def __init__(self, repeat: str, read: Iterable[tuple[str, Mapping[str, Json], TaskRecord]] = ()) -> None:
        self.repeat = repeat
        self._read: dict[str, list[TaskRecord]] = {}
        for tool, arguments, record in read:
            self._read.setdefault(_exactly(tool, arguments), []).append(record)
        self.writes: list[Write] = []
        self._plan = 0
        self._open: dict[TaskId, Write] = {}
        self._made: dict[str, list[Write]] = {}

    def next_plan(self, number: int) -> None:
        """Take what follows as another plan's. What a plan itself writes twice is meant twice."""
        self._plan = number
        self._open.clear()

    def begin(self, id: TaskId, signature: Signature, arguments: Mapping[str, Json], *, recalled: bool = False) -> None:
        """Take down that a call is about to be made, or that an earlier process made it; a further attempt is the same write."""
        if signature.name == SLEEP.name or id in self._open:
            return
        if not recalled:
            self._read.clear()
        write = Write(self._plan, id, signature, dict(arguments))
        self._open[id] = write
        self.writes.append(write)
        self._made.setdefault(_key(signature, arguments), []).append(write)

    def end(self, id: TaskId, record: TaskRecord) -> None:
        """Take down how it ended. One that an earlier plan's write answers for makes that one its plan's own."""
        write = self._open.get(id)
        if write is not None:
            write.record = record
        elif record.merged is not None:
            for made in self.writes:
                if made.id == record.merged:
                    made.plan = self._plan

    def replace(self, records: Mapping[TaskId, TaskRecord]) -> None:
        """Take the records of the plan's writes that are kept from now on."""
        for id_, write in self._open.items():
            record = records.get(id_)
            if record is not None and record.status is TaskStatus.OK:
                write.record = record

    def known(self, tool: str, arguments: Callable[[], Mapping[str, Json]]) -> TaskRecord | None:
        """Return what an equal read came to, each time another one."""
        records = self._read.get(_exactly(tool, arguments())) if self._read else None
        return records.pop() if records else None

    def earlier(self, signature: Signature, arguments: Mapping[str, Json]) -> Write | None:
        """Return the equal write of an earlier plan that was done, or may have been; one that is idempotent may be made again."""
        if self.repeat == "allow" or signature.idempotent or not self._made:
            return None
        made = self._made.get(_key(signature, arguments), ())
        return next((w for w in made if w.plan != self._plan and w.outcome is not Outcome.FAILED), None)


def told(write: Write) -> str:
    """Say of a write why an equal one isn't made."""
    if write.outcome is Outcome.DONE:
        return f"an earlier plan made the same call ({write.id}), and it ended well"
    return f"an earlier plan made the same call ({write.id}), and it isn't known whether that was done"


def _key(signature: Signature, arguments: Mapping[str, Json]) -> str:
    """Return a text that only equal writes have in common: what is left out is its default, and 1 is 1.0."""
    defaults = {p.name: p.default for p in signature.parameters if p.default is not MISSING}
    given = {name: _plain(value) for name, value in {**defaults, **arguments}.items()}
    return json.dumps([signature.name, given], sort_keys=True)


def _exactly(tool: str, arguments: Mapping[str, Json]) -> str:
    return json.dumps([tool, dict(arguments)], sort_keys=True)


def _plain(value: Any) -> Any:
    if type(value) is float and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list) else value


def _tells_nothing(name: str) -> bool:
    """Whether an exception of a builtin class leaves open what the other side did."""
    found = getattr(builtins, name, None)
    return isinstance(found, type) and issubclass(found, _UNKNOWN)
