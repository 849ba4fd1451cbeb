"""Define the intermediate representation: a plan is a straight line of tasks that read earlier results.

    Plan(inputs, tasks, join)
    Value = Const | Ref | Input | Format | ListOf | DictOf

Nodes are frozen; spans don't take part in equality. Unions are closed: handle them with `match` and `assert_never`. A
constant is a scalar; a container is always a `ListOf` or a `DictOf`, so that every value has one representation.
Tasks stand in text order, and a reference points to a task before its reader.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import copysign
from typing import NamedTuple, TypeAlias

from lcc.grammar.source import Span

Scalar: TypeAlias = str | int | float | bool | None
Step: TypeAlias = str | int
"""One step of a path: a key (`.name`, `["key"]`) or an index (`[0]`, `[-1]`)."""
Path: TypeAlias = tuple[Step, ...]


class Element(NamedTuple):
    """The id of one element of a fan-out: `3[1]` is the second call of task 3."""

    task: int
    place: int

    def __str__(self) -> str:
        return f"{self.task}[{self.place}]"


TaskId: TypeAlias = int | Element
"""An id as written, or an element of a fan-out. `str(id)` is `3` or `3[1]`."""

NOWHERE = Span(0, 0)


def task_id(text: str) -> TaskId:
    """Read an id that `str` printed; raise ValueError for anything else."""
    head, bracket, rest = text.partition("[")
    if not bracket:
        return int(head)
    if not rest.endswith("]"):
        raise ValueError(f"not a task id: {text!r}")
    return Element(int(head), int(rest[:-1]))


@dataclass(frozen=True, slots=True, eq=False)
class Const:
    """A scalar. Equality includes the type and the sign of zero, which Python's `1 == True == 1.0` does not."""

    value: Scalar

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Const):
            return NotImplemented
        mine, theirs = self.value, other.value
        if type(mine) is not type(theirs) or mine != theirs:
            return False
        return not isinstance(mine, float) or copysign(1.0, mine) == copysign(1.0, theirs)  # type: ignore[arg-type]

    def __hash__(self) -> int:
        return hash((type(self.value).__name__, self.value))


@dataclass(frozen=True, slots=True)
class Ref:
    """The result of an earlier task, or a part of it: `$1`, `$1.name[0]`."""

    task: TaskId
    path: Path = ()
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Input:
    """The value of a declared input, or a part of it: `$city`."""

    name: str
    path: Path = ()
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Format:
    """Text with results in it: `"age of $1"`. Strings stand as they are, other results as JSON.

    No two neighbouring parts are strings, none is empty, and at least one is not a string: a pure text is a `Const`.
    A format of one part is that part as text.
    """

    parts: tuple[str | Ref | Input, ...]


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list; tuples are read as lists."""

    items: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class DictOf:
    """A dict with string keys, in source order; no key occurs twice."""

    items: tuple[tuple[str, Value], ...]


Value: TypeAlias = Const | Ref | Input | Format | ListOf | DictOf


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

    `priority`: upward rank in seconds (higher runs first when a limit makes tasks wait); 0 when nothing computed it.
    `name_at`: how far behind the call's beginning the name of the tool stands in the source; -1 if it doesn't.
    """

    id: TaskId
    tool: str
    args: tuple[Arg, ...] = ()
    after: tuple[TaskId, ...] = ()
    priority: float = 0.0
    thought: str = ""
    span: Span = field(default=NOWHERE, compare=False)
    name_at: int = field(default=-1, compare=False, repr=False)

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
class Plan:
    """A whole plan. `origins` records, in the order it happened, what became of source ids."""

    inputs: tuple[InputDecl, ...] = ()
    tasks: tuple[Task, ...] = ()
    join: Join | None = None
    origins: tuple[Origin, ...] = ()


def text_of(parts: list[str | Ref | Input]) -> Const | Format:
    """Build the one representation of a text: neighbouring strings joined, empty ones dropped, a constant if nothing is left."""
    merged: list[str | Ref | Input] = []
    for part in parts:
        if isinstance(part, str):
            if not part:
                continue
            if merged and isinstance(merged[-1], str):
                merged[-1] += part
                continue
        merged.append(part)
    if not merged:
        return Const("")
    if len(merged) == 1 and isinstance(merged[0], str):
        return Const(merged[0])
    return Format(tuple(merged))
