"""Correct a tool's name that differs from one in scope by case, hyphens or underscores alone."""

from __future__ import annotations

from typing import Final

from lcc.grammar.diagnostics import Rule
from lcc.grammar.lenient.repairs.repair import EXAMPLE_TOOLS, Repair

REPAIR: Final = Repair(
    Rule(
        "R004",
        "tool-name",
        "a tool's name is off by case, hyphens or underscores",
        "Exactly one tool in scope has the name if case, `-` and `_` are ignored. Any other difference is left for `verify` to report.",
        '1. Search("tides")\n2. join()\n',
        '1. search("tides")\n2. join()\n',
        EXAMPLE_TOOLS,
        "model",
    ),
    "the tool is called {0}",
    "correct the name",
)
