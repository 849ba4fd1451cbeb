"""Hand lints a plan and what is known of it. Every analysis is made once, when the first lint asks for it.

Lints look at the plan as bound to its tools: arguments stand at the places where they were written, with the same spans.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple

from lcc.grammar.diagnostics import Diagnostic, Fix, Label, Rule, Severity
from lcc.grammar.flow import Flow, flow_of
from lcc.grammar.ir import (
    NOWHERE,
    Arg,
    Block,
    Const,
    ForEach,
    Format,
    Gather,
    Input,
    Plan,
    Ref,
    Task,
    TaskId,
    Value,
    While,
    blocks_of,
    dependencies,
    flat,
    reads,
    tasks_by_id,
)
from lcc.grammar.ir.walk import walk
from lcc.grammar.signatures import Effect, Parameter, Signature, Tools
from lcc.grammar.source import Source, Span
from lcc.passes.analysis.calls import parameter_name
from lcc.passes.analysis.inference import Types
from lcc.passes.bind import bind
from lcc.passes.context import Change, Context
from lcc.passes.deduplicate import deduplicate
from lcc.passes.eliminate_dead_tasks import eliminate_dead_tasks

if TYPE_CHECKING:
    from lcc.passes.analysis.values.body_types import BodyTypes

SEARCHED: Final = 256
"""How many tasks a search for a data path looks at; past that, two tasks count as connected."""
SEARCHED_A_TASK: Final = 16
"""How many tasks all searches together look at, for each task of the plan, so that hostile plans cost little."""


class Use(NamedTuple):
    """One place where a result or an input is read: argument `place` of `task`, or value `place` of the join (None).

    `text`: the format that it stands in, if it does.
    """

    task: Task | None
    place: int
    part: Ref | Input
    text: Format | None


class LintContext:
    """A plan to lint: as it was written, as bound to its tools, and its source."""

    def __init__(self, plan: Plan, tools: Tools, source: Source) -> None:
        self.written = plan
        self.tools = tools
        self.source = source
        self.plan = bind(plan, tools)
        self._passes = Context(tools)
        self.calls = self._passes.calls
        self.accesses = self._passes.accesses
        self._searches = 10_000 + SEARCHED_A_TASK * len(plan.tasks)  # lints of bodies follow the flow instead

    @cached_property
    def tasks(self) -> Mapping[TaskId, Task]:
        """The tasks by id."""
        return tasks_by_id(self.plan)

    @cached_property
    def flow(self) -> Flow:
        """Where data goes in a plan with a body."""
        return flow_of(self.plan)

    @property
    def body(self) -> Block:
        """The statements of a plan with a body."""
        return self.plan.body or ()

    @cached_property
    def types(self) -> Types:
        """The types of all results and inputs."""
        types = Types(self.tools, self.plan.inputs)
        for task in flat(self.plan, "types for lints"):
            types.add(task)
        return types

    @cached_property
    def body_types(self) -> BodyTypes:
        """The types of the names, results and inputs of a plan with a body."""
        from lcc.passes.analysis.values.body_types import BodyTypes  # it loads what flat plans don't need

        return BodyTypes(self.plan, self.tools)

    @cached_property
    def uses(self) -> tuple[Use, ...]:
        """Every place where something is read, in text order."""
        return tuple(uses_of(self.plan))

    @cached_property
    def written_uses(self) -> tuple[Use, ...]:
        """Every place where something is read, as it was written: a reference in quotes still stands in a text."""
        return tuple(uses_of(self.written))

    @cached_property
    def readers(self) -> dict[TaskId, list[Use]]:
        """The places where each result is read."""
        found: dict[TaskId, list[Use]] = {}
        for use in self.uses:
            if isinstance(use.part, Ref):
                found.setdefault(use.part.task, []).append(use)
        return found

    @cached_property
    def merged(self) -> Plan:
        """The plan with equal calls merged: what is said of both is said once."""
        return self._deduplicated[0]

    @cached_property
    def merged_uses(self) -> tuple[Use, ...]:
        """Every place where something is read in the plan with equal calls merged."""
        return self.uses if self.merged is self.plan else tuple(uses_of(self.merged))

    @cached_property
    def repeats(self) -> Sequence[Change]:
        """What merging did, and what it left."""
        return self._deduplicated[1]

    @cached_property
    def dead(self) -> Sequence[Change]:
        """What eliminating dead tasks would drop once equal calls are merged, and what it would have to keep."""
        context = Context(self.tools)
        eliminate_dead_tasks(self.merged, context)
        return context.changes

    @cached_property
    def _deduplicated(self) -> tuple[Plan, Sequence[Change]]:
        context = Context(self.tools)
        return deduplicate(self.plan, context), context.changes

    def effect(self, task: Task) -> Effect:
        """Return what a call may do."""
        return self.calls.effect(task.tool)

    def signature(self, task: Task) -> Signature | None:
        """Return the declaration of a task's tool."""
        return self.tools.get(task.tool)

    def parameter(self, task: Task, place: int) -> Parameter | None:
        """Return the parameter that the argument at a place of a call gives, if there is one."""
        convention = self.calls.convention(task.tool)
        return None if convention is None else convention.parameter_of(task.args[place], place)

    def parameter_name(self, task: Task, place: int) -> str:
        """Return how an argument is called: the name of its parameter, else its place in the call."""
        arg = task.args[place]
        convention = self.calls.convention(task.tool)
        if convention is None:
            return arg.name or f"argument {place + 1}"
        return parameter_name(convention, arg, place)

    def label(self, id: TaskId, text: str) -> tuple[Label, ...]:
        """Return a label at a task; none where it isn't in the plan any more."""
        task = self.tasks.get(id)
        return () if task is None else (Label(task.span, text),)

    def depends(self, task: Task, on: TaskId) -> bool:
        """Whether a task reads another's result, at some remove; True also where the search would be long."""
        waiting = list(dependencies(task))
        seen = set(waiting)
        while waiting and on not in seen and len(seen) < SEARCHED and self._searches > 0:
            self._searches -= 1
            before = self.tasks.get(waiting.pop())
            new = [] if before is None else [id for id in dependencies(before) if id not in seen]
            seen.update(new)
            waiting += new
        return on in seen or bool(waiting)


