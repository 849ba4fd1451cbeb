"""Escape quotes and apostrophes inside of a string."""

from __future__ import annotations

from typing import Final

from lcc.grammar.diagnostics import Rule
from lcc.grammar.lenient.repairs.repair import Repair

REPAIR: Final = Repair(
    Rule(
        "R013",
        "inner-quote",
        "a string holds its own quote without an escape",
        "Quotes end a string only where an argument can end. Quotes before that, in pairs, and apostrophes are text.",
        '1. search("who said "cogito ergo sum" first")\n2. join()\n',
        '1. search("who said \\"cogito ergo sum\\" first")\n2. join()\n',
        front_end="model",
    ),
    "a quote in the text is not escaped",
    "escape it",
)
