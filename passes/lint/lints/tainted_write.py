"""Find writes whose arguments hold what an untrusted tool returned.

A result is tainted if its tool reads the outside, or does nobody knows what, and isn't declared `trusted`. Pure calls and
writes pass on the taint of what they are given; a trusted tool cuts it.
"""

from __future__ import annotations

from collections.abc import Iterator

from lcc.grammar.diagnostics import Diagnostic, Label, Rule, Severity
from lcc.grammar.flow import Node
from lcc.grammar.ir import Ref, Task, TaskId, calls_of, flat, task_references
from lcc.grammar.signatures import Effect
from lcc.passes.lint.facts import LintContext, finding, span_of

RULE = Rule(
    "L004",
    "tainted-write",
    "what an untrusted tool returned reaches an argument of a write",
    "Whoever writes the page that is read decides what is sent, stored or deleted: a page can hold an address, a command, or "
    "instructions to the model that reads it next. The way may lead through other calls. A tool whose results nobody else "
    "can write, or one that checks them, declares `trusted=True`.",
    '1. fetch("https://example.com/orders")\n2. extract($1, "address")\n3. send($2, "Your order is on its way.")\n4. join($3)\n',
    '1. lookup("order 17")\n2. extract($1, "address")\n3. send($2, "Your order is on its way.")\n4. join($3)\n',
    """\
import lcc

@lcc.tool(effect="read", resource="web")
def fetch(url: str) -> str: ...
@lcc.tool(effect="read", resource="orders", trusted=True)
def lookup(query: str) -> str: ...
@lcc.tool(effect="pure")
def extract(text: str, what: str) -> str: ...
@lcc.tool(effect="write", resource="outbox:{to}")
def send(to: str, text: str) -> int: ...
""",
)


def check(context: LintContext) -> Iterator[Diagnostic]:
    """Yield a finding for each argument of a write that holds something tainted."""
    if not context.tools:
        return
    sources: dict[TaskId, Task] = {}
    for task in flat(context.plan, "taint along a line"):
        source = _source(context, task, sources)
        if source is not None:
            sources[task.id] = source
    seen: set[tuple[TaskId, int]] = set()
    for use in context.uses:
        if use.task is None or not isinstance(use.part, Ref) or not context.effect(use.task).writes:
            continue
        source = sources.get(use.part.task)
        if source is not None and (use.task.id, use.place) not in seen:
            seen.add((use.task.id, use.place))
            yield _tainted(context, use.task, use.place, use.part, source)


def _source(context: LintContext, task: Task, sources: dict[TaskId, Task]) -> Task | None:
    """Return the call that taints a task's result, if any does."""
    signature = context.signature(task)
    if signature is not None and signature.trusted:
        return None
    if context.effect(task) in (Effect.READ, Effect.UNDECLARED):
        return task
    return next((sources[ref.task] for ref in task_references(task) if ref.task in sources), None)


def _tainted(context: LintContext, task: Task, place: int, ref: Ref, source: Task) -> Diagnostic:
    name = context.parameter_name(task, place)
    through = "" if source.id == ref.task else f", through task {ref.task}"
    message = f"what `{source.tool}` returned reaches `{name}` of `{task.tool}`{through}"
    what = "declares no effect" if context.effect(source) is Effect.UNDECLARED else "isn't trusted"
    return finding(
        RULE,
        message,
        ref.span,
        f"declare `trusted=True` for `{source.tool}` if nobody else can write what it returns, or for a tool that checks it",
        labels=(Label(source.span, f"`{source.tool}` {what}"),),
    )


def check_body(context: LintContext) -> Iterator[Diagnostic]:
    """Yield a finding for each tainted argument of a write, and a remark for a write that is made because of something tainted."""
    if not context.tools:
        return
    flow = context.flow
    sources = flow.sources(lambda node: _taints(context, node), lambda node: not _trusted(context, node))
    for task in calls_of(context.plan):
        if not context.effect(task).writes:
            continue
        node = flow.calls[task.id]
        told = False
        for place, read in enumerate(flow.arguments[node]):
            found = next((sources[one] for one in read if sources[one] >= 0), -1)
            if found >= 0:
                told = True
                yield _flows(context, task, place, flow.nodes[found])
        tests = [one for one in flow.nodes[node].control if flow.nodes[one].kind == "test" and sources[one] >= 0]
        if tests and not told:
            yield _decided(task, flow.nodes[sources[tests[-1]]])


def _taints(context: LintContext, node: Node) -> bool:
    task = node.statement
    if not isinstance(task, Task):
        return False
    return context.effect(task) in (Effect.READ, Effect.UNDECLARED) and not _trusted(context, node)


def _trusted(context: LintContext, node: Node) -> bool:
    signature = context.signature(node.statement) if isinstance(node.statement, Task) else None
    return signature is not None and signature.trusted


def _flows(context: LintContext, task: Task, place: int, node: Node) -> Diagnostic:
    source = node.statement
    assert isinstance(source, Task)
    name = context.parameter_name(task, place)
    what = "declares no effect" if context.effect(source) is Effect.UNDECLARED else "isn't trusted"
    return finding(
        RULE,
        f"what `{source.tool}` returned reaches `{name}` of `{task.tool}`",
        span_of(task, task.args[place]),
        f"declare `trusted=True` for `{source.tool}` if nobody else can write what it returns, or for a tool that checks it",
        labels=(Label(source.span, f"`{source.tool}` {what}"),),
    )


def _decided(task: Task, node: Node) -> Diagnostic:
    source = node.statement
    assert isinstance(source, Task)
    return finding(
        RULE,
        f"what `{source.tool}` returned decides whether `{task.tool}` is called",
        task.span,
        "make sure that whoever can write that may decide it",
        severity=Severity.REMARK,
        labels=(Label(source.span, "it comes from here"),),
    )
