"""Define the intermediate representation: a plan is a line of tasks that read earlier results, or a tree of statements.

    Plan(inputs, tasks, join)                     calls, their arguments, and what is handed back
    Plan(inputs, body, join, fails)               with a body: loops, conditions, names, handlers
    Step = Task | Let | ForEach | Region
    Statement = Step | Inline | If | While | Try | Gather | Exit

Nodes are frozen; spans don't take part in equality. Unions are closed: handle them with `match` and `assert_never`.
Tasks stand in text order, and a reference points to a task before its reader. Calls stand only as tasks: a value never calls.
"""

from __future__ import annotations

from dataclasses import field
from typing import Literal, TypeAlias

from lcc.grammar.dataclass import dataclass
from lcc.grammar.ir.expressions import NOWHERE, Target, TaskId, Value
from lcc.grammar.shown import Shown
from lcc.grammar.source import Span


@dataclass(frozen=True, slots=True)
class Arg:
    """One argument of a call; positional when `name` is None; `each` makes the call a fan-out over it."""

    name: str | None
    value: Value
    each: bool = False
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Task:
    """One call. `after` holds tasks that must have ended first although no data flows: the order of effects.

    `ok`: those that must have ended well, or it isn't reached. `when`: it is made only if this is true, else it isn't taken.
    `instead`: it is made only if that task failed, which is then handled.
    `priority`: upward rank in seconds (higher runs first when a limit makes tasks wait); 0 when nothing computed it.
    `name_at`: how many code points behind the call's beginning the name of the tool stands in the source; -1 if it doesn't.
    """

    id: TaskId
    tool: str
    args: tuple[Arg, ...] = ()
    after: tuple[TaskId, ...] = ()
    priority: float = 0.0
    thought: str = ""
    span: Span = field(default=NOWHERE, compare=False)
    name_at: int = field(default=-1, compare=False, repr=False)
    when: Value | None = None
    ok: tuple[TaskId, ...] = ()
    instead: TaskId | None = None

    @property
    def tool_span(self) -> Span:
        """Where the tool's name stands, or the whole call where that isn't known."""
        if self.name_at < 0:
            return self.span
        start = self.span.start + self.name_at
        return Span(start, min(start + len(self.tool), self.span.end))

    @property
    def each(self) -> Arg | None:
        """The argument that makes this call a fan-out, if any."""
        for arg in self.args:
            if arg.each:
                return arg
        return None


