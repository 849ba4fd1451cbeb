"""Read full-width punctuation between arguments as its ASCII form."""

from __future__ import annotations

from typing import Final

from lcc.grammar.diagnostics import Rule
from lcc.grammar.lenient.repairs.repair import EXAMPLE_TOOLS, Repair

REPAIR: Final = Repair(
    Rule(
        "R017",
        "full-width",
        "punctuation between arguments is full-width",
        "Chinese, Japanese and Korean input methods write `，`, `＝` and `：` for `,`, `=` and `:`. Inside of strings they are text.",
        '1. translate("tides"，"fr")\n2. join()\n',
        '1. translate("tides", "fr")\n2. join()\n',
        EXAMPLE_TOOLS,
        "model",
    ),
    "full-width punctuation stands between arguments",
    "write it in ASCII",
    safe=True,
)
