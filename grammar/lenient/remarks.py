"""Say what is dropped, neighbouring lines of one kind at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from lcc.grammar.diagnostics import Diagnostic, Edit, Fix, Severity
from lcc.grammar.lenient.assembling.choosing import Plans
from lcc.grammar.lenient.marks.events import Event
from lcc.grammar.lenient.marks.repairs import AMBIGUOUS, Repair
from lcc.grammar.source import Span
from lcc.grammar.syntax.scanner import Segment

AGAIN = "ask for the plan again, with more tokens"


class _Block(NamedTuple):
    """Neighbouring lines of one kind."""

    repair: Repair
    start: int
    end: int


@dataclass(slots=True)
class Remarks:
    """What is to be said about lines that are no statements."""

    plans: Plans
    given_up: bool = False
    _block: _Block | None = None

    def extend(self, repair: Repair, segment: Segment, join: bool = True) -> Iterator[Event]:
        """Count a line to the block of its kind."""
        if self._block is not None and self._block.repair is repair and join:
            self._block = self._block._replace(end=segment.end)
            return
        yield from self.end_block()
        self._block = _Block(repair, segment.start, segment.end)

    def end_block(self) -> Iterator[Event]:
        """Report the block of lines that ends here."""
        block, self._block = self._block, None
        if block is not None:
            yield from self.note(block.repair, block.start, block.end)

    def note(self, repair: Repair, start: int, end: int) -> Iterator[Event]:
        """Report a stretch of text that is dropped."""
        span = Span(start, end)
        fix = Fix(repair.fix, (Edit(span, ""),), repair.safe)
        report = Diagnostic(repair.code, Severity.WARNING, repair.message, span, None, fix=fix)
        yield from self.plans.current.note(report)

    def forget(self) -> None:
        """Forget what stood before: it was thought, not plan."""
        self._block = None

    def give_up(self, span: Span) -> Iterator[Event]:
        """Report, once, the call at which the work that repairs may take was used up; no more are tried."""
        if not self.given_up:
            self.given_up = True
            help_ = 'write short calls as the language has them: `1. search("tides")`'
            found = error(AMBIGUOUS.code, "this call can be read in more ways than are tried", span, help_)
            yield from self.plans.current.fail(found)


def error(code: str, message: str, span: Span, help: str | None = None) -> Diagnostic:
    """Return an error."""
    return Diagnostic(code, Severity.ERROR, message, span, help)
