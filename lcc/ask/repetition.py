"""Notice that a further plan brings nothing new, so that a loop ends."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from lcc.ask.memory import Round
from lcc.grammar.ir import Ref, Task, TaskId, Value, map_references
from lcc.grammar.syntax.print_value import print_value


def repeats(round_: Round, before: Sequence[Round]) -> bool:
    """Whether a plan made no call, or the same calls as an earlier plan with the same outcome."""
    if not before:
        return False
    if not round_.plan.tasks:
        return True
    mine = _account(round_)
    return any(mine == _account(other) for other in before)


def _account(round_: Round) -> tuple[Hashable, ...]:
    """Return the calls of a plan, whatever their ids, and how they ended."""
    places: dict[TaskId, TaskId] = {task.id: -1 - place for place, task in enumerate(round_.written.tasks)}
    return tuple((_call(task, places), _outcome(round_, task)) for task in round_.written.tasks)


def _call(task: Task, places: dict[TaskId, TaskId]) -> Hashable:
    def rename(ref: Ref) -> Value:
        return Ref(places.get(ref.task, ref.task), ref.path)

    return task.tool, tuple((a.name, a.each, print_value(map_references(a.value, rename))) for a in task.args)


def _outcome(round_: Round, task: Task) -> Hashable:
    record = round_.records.get(task.id)
    if record is None:
        return None
    return record.status, repr(record.value), "" if record.error is None else record.error.message
