"""Insert the comma that two arguments lack."""

from __future__ import annotations

from typing import Final

from lcc.grammar.diagnostics import Rule
from lcc.grammar.lenient.repairs.repair import EXAMPLE_TOOLS, Repair

REPAIR: Final = Repair(
    Rule(
        "R024",
        "no-comma",
        "two arguments stand side by side without a comma",
        "A keyword always begins an argument. Two strings are two arguments if the tool takes that many.",
        '1. translate("tides" "fr")\n2. join()\n',
        '1. translate("tides", "fr")\n2. join()\n',
        EXAMPLE_TOOLS,
        "model",
    ),
    "a comma is missing between arguments",
    "insert it",
)
