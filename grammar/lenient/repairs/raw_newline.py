"""Read line breaks inside of a string as text."""

from __future__ import annotations

from typing import Final

from lcc.grammar.diagnostics import Rule
from lcc.grammar.lenient.repairs.repair import Repair

REPAIR: Final = Repair(
    Rule(
        "R014",
        "raw-newline",
        "a string in single or double quotes goes over several lines",
        "The line break is part of the text.",
        '1. search("tides\nand moon")\n2. join()\n',
        '1. search("tides\\nand moon")\n2. join()\n',
        front_end="model",
    ),
    "a string goes over the end of its line",
    "write the line break as `\\n`",
)
