"""Give one whole result of a recorded run: whatever was cut where it was shown is had here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from lcc.grammar.ir import Element, TaskId, task_id
from lcc.grammar.values import Json
from lcc.runtime.calls.secrets import WITHHELD
from lcc.runtime.journal.file import JournalError, StoredRun
from lcc.runtime.journal.replay import replay
from lcc.runtime.result import TaskRecord, TaskStatus

_NAMED: Final = 20
"""Results that a message names."""


async def stored_result(stored: StoredRun, name: str) -> Json:
    """Return the result of a call of a recorded run by its id, such as `3`, `$3`, or `3[1]` for an element of a fan-out.

    Of a question's run a journal knows the calls that were made, and no plan: a fan-out is had there by its elements only.
    Raises JournalError where there is no such result, where it held a secret, and for a damaged record.
    """
    try:
        id_ = task_id(name.removeprefix("$"))
    except ValueError:
        raise JournalError(f"`{name}` is no call's id", "write it as `lcc runs` does: 3, 3[1]") from None
    records: Mapping[TaskId, TaskRecord] = stored.records
    if stored.entry.question is None:
        result = await replay(stored)
        records = result.tasks
        for _ in result.merged:
            into = result.merged.get(id_)
            id_ = id_ if id_ in records or into is None else into
    return _value(stored, id_, records)


def _value(stored: StoredRun, id_: TaskId, records: Mapping[TaskId, TaskRecord]) -> Json:
    if any(id_ in (one, one.task if isinstance(one, Element) else one) for one in stored.withheld):
        help = "`lcc runs JOURNAL RUN --format json` prints what is kept of it"
        raise JournalError(f"call {id_} was done, but {WITHHELD}", help)
    record = records.get(id_)
    if record is None or record.status is not TaskStatus.OK:
        said = "" if record is None or record.error is None else f", {' '.join(record.error.shown.split())}"
        what = "" if record is None else f": it is {record.status.value}{said}"
        raise JournalError(f"run {stored.entry.id[:8]} has no result of call {id_}{what}", _there_are(records))
    return record.value


def _there_are(records: Mapping[TaskId, TaskRecord]) -> str:
    ids = [str(id_) for id_, record in records.items() if record.status is TaskStatus.OK]
    if not ids:
        return "it has no results"
    more = f" and {len(ids) - _NAMED:,} more" if len(ids) > _NAMED else ""
    return f"it has results of {', '.join(ids[:_NAMED])}{more}"
