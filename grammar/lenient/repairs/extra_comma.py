"""Drop commas that separate nothing."""

from __future__ import annotations

from typing import Final

from lcc.grammar.diagnostics import Rule
from lcc.grammar.lenient.repairs.repair import EXAMPLE_TOOLS, Repair

REPAIR: Final = Repair(
    Rule(
        "R025",
        "extra-comma",
        "there is a comma too many",
        "A comma without an argument before it separates nothing.",
        '1. translate("tides",, "fr")\n2. join(,)\n',
        '1. translate("tides", "fr")\n2. join()\n',
        EXAMPLE_TOOLS,
        "model",
    ),
    "a comma separates nothing",
    "remove it",
    safe=True,
)