def uses_of(plan: Plan) -> Iterator[Use]:
    """Yield every place of a plan where a result or an input is read, in text order."""
    for task in flat(plan, "a list of what is read"):
        for place, arg in enumerate(task.args):
            yield from (Use(task, place, part, text) for part, text in reads(arg.value))
    if plan.join is not None:
        for place, value in enumerate(plan.join.values):
            yield from (Use(None, place, part, text) for part, text in reads(value))


def places_of(plan: Plan) -> Iterator[tuple[Task | None, Value, Span]]:
    """Yield every argument, and every value of the join (with None), with the narrowest place that is known for it."""
    for task in flat(plan, "a list of arguments"):
        for arg in task.args:
            yield task, arg.value, span_of(task, arg)
    if plan.join is not None:
        for value in plan.join.values:
            yield None, value, plan.join.span


def texts_of(value: Value) -> Iterator[str]:
    """Yield every text in a value as it stands in the plan, without what is read into it; keys of dicts excluded."""
    for one in walk(value):
        match one:
            case Const(str(text)):
                yield text
            case Format(parts):
                yield from (part for part in parts if isinstance(part, str))
            case _:
                pass


def finding(
    rule: Rule,
    message: str,
    at: Span,
    help: str | None = None,
    *,
    severity: Severity = Severity.WARNING,
    labels: Sequence[Label] = (),
    fix: Fix | None = None,
) -> Diagnostic:
    """Return a diagnostic of a rule; places in a text that isn't there are left out."""
    known = tuple(label for label in labels if label.span != NOWHERE)
    return Diagnostic(rule.code, severity, message, None if at == NOWHERE else at, help, known, fix)


def span_of(task: Task, arg: Arg) -> Span:
    """Return the place of an argument, or of its call where that isn't known."""
    return task.span if arg.span == NOWHERE else arg.span


def task_list(ids: Sequence[TaskId]) -> str:
    """Return ids in words: `task 3`, `tasks 3 and 5`, `tasks 3, 5, 6 and 12 more`."""
    if len(ids) == 1:
        return f"task {ids[0]}"
    shown = [str(id) for id in ids]
    if len(ids) > 4:
        shown = [*shown[:3], f"{len(ids) - 3} more"]
    return f"tasks {', '.join(shown[:-1])} and {shown[-1]}"


def calls_in_loops(block: Block) -> Iterator[tuple[Task, tuple[Value | None, ...]]]:
    """Yield every call of a block, and what the loops around it run over, outermost first; None for a while loop."""
    todo: list[tuple[Block, tuple[Value | None, ...]]] = [(block, ())]
    while todo:
        inner, around = todo.pop()
        for one in inner:
            if isinstance(one, Task):
                yield one, around
            elif isinstance(one, ForEach):
                todo += [(one.orelse, around), (one.body, (*around, one.items))]
            elif isinstance(one, While):
                todo += [(one.orelse, around), (one.body, (*around, None))]
            elif isinstance(one, Gather):
                todo += [(p.body, around if p.items is None else (*around, p.items)) for p in reversed(one.parts)]
            else:
                todo += [(block, around) for block in reversed(blocks_of(one))]
