"""Define what a plan can say of data: constants, results, inputs, texts, containers, names, and operations on them.

    Flat  = Const | Ref | Input | Format | ListOf | DictOf
    Value = Flat | Local | Builtin | Apply | Choose | Logic | Comprehension | Lambda | Spread | Select

Nodes are frozen; spans don't take part in equality. Unions are closed: handle them with `match` and `assert_never`. A
constant is a scalar; a container is never one, so that every value has one representation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from math import copysign
from typing import Literal, NamedTuple, TypeAlias

from lcc.grammar.dataclass import dataclass
from lcc.grammar.source import Span

Scalar: TypeAlias = str | int | float | bool | None
PathStep: TypeAlias = str | int
"""One step of a path: a key (`.name`, `["key"]`) or an index (`[0]`, `[-1]`)."""
Path: TypeAlias = tuple[PathStep, ...]


class Element(NamedTuple):
    """The id of one turn: `3[1]` is the second call of fan-out 3, `3[1][0]` the first of task 3 in the second turn of a loop.

    `inner`: the turns of the loops inside of the outermost one.
    """

    task: int
    place: int
    inner: tuple[int, ...] = ()

    def __str__(self) -> str:
        return f"{self.task}[{self.place}]" + "".join([f"[{turn}]" for turn in self.inner])


TaskId: TypeAlias = int | Element
"""An id as written, or one turn of it. `str(id)` is `3`, `3[1]` or `3[1][0]`."""

NOWHERE = Span(0, 0)


def task_id(text: str) -> TaskId:
    """Read an id that `str` printed; raise ValueError for anything else."""
    head, bracket, rest = text.partition("[")
    if not bracket:
        return int(head)
    if not rest.endswith("]"):
        raise ValueError(f"not a task id: {text!r}")
    place, *inner = map(int, rest[:-1].split("]["))
    return Element(int(head), place, tuple(inner))


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
    A format of one part is that part as text. Texts with other values in them are applications of `field f-string`.
    """

    parts: tuple[str | Ref | Input, ...]


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list; tuples are read as lists."""

    items: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class DictOf:
    """A dict with string keys, in source order; no key occurs twice. Where a program reads it, it is a record."""

    items: tuple[tuple[str, Value], ...]


@dataclass(frozen=True, slots=True)
class Local:
    """The value of a name that a loop or a statement of the plan binds."""

    name: str
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Builtin:
    """A class or constant of the table of operations: `ValueError`, `int`, `math.pi`, `re.IGNORECASE`."""

    name: str
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Apply:
    """An operation, applied: `a + b`, `len(a)`, `a.b`, `a[b]`, `a.upper()`.

    `op` is a key of OPERATIONS (`operator +`, `builtin len`, `module math.sqrt`, `subscript load`, `display list`,
    `field f-string`), or `method NAME` or `attribute NAME`, which the kind of the first argument decides when it is evaluated.
    Arguments are evaluated from left to right, then those of `names`. It may change its first argument, if its operation does.
    """

    op: str
    args: tuple[Value, ...] = ()
    names: tuple[tuple[str, Value], ...] = ()
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Choose:
    """`then if test else other`; only one of the two is evaluated."""

    test: Value
    then: Value
    other: Value
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Logic:
    """`a and b`, `a or b`, of two items and more; what stands behind the one that decides isn't evaluated."""

    op: Literal["and", "or"]
    items: tuple[Value, ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Targets:
    """What a list of names is unpacked into: `a, (b, *c)`. `star`: the place of the item that takes the rest, as a list."""

    items: tuple[Target, ...]
    star: int | None = None


Target: TypeAlias = str | Targets


@dataclass(frozen=True, slots=True)
class Clause:
    """`for target in items if …` of a comprehension."""

    target: Target
    items: Value
    conditions: tuple[Value, ...] = ()


@dataclass(frozen=True, slots=True)
class Comprehension:
    """`[item for …]` and its like. `key` is there in a dict alone. `lazy`: evaluated as far as its reader asks.

    The names that its clauses bind are its own.
    """

    kind: Literal["list", "set", "dict", "lazy"]
    item: Value
    clauses: tuple[Clause, ...]
    key: Value | None = None
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Lambda:
    """A function without calls. It stands only as an argument of what is in LOOPS: `key`, `map`, `filter`, `reduce`.

    `defaults` belong to the last of its parameters and are evaluated where it stands.
    """

    params: tuple[str, ...]
    body: Value
    defaults: tuple[Value, ...] = ()
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Spread:
    """`*value`, or with `names` `**value`, among the arguments of an operation or the items of a list."""

    value: Value
    names: bool = False


@dataclass(frozen=True, slots=True)
class Select:
    """The first of these that was taken: `select($2, $3)`."""

    items: tuple[Value, ...]
    span: Span = field(default=NOWHERE, compare=False)


Flat: TypeAlias = Const | Ref | Input | Format | ListOf | DictOf
"""The values of a plan without a body, which its text writes as they are."""
Value: TypeAlias = Flat | Local | Builtin | Apply | Choose | Logic | Comprehension | Lambda | Spread | Select
"""Everything that a plan can say of data. Values never call tools."""


def text_of(parts: Sequence[str | Ref | Input]) -> Const | Format:
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
