"""Read plan files: the strict language of plan.lark."""

from __future__ import annotations

from lcc.grammar.limits import DEFAULT_LIMITS, TextLimits
from lcc.grammar.signatures import NO_TOOLS, Tools
from lcc.grammar.syntax.parser import Parsed, parse_plan


def parse(text: str, *, path: str = "<string>", tools: Tools = NO_TOOLS, limits: TextLimits = DEFAULT_LIMITS) -> Parsed:
    """Read the text of a plan file. Tools don't change what it says."""
    return parse_plan(text, path=path, limits=limits)
