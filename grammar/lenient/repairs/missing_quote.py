"""Insert the quote that a string lacks, where only one place is sensible."""

from __future__ import annotations

from typing import Final

from lcc.grammar.diagnostics import Rule
from lcc.grammar.lenient.repairs.repair import EXAMPLE_TOOLS, Repair

REPAIR: Final = Repair(
    Rule(
        "R012",
        "missing-quote",
        "a string lacks one of its quotes",
        "Exactly one place for the quote gives a call that its tool takes.",
        '1. search(tides")\n2. join()\n',
        '1. search("tides")\n2. join()\n',
        EXAMPLE_TOOLS,
        "model",
    ),
    "a quote is missing",
    "insert it",
)
