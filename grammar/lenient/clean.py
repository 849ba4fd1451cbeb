"""Turn a model's output into a clean plan file, and list what was repaired to get there."""

from __future__ import annotations

from dataclasses import dataclass

from lcc.grammar.diagnostics import Diagnostic
from lcc.grammar.lenient.stream import parse_model
from lcc.grammar.limits import DEFAULT_LIMITS, TextLimits
from lcc.grammar.signatures import NO_TOOLS, Tools
from lcc.grammar.source import Source
from lcc.grammar.syntax.print_plan import print_plan


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A plan file made of a model's output. `text` is None where the output could not be read without an error.

    `repairs` are the diagnostics that changed what is written; `diagnostics` are all of them.
    """

    text: str | None
    repairs: tuple[Diagnostic, ...]
    diagnostics: tuple[Diagnostic, ...]
    source: Source


def clean(text: str, *, path: str = "<model>", tools: Tools = NO_TOOLS, limits: TextLimits = DEFAULT_LIMITS) -> Cleaned:
    """Return the plan file that a model's output says, in canonical form."""
    parsed = parse_model(text, path=path, tools=tools, limits=limits)
    repairs = tuple(d for d in parsed.diagnostics if d.code.startswith("R") and not d.is_error)
    try:
        written = print_plan(parsed.plan) if parsed.ok else None
    except ValueError:
        written = None  # a join that reads nothing has no text
    return Cleaned(written, repairs, parsed.diagnostics, parsed.source)
