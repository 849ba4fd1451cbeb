"""Ask the analyses what they know of a body. This is the one door to them."""

from __future__ import annotations

from collections.abc import Mapping

from lcc.grammar.ir import Plan, Statement
from lcc.passes.analysis.dependence.growing import GrowingObjects, GrowingSlices
from lcc.passes.analysis.dependence.objects import Objects
from lcc.passes.analysis.dependence.slices import slices
from lcc.runtime.program.facts.sites import Knowledge


def knowledge_of(plan: Plan) -> Knowledge:
    """Return what is known of a plan's body."""
    body = plan.body or ()
    objects = Objects(body)
    return Knowledge(objects.touches, slices(body, objects.touches), objects.restarts)


class GrowingKnowledge:
    """What is known of a body that is still being written: `knowledge`, of the statement that was added last."""

    def __init__(self) -> None:
        self._objects = GrowingObjects()
        self._slices = GrowingSlices(self._objects)
        self.knowledge = Knowledge(self._objects.touches, None, self._objects.restarts)

    @property
    def depends(self) -> Mapping[int, frozenset[int]] | None:
        """For a call's id, those that its arguments, or whether it is made, may depend on; None if nobody knows."""
        return self._slices.found

    def add(self, statement: Statement) -> bool:
        """Take the next statement; return whether all before it must be done before it begins."""
        waits = self._objects.add(statement)
        self._slices.add(statement)
        return waits

    def begin_anew(self) -> None:
        """Forget which calls depend on others: what follows depends on none of those before."""
        self._slices = GrowingSlices(self._objects)
