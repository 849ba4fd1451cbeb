"""Read `name: value` as a keyword argument."""

from __future__ import annotations

from typing import Final

from lcc.grammar.diagnostics import Rule
from lcc.grammar.lenient.repairs.repair import EXAMPLE_TOOLS, Repair

REPAIR: Final = Repair(
    Rule(
        "R026",
        "keyword-colon",
        "a keyword is followed by a colon",
        'JSON, YAML and Swift write `city: "Paris"` for `city="Paris"`.',
        '1. translate(text: "tides", target_lang: "fr")\n2. join()\n',
        '1. translate(text="tides", target_lang="fr")\n2. join()\n',
        EXAMPLE_TOOLS,
        "model",
    ),
    "a keyword is followed by a colon",
    "write `=`",
)
