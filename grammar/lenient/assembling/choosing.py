"""Choose between the plans of one text: a repetition is dropped, a continued prompt is ignored, others refuse each other."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from lcc.grammar.ir import NOWHERE, InputDecl
from lcc.grammar.lenient.assembling.assembly import Assembly
from lcc.grammar.lenient.calls.settle import Read
from lcc.grammar.lenient.marks.events import Event
from lcc.grammar.lenient.marks.repairs import AMBIGUOUS, SEVERAL_PLANS, error
from lcc.grammar.lenient.marks.tail import END_MARK
from lcc.grammar.signatures import Tools
from lcc.grammar.source import Span

MOST_ENDS = 8
"""After so many ends that the plan went on behind, what waits for the end waits for that of the text: deciding takes time in the plan."""


@dataclass(slots=True)
class Plans:
    """The plan that counts so far, and what was said about others. `over`: nothing that follows is read any more. `closed`: no call may follow."""

    tools: Tools
    limit: int
    earlier: frozenset[int] = frozenset()
    current: Assembly = field(init=False)
    over: bool = False
    ended: bool = False
    closed: bool = False
    _ends: int = 0
    _shadow: Assembly | None = None
    _shadow_span: Span = NOWHERE

    def __post_init__(self) -> None:
        self.current = Assembly(self.tools, self.limit, self.earlier)

    @property
    def variables(self) -> Collection[str]:
        """The names that calls are assigned to."""
        return (self._shadow or self.current).variables

    def declare(self, declared: InputDecl) -> Iterator[Event]:
        """Add an input to the plan that is being read."""
        if self._shadow is None:
            yield from self.current.declare(declared)

    def add(self, reads: tuple[Read, ...], thought: str) -> Iterator[Event]:
        """Add a statement to the plan that it belongs to."""
        read = reads[-1]
        number = read.number if read.call.kind == "task" else None
        yield from self._decide(number, read)
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
        self._ends += 1
        if self._ends <= MOST_ENDS:
            yield from self.current.flush()

    def close(self, text: str) -> None:
        """Take note of a mark of the text's end in what stands beside calls."""
        self.closed = self.closed or END_MARK.search(text) is not None

    def void(self) -> Iterator[Event]:
        """Take back everything so far: it was thought, not plan."""
        self.ended, self._shadow = False, None
        yield from self.current.clear()
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
            yield from self.say("the plan is repeated; the first is read", self._shadow_span)
            return
        yield from self.current.clear()
        message = "there are two plans, and nothing says which is meant"
        yield from self.current.fail(error(AMBIGUOUS.code, message, self._shadow_span, "give one plan"))

    def _decide(self, number: int | None, read: Read) -> Iterator[Event]:
        """Decide whether a statement goes on with the plan or begins another."""
        current = self.current
        if self._shadow is not None or current.empty:
            return
        again = number is not None and number in current.numbers.written
        span = Span(read.call.span.start, read.call.span.end)
        if self.ended and current.join is None and not again:
            self.ended = False  # the end came too early: what follows goes on with the plan
            current.flushed = False
            yield from self.say("the plan goes on behind its end", span)
        elif self.ended or (current.join is not None and again):
            self._shadow = Assembly(self.tools, self.limit, self.earlier)
            self._shadow_span = span

    def say(self, message: str, span: Span) -> Iterator[Event]:
        """Report what is decided about plans."""
        yield from self.current.note(SEVERAL_PLANS.told(span, None, message))
