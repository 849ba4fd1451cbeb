"""Read `Action: tool` and `Action Input: text` as one call."""

from __future__ import annotations

from typing import Final

from lcc.grammar.diagnostics import Rule
from lcc.grammar.lenient.repairs.repair import EXAMPLE_TOOLS, Repair

REPAIR: Final = Repair(
    Rule(
        "R009",
        "react",
        "a call is written as `Action:` and `Action Input:`",
        "The ReAct format names the tool on one line and its input on the next. Together they are one call.",
        "Action: search\nAction Input: tides\n",
        '1. search("tides")\n',
        EXAMPLE_TOOLS,
        "model",
    ),
    "the call is written as action and input",
    "write it as a call",
)
