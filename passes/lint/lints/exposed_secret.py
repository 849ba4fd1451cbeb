"""Find secrets that stand in the plan, or that the join hands to the joiner's model."""

from __future__ import annotations

from collections.abc import Iterator

from lcc.grammar.diagnostics import Diagnostic, Label, Rule
from lcc.grammar.ir import Const, Input, InputDecl
from lcc.passes.lint.facts import LintContext, finding

RULE = Rule(
    "L005",
    "exposed-secret",
    "a secret input has its value in the plan, or is handed to the joiner",
    "lcc keeps secret inputs out of journals, traces, reports and logs. It can't where the plan file itself holds the value, "
    "and the joiner's model is somebody else's computer: what the join reads is sent there, and may stand in the answer.",
    'secret input token: str\n1. fetch("orders", $token)\n2. join($1, "asked with $token")\n',
    'secret input token: str\n1. fetch("orders", $token)\n2. join($1)\n',
)


def check(context: LintContext) -> Iterator[Diagnostic]:
    """Yield a finding for each default of a secret, and for each secret that the join reads."""
    secrets = {declared.name: declared for declared in context.plan.inputs if declared.secret}
    if not secrets:
        return
    for declared in secrets.values():
        if declared.default is not None and declared.default not in (Const(""), Const(None)):
            yield _in_plan(declared)
    for use in context.uses:
        if use.task is None and isinstance(use.part, Input) and use.part.name in secrets:
            yield _in_join(context, use.part, secrets[use.part.name])


def _in_plan(declared: InputDecl) -> Diagnostic:
    message = f"the value of secret `{declared.name}` stands in the plan"
    help = "remove the default, and give it when the plan is run; change the secret if others have seen the file"
    return finding(RULE, message, declared.span, help)


def _in_join(context: LintContext, read: Input, declared: InputDecl) -> Diagnostic:
    join = context.plan.join
    end = "answer" if join is not None and join.direct else "join"
    message = f"`{end}` hands out secret `{read.name}`"
    help = "leave it out: calls may read it, what leaves the run must not"
    return finding(RULE, message, read.span, help, labels=(Label(declared.span, "declared as a secret"),))
