"""Find alternatives of a `select` that are never looked at, since one before them is always taken."""

from __future__ import annotations

from collections.abc import Iterator

from lcc.grammar.diagnostics import Diagnostic, Rule
from lcc.grammar.ir import Const, Input, Ref, Select, TaskId, Value, block_statements, statement_values
from lcc.grammar.ir.walk import walk
from lcc.passes.lint.facts import LintContext, finding
from lcc.passes.lint.step_reads import untaken_steps

RULE = Rule(
    "L029",
    "needless-select",
    "`select` never comes to one of its values",
    "It gives the first value that was taken. One before it has no condition, and nothing stands in for it, so it is always taken, "
    "or ends what reads it by its failure. Most often an `if failed` or a `when` was forgotten.",
    '1. tides("Brest")\n2. old_tides("Brest")\n3. = select($1, $2)\n4. answer($3)\n',
    '1. tides("Brest")\n2. old_tides("Brest") if failed $1\n3. = select($1, $2)\n4. answer($3)\n',
)


def check(context: LintContext) -> Iterator[Diagnostic]:
    """Yield nothing for a line of calls: it selects nothing."""
    yield from ()


def check_body(context: LintContext) -> Iterator[Diagnostic]:
    """Yield a finding for each `select` with a value that is never looked at."""
    values = [] if context.plan.join is None else list(context.plan.join.values)
    values += [value for one in block_statements(context.body) for value in statement_values(one)]
    selects = [part for value in values for part in walk(value) if isinstance(part, Select)]
    untaken = untaken_steps(context.plan) if selects else set()
    for one in selects:
        sure = next((option for option in one.items[:-1] if _is_taken(option, untaken)), None)
        if sure is not None:
            name = f"`${sure.task}`" if isinstance(sure, Ref) else "a value before the last"
            help_ = "write `if failed` or `when` behind the step that may be missing, or name it alone"
            yield finding(RULE, f"{name} is always taken, so what follows it is never looked at", one.span, help_)


def _is_taken(value: Value, untaken: set[TaskId]) -> bool:
    return isinstance(value, Const | Input) or (isinstance(value, Ref) and value.task not in untaken)
