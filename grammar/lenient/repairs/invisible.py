"""Drop invisible characters between tokens."""

from __future__ import annotations

from typing import Final

from lcc.grammar.diagnostics import Rule
from lcc.grammar.lenient.repairs.repair import Repair

REPAIR: Final = Repair(
    Rule(
        "R018",
        "invisible",
        "invisible characters stand between tokens",
        "Zero-width spaces, joiners and byte-order marks say nothing outside of strings. Inside of them they are text: emoji need them.",
        '1.\u200b search(\u200b"tides")\n2. join()\n',
        '1. search("tides")\n2. join()\n',
        front_end="model",
    ),
    "an invisible character stands between tokens",
    "remove it",
    counts=False,
    safe=True,
)
