"""Find values of a plan file that nothing reads: `3. = …`, and what a loop yields."""

from __future__ import annotations

from collections.abc import Iterator

from lcc.grammar.diagnostics import Diagnostic, Fix, Rule, Severity
from lcc.grammar.ir import ForEach, Let, block_statements
from lcc.passes.lint.facts import LintContext, finding
from lcc.passes.lint.fixes import remove_statement
from lcc.passes.lint.step_reads import cannot_fail, read_steps

RULE = Rule(
    "L026",
    "unread-value",
    "nothing reads a value that a plan computes, or that its loop yields",
    "A value with an id, and the list that a loop yields, are there to be read. Either a reference was forgotten, or the line is left over.",
    '1. tides("Brest")\n2. = len($1)\n3. join($1)\n',
    '1. tides("Brest")\n2. = len($1)\n3. join($1, $2)\n',
)


def check(context: LintContext) -> Iterator[Diagnostic]:
    """Yield nothing for a line of calls: it has no values of its own."""
    yield from ()


def check_body(context: LintContext) -> Iterator[Diagnostic]:
    """Yield a finding for each value that nothing reads."""
    read = read_steps(context.plan)
    outer = {id(one) for one in context.body}  # inside of a loop it may be all that the loop does
    for one in block_statements(context.body):
        if isinstance(one, Let) and one.id is not None and not one.targets and one.id not in read:
            removal = remove_statement(context.source, one.span)
            fix = None
            if removal is not None:
                fix = Fix(f"remove step {one.id}", (removal.edit,), safe=cannot_fail(one.value) and id(one) in outer)
            help_ = f"read `${one.id}` where it was meant to be used, or remove the step"
            yield finding(RULE, f"nothing reads the value of step {one.id}", one.span, help_, fix=fix)
        elif isinstance(one, ForEach) and one.yields is not None and one.id > 0 and one.id not in read:
            help_ = f"read `${one.id}` where it was meant to be used, or leave out the `yield`"
            message = f"nothing reads what loop {one.id} yields"
            yield finding(RULE, message, one.span, help_, severity=Severity.REMARK)
