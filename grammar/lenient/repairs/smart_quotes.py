"""Read typographic quotes around a string as quotes."""

from __future__ import annotations

from typing import Final

from lcc.grammar.diagnostics import Rule
from lcc.grammar.lenient.repairs.repair import Repair

REPAIR: Final = Repair(
    Rule(
        "R016",
        "smart-quotes",
        "a string stands in curly or other typographic quotes",
        "Word processors and chat interfaces turn quotes into typographic ones. Inside of a string they are text.",
        "1. search(“tides”)\n2. join()\n",
        '1. search("tides")\n2. join()\n',
        front_end="model",
    ),
    "a string stands in typographic quotes",
    "write straight quotes",
)
