"""Choose between several plans where the text says which counts."""

from __future__ import annotations

from typing import Final

from lcc.grammar.diagnostics import Rule
from lcc.grammar.lenient.repairs.repair import Repair

REPAIR: Final = Repair(
    Rule(
        "R041",
        "several-plans",
        "there are several plans",
        "A plan that continues the prompt's examples is not for this question: the first counts. A correction replaces what it corrects.",
        '1. search("tides")\n2. join()\n<END_OF_PLAN>\n###\nQuestion: What is the moon?\n1. search("moon")\n2. join()\n<END_OF_PLAN>\n',
        '1. search("tides")\n2. join()\n<END_OF_PLAN>\n',
        front_end="model",
    ),
    "{0}",
    "drop the other plan",
    counts=False,
)
