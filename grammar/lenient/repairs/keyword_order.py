"""Put positional arguments before keywords, and arguments that a tool takes by position only in their places."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from lcc.grammar.diagnostics import Rule
from lcc.grammar.lenient.repairs.repair import EXAMPLE_TOOLS, Repair
from lcc.grammar.signatures import Signature
from lcc.grammar.signatures.calling import positional as by_position

if TYPE_CHECKING:
    from lcc.grammar.syntax.statement import Call

REPAIR: Final = Repair(
    Rule(
        "R027",
        "keyword-order",
        "a positional argument follows a keyword",
        "The positional arguments fill the first parameters in order, and no keyword names one of those. A parameter that the tool "
        "takes by position only, before the `/` of its declaration, has no name in a call.",
        '1. summarize(max_words=20, "tides")\n2. join()\n',
        '1. summarize("tides", max_words=20)\n2. join()\n',
        EXAMPLE_TOOLS,
        "model",
    ),
    "a positional argument follows a keyword",
    "put it first",
)
POSITION: Final = replace(
    REPAIR, message="the tool takes an argument by position only", fix="write it without its name"
)
"""The same for a keyword that names a parameter which has no name in calls."""


def reorder(call: Call, signature: Signature | None) -> Call | None:
    """Return the call with its positional arguments first; None if they are, or if a keyword names one of theirs."""
    named = [arg for arg in call.args if arg.name is not None]
    positional = [arg for arg in call.args if arg.name is None]
    if not named or call.args[: len(positional)] == tuple(positional) or call.kind != "task":
        return None
    if signature is not None:
        first = [p.name for p in by_position(signature.parameters)][: len(positional)]
        if len(first) < len(positional) or any(arg.name in first for arg in named):
            return None
    return replace(call, args=(*positional, *named))
