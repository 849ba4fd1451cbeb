"""Read the text form of the IR, which `lcc compile` prints: what passes left is a plan again, with its bodies."""

from __future__ import annotations

from typing import Final

from lcc.grammar.diagnostics import Diagnostic, Rule, Severity
from lcc.grammar.ir import Plan, calls_of
from lcc.grammar.ir.text_form import IrSyntaxError, parse_ir
from lcc.grammar.limits import DEFAULT_LIMITS, TextLimits
from lcc.grammar.signatures import NO_TOOLS, Tools
from lcc.grammar.source import Source, Span
from lcc.grammar.syntax.parser import Parsed, check_text

NOT_IR: Final = Rule(
    "P036",
    "ir-text",
    "the text is not IR text",
    "The text form of the IR is exact: one line holds one input, task, statement, join or origin, and nothing is guessed where a "
    "line can't be read.",
    '%1 = search("tides"\n%2 = answer %1\n',
    '%1 = search("tides")\n%2 = answer %1\n',
    front_end="ir",
)
RULES: Final = (NOT_IR,)


def parse(text: str, *, path: str = "<ir>", tools: Tools = NO_TOOLS, limits: TextLimits = DEFAULT_LIMITS) -> Parsed:
    """Read IR text. Never raises for what the text holds; the first line that can't be read ends it."""
    source = Source(path, text)
    refused = check_text(text, limits)
    if refused:
        return Parsed(Plan(), (refused,), source)
    try:
        plan = parse_ir(text)
    except IrSyntaxError as error:
        at = Span(error.offset, min(error.offset + 1, len(text)))
        return Parsed(Plan(), (Diagnostic(NOT_IR.code, Severity.ERROR, error.message, at),), source)
    return within_limits(Parsed(plan, (), source), limits)


def within_limits(parsed: Parsed, limits: TextLimits) -> Parsed:
    """Return what was read, or an error where it has more calls than a plan may have."""
    for place, task in enumerate(calls_of(parsed.plan)):
        if place >= limits.tasks:
            found = Diagnostic("P015", Severity.ERROR, f"more than {limits.tasks:,} tasks", task.span)
            return Parsed(Plan(), (found,), parsed.source)
    return parsed
