"""Quote an argument that stands outside of quotes."""

from __future__ import annotations

from typing import Final

from lcc.grammar.diagnostics import Rule
from lcc.grammar.lenient.repairs.repair import EXAMPLE_TOOLS, Repair

REPAIR: Final = Repair(
    Rule(
        "R015",
        "unquoted-text",
        "an argument stands outside of quotes",
        "The text is taken as it stands, without the space around it. A tool with one parameter takes its commas too.",
        "1. search(In Cold Blood)\n2. join()\n",
        '1. search("In Cold Blood")\n2. join()\n',
        EXAMPLE_TOOLS,
        "model",
    ),
    "text stands outside of quotes",
    "quote it",
)
