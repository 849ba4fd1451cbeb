"""Read plan files: the strict language of plan.lark."""

from __future__ import annotations

from lcc.grammar.limits import DEFAULT_LIMITS, TextLimits
from lcc.grammar.parser import Parsed, parse_plan
from lcc.grammar.signature import NO_TOOLS, Tools


def parse(text: str, *, path: str = "<string>", tools: Tools = NO_TOOLS, limits: TextLimits = DEFAULT_LIMITS) -> Parsed:
    """Read the text of a plan file. Tools don't change what it says."""
    return parse_plan(text, path=path, limits=limits)
