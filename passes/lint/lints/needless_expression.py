"""Find references in texts that are written as expressions: `${$1}`."""

from __future__ import annotations

from collections.abc import Iterator

from lcc.grammar.diagnostics import Diagnostic, Edit, Fix, Rule, Severity
from lcc.grammar.ir import NOWHERE, Input, Plan, Ref, Value, block_statements, statement_values
from lcc.grammar.ir.walk import walk
from lcc.grammar.source import Span
from lcc.passes.lint.facts import LintContext, finding

RULE = Rule(
    "L028",
    "needless-expression",
    "a reference in a text is written as an expression",
    "`${$1}` means what `${1}` and `$1` mean: what stands in the braces is a reference already, and the second dollar says nothing.",
    '1. tides("Brest")\n2. send("High at ${$1.high}, that is ${len($1.high)} times.")\n3. join()\n',
    '1. tides("Brest")\n2. send("High at ${1.high}, that is ${len($1.high)} times.")\n3. join()\n',
)


def check(context: LintContext) -> Iterator[Diagnostic]:
    """Yield nothing for a line of calls: its texts hold no expressions."""
    yield from ()


def check_body(context: LintContext) -> Iterator[Diagnostic]:
    """Yield a finding for each such reference."""
    text = context.source.text
    for value in _values(context.written):
        for part in walk(value):
            if not isinstance(part, Ref | Input) or part.span == NOWHERE:
                continue
            start, end = part.span
            if text[start - 2 : start + 1] == "${$" and text[end : end + 1] == "}":
                fix = Fix("remove the second dollar", (Edit(Span(start, start + 1), ""),))
                yield finding(
                    RULE,
                    f"`{text[start - 2 : end + 1]}` is a plain reference",
                    Span(start - 2, end + 1),
                    f"write `${{{text[start + 1 : end]}}}`",
                    severity=Severity.REMARK,
                    fix=fix,
                )


def _values(plan: Plan) -> Iterator[Value]:
    for one in block_statements(plan.body or ()):
        yield from statement_values(one)
    if plan.join is not None:
        yield from plan.join.values
