"""Define a step as it is written: its parts are expressions still, since what a name or a dollar means depends on the plan."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from lcc.grammar.ir import NOWHERE, Task
from lcc.grammar.source import Span

WrittenKind: TypeAlias = Literal["call", "let", "for", "yield", "python"]


@dataclass(frozen=True, slots=True)
class WrittenArg:
    """One argument of a call, as an expression."""

    name: str | None
    value: Any
    each: bool
    span: Span


@dataclass(frozen=True, slots=True)
class Written:
    """A step. `value`: of `=` and `yield`, and the items of a loop; `tool` is also `join` or `answer`.

    `instead`, `after`, `ok`: the ids behind a call. `text` is that of a block of Python, which begins at `text_at`.
    """

    kind: WrittenKind
    id: int | None
    span: Span
    tool: str = ""
    named: Span = NOWHERE
    args: tuple[WrittenArg, ...] = ()
    target: Any = None
    value: Any = None
    when: Any = None
    instead: int | None = None
    after: tuple[int, ...] = ()
    ok: tuple[int, ...] = ()
    text: str = ""
    text_at: int = 0


@dataclass(slots=True)
class Entry:
    """A step in its place: where its line begins, and the thought before it. `step` is a task where plan.lark reads it."""

    step: Written | Task
    line_start: int
    column: int
    thought: str = ""
    body: list[Entry] = field(default_factory=list)
    parent: Entry | None = None
    yields: Written | None = None

    @property
    def span(self) -> Span:
        """Where the step stands."""
        return self.step.span
