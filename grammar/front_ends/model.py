"""Read what a model wrote: the plan language with everything that models do to it."""

from __future__ import annotations

from lcc.grammar.lenient import parse_model
from lcc.grammar.limits import DEFAULT_LIMITS, TextLimits
from lcc.grammar.parser import Parsed
from lcc.grammar.signature import NO_TOOLS, Tools


def parse(text: str, *, path: str = "<model>", tools: Tools = NO_TOOLS, limits: TextLimits = DEFAULT_LIMITS) -> Parsed:
    """Read a model's output, and say what was repaired."""
    return parse_model(text, path=path, tools=tools, limits=limits)
