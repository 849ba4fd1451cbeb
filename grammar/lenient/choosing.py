"""Choose between the plans of one text: a correction replaces, a continued prompt is ignored, alternatives refuse each other."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from lcc.grammar.diagnostics import Diagnostic, Severity
from lcc.grammar.ir import NOWHERE, InputDecl
from lcc.grammar.lenient.assembly import Assembly
from lcc.grammar.lenient.events import Event
from lcc.grammar.lenient.lines import Mark, marks_of
from lcc.grammar.lenient.repairs import several_plans
from lcc.grammar.lenient.repairs.refusals import AMBIGUOUS
from lcc.grammar.lenient.settle import Read
from lcc.grammar.signatures import Tools
from lcc.grammar.source import Span

_MOST_CORRECTIONS = 16
"""After so many corrections a text is no plan; each takes time in the number of tasks before it."""


@dataclass(slots=True)
class Plans:
    """The plan that counts so far, and what was said about others. `over`: nothing that follows is read any more."""

    tools: Tools
    limit: int
    earlier: frozenset[int] = frozenset()
    current: Assembly = field(init=False)
    over: bool = False
    ended: bool = False
    _shadow: Assembly | None = None
    _shadow_span: Span = NOWHERE
    _gap: Mark = Mark.NONE
    _before: Mark = Mark.NONE
    _corrections: int = 0

    def __post_init__(self) -> None:
        self.current = Assembly(self.tools, self.limit, self.earlier)

    @property
    def variables(self) -> Collection[str]:
        """The names that calls are assigned to."""
        return (self._shadow or self.current).variables

    def prose(self, line: str) -> None:
        """Take a line of prose between statements into account."""
        mark = marks_of(line)
        self._gap |= mark
        if self.current.empty:
            self._before |= mark

    def declare(self, declared: InputDecl) -> Iterator[Event]:
        """Add an input to the plan that is being read."""
        if self._shadow is None:
            yield from self.current.declare(declared)

    def add(self, reads: tuple[Read, ...], thought: str) -> Iterator[Event]:
        """Add a statement to the plan that it belongs to."""
        read = reads[-1]
        number = read.number if read.call.kind == "task" else None
        yield from self._decide(number, read)
        self._gap = Mark.NONE
        if self.over:
            return
        if self._shadow is not None:
            for _ in self._shadow.add(reads, thought):
                pass
            return
        yield from self.current.add(reads, thought)

    def end(self) -> Iterator[Event]:
        """Take note of the end of a plan."""
        if self.ended or self._shadow is not None or self.current.empty:
            return
        self.ended = True
        self._gap = Mark.NONE
        yield from self.current.flush()

    def void(self) -> Iterator[Event]:
        """Take back everything so far: it was thought, not plan."""
        self.ended, self._shadow, self._gap, self._before = False, None, Mark.NONE, Mark.NONE
        yield from self.current.restart(None)
        self.current.inputs.clear()

    def finish(self) -> Iterator[Event]:
        """End the text."""
        if not self.current.flushed:
            yield from self.current.flush()
        if self._shadow is None or self.over:
            return
        for _ in self._shadow.flush():
            pass
        ours, theirs = self.current.plan(), self._shadow.plan()
        if ours.tasks == theirs.tasks or not theirs.tasks:
            yield from self._say("the plan is repeated; the first is read", self._shadow_span)
            return
        yield from self.current.restart(None)
        message = "there are two plans, and nothing says which is meant"
        yield from self.current.fail(Diagnostic(AMBIGUOUS.code, Severity.ERROR, message, self._shadow_span, _ASK))

    def _decide(self, number: int | None, read: Read) -> Iterator[Event]:
        """Decide whether a statement goes on with the plan, corrects it, or begins another."""
        current, gap = self.current, self._gap
        if self._shadow is not None or current.empty:
            return
        again = number is not None and current.numbers.is_written(number)
        span = Span(read.call.span.start, read.call.span.end)
        if self.ended and current.join is None and not again and gap is Mark.NONE:
            self.ended = False  # the end came too early: what follows goes on with the plan
            current.flushed = False
            yield from self._say("the plan goes on behind its end", span)
        elif self.ended or (current.join is not None and again):
            yield from self._another(gap | (self._before & (Mark.ALTERNATIVE | Mark.VERSION)), span)
        elif again and Mark.CORRECTION in gap:
            yield from self._correct(number, span)

    def _another(self, gap: Mark, span: Span) -> Iterator[Event]:
        if Mark.CONTINUATION in gap:
            self.over = True
            yield from self._say("the text goes on with another question; the first plan is read", span)
        elif Mark.ALTERNATIVE in gap or (Mark.VERSION in gap and Mark.CORRECTION not in gap):
            self.over = True
            yield from self.current.restart(None)
            message = "the text offers several plans to choose from"
            yield from self.current.fail(Diagnostic(several_plans.REPAIR.code, Severity.ERROR, message, span, _ASK))
        elif Mark.CORRECTION in gap:
            yield from self._correct(None, span)
        else:
            self._shadow = Assembly(self.tools, self.limit, self.earlier)
            self._shadow_span = span

    def _correct(self, number: int | None, span: Span) -> Iterator[Event]:
        self._corrections += 1
        if self._corrections > _MOST_CORRECTIONS:
            self.over = True
            yield from self.current.restart(None)
            message = "the text corrects itself again and again"
            yield from self.current.fail(Diagnostic(several_plans.REPAIR.code, Severity.ERROR, message, span, _ASK))
            return
        self.ended = False
        yield from self.current.restart(None if number == 1 else number)
        what = "the plan is corrected; the last one is read" if number in (None, 1) else f"call {number} is corrected"
        yield from self._say(what, span)

    def _say(self, message: str, span: Span) -> Iterator[Event]:
        yield from self.current.note(Diagnostic(several_plans.REPAIR.code, Severity.WARNING, message, span))


_ASK = "give one plan"