@dataclass(frozen=True, slots=True)
class Let:
    """Evaluate a value and bind it: to an id (`4. = …`), or to each of the targets from left to right (`x = y = …`).

    Without either it is evaluated for what it changes or prints: `xs.append(x)`.
    """

    value: Value
    targets: tuple[Target, ...] = ()
    id: int | None = None
    when: Value | None = None
    thought: str = ""
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class ForEach:
    """Do the steps of a body once for each item. The turns overlap as far as data and effects allow.

    Its result is what the turns yield, in the order of the items: `yields`, where `yield_when` is true. Without `yields` it has
    none. A strict loop also binds its targets in the block that it stands in, and does `orelse` unless it was left by a break.
    """

    id: int
    target: Target
    items: Value
    body: Block
    yields: Value | None = None
    yield_when: Value | None = None
    orelse: Block = ()
    when: Value | None = None
    thought: str = ""
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Region:
    """Strict statements among steps. Its result is a record of `names`, as far as they are bound at its end."""

    id: int
    body: Block
    names: tuple[str, ...] = ()
    when: Value | None = None
    thought: str = ""
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Inline:
    """The body of a function in the place where it is called. Its result is what `return` in it gives, else None.

    `names`: the function's own names, which are unbound when it begins; no others of the plan are called so. `via`: the call.
    """

    id: int
    body: Block
    name: str = ""
    names: tuple[str, ...] = ()
    via: Span = field(default=NOWHERE, compare=False)
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class If:
    """`if test: … else: …`."""

    test: Value
    body: Block
    orelse: Block = ()
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class While:
    """`while test: … else: …`; `id` names its turns."""

    id: int
    test: Value
    body: Block
    orelse: Block = ()
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Handler:
    """`except classes as name: …`. Without classes it takes every failure that may be handled. `name` is unbound at its end."""

    classes: Value | None
    body: Block
    name: str | None = None
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Try:
    """`try: … except …: … else: … finally: …`."""

    body: Block
    handlers: tuple[Handler, ...] = ()
    orelse: Block = ()
    final: Block = ()
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a gather, or with `items` one for each of them: statements, and the value that the part gives.

    The names that the parts bind are their own.
    """

    body: Block
    value: Value
    target: Target | None = None
    items: Value | None = None


@dataclass(frozen=True, slots=True)
class Gather:
    """Do parts that are declared to be independent. Its result is the list of their values, in order.

    `exceptions`: a part that fails gives its exception as its value.
    """

    id: int
    parts: tuple[Part, ...]
    exceptions: bool = False
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Exit:
    """Leave: a loop (`break`, `continue`), a function or the program (`return`), the program (`answer`), or by an exception (`raise`).

    `offer` leaves nothing: at the end of a program it gives the value that counts if nothing was printed.
    """

    kind: Literal["break", "continue", "return", "answer", "raise", "offer"]
    value: Value | None = None
    span: Span = field(default=NOWHERE, compare=False)


Step: TypeAlias = Task | Let | ForEach | Region
"""What stands in the body of a plan that isn't strict, and in its loops. Its results are read by id."""
Statement: TypeAlias = Step | Inline | If | While | Try | Gather | Exit
"""What stands in strict blocks: a strict plan's, a region's, and those in them."""
Block: TypeAlias = tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Join:
    """What the plan hands to the joiner.

    `join()`: `labels` holds the source id of each value, and the run's join is a dict. `join(a, b)`: `labels` is None, and the
    run's join is a list. `answer(v)`: `direct`, one value. Passes rewrite values, never labels.
    """

    values: tuple[Value, ...]
    labels: tuple[int, ...] | None = None
    direct: bool = False
    id: int | None = None
    thought: str = ""
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class InputDecl:
    """`input name: type = default`. `type` is the annotation as written; `default` is None when there is none."""

    name: str
    type: str = "Any"
    default: Value | None = None
    secret: bool = False
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Merged:
    """Task `id` was the same call as `into`, which stands for it."""

    id: TaskId
    into: TaskId


@dataclass(frozen=True, slots=True)
class Expanded:
    """Fan-out `id` became the calls `id[0]` … `id[count - 1]`."""

    id: int
    count: int


@dataclass(frozen=True, slots=True)
class Dropped:
    """Task `id` was removed: nothing that join reads needs it."""

    id: TaskId


@dataclass(frozen=True, slots=True)
class Folded:
    """Task `id` was evaluated at compile time; every reader holds the value."""

    id: TaskId
    value: Value


@dataclass(frozen=True, slots=True)
class Batched:
    """Task `id` may be made in one call with task `into`, and with all others that may: of their tool's batch form.

    Both are still in the plan. How many go together is settled when they are ready.
    """

    id: TaskId
    into: TaskId


Origin: TypeAlias = Merged | Expanded | Dropped | Folded | Batched
"""What a pass made of a source task."""


@dataclass(frozen=True, slots=True)
class Plan(Shown):
    """A whole plan. `origins` records, in the order it happened, what became of source ids.

    A plan that says more than calls and their arguments has a `body`, and no `tasks`. `fails`: in an `independent` plan a failure
    ends only what reads it, and steps are ordered by data and by effects on resources; a `strict` one means what its statements
    mean when they are done one after the other, and its first failure in that order ends it.
    """

    inputs: tuple[InputDecl, ...] = ()
    tasks: tuple[Task, ...] = ()
    join: Join | None = None
    origins: tuple[Origin, ...] = ()
    body: Block | None = None
    fails: Literal["independent", "strict"] = "independent"
