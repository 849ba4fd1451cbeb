"""Read what a model wrote: the plan language with everything that models do to it."""

from __future__ import annotations

from lcc.grammar.lenient import parse_model
from lcc.grammar.limits import DEFAULT_LIMITS, TextLimits
from lcc.grammar.signatures import NO_TOOLS, Tools
from lcc.grammar.syntax.parser import Parsed


def parse(text: str, *, path: str = "<model>", tools: Tools = NO_TOOLS, limits: TextLimits = DEFAULT_LIMITS) -> Parsed:
    """Read a model's output, and say what was repaired."""
    return parse_model(text, path=path, tools=tools, limits=limits)
