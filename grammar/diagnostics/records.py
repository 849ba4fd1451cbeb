"""State what is wrong, where, and what to do: the records that every stage reports.

A `Diagnostic` is data; how it looks is decided by `render.py` (text, JSON) and by the model's feedback form. Every code is
documented by a `Rule` with an example that fires and one that doesn't; the examples are tests.

Messages follow rustc and ruff: lower case, no final period, the fact in `message`, the remedy in `help`.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from lcc.grammar.dataclass import dataclass
from lcc.grammar.shown import Shown
from lcc.grammar.source import Span


class Severity(StrEnum):
    """How much a finding matters: an error refuses the plan, the others don't."""

    ERROR = "error"
    WARNING = "warning"
    REMARK = "remark"


@dataclass(frozen=True, slots=True)
class Label:
    """A secondary place that explains a diagnostic, such as the first of two equal ids."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the text under `span`; an empty span inserts."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Fix:
    """A change of the source that removes the finding. Only a `safe` one is applied without being asked for."""

    message: str
    edits: tuple[Edit, ...]
    safe: bool = True


@dataclass(frozen=True, slots=True)
class Diagnostic(Shown):
    """One finding. `span` is None only where no text exists, as for an IR that was built by a program."""

    code: str
    severity: Severity
    message: str
    span: Span | None = None
    help: str | None = None
    labels: tuple[Label, ...] = ()
    fix: Fix | None = None

    @property
    def is_error(self) -> bool:
        """Whether the plan is refused because of it."""
        return self.severity is Severity.ERROR

    def __str__(self) -> str:
        """Return what is wrong and what to do, without its place, which only the text tells."""
        help_ = f"; {self.help}" if self.help else ""
        return f"{self.severity.value}[{self.code}]: {self.message}{help_}"


@dataclass(frozen=True, slots=True)
class Rule:
    """The documentation of one code: what it says, why it is bad, an example that fires, the same without it.

    `bad` and `good` are plan texts for the named front end, checked with `tools` (the text of a `.pyi` file; empty: no tools). Where
    the plan alone doesn't show it, `front_end` is `terminal`, for commands (`$ cat FILE` shows a file), or `api`, for Python.
    """

    code: str
    name: str
    summary: str
    why: str
    bad: str
    good: str
    tools: str = ""
    front_end: str = "plan"


def has_errors(diagnostics: Iterable[Diagnostic]) -> bool:
    """Whether any diagnostic refuses the plan."""
    return any(d.severity is Severity.ERROR for d in diagnostics)
