"""Put a call behind the later ones that it refers to."""

from __future__ import annotations

from typing import Final

from lcc.grammar.diagnostics import Rule
from lcc.grammar.lenient.repairs.repair import Repair

REPAIR: Final = Repair(
    Rule(
        "R033",
        "forward-reference",
        "a call refers to a later one",
        "The calls have an order in which each stands after what it reads, so they are put in that order.",
        '1. math("$2 + 1")\n2. search("tides")\n3. join($1)\n',
        '2. search("tides")\n1. math("$2 + 1")\n3. join($1)\n',
        front_end="model",
    ),
    "the call refers to a later one",
    "put it after that one",
)
