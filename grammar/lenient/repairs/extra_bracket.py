"""Drop or exchange a closing bracket that closes nothing."""

from __future__ import annotations

from typing import Final

from lcc.grammar.diagnostics import Rule
from lcc.grammar.lenient.repairs.repair import Repair

REPAIR: Final = Repair(
    Rule(
        "R011",
        "extra-bracket",
        "there is a closing bracket too many, or another one than was opened",
        "The call is complete without it, or it stands where another one closes.",
        '1. search("tides"))\n2. join()\n',
        '1. search("tides")\n2. join()\n',
        front_end="model",
    ),
    "a closing bracket does not belong here",
    "remove it",
)
