"""Hand passes what they need, and take what they report.

A pass is a function `(plan, context) -> plan`. It reads the tools, costs and options from the context, and says there what
it changed and what it had to leave.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import field
from enum import StrEnum
from typing import Final, NamedTuple, TypeAlias

from lcc.grammar.dataclass import dataclass
from lcc.grammar.ir import Plan, Task, TaskId
from lcc.grammar.signatures import NO_TOOLS, Tools
from lcc.grammar.source import Span
from lcc.grammar.values import Json
from lcc.passes.analysis.calls import Calls
from lcc.passes.analysis.costs import Costs
from lcc.passes.analysis.effects import Accesses
from lcc.passes.analysis.inference import Types


class Action(StrEnum):
    """What a change is. `KEPT` is one that an effect forbids, or that would cost more than it saves.

    `SERIAL`: a loop whose turns wait for one another. `HELD`: calls that wait for an undeclared one. Nothing is changed then.
    """

    MERGED = "merged"
    DROPPED = "dropped"
    EXPANDED = "expanded"
    FOLDED = "folded"
    BATCHED = "batched"
    NARROWED = "narrowed"
    ORDERED = "ordered"
    UNORDERED = "unordered"
    REWRITTEN = "rewritten"
    SERIAL = "serial"
    HELD = "held"
    KEPT = "kept"


UNCHANGED: Final = frozenset({Action.KEPT, Action.UNORDERED, Action.SERIAL, Action.HELD})
"""What says something of a plan, and changes nothing."""


class Change(NamedTuple):
    """One thing that a pass did, or left undone: `what` it is, and `why` it was legal or had to be left.

    `ids` are source ids, the one that the change is about first; `spans` are their places in the source, in the same order.
    A large plan has many: a named tuple is made in a third of the time of a frozen dataclass.
    """

    by: str
    action: Action
    what: str
    why: str
    ids: tuple[TaskId, ...]
    spans: tuple[Span, ...] = ()

    @property
    def is_kept(self) -> bool:
        """Whether nothing was changed."""
        return self.action in UNCHANGED

    def __str__(self) -> str:
        return f"{self.what}: {self.why}" if self.why else self.what


class NotEvaluated(Exception):
    """A call could not be evaluated at compile time. The message says why; the call stays as it is."""


Evaluate: TypeAlias = Callable[[str, Mapping[str, Json]], Json]
"""Evaluate a call of a pure tool: its name and arguments by parameter name; raises NotEvaluated."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """The calls of earlier plans of the same session, in the order in which they were made, bound.

    `finished` names those whose result is known and may be read again: a read or a pure call that ended well. Ids must not
    occur in the plan that is compiled; a reference to one reads its result.
    """

    tasks: tuple[Task, ...] = ()
    finished: frozenset[TaskId] = frozenset()


NOTHING_EARLIER: Final = Earlier()


@dataclass(slots=True)
class Context:
    """What a pipeline hands to its passes.

    `evaluate`: how a call is evaluated at compile time, None where that isn't wanted. `earlier`: what was called in the same
    session before. `started`: calls that may be running, which can be dropped but not changed.
    """

    tools: Tools = field(default_factory=lambda: NO_TOOLS)
    costs: Costs = field(default_factory=Costs)
    evaluate: Evaluate | None = None
    earlier: Earlier = NOTHING_EARLIER
    started: frozenset[TaskId] = frozenset()
    changes: list[Change] = field(default_factory=list)
    running: str = ""
    calls: Calls = field(init=False)
    accesses: Accesses = field(init=False)

    def __post_init__(self) -> None:
        self.calls = Calls(self.tools)
        self.accesses = Accesses(self.calls)

    def types(self, plan: Plan) -> Types:
        """Return the types of a plan's inputs and of earlier results, to which a pass adds its tasks as it walks."""
        types = Types(self.tools, plan.inputs)
        for task in self.earlier.tasks:
            types.add(task)
        return types

    def report(self, action: Action, what: str, why: str, tasks: Iterable[Task]) -> None:
        """Say that the running pass changed something about these tasks, or left it: `what`, and `why`."""
        about = list(tasks)
        ids = tuple([task.id for task in about])
        self.changes.append(Change(self.running, action, what, why, ids, tuple([task.span for task in about])))

    def report_at(self, action: Action, what: str, why: str, id: TaskId, span: Span) -> None:
        """Say that the running pass changed or found something about a statement that isn't a call."""
        self.changes.append(Change(self.running, action, what, why, (id,), (span,)))

    def counts(self) -> Counter[Action]:
        """Return how many changes of each kind were reported."""
        return Counter(change.action for change in self.changes)


Pass: TypeAlias = Callable[[Plan, Context], Plan]
"""A pass: from a valid plan to a valid plan."""
