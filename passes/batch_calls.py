"""Batch calls: equal-shaped calls of a tool that has a batch form become one call.

    1. embed("tides")       # def embed(text: str): pure, batch=embed_all, at most 100
    2. embed("moon")
    3. compare($1, $2)
=>
    4. embed_all([{"text": "tides"}, {"text": "moon"}])
    3. compare($4[0], $4[1])

The batch form takes a list of argument objects and returns one result or error for each, so an element fails alone: `$4[0]`
names element 0, as in a fan-out. Only pure calls and reads that read the same results, and become ready together, are
batched, and of reads only those with no write to the family of their resources between them. The batch form's own
declaration must be pure or read, and name every family that the calls read, so that it is ordered as they would be.

Requires: a verified, bound plan, without equal or dead calls. Keeps: results, failures, the place of the first call.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from typing import assert_never

from lcc.grammar.ir import (
    Arg,
    Batched,
    Const,
    DictOf,
    Element,
    Format,
    Input,
    ListOf,
    Merged,
    Plan,
    Ref,
    Task,
    TaskId,
    Value,
    dependencies,
)
from lcc.grammar.signature import Batch, Signature
from lcc.grammar.types import AnyType, BoolType, DictType, IntType, ListType, NullType, RecordType, Type
from lcc.passes.bind import field_type, item_type
from lcc.passes.constants import is_constant
from lcc.passes.context import Action, Context
from lcc.passes.effects import Versions
from lcc.passes.inference import Types
from lcc.passes.listing import listed
from lcc.passes.rewrite import rewrite_after, rewrite_join, rewrite_task


@dataclass(slots=True)
class _Group:
    """Calls that can be one call."""

    batch: Batch
    members: list[Task] = field(default_factory=list)


def batch_calls(plan: Plan, context: Context) -> Plan:
    """Make one call of each group of calls that a tool can take together."""
    groups = [group for group in _groups(plan, context) if len(group.members) > 1]
    if not groups:
        return plan
    batcher = _Batcher(plan, context)
    for group in groups:
        batcher.add(group)
    return batcher.plan()


def _groups(plan: Plan, context: Context) -> list[_Group]:
    """Return the groups, each no longer than its tool allows, in the order of their first members."""
    versions = Versions(context.accesses.families)
    usable: dict[str, Batch | None] = {}
    open_groups: dict[Hashable, _Group] = {}
    groups: list[_Group] = []
    types = context.types(plan)
    for task in plan.tasks:
        accesses = context.accesses.of(task)
        if context.calls.effect(task.tool).writes:
            versions.write(task.id, accesses)
        batch = usable[task.tool] if task.tool in usable else usable.setdefault(task.tool, _usable(task, context))
        types.add(task)
        if (
            batch is None
            or task.id in context.started
            or task.each is not None
            or not _is_settled(task, context, types)
        ):
            continue
        key = (task.tool, frozenset(dependencies(task)), frozenset(task.after), versions.family_stamp(accesses))
        group = open_groups.get(key)
        if group is None or len(group.members) == batch.max_batch:
            group = open_groups[key] = _Group(batch)
            groups.append(group)
        group.members.append(task)
    return groups


def _is_settled(task: Task, context: Context, types: Types) -> bool:
    """Whether no argument is converted on its way to the parameter: nobody would convert it inside of a list."""
    convention = context.calls.convention(task.tool)
    assert convention is not None
    for place, arg in enumerate(task.args):
        parameter = convention.parameter_of(arg, place)
        if parameter is None or not _has_form(arg.value, parameter.type, types):
            return False
    return True


def _has_form(value: Value, target: Type, types: Types) -> bool:
    match value:
        case Const() | Format(parts=(_, _, *_)):
            return True
        case Ref() | Input():
            return isinstance(target, AnyType | BoolType | IntType | NullType) or types.of(value) == target
        case ListOf(items):
            if is_constant(value):
                return True
            is_list = isinstance(target, AnyType | ListType)
            return is_list and all(_has_form(item, item_type(target), types) for item in items)
        case DictOf(pairs):
            if is_constant(value):
                return True
            is_dict = isinstance(target, AnyType | DictType | RecordType)
            return is_dict and all(_has_form(item, field_type(target, key), types) for key, item in pairs)
        case Format():
            return False
        case _:
            assert_never(value)


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
    named = {resource.parts[0] for resource in form.resources}
    missing = next((r for r in signature.resources if r.parts[0] not in named), None)
    return "" if missing is None else f"its batch form `{batch.tool}` doesn't declare `{missing.pattern}`"


class _Batcher:
    def __init__(self, plan: Plan, context: Context) -> None:
        self._plan = plan
        self._context = context
        self._next = 1 + max((_number(id) for id in _used(plan)), default=0)
        self._places: dict[TaskId, Ref] = {}
        self._after: dict[TaskId, tuple[TaskId, ...]] = {}
        self._calls: dict[TaskId, Task] = {}
        self._origins: list[Batched] = []

    def add(self, group: _Group) -> None:
        """Make one call of a group, in the place of its first member."""
        first, id = group.members[0], self._next
        self._next += 1
        objects = tuple(DictOf(tuple(self._context.calls.given(task).items())) for task in group.members)
        args = (Arg(None, ListOf(objects), span=first.span),)
        self._calls[first.id] = Task(id, group.batch.tool, args, first.after, first.priority, first.thought, first.span)
        for index, task in enumerate(group.members):
            self._places[task.id] = Ref(id, (index,))
            self._after[task.id] = (id,)
            self._origins.append(Batched(task.id, id, index))
        effect = self._context.calls.effect(first.tool)
        why = f"`{first.tool}` is {effect}, and `{group.batch.tool}` returns a result or an error for each"
        self._context.report(
            Action.BATCHED, f"{listed([task.id for task in group.members])} are one call, {id}", why, group.members
        )

    def plan(self) -> Plan:
        """Return the plan with the batch calls, and everything that read their elements reading them there."""
        tasks = []
        for task in self._plan.tasks:
            if task.id in self._places and task.id not in self._calls:
                continue
            new = self._calls.get(task.id, task)
            tasks.append(rewrite_after(rewrite_task(new, self._follow), self._after))
        join = None if self._plan.join is None else rewrite_join(self._plan.join, self._follow)
        return Plan(self._plan.inputs, tuple(tasks), join, (*self._plan.origins, *self._origins))

    def _follow(self, ref: Ref) -> Ref:
        place = self._places.get(ref.task)
        return ref if place is None else Ref(place.task, (*place.path, *ref.path), ref.span)


def _used(plan: Plan) -> Iterator[TaskId]:
    for task in plan.tasks:
        yield task.id
    for origin in plan.origins:
        yield origin.id
        if isinstance(origin, Merged | Batched):
            yield origin.into
    if plan.join is not None:
        yield plan.join.id or 0
        yield from plan.join.labels or ()


def _number(id: TaskId) -> int:
    return id.task if isinstance(id, Element) else id
