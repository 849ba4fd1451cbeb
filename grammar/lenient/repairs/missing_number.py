"""Number calls that have none by their place in the plan."""

from __future__ import annotations

from typing import Final

from lcc.grammar.diagnostics import Rule
from lcc.grammar.lenient.repairs.repair import Repair

REPAIR: Final = Repair(
    Rule(
        "R002",
        "missing-number",
        "a call has no number",
        "A call without a number gets the number of its place in the plan, which is what models mean when they refer to it.",
        'search("tides")\nsearch("moon")\njoin()\n',
        '1. search("tides")\n2. search("moon")\n3. join()\n',
        front_end="model",
    ),
    "the call has no number",
    "number it by its place",
    counts=False,
    safe=True,
)
