"""Drop observations that the model made up."""

from __future__ import annotations

from typing import Final

from lcc.grammar.diagnostics import Rule
from lcc.grammar.lenient.repairs.repair import Repair

REPAIR: Final = Repair(
    Rule(
        "R040",
        "observation",
        "the model made up the result of a call",
        "Only a tool's result is a result. What the model made up is dropped; where it used it in a later call, that text stays.",
        '1. search("tides")\nObservation: 12 m\n2. join()\n',
        '1. search("tides")\n2. join()\n',
        front_end="model",
    ),
    "a made-up result is dropped",
    "drop it",
    counts=False,
    safe=True,
)
