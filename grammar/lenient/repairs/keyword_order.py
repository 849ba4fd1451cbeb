"""Put positional arguments before keywords."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from lcc.grammar.diagnostics import Rule
from lcc.grammar.lenient.repairs.repair import EXAMPLE_TOOLS, Repair
from lcc.grammar.signatures import Signature

if TYPE_CHECKING:
    from lcc.grammar.syntax.statement import Call

REPAIR: Final = Repair(
    Rule(
        "R027",
        "keyword-order",
        "a positional argument follows a keyword",
        "The positional arguments fill the first parameters in order, and no keyword names one of those.",
        '1. summarize(max_words=20, "tides")\n2. join()\n',
        '1. summarize("tides", max_words=20)\n2. join()\n',
        EXAMPLE_TOOLS,
        "model",
    ),
    "a positional argument follows a keyword",
    "put it first",
)


def reorder(call: Call, signature: Signature | None) -> Call | None:
    """Return the call with its positional arguments first; None if they are, or if a keyword names one of theirs."""
    named = [arg for arg in call.args if arg.name is not None]
    positional = [arg for arg in call.args if arg.name is None]
    if not named or call.args[: len(positional)] == tuple(positional) or call.kind != "task":
        return None
    if signature is not None:
        first = [p.name for p in signature.parameters if not p.keyword_only][: len(positional)]
        if len(first) < len(positional) or any(arg.name in first for arg in named):
            return None
    return replace(call, args=(*positional, *named))
