"""Drop the backslashes that Markdown puts before punctuation."""

from __future__ import annotations

from typing import Final

from lcc.grammar.diagnostics import Rule
from lcc.grammar.lenient.repairs.repair import EXAMPLE_TOOLS, Repair

REPAIR: Final = Repair(
    Rule(
        "R019",
        "markdown-escape",
        "Markdown's backslashes stand outside of strings",
        '`get\\_weather`, `\\"tides\\"` and `\\$1` are how Markdown writes `get_weather`, `"tides"` and `$1`.',
        '1. search(\\"tides\\")\n2. join(\\$1)\n',
        '1. search("tides")\n2. join($1)\n',
        EXAMPLE_TOOLS,
        "model",
    ),
    "a backslash stands outside of a string",
    "remove it",
)
