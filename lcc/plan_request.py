"""Put a whole plan before somebody: what it calls, what it changes and may change, what it is expected to take, and its graph.

Texts in it are a model's: escape them for a terminal.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterable, Iterator, Set
from dataclasses import field, replace
from hashlib import sha256
from typing import TypeAlias

from lcc.grammar.dataclass import dataclass
from lcc.grammar.given import kind_of
from lcc.grammar.ir import (
    Const,
    Join,
    Plan,
    Ref,
    Task,
    TaskId,
    Value,
    calls_of,
    dependencies,
    flat,
    map_references,
    references,
)
from lcc.grammar.ir.json_form import to_json
from lcc.grammar.signatures import Effect, Tools
from lcc.grammar.syntax.print_value import call_text
from lcc.grammar.values import Json
from lcc.passes.analysis.costs import Costs
from lcc.passes.analysis.estimate import Estimate, estimate
from lcc.passes.analysis.estimate_body import BodyEstimate, estimate_body
from lcc.runtime.options import LATER, Later


@dataclass(frozen=True, slots=True)
class Change:
    """A call of the plan that changes something, or may. `effect`: `write`, `destructive`, or `undeclared`, which may do anything."""

    id: str
    tool: str
    call: str
    effect: Effect

    @property
    def certain(self) -> bool:
        """Whether the tool says that it changes something."""
        return self.effect is not Effect.UNDECLARED


def plan_digest(plan: Plan) -> str:
    """Return what a plan is recognized by, without the values of its secrets."""
    inputs = tuple(replace(declared, default=None) if declared.secret else declared for declared in plan.inputs)
    return sha256(json.dumps(to_json(replace(plan, inputs=inputs, origins=()))).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class PlanRequest:
    """A plan that waits for one answer. Nothing of it has been called.

    `text`: the plan, or the program, as it will be run. `problems`: what is wrong with the text that was given in its place; this is
    the plan as it was before then.
    """

    text: str
    plan: Plan
    tools: Tools = field(repr=False)
    language: str = "plan"
    problems: str = ""

    @property
    def changes(self) -> tuple[Change, ...]:
        """The calls that change something, or may, in the order of the plan."""
        return tuple(self._changes())

    def _changes(self) -> Iterator[Change]:
        from lcc.grammar.drawing.words import call_words, own_names

        body = self.plan.body is not None
        for task in calls_of(self.plan):
            tool = self.tools.get(task.tool)
            effect = Effect.UNDECLARED if tool is None else tool.effect
            if not effect.may_start_early:
                call = own_names(call_words(task), self.text) if body else call_text(task)
                yield Change(str(task.id), task.tool, call, effect)

    def estimate(self, costs: Costs | None = None) -> Estimate | BodyEstimate:
        """Return what the plan is expected to take: calls, seconds, tokens, USD; from least to most for one with a body."""
        costs = costs or Costs()
        if self.plan.body is not None:
            return estimate_body(self.plan, self.tools, costs)
        return estimate(alone(self.plan), self.tools, costs)

    @property
    def graph(self) -> str:
        """The plan as a Mermaid flowchart."""
        from lcc.grammar.drawing import as_mermaid, picture
        from lcc.grammar.drawing.marks import worded
        from lcc.grammar.drawing.words import own_names

        drawn = picture(self.plan, self.tools)
        return as_mermaid(drawn if self.plan.body is None else worded(drawn, lambda words: own_names(words, self.text)))

    @property
    def digest(self) -> str:
        """What the request is recognized by: another plan has another one."""
        return plan_digest(self.plan)

    def to_dict(self) -> dict[str, Json]:
        """Return the request as JSON."""
        return {
            "text": self.text,
            "language": self.language,
            "changes": [{"id": c.id, "call": c.call, "effect": c.effect.value} for c in self.changes],
            "graph": self.graph,
            "problems": self.problems,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanAnswer:
    """What somebody says of a plan. `reason`: of a no; a planner is told. `drop`: ids of calls to leave out. `text`: to run in its place."""

    approved: bool
    reason: str = ""
    drop: tuple[int, ...] = ()
    text: str | None = None


PlanApprover: TypeAlias = Callable[[PlanRequest], Awaitable["bool | PlanAnswer | Later"]]
"""Returns True or a PlanAnswer for a yes, LATER to end until there is an answer. Anything else is a no, also what Python counts as true."""


def answer_of(given: object) -> PlanAnswer | Later:
    """Return what an approver's answer means."""
    if given is LATER or isinstance(given, PlanAnswer):
        return given if isinstance(given, PlanAnswer) else LATER
    if given is True or given is False:
        return PlanAnswer(approved=given is True)
    said = f"`approve_plan` returned {kind_of(given)}; only True or a PlanAnswer is a yes"
    return PlanAnswer(approved=False, reason=said)


def without(plan: Plan, ids: Iterable[int]) -> str:
    """Return the text of a plan without some of its calls; raise ValueError for ids that it doesn't have, for calls that others need, and
    for a plan with a body.
    """
    from lcc.grammar.syntax.print_plan import print_plan

    if plan.body is not None:
        raise ValueError("lines can be left out of plans of numbered calls only; give another text instead")
    gone: set[TaskId] = set(ids)
    tasks = flat(plan, "leaving out lines")
    unknown = gone - {task.id for task in tasks}
    if unknown:
        raise ValueError(f"the plan has no call {min(map(str, unknown))}")
    left = tuple(task for task in tasks if task.id not in gone)
    for task in left:
        read = next((id_ for id_ in dependencies(task) if id_ in gone), None)
        if read is not None:
            raise ValueError(f"call {read} can't be left out, since call {task.id} needs it")
    return print_plan(replace(plan, tasks=left, join=None if plan.join is None else _left(plan.join, gone)))


def _left(join: Join, gone: Set[TaskId]) -> Join:
    """Return what an end hands over without calls; raise ValueError if it names one of them."""
    if join.labels is not None:
        kept = [pair for pair in zip(join.values, join.labels, strict=True) if pair[1] not in gone]
        return replace(join, values=tuple(value for value, _ in kept), labels=tuple(label for _, label in kept))
    read = next((ref.task for value in join.values for ref in references(value) if ref.task in gone), None)
    if read is not None:
        raise ValueError(f"call {read} can't be left out, since the plan's end reads it")
    return join


def alone(plan: Plan) -> Plan:
    """Return a plan without what it reads of earlier plans, whose calls take nothing any more."""
    tasks = flat(plan, "reading of earlier plans")
    own = {task.id for task in tasks}

    def known(ref: Ref) -> Value:
        return ref if ref.task in own else Const(None)

    def rewritten(task: Task) -> Task:
        args = tuple(replace(arg, value=map_references(arg.value, known)) for arg in task.args)
        return replace(task, args=args, after=tuple(id_ for id_ in task.after if id_ in own))

    return replace(plan, tasks=tuple(map(rewritten, tasks)))
