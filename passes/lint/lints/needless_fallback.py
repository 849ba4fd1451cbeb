"""Find calls that stand in for a step that can't fail."""

from __future__ import annotations

from collections.abc import Iterator

from lcc.grammar.diagnostics import Diagnostic, Label, Rule
from lcc.grammar.ir import Let, Task, block_statements
from lcc.passes.lint.facts import LintContext, finding
from lcc.passes.lint.step_reads import cannot_fail

RULE = Rule(
    "L027",
    "needless-fallback",
    "a call stands in for a step that can't fail",
    "`if failed $1` makes a call where step 1 failed. A constant can't, so the call is never made. Most often another step was meant.",
    '1. = ["Brest", "Cork"]\n2. tides("Brest")\n3. old_tides("Brest") if failed $1\n4. join($2, $3)\n',
    '1. = ["Brest", "Cork"]\n2. tides($1[0])\n3. old_tides("Brest") if failed $2\n4. join($2, $3)\n',
)


def check(context: LintContext) -> Iterator[Diagnostic]:
    """Yield nothing for a line of calls: none stands in for another."""
    yield from ()


def check_body(context: LintContext) -> Iterator[Diagnostic]:
    """Yield a finding for each such call."""
    sure = {
        one.id: one
        for one in block_statements(context.body)
        if isinstance(one, Let) and one.id is not None and cannot_fail(one.value)
    }
    for task in block_statements(context.body):
        if isinstance(task, Task) and task.instead in sure:
            step = sure[task.instead]
            label = Label(step.span, "this can't fail")
            help_ = "name the step that may fail, or remove the call"
            yield finding(
                RULE, f"step {task.id} is never made: step {step.id} can't fail", task.span, help_, labels=[label]
            )
