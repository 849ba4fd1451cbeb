"""Read `a = search(…)` as a task that later calls refer to by the name."""

from __future__ import annotations

from typing import Final

from lcc.grammar.diagnostics import Rule
from lcc.grammar.lenient.repairs.repair import EXAMPLE_TOOLS, Repair

REPAIR: Final = Repair(
    Rule(
        "R006",
        "assignment",
        "the result of a call is assigned to a name",
        "A name before `=` is a name for the result; where it is used later it is a reference to the call.",
        'a = search("tides")\njoin(a)\n',
        '1. search("tides")\n2. join($1)\n',
        EXAMPLE_TOOLS,
        "model",
    ),
    "the result is assigned to a name",
    "number the call instead",
    counts=False,
)
