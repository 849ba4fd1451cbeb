"""Say what is wrong with a plan to the model that wrote it, in few tokens, so that its next try can be better.

A model needs the place, the fact and the remedy; it has no use for codes, columns or carets. Errors come first; warnings are
said only where there is no error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from lcc.grammar.diagnostics.records import Diagnostic
from lcc.grammar.diagnostics.terminal import escape
from lcc.grammar.diagnostics.wording import brief
from lcc.grammar.source import Source

FINDINGS: Final = 8
"""How many findings are told: a model mends a few things well and many things badly."""

_LONGEST_LINE: Final = 100
_RULES: Final = (
    "Write calls as `1. tool(argument, name=value)`, one a line, with texts in double quotes; `$1` is the result of call 1. "
    "End with `join()` and `<END_OF_PLAN>`. Write the plan only."
)


def for_model(diagnostics: Sequence[Diagnostic], source: Source, limit: int = FINDINGS) -> str:
    """Return a text to send back to the planner, or an empty one if there is nothing to mend.

    At most `limit` findings are told, errors before warnings; the text says how many there are beyond that.
    """
    errors = [d for d in diagnostics if d.is_error]
    told = errors or [d for d in diagnostics if d.severity == "warning"]
    if not told:
        return ""
    head = "The plan can't be run:" if errors else "The plan was read with repairs:"
    lines = [head, *first_of(told, lambda found: _line(found, source), limit=max(limit, 1))]
    if errors:
        lines += ["Write the whole plan again, corrected.", _RULES]
    return "\n".join(lines)


def first_of(
    told: Sequence[Diagnostic], line: Callable[[Diagnostic], str], what: str = "", limit: int = FINDINGS
) -> Iterator[str]:
    """Yield the lines of the first few findings, and how many more there are of `what`."""
    yield from map(line, told[:limit])
    if len(told) > limit:
        yield f"- and {len(told) - limit} more{what}"


def _line(found: Diagnostic, source: Source) -> str:
    where = ""
    if found.span is not None and (found.span.end > 0 or source.text):
        number, _ = source.position(found.span.start)
        text = _shown(source.line(number).strip())
        where = f"line {number}, `{text}`: " if text else ""
    remedy = f"; {found.help}" if found.help else ""
    return f"- {where}{escape(found.message)}{escape(remedy)}"


def _shown(line: str) -> str:
    return brief(escape(line).replace("`", "'"), _LONGEST_LINE)
