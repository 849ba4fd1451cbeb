"""Find inputs that nothing reads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lcc.grammar.diagnostics import Diagnostic, Fix, Label, Rule
from lcc.grammar.ir import Const, Input, InputDecl, block_statements, flat, inputs_of, statement_values
from lcc.passes.lint.facts import LintContext, finding, span_of, texts_of
from lcc.passes.lint.fixes import remove_statement

RULE = Rule(
    "L017",
    "unused-input",
    "an input is declared and never read",
    "Whoever runs the plan with another value expects another result. Most often the value was written into a call instead of "
    "the input.",
    'input city: str = "Paris"\n1. search("hotels in Paris")\n2. join($1)\n',
    'input city: str = "Paris"\n1. search("hotels in $city")\n2. join($1)\n',
)

MOST_SOUGHT: Final = 16
"""For how many unused inputs the plan is searched for their value."""


def check(context: LintContext) -> Iterator[Diagnostic]:
    """Yield a finding for each unused input."""
    if not context.plan.inputs:
        return
    read = {use.part.name for use in context.uses if isinstance(use.part, Input)}
    unused = [declared for declared in context.plan.inputs if declared.name not in read]
    for place, declared in enumerate(unused):
        yield _unused(context, declared, _written_out(context, declared) if place < MOST_SOUGHT else ())


def _unused(context: LintContext, declared: InputDecl, labels: tuple[Label, ...]) -> Diagnostic:
    help = f"read it as `${declared.name}`" + (", where its value is written out" if labels else ", or remove it")
    removal = remove_statement(context.source, declared.span)
    fix = None if removal is None else Fix(f"remove input `{declared.name}`", (removal.edit,), safe=False)
    return finding(RULE, f"nothing reads input `{declared.name}`", declared.span, help, labels=labels, fix=fix)


def _written_out(context: LintContext, declared: InputDecl) -> tuple[Label, ...]:
    """Return the first argument that holds the default of an input as text."""
    default = declared.default
    if not isinstance(default, Const) or not isinstance(default.value, str) or len(default.value) < 3:
        return ()
    for task in flat(context.plan, "unused-input"):
        for arg in task.args:
            if any(default.value in text for text in texts_of(arg.value)):
                return (Label(span_of(task, arg), "its value is written here"),)
    return ()


def check_body(context: LintContext) -> Iterator[Diagnostic]:
    """Yield a finding for each unused input."""
    statements = [value for one in block_statements(context.body) for value in statement_values(one)]
    join = () if context.plan.join is None else context.plan.join.values
    read = {one.name for value in (*statements, *join) for one in inputs_of(value)}
    for declared in context.plan.inputs:
        if declared.name not in read:
            yield _unused(context, declared, ())
