"""Find what statements depend on while a body is still being written, statement by statement.

What is known of a statement holds for all that was written before it; nothing that follows changes what it reads. But what follows may
change objects that it has read: an object that a new statement may be the first to change has no token yet in those before. The new
one must then wait until all of them are done.
"""

from __future__ import annotations

from collections.abc import Mapping

from lcc.grammar.ir import Block, ForEach, Statement, block_calls, statement_values
from lcc.grammar.ir.evaluation import frame_keys
from lcc.passes.analysis.dependence.objects import EVERYTHING, Flow, key_of
from lcc.passes.analysis.dependence.points_to import NotUnderstood
from lcc.passes.analysis.dependence.slices import MOST_CALLS, Dependence, Slices

MOST_FOLLOWED: int = 100_000
"""Following the objects of a statement may take a walk through all before it. After so many steps of such walks all objects are one."""


class GrowingObjects:
    """What the statements of a body touch that grows; `touches` and `restarts` as of `Objects`, for what was added last."""

    def __init__(self) -> None:
        self._block: Block = ()
        self._flow: Flow | None = Flow(())
        self._changed: set[int] = set()
        self._touches: dict[object, tuple[str, ...]] = {}
        self._restarts: dict[int, tuple[str, ...]] = {}
        self._followed = 0

    def add(self, statement: Statement) -> bool:
        """Take the next statement; return whether all before it must be done first."""
        self._block = (*self._block, statement)
        flow = self._flow
        if flow is None:
            return False
        before = len(flow.records)
        try:
            self._followed += flow.extend(self._block)
            if self._followed > MOST_FOLLOWED:
                raise NotUnderstood
        except NotUnderstood:
            self._flow = None
            return True
        changed = flow.points.changed - flow.private()
        new, self._changed = changed - self._changed, self._changed | changed
        self._settle(flow, before)
        return any(not new.isdisjoint(record.touched) for record in flow.records[:before])

    def _settle(self, flow: Flow, before: int) -> None:
        found: dict[object, set[int]] = {}
        for record in flow.records[before:]:
            found.setdefault(key_of(record.statement), set()).update(record.touched & self._changed)
        self._touches = {key: _tokens(sites) for key, sites in found.items()}
        for start, end, loop in flow.loops:
            if start > before:
                self._restarts[loop.id] = _tokens(flow.own(start, end, loop) & self._changed)

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


def _tokens(sites: set[int]) -> tuple[str, ...]:
    return tuple([f"@{site}" for site in sorted(sites)])
