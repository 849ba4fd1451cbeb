"""What a stream of model output turns out to say, as it comes: the events of the model front end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from lcc.grammar.diagnostics import Diagnostic
from lcc.grammar.ir import InputDecl, Join, Task


@dataclass(frozen=True, slots=True)
class TaskParsed:
    """A task that stands unless it is retracted. Everything it reads was parsed before it.

    `repaired`: the codes of the repairs that count against a call that writes. `diagnostics` go with the task.
    """

    task: Task
    diagnostics: tuple[Diagnostic, ...] = ()
    repaired: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InputParsed:
    """An input that the plan declares."""

    declared: InputDecl


@dataclass(frozen=True, slots=True)
class JoinParsed:
    """What the plan hands over, once it is over. A later one replaces an earlier one; None takes it back."""

    join: Join | None
    diagnostics: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True, slots=True)
class Retracted:
    """The task of this id was read wrongly, or a later plan replaces it. Its id may be used again."""

    id: int


@dataclass(frozen=True, slots=True)
class DiagnosticFound:
    """Something to say that belongs to no task."""

    diagnostic: Diagnostic


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """A diagnostic found before that doesn't stand any more: what it was about is not part of the plan."""

    diagnostic: Diagnostic


@dataclass(frozen=True, slots=True)
class Ended:
    """The end of the text. `whole`: the plan has its end, so that what it doesn't hold wasn't meant. `why` says which."""

    whole: bool
    why: str


Event: TypeAlias = TaskParsed | InputParsed | JoinParsed | Retracted | DiagnosticFound | Withdrawn | Ended
