"""Fold what a run did in the turns of loops: many turns of one call are one line, with how many ended how."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from lcc.grammar.dataclass import dataclass
from lcc.grammar.ir import Element, Plan, TaskId, calls_of
from lcc.runtime.result import TaskRecord, TaskStatus

if TYPE_CHECKING:
    from lcc.runtime.journal.file import StoredRun

MOST_TURNS: Final = 12
"""A call that was made in more turns than this gets one line."""
MOST_BAD: Final = 5
"""Of how many turns that didn't end well each gets a line of its own beside that."""


@dataclass(frozen=True, slots=True)
class Folded:
    """Many turns of one call. `words`: how many ended how, `57 ok, 2 failed`. `begin` and `end`: of the first and the last one.

    `worst`: how one ended that didn't end well, if any; `smooth`: none failed.
    """

    site: int
    words: str
    worst: TaskStatus | None
    smooth: bool
    begin: float | None
    end: float

    @property
    def id(self) -> str:
        """The id that stands for all of them: `3[…]`."""
        return f"{self.site}[…]"


def status_words(record: TaskRecord) -> str:
    """Return how a task ended, and whether the plan has gone on by what it says for that: `failed, handled`."""
    if record.error is None or record.bad:
        return record.status.value
    return f"{record.status.value}, {'handled' if record.error.handled else 'not reached'}"


def site_of(id_: TaskId) -> int:
    """Return the id of the call as the plan has it."""
    return id_.task if isinstance(id_, Element) else id_


def rows(plan: Plan, tasks: Mapping[TaskId, TaskRecord]) -> Iterator[TaskId | Folded]:
    """Yield the calls of a plan with a body in text order: turn by turn, or folded, and then those that didn't end well."""
    turns: dict[int, list[TaskId]] = {}
    for id_ in tasks:
        turns.setdefault(site_of(id_), []).append(id_)
    for task in calls_of(plan):
        mine = sorted(turns.pop(site_of(task.id), ()), key=_turn)
        if not mine:
            yield task.id
        elif len(mine) <= MOST_TURNS:
            yield from mine
        else:
            yield _folded(site_of(task.id), [tasks[id_] for id_ in mine])
            yield from [id_ for id_ in mine if tasks[id_].bad][:MOST_BAD]
    for ids in turns.values():  # of calls that the plan doesn't show
        yield from sorted(ids, key=_turn)


def folded_elements(ids: Sequence[TaskId], tasks: Mapping[TaskId, TaskRecord]) -> Iterator[TaskId | Folded]:
    """Yield the elements of one fan-out: each, or where they are many all in one, and then those that failed first."""
    if len(ids) <= MOST_TURNS:
        yield from ids
        return
    yield _folded(site_of(ids[0]), [tasks[id_] for id_ in ids])
    yield from [id_ for id_ in ids if tasks[id_].status in (TaskStatus.FAILED, TaskStatus.ABANDONED)][:MOST_BAD]


def _turn(id_: TaskId) -> tuple[int, ...]:
    return (id_.place, *id_.inner) if isinstance(id_, Element) else ()


def _folded(site: int, records: Iterable[TaskRecord]) -> Folded:
    known = list(records)
    counts = Counter(map(status_words, sorted(known, key=lambda record: list(TaskStatus).index(record.status))))
    words = ", ".join([f"{number:,} {status}" for status, number in counts.items()])
    worst = next((record.status for record in known if record.bad), None)
    begin = min([record.start for record in known if record.start is not None], default=None)
    smooth = all(record.error is None for record in known)
    return Folded(site, words, worst, smooth, begin, max(record.end for record in known))


def had_before(stored: StoredRun, id_: TaskId) -> str:
    """Return what is said in the place of a call that a question's run didn't make, since an earlier one had."""
    record = stored.records.get(id_)
    kept = stored.entry.question is not None and record is not None and record.status is TaskStatus.OK
    return "had from an earlier run" if kept else ""
