"""Renumber a call whose number another call has."""

from __future__ import annotations

from typing import Final

from lcc.grammar.diagnostics import Rule
from lcc.grammar.lenient.repairs.repair import Repair

REPAIR: Final = Repair(
    Rule(
        "R003",
        "renumbered",
        "a number is used twice, or is no id",
        "A second call of the same number gets the number of its place. A reference means the latest call of that number before it.",
        '1. search("tides")\n1. search("moon")\n2. join()\n',
        '1. search("tides")\n2. search("moon")\n3. join()\n',
        front_end="model",
    ),
    "the number is already taken",
    "renumber it by its place",
)
