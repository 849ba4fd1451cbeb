"""Drop prose before, between and after the statements."""

from __future__ import annotations

from typing import Final

from lcc.grammar.diagnostics import Rule
from lcc.grammar.lenient.repairs.repair import Repair

REPAIR: Final = Repair(
    Rule(
        "R037",
        "prose",
        "prose stands beside the plan",
        "A known preface, a label of a dialect, or a paragraph that stands apart before or behind the calls is dropped. Anything else beside calls is an error, `R045`.",
        'Here is the plan.\n1. search("tides")\n2. join()\n',
        '1. search("tides")\n2. join()\n',
        front_end="model",
    ),
    "prose is dropped",
    "drop it",
    counts=False,
    safe=True,
)
