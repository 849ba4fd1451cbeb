"""Drop `.output` and the like behind a reference to a result without fields."""

from __future__ import annotations

from typing import Final

from lcc.grammar.diagnostics import Rule
from lcc.grammar.lenient.repairs.repair import EXAMPLE_TOOLS, Repair

REPAIR: Final = Repair(
    Rule(
        "R031",
        "result-path",
        "a path names the output of a tool that returns no object",
        "`$1.output` is how other languages name the result itself. A text or a number has no field, so nothing else can be meant.",
        '1. search("tides")\n2. summarize($1.output)\n3. join()\n',
        '1. search("tides")\n2. summarize($1)\n3. join()\n',
        EXAMPLE_TOOLS,
        "model",
    ),
    "the result has no fields: its path means the result itself",
    "drop the path",
)
