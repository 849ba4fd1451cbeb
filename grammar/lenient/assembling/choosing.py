"""Choose between the plans of one text: a repetition is dropped, a continued prompt is ignored, another one refuses both."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from lcc.grammar.ir import InputDecl
from lcc.grammar.lenient.assembling.assembly import Assembly
from lcc.grammar.lenient.calls.settle import Read
from lcc.grammar.lenient.marks.events import Event
from lcc.grammar.lenient.marks.repairs import AMBIGUOUS, SEVERAL_PLANS, error
from lcc.grammar.source import Span
from lcc.grammar.tolerant.tail import END_MARK
from lcc.grammar.tolerant.tool_names import ToolNames

MOST_ENDS = 8
"""After so many ends that the plan went on behind, what waits for the end waits for that of the text: deciding takes time in the plan."""


@dataclass(slots=True)
class Plans:
    """The plan that counts, and what is said about others. `over`: nothing that follows is read any more. `closed`: no call may follow."""

    names: ToolNames
    limit: int
    earlier: frozenset[int] = frozenset()
    current: Assembly = field(init=False)
    over: bool = False
    ended: bool = False
    closed: bool = False
    _ends: int = 0
    _again: Span | None = None  # where the plan is repeated
    _repeated: int = 0  # how many of its calls are; -1 where it is another plan

    def __post_init__(self) -> None:
        self.current = Assembly(self.names, self.limit, self.earlier)

    def declare(self, declared: InputDecl) -> Iterator[Event]:
        """Add an input to the plan that is being read."""
        if self._again is None:
            yield from self.current.declare(declared)

    def add(self, reads: tuple[Read, ...], thought: str) -> Iterator[Event]:
        """Add a statement to the plan, or compare it with the plan that it repeats."""
        yield from self._decide(reads[-1])
        if self._again is None:
            yield from self.current.add(reads, thought)
            return
        for read in reads:
            if read.call.kind == "task" and self._repeated >= 0:
                said = self.current.entries[self._repeated : self._repeated + 1]
                self._repeated += 1
                if not said or (said[0].call.tool, said[0].call.args) != (read.call.tool, read.call.args):
                    yield from self._refuse(self._again)

    def end(self) -> Iterator[Event]:
        """Take note of the end of a plan."""
        if self.ended or self._again is not None or self.current.empty:
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
        self.ended, self._again, self._repeated = False, None, 0
        yield from self.current.clear()
        self.current.inputs.clear()

    def finish(self) -> Iterator[Event]:
        """End the text."""
        if not self.current.flushed:
            yield from self.current.flush()
        if self._again is None or self._repeated < 0:
            return
        if self._repeated not in (0, len(self.current.entries)):
            yield from self._refuse(self._again)
            return
        yield from self.say("the plan is repeated; the first is read", self._again)

    def _refuse(self, span: Span) -> Iterator[Event]:
        self._repeated = -1
        yield from self.current.clear()
        message = "there are two plans, and nothing says which is meant"
        yield from self.current.fail(error(AMBIGUOUS.code, message, span, "give one plan"))

    def _decide(self, read: Read) -> Iterator[Event]:
        """Decide whether a statement goes on with the plan or begins another."""
        current = self.current
        if self._again is not None or current.empty:
            return
        again = read.call.kind == "task" and read.number is not None and read.number in current.numbers.written
        if self.ended and current.join is None and not again:
            self.ended = False  # the end came too early: what follows goes on with the plan
            current.flushed = False
            yield from self.say("the plan goes on behind its end", read.call.span)
        elif self.ended or (current.join is not None and again):
            self._again = read.call.span

    def say(self, message: str, span: Span) -> Iterator[Event]:
        """Report what is decided about plans."""
        yield from self.current.note(SEVERAL_PLANS.told(span, None, message))
