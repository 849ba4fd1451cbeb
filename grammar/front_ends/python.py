"""Read a program in Python: what models write by habit, with the tools as functions.

A program means what CPython means by it, or is refused, with the place and what to write instead. It may stand in a fence. The text becomes a syntax tree
(`lcc.grammar.python`), and that strict statements, with each call as a task (`lcc.grammar.python.lowering`). Nothing evaluates it.
"""

from __future__ import annotations

from typing import Final

from lcc.grammar.diagnostics import Diagnostic, Rule, Severity
from lcc.grammar.ir import Plan
from lcc.grammar.limits import DEFAULT_LIMITS, TextLimits
from lcc.grammar.python.arriving import reply_program
from lcc.grammar.python.lowering.names import program_rules
from lcc.grammar.python.lowering.program import lower
from lcc.grammar.python.program_reader import read_program
from lcc.grammar.signatures import NO_TOOLS, Tools
from lcc.grammar.source import Source, Span
from lcc.grammar.syntax.parser import Parsed, check_text

RULES: Final[tuple[Rule, ...]] = (*program_rules.RULES, *reply_program.RULES)


def parse(
    text: str, *, path: str = "<program>", tools: Tools = NO_TOOLS, limits: TextLimits = DEFAULT_LIMITS
) -> Parsed:
    """Read a program. Never raises for what the text holds."""
    source = Source(path, text)
    refused = check_text(text, limits)
    if refused is not None:
        return Parsed(Plan(), (refused,), source)
    reply = reply_program.program_in(text)
    read = read_program(reply.text, limits)
    if reply.diagnostics or not read.ok:
        return Parsed(Plan(), reply.findings(read.diagnostics), source)
    if not read.module.body:
        empty = Diagnostic(
            program_rules.EMPTY.code, Severity.ERROR, "there is no statement in this program", Span(0, 0)
        )
        return Parsed(Plan(), (*read.diagnostics, empty), source)
    found = lower(read.module, source, tools)
    plan = Plan(inputs=found.inputs, body=found.body, fails="strict")
    return Parsed(plan, (*read.diagnostics, *found.diagnostics), source)
