"""Drop remarks and punctuation behind a call."""

from __future__ import annotations

from typing import Final

from lcc.grammar.diagnostics import Rule
from lcc.grammar.lenient.repairs.repair import Repair

REPAIR: Final = Repair(
    Rule(
        "R035",
        "trailing-text",
        "text follows a call on its line",
        "Comments in other languages' styles and remarks say nothing to a plan.",
        '1. search("tides") // the basics\n2. join();\n',
        '1. search("tides")\n2. join()\n',
        front_end="model",
    ),
    "text follows the call on its line",
    "drop it",
    counts=False,
    safe=True,
)
