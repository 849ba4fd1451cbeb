"""Batch calls: calls of a tool that has a batch form may be made in one call of that form.

    1. embed("tides")       # def embed(text: str): pure, batch=embed_all, at most 100
    2. embed("moon")
    3. compare($1, $2)
=>
    1. embed("tides")
    2. embed("moon")        # batched with 1
    3. compare($1, $2)

The tasks stay what they are, with their order, results, failures and retries; only the record says which belong together.
Those of them that are ready at the same time go into one call, `embed_all([{"text": "tides"}, {"text": "moon"}])`, as many as
the form takes. So pure calls and reads that read the same results, and of reads only those with no write to the family of
their resources between them, are put together. The batch form's own declaration must be pure or read, and name the families
that the calls read: then the order of the calls is its order.

Requires: a verified, bound plan, without equal or dead calls. Keeps: the tasks.
"""

from __future__ import annotations

from collections.abc import Hashable

from lcc.grammar.diagnostics.wording import listed
from lcc.grammar.ir import Batched, Plan, Task, dependencies, flat
from lcc.grammar.signatures import Batch, Resource, Signature
from lcc.passes.analysis.effects import Versions
from lcc.passes.context import Action, Context


def batch_calls(plan: Plan, context: Context) -> Plan:
    """Put the calls together that a tool can take together."""
    groups = [group for group in _groups(plan, context) if len(group) > 1]
    if not groups:
        return plan
    for first, *others in groups:
        _report(context, first, others)
    batched = tuple(Batched(task.id, first.id) for first, *others in groups for task in others)
    return Plan(plan.inputs, flat(plan, "batch-calls"), plan.join, (*plan.origins, *batched))


def _groups(plan: Plan, context: Context) -> list[list[Task]]:
    """Return the groups, each no longer than its tool allows, in the order of their first members."""
    versions = Versions(context.accesses.families)
    usable: dict[str, Batch | None] = {}
    open_groups: dict[Hashable, list[Task]] = {}
    groups: list[list[Task]] = []
    taken = {id for origin in plan.origins if isinstance(origin, Batched) for id in (origin.id, origin.into)}
    for task in flat(plan, "batch-calls"):
        accesses = context.accesses.of(task)
        if context.calls.effect(task.tool).writes:
            versions.write(task.id, accesses)
        batch = usable[task.tool] if task.tool in usable else usable.setdefault(task.tool, _usable(task, context))
        if batch is None or task.each is not None or task.id in context.started or task.id in taken:
            continue
        key = (task.tool, frozenset(dependencies(task)), frozenset(task.after), versions.family_stamp(accesses))
        group = open_groups.get(key)
        if group is None or len(group) == batch.max_batch:
            group = open_groups[key] = []
            groups.append(group)
        group.append(task)
    return groups


def _report(context: Context, first: Task, others: list[Task]) -> None:
    effect, batch = context.calls.effect(first.tool), context.tools[first.tool].batch
    assert batch is not None
    members = [first, *others]
    what = f"{listed([task.id for task in members])} can be one call"
    why = f"`{first.tool}` is {effect}, and `{batch.tool}` returns a result or an error for each"
    context.report(Action.BATCHED, what, why, members)


def _usable(task: Task, context: Context) -> Batch | None:
    """Return the batch form of a task's tool if it can stand for its calls; say so if it is declared and can't."""
    signature = context.tools.get(task.tool)
    if signature is None or signature.batch is None or not signature.effect.may_start_early:
        return None
    batch = signature.batch
    reason = _objection(signature, context.tools.get(batch.tool), batch)
    if reason:
        context.report(Action.KEPT, f"calls of `{task.tool}` stay single", reason, (task,))
        return None
    return batch


def _objection(signature: Signature, form: Signature | None, batch: Batch) -> str:
    if form is None:
        return f"its batch form `{batch.tool}` is no tool in scope"
    if not form.effect.may_start_early:
        return f"its batch form `{batch.tool}` is {form.effect}"
    if not form.parameters or form.parameters[0].keyword_only or any(p.required for p in form.parameters[1:]):
        return f"its batch form `{batch.tool}` doesn't take one list"
    missing, more = _not_in(form, signature), _not_in(signature, form)
    if missing is not None:
        return f"its batch form `{batch.tool}` doesn't declare `{missing.pattern}`"
    return "" if more is None else f"it doesn't declare `{more.pattern}`, as its batch form `{batch.tool}` does"


def _not_in(one: Signature, other: Signature) -> Resource | None:
    """Return a resource of `other` of whose family `one` names none."""
    named = {resource.parts[0] for resource in one.resources}
    return next((resource for resource in other.resources if resource.parts[0] not in named), None)
