"""Follow source ids through the record of what passes made of them.

origins: Expanded(3, 2), Merged(3[1], 2)      `$3` is now [$3[0], $2]
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from lcc.grammar.ir.expressions import Element, ListOf, Ref, TaskId, Value
from lcc.grammar.ir.nodes import Batched, Dropped, Expanded, Folded, Merged, Origin


class Origins:
    """The record of a plan, by id. Of several entries of one id the first holds: later ones speak of what it became."""

    def __init__(self, origins: Iterable[Origin] = ()) -> None:
        self._by_id: dict[TaskId, Origin] = {}
        for origin in origins:
            if not isinstance(origin, Batched):  # its task is there
                self._by_id.setdefault(origin.id, origin)

    def __bool__(self) -> bool:
        return bool(self._by_id)

    def __contains__(self, id: object) -> bool:
        return id in self._by_id

    def of(self, id: TaskId) -> Origin | None:
        """Return what became of a source id, or None if nothing did: it still names its own task."""
        return self._by_id.get(id)

    def value_of(self, id: TaskId) -> Value | None:
        """Return what a source id's result is now, in terms of tasks that are in the plan.

        None where it was dropped, wholly or in part, so that there is no result; also where the record contradicts itself.
        """
        return self._follow(id, frozenset())

    def lists(self) -> dict[TaskId, Value]:
        """Return what the list of each expanded fan-out is made of, as `value_of` does, where nothing of it was dropped."""
        found = ((id, self.value_of(id)) for id, origin in self._by_id.items() if isinstance(origin, Expanded))
        return {id: value for id, value in found if value is not None}

    def _follow(self, id: TaskId, seen: frozenset[TaskId]) -> Value | None:
        passed: set[TaskId] = set()
        while id not in seen and id not in passed:
            origin = self._by_id.get(id)
            match origin:
                case None:
                    return Ref(id)
                case Merged(into=into):
                    passed.add(id)
                    id = into
                case Folded(value=value):
                    return value
                case Dropped() | Batched():
                    return None
                case Expanded(id=whole, count=count):
                    return self._list(whole, count, seen | passed | {id})
                case _:
                    assert_never(origin)
        return None

    def _list(self, id: int, count: int, seen: frozenset[TaskId]) -> ListOf | None:
        known: list[Value] = []
        for place in range(count):
            element = self._follow(Element(id, place), seen)
            if element is None:
                return None
            known.append(element)
        return ListOf(tuple(known))
