"""Let a later join replace an earlier one."""

from __future__ import annotations

from typing import Final

from lcc.grammar.diagnostics import Rule
from lcc.grammar.lenient.repairs.repair import Repair

REPAIR: Final = Repair(
    Rule(
        "R036",
        "early-join",
        "the plan joins before its end",
        "Calls and another join follow, so the later one is meant.",
        '1. search("tides")\n2. join()\n3. search("moon")\n4. join()\n',
        '1. search("tides")\n3. search("moon")\n4. join()\n',
        front_end="model",
    ),
    "a later `join` replaces this one",
    "drop this one",
    counts=False,
)
