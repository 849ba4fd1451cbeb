"""Make a task of a call that stands inside of another."""

from __future__ import annotations

from typing import Final

from lcc.grammar.diagnostics import Rule
from lcc.grammar.lenient.repairs.repair import EXAMPLE_TOOLS, Repair

REPAIR: Final = Repair(
    Rule(
        "R023",
        "nested-call",
        "a call stands inside of a call",
        "The inner call becomes a task of its own and the outer one refers to it. That is exact: it was going to run first.",
        '1. math(search("tides"))\n2. join()\n',
        '1. search("tides")\n2. math($1)\n3. join()\n',
        EXAMPLE_TOOLS,
        "model",
    ),
    "a call stands inside of a call",
    "make it a task of its own",
)
