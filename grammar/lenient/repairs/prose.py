"""Drop prose before, between and after the statements."""

from __future__ import annotations

from typing import Final

from lcc.grammar.diagnostics import Rule
from lcc.grammar.lenient.repairs.repair import Repair

REPAIR: Final = Repair(
    Rule(
        "R037",
        "prose",
        "prose stands between the statements",
        "What is neither a call nor a thought is dropped.",
        'Here is the plan.\n1. search("tides")\n2. join()\n',
        '1. search("tides")\n2. join()\n',
        front_end="model",
    ),
    "prose is dropped",
    "drop it",
    counts=False,
    safe=True,
)
