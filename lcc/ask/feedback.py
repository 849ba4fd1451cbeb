"""Write diagnostics for a model to mend its plan by: a few, each with the line that it is about."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from lcc.grammar.diagnostics import Diagnostic
from lcc.grammar.source import Source
from lcc.models.tokens import cut_tokens

MOST: Final = 8
LINE_TOKENS: Final = 80


def problems(diagnostics: Iterable[Diagnostic], source: Source) -> str:
    """Return the errors among diagnostics, one a line; what goes beyond the first few is only counted."""
    errors = [d for d in diagnostics if d.is_error]
    lines = [_line(d, source) for d in errors[:MOST]]
    if len(errors) > MOST:
        lines.append(f"- and {len(errors) - MOST} more errors")
    return "\n".join(lines)


def _line(diagnostic: Diagnostic, source: Source) -> str:
    said = diagnostic.message + (f"; {diagnostic.help}" if diagnostic.help else "")
    if diagnostic.span is None:
        return f"- {said}"
    number, _ = source.position(diagnostic.span.start)
    text = cut_tokens(source.line(number).strip(), LINE_TOKENS)
    return f"- {said}\n  in: {text}" if text else f"- {said}"
