"""Drop Markdown fences around the plan."""

from __future__ import annotations

from typing import Final

from lcc.grammar.diagnostics import Rule
from lcc.grammar.lenient.repairs.repair import Repair

REPAIR: Final = Repair(
    Rule(
        "R038",
        "fence",
        "the plan stands in a Markdown fence",
        "The fence and its language say nothing. A fence inside of a string is text.",
        '```\n1. search("tides")\n2. join()\n```\n',
        '1. search("tides")\n2. join()\n',
        front_end="model",
    ),
    "the plan stands in a fence",
    "drop the fence",
    counts=False,
    safe=True,
)
