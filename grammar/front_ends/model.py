"""Read what a model wrote: the plan language with everything that models do to it."""

from __future__ import annotations

from dataclasses import replace

from lcc.grammar.lenient import parse_model
from lcc.grammar.limits import DEFAULT_LIMITS, TextLimits
from lcc.grammar.python.arriving.reply_program import program_in
from lcc.grammar.signatures import NO_TOOLS, Tools
from lcc.grammar.source import Source
from lcc.grammar.syntax.parser import Parsed


def parse(text: str, *, path: str = "<model>", tools: Tools = NO_TOOLS, limits: TextLimits = DEFAULT_LIMITS) -> Parsed:
    """Read a model's output, and say what was repaired.

    A plan file with steps may stand in a fence, with a preface and thoughts around it, as a program may: it is read as it is.
    """
    parsed = parse_model(text, path=path, tools=tools, limits=limits)
    if parsed.ok or "```" not in text or len(text) > limits.size:
        return parsed
    reply = program_in(text)
    if not reply.whole or reply.diagnostics:
        return parsed
    alone = parse_model(reply.text, path=path, tools=tools, limits=limits)
    return replace(alone, source=Source(path, text)) if alone.ok and alone.plan.body is not None else parsed
