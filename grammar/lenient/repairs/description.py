"""Drop the description that stands before a call."""

from __future__ import annotations

from typing import Final

from lcc.grammar.diagnostics import Rule
from lcc.grammar.lenient.repairs.repair import EXAMPLE_TOOLS, Repair

REPAIR: Final = Repair(
    Rule(
        "R005",
        "description",
        "prose stands before a call on its line",
        "Models describe a step and then call the tool: `1. Find the height: search(…)`. The call is read, the prose dropped.",
        '1. Look up the tides: search("tides")\n2. join()\n',
        '1. search("tides")\n2. join()\n',
        EXAMPLE_TOOLS,
        "model",
    ),
    "prose stands before the call",
    "drop it",
    counts=False,
    safe=True,
)
