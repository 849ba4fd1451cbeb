"""Read numbers in the styles that models use: `1)`, `Step 1:`, `**1.**`, `１．`, `١.`, `- 1.`."""

from __future__ import annotations

from typing import Final

from lcc.grammar.diagnostics import Rule
from lcc.grammar.lenient.repairs.repair import Repair

REPAIR: Final = Repair(
    Rule(
        "R001",
        "numbering",
        "a call is numbered in another style",
        "Models write `1)`, `Step 1:`, `**1.**`, `- 1.`, full-width or other scripts' digits. The number is read as the id that it says.",
        '1) search("tides")\n2) join()\n',
        '1. search("tides")\n2. join()\n',
        front_end="model",
    ),
    "the call is numbered in another style",
    "write the number as in `1. `",
    counts=False,
    safe=True,
)
