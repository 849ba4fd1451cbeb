"""Read the word `join` alone on a line as the end of the plan."""

from __future__ import annotations

from typing import Final

from lcc.grammar.diagnostics import Rule
from lcc.grammar.lenient.repairs.repair import Repair

REPAIR: Final = Repair(
    Rule(
        "R029",
        "bare-join",
        "`join` has no parentheses",
        "The word alone on its line ends the plan.",
        '1. search("tides")\n2. join\n',
        '1. search("tides")\n2. join()\n',
        front_end="model",
    ),
    "`join` has no parentheses",
    "write `join()`",
    counts=False,
    safe=True,
)
