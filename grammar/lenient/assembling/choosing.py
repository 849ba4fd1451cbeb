"""Choose between the plans of one text: a repetition is dropped, a continued prompt is ignored, another one refuses both."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from lcc.grammar.ir import InputDecl
from lcc.grammar.lenient.assembling.assembly import Assembly
from lcc.grammar.lenient.assembling.entry import Entry
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
    _rest: Iterator[Entry] | None = None  # those of its calls that aren't yet; None where it is another plan

    def __post_init__(self) -> None:
        self._begin({})

    def _begin(self, inputs: dict[str, InputDecl]) -> None:
        self.current = Assembly(self.names, self.limit, self.earlier, inputs)

    def declare(self, declared: InputDecl) -> Iterator[Event]:
        """Add an input to the plan that is being read."""
        if self._again is None:
            yield from self.current.declare(declared)

    def add(self, reads: tuple[Read, ...], thought: str) -> Iterator[Event]:
        """Add a statement to the plan, or compare it with the plan that it repeats."""
        current, first = self.current, reads[-1]
        again = first.call.kind == "task" and first.number in current.numbers.written
        if self._again is None and self.ended and current.join is None and not again:
            self.ended = current.flushed = False  # the end came too early: what follows goes on with the plan
            yield from self.say("the plan goes on behind its end", first.call.span)
        elif self._again is None and (self.ended or (current.join is not None and again)):
            self._again, self._rest = first.call.span, iter(current.entries)
        if self._again is None:
            yield from current.add(reads, thought)
            return
        for read in reads:
            if read.call.kind == "task" and self._rest is not None:
                said = next(self._rest, None)
                if said is None or (said.call.tool, said.call.args) != (read.call.tool, read.call.args):
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
        self.ended, self._again = False, None
        yield from self.current.clear()
        self._begin({})

    def finish(self) -> Iterator[Event]:
        """End the text."""
        if not self.current.flushed:
            yield from self.current.flush()
        if self._again is None or self._rest is None:
            return
        if len(list(self._rest)) in (0, len(self.current.entries)):
            yield from self.say("the plan is repeated; the first is read", self._again)
        else:
            yield from self._refuse(self._again)

    def _refuse(self, span: Span) -> Iterator[Event]:
        self._rest = None
        yield from self.current.clear()
        self._begin(self.current.inputs)
        message = "there are two plans, and nothing says which is meant"
        yield from self.current.fail(error(AMBIGUOUS.code, message, span, "give one plan"))

    def say(self, message: str, span: Span) -> Iterator[Event]:
        """Report what is decided about plans."""
        yield from self.current.note(SEVERAL_PLANS.told(span, None, message))
