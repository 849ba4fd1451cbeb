"""Drop a call that repeats the number and the arguments of one before."""

from __future__ import annotations

from typing import Final

from lcc.grammar.diagnostics import Rule
from lcc.grammar.lenient.repairs.repair import Repair

REPAIR: Final = Repair(
    Rule(
        "R034",
        "stutter",
        "a call is written twice with the same number",
        "The same number and the same call: a repetition, not a second call.",
        '1. search("tides")\n1. search("tides")\n2. join()\n',
        '1. search("tides")\n2. join()\n',
        front_end="model",
    ),
    "the call is repeated",
    "drop the repetition",
    counts=False,
    safe=True,
)
