"""Read `join` as the results that it names, and close it if the text was cut inside of it."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from lcc.grammar.diagnostics import Rule
from lcc.grammar.lenient.repairs import reference_style
from lcc.grammar.lenient.repairs.repair import Repair

REPAIR: Final = Repair(
    Rule(
        "R028",
        "join-arguments",
        "`join` has arguments that it can't have",
        "Prose, keywords and calls inside of `join` say nothing to it. What counts is which results it reads.",
        '1. search("tides")\n2. join([$1], final=True)\n',
        '1. search("tides")\n2. join($1)\n',
        front_end="model",
    ),
    "`join` is read as the results that it names",
    "name the results alone",
    counts=False,
)

_REFERENCE: Final = re.compile(r"\\?[$＄](?:\{\s*(?P<braced>\d{1,9})|(?P<number>\d{1,9})|(?P<name>[A-Za-z_]\w*+))")


def results_in(text: str, variables: Collection[str]) -> list[str]:
    """Return the references that the arguments of a join name, each once, in order."""
    found: dict[str, None] = {}
    at = 0
    while at < len(text):
        plain = _REFERENCE.match(text, at)
        if plain:
            number = plain["braced"] or plain["number"]
            if number:
                found[f"${int(number)}"] = None
            elif plain["name"] in variables or reference_style.worded(plain["name"]) is not None:
                found[f"${plain['name']}"] = None
            at = plain.end()
            continue
        before = text[at - 1 : at]
        style = None if before.isalnum() or before == "_" else reference_style.read_bare(text, at, variables)
        if style is not None:
            found[style.written] = None
            at = style.end
            continue
        at += 1
    return list(found)
