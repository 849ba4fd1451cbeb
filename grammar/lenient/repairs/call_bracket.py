"""Read square and full-width brackets around the arguments of a call."""

from __future__ import annotations

from typing import Final

from lcc.grammar.diagnostics import Rule
from lcc.grammar.lenient.repairs.repair import EXAMPLE_TOOLS, Repair

REPAIR: Final = Repair(
    Rule(
        "R008",
        "call-bracket",
        "a call has square or other brackets",
        "ReWOO writes `search[…]`; others use full-width parentheses. The brackets enclose the arguments all the same.",
        '1. search["tides"]\n2. join()\n',
        '1. search("tides")\n2. join()\n',
        EXAMPLE_TOOLS,
        "model",
    ),
    "the call has other brackets than parentheses",
    "write parentheses",
)
