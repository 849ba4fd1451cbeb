"""Find what statements depend on while a body is still being written, statement by statement.

What is known of a statement holds for all that was written before it; nothing that follows changes what it reads. But what follows may
change objects that it has read: an object that a new statement may be the first to change has no token yet in those before. The new
one must then wait until all of them are done.
"""

from __future__ import annotations

from collections.abc import Mapping

from lcc.grammar.ir import Block, ForEach, Statement, block_calls, statement_values
from lcc.grammar.ir.evaluation import frame_keys
from lcc.passes.analysis.dependence.holding import NotUnderstood
from lcc.passes.analysis.dependence.objects import EVERYTHING, Flow, Key, key_of
from lcc.passes.analysis.dependence.slices import MOST_CALLS, Dependence, Slices

MOST_FOLLOWED: int = 100_000
"""Following the objects of a statement may take a walk through others before it. After so many steps of such walks all objects are one."""


class GrowingFlow(Flow):
    """Follows objects through one statement after the other: `records` and `loops` are of the last one, and of what was followed again."""

    def __init__(self) -> None:
        super().__init__(())
        self._lasting: list[tuple[int, Block]] = []

    def extend(self, statement: Statement) -> int:
        """Go through one more statement; return how many steps in others that took, which come first among the records.

        What stands before it has been done by then. So only statements whose objects read others later than where they stand may have
        to be followed again: what is behind those may be more now.
        """
        points, own = self.points, (self.number, (statement,))
        old = points.oldest = points.count()
        self.follow((own,))
        steps = len(self.records)
        if self._lasting and points.oldest < old:
            self.follow((*self._lasting, own))
        again = len(self.records) - steps
        if any(points.lasts(record.made) for record in self.records[again:]):
            self._lasting.append(own)
        return again


class GrowingObjects:
    """What the statements of a body touch that grows; `touches` and `restarts` as of `Objects`, for what was added last."""

    def __init__(self) -> None:
        self._flow: GrowingFlow | None = GrowingFlow()
        self._touched: set[int] = set()
        self._touches: dict[Key, tuple[str, ...]] = {}
        self._restarts: dict[int, tuple[str, ...]] = {}
        self._followed = 0

    def add(self, statement: Statement) -> bool:
        """Take the next statement; return whether all before it must be done first."""
        flow = self._flow
        if flow is None:
            return False
        try:
            again = flow.extend(statement)
            self._followed += again
            if self._followed > MOST_FOLLOWED:
                raise NotUnderstood
        except NotUnderstood:
            self._flow = None
            return True
        new, flow.points.news = flow.points.news, set()
        touched = [record.touched for record in flow.records]
        self._touched.update(*touched[:again])
        waits = not new.isdisjoint(self._touched)
        self._touched.update(*touched[again:])
        self._touches, self._restarts = flow.tokens()
        return waits

    def touches(self, statement: Statement) -> tuple[str, ...]:
        """Return the tokens of a statement that was added last, or stands in it."""
        if self._flow is None:
            return (EVERYTHING,) if any(map(frame_keys, statement_values(statement))) else ()
        return self._touches.get(key_of(statement), ())

    def restarts(self, loop: ForEach) -> tuple[str, ...]:
        """Return the tokens of the objects that each turn of a loop has for itself."""
        return () if self._flow is None else self._restarts.get(loop.id, ())


class GrowingSlices:
    """The slices of the calls of a body that grows. `found` is None once there are too many calls."""

    def __init__(self, objects: GrowingObjects) -> None:
        self._calls: set[int] = set()
        self._dependence = Dependence(objects.touches)
        self._control: frozenset[object] = frozenset()
        self.found: Mapping[int, frozenset[int]] | None = Slices(self._dependence.needs, self._calls)

    def add(self, statement: Statement) -> None:
        """Take the next statement, after the objects have."""
        self._calls.update(task.id for task in block_calls((statement,)) if isinstance(task.id, int))
        if len(self._calls) > MOST_CALLS:
            self.found = None
        else:
            self._control = self._dependence.block((statement,), self._control)
