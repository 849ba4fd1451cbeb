"""Read a numbered call whose arguments stand without parentheses: `1. search: tides`."""

from __future__ import annotations

from typing import Final

from lcc.grammar.diagnostics import Rule
from lcc.grammar.lenient.repairs.repair import EXAMPLE_TOOLS, Repair

REPAIR: Final = Repair(
    Rule(
        "R046",
        "missing-parentheses",
        "the arguments of a call stand without parentheses",
        "The line is numbered and begins with the name of a tool; what follows a colon, or stands in quotes, is what it is given.",
        '1. search: "tides"\n2. join()\n',
        '1. search("tides")\n2. join()\n',
        EXAMPLE_TOOLS,
        "model",
    ),
    "the call has no parentheses",
    "write parentheses",
)
