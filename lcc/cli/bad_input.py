"""Say that a command can't go on: bad input is a diagnostic and exit status 1, a bad command line is status 2."""

from __future__ import annotations

from collections.abc import Sequence

from lcc.grammar.diagnostics import Diagnostic, Severity
from lcc.grammar.source import Source, Span


class BadInput(Exception):
    """Input that a command can't use. The diagnostics say why, and are reported at the edge."""

    def __init__(self, diagnostics: Sequence[Diagnostic], source: Source) -> None:
        super().__init__("; ".join(d.message for d in diagnostics))
        self.diagnostics = tuple(diagnostics)
        self.source = source


class Usage(Exception):
    """A command line that asks for what can't be done."""


def bad_input(code: str, message: str, source: Source, help_: str | None = None, span: Span | None = None) -> BadInput:
    """Return a BadInput of one error."""
    return BadInput([Diagnostic(code, Severity.ERROR, message, span, help_)], source)
