"""Drop what stands between think tags."""

from __future__ import annotations

from typing import Final

from lcc.grammar.diagnostics import Rule
from lcc.grammar.lenient.repairs.repair import Repair

REPAIR: Final = Repair(
    Rule(
        "R039",
        "think-block",
        "the model thinks aloud in tags",
        "Plans that are drafted in `<think>` are not the plan. Without an opening tag, everything before the closing one is thought.",
        '<think>\n1. search("a draft")\n</think>\n1. search("tides")\n2. join()\n',
        '1. search("tides")\n2. join()\n',
        front_end="model",
    ),
    "a block of thought is dropped",
    "drop it",
    counts=False,
    safe=True,
)
