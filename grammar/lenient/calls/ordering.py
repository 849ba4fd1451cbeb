"""Put tasks into the order of a plan: that of the text, but each behind what it reads."""

from __future__ import annotations

from collections.abc import Iterable

from lcc.grammar.ir import Task, TaskId, dependencies


def in_order(tasks: Iterable[Task]) -> tuple[Task, ...]:
    """Return the tasks, each behind the ones of them that it reads or follows; otherwise their order stays.

    Those that wait for one another are left out.
    """
    given = list(tasks)
    known = {task.id for task in given}
    placed: set[TaskId] = set()
    held: dict[TaskId, list[Task]] = {}
    ordered: list[Task] = []
    for task in given:
        stack = [task]
        while stack:
            current = stack.pop()
            wanted = next(
                (id for id in (*dependencies(current), *current.after) if id in known and id not in placed), None
            )
            if wanted is not None:
                held.setdefault(wanted, []).append(current)
                continue
            ordered.append(current)
            placed.add(current.id)
            stack += reversed(held.pop(current.id, []))
    return tuple(ordered)
