"""Find secrets that stand in the plan, or that the join hands to the joiner's model."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lcc.grammar.diagnostics import Diagnostic, Label, Rule
from lcc.grammar.flow import Node
from lcc.grammar.ir import NOWHERE, Apply, Const, Exit, Input, InputDecl, Let
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
    yield from _defaults(secrets.values())
    for use in context.uses:
        if use.task is None and isinstance(use.part, Input) and use.part.name in secrets:
            yield _in_join(context, use.part, secrets[use.part.name])


def check_body(context: LintContext) -> Iterator[Diagnostic]:
    """Yield the same, and a finding for each place where something computed from a secret is handed out or printed."""
    secrets = {declared.name: declared for declared in context.plan.inputs if declared.secret}
    if not secrets:
        return
    yield from _defaults(secrets.values())
    flow = context.flow
    found = flow.sources(
        lambda node: node.kind == "input" and node.label in secrets,
        lambda node: node.kind != "call" and not _prints(node),
    )
    printed = [place for place, node in enumerate(flow.nodes) if _prints(node)]
    for place in (*flow.ends, *printed):
        node = flow.nodes[place]
        source = next((found[one] for one in node.data if found[one] >= 0), -1)
        if source >= 0:
            yield _handed_out(node, secrets[flow.nodes[source].label])


def _prints(node: Node) -> bool:
    statement = node.statement
    return isinstance(statement, Let) and isinstance(statement.value, Apply) and statement.value.op == "builtin print"


def _handed_out(node: Node, declared: InputDecl) -> Diagnostic:
    how = node.statement.kind if isinstance(node.statement, Exit) else "print" if node.statement else "join"
    at = NOWHERE if node.statement is None else node.statement.span
    message = f"`{how}` hands out secret `{declared.name}`, or what is computed from it"
    help = "leave it out: calls may read it, what leaves the run must not"
    return finding(RULE, message, at, help, labels=(Label(declared.span, "declared as a secret"),))


def _defaults(secrets: Iterable[InputDecl]) -> Iterator[Diagnostic]:
    for declared in secrets:
        if declared.default is not None and declared.default not in (Const(""), Const(None)):
            yield _in_plan(declared)


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
