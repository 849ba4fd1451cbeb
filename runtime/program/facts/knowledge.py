"""Ask the analyses what they know of a body. This is the one door to them."""

from __future__ import annotations

from lcc.grammar.ir import Plan
from lcc.passes.analysis.dependence.objects import Objects
from lcc.passes.analysis.dependence.slices import slices
from lcc.runtime.program.facts.sites import Knowledge


def knowledge_of(plan: Plan) -> Knowledge:
    """Return what is known of a plan's body."""
    body = plan.body or ()
    objects = Objects(body)
    return Knowledge(objects.touches, slices(body, objects.touches), objects.restarts)
