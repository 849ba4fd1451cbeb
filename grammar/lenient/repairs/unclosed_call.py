"""Close a call whose arguments are complete."""

from __future__ import annotations

from typing import Final

from lcc.grammar.diagnostics import Rule
from lcc.grammar.lenient.repairs.repair import Repair

REPAIR: Final = Repair(
    Rule(
        "R010",
        "open-call",
        "a call is not closed before the next statement",
        "The arguments are complete and only brackets are missing. Where the text ends inside of a call, nothing is repaired: what is missing could be anything.",
        '1. search("tides"\n2. join()\n',
        '1. search("tides")\n2. join()\n',
        front_end="model",
    ),
    "the call is not closed",
    "close it",
)
