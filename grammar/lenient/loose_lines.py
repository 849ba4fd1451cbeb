"""Take lines that no statement begins with: calls without parentheses, asides, and what is not understood."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from lcc.grammar.lenient.assembling.choosing import Plans
from lcc.grammar.lenient.calls.settle import Read, Settler
from lcc.grammar.lenient.marks.asides import PROSE_AND_WRITES, Asides, Judged, Place
from lcc.grammar.lenient.marks.dialect import JOIN_LINE, LOOSE_END
from lcc.grammar.lenient.marks.events import Event
from lcc.grammar.lenient.marks.heads import digits_of, read_head
from lcc.grammar.lenient.marks.lines import CONTINUATION, NOTHING, PLAIN_CALL, Line, line_of, step_number
from lcc.grammar.lenient.marks.repairs import (
    AMBIGUOUS,
    BARE_JOIN,
    FENCE,
    MISSING_PARENTHESES,
    OBSERVATION,
    PROSE,
    UNREAD,
    Repair,
    error,
)
from lcc.grammar.lenient.marks.tool_names import ToolNames
from lcc.grammar.source import Span
from lcc.grammar.syntax.scanner import Segment
from lcc.grammar.syntax.statement import Call

HELP: Final = "write one call for each step, and nothing else on its line"
_NEITHER: Final = "this is neither a call nor an aside, so the plan around it is not understood"
_REMARKS: Final = {Line.FENCE: FENCE, Line.OBSERVATION: OBSERVATION, Line.PREFACE: PROSE, Line.LABEL: PROSE}
"""What is said about a line that is dropped."""


@dataclass(slots=True)
class LooseLines:
    """The lines between statements. `add` takes the calls that some of them turn out to be.

    `given_up`: no more repairs are tried. `whole`: the calls were read before, and no line is one. `final` is the last line, as long as nothing follows it: the text may have been
    cut in it.
    """

    names: ToolNames
    plans: Plans
    settler: Settler
    add: Callable[[tuple[Read, ...]], Iterator[Event]]
    asides: Asides = field(default_factory=Asides)
    given_up: bool = False
    whole: bool = False
    final: Segment | None = None

    def take(self, segment: Segment) -> Iterator[Event]:
        """Take a line that no statement begins with."""
        line = segment.text
        self.final = segment
        ended = LOOSE_END.match(line)
        if ended and NOTHING.match(line, ended.end()):
            yield from self.end(apart=True)
            yield from self.plans.end()
            self.asides.separated = True
        elif self.plans.ended and CONTINUATION.match(line):
            self.plans.over = True
            yield from self.plans.say("the text goes on with another question; the first plan is read", segment.span)
        elif not (yield from self._call(segment)):
            kind = line_of(line, self.names) if segment.fresh or NOTHING.match(line) else Line.ODD
            if kind is Line.NOTHING:
                self.plans.close(line)
            yield from self._say(self._at_place().take(line, segment.span, kind, segment.apart, segment.fresh))
            if kind in _REMARKS:
                yield from self.note(_REMARKS[kind], segment.span)

    def comment(self, segment: Segment) -> Iterator[Event]:
        """Take a comment."""
        self.plans.close(segment.text)
        asides = self._at_place()
        yield from self._say(asides.take(segment.text, segment.span, Line.COMMENT, segment.apart, segment.fresh))

    def end(self, apart: bool) -> Iterator[Event]:
        """Judge the paragraph that ends here; `apart`: nothing stands directly below it."""
        yield from self._say(self._at_place().end(apart))

    def before_call(self, segment: Segment) -> Iterator[Event]:
        """Judge what stands before a call."""
        if self.whole:
            yield from self._say(self._at_place().call(segment.apart, 0))
        elif self.asides.pending:
            head = read_head(segment.text, 0, self.names, same_line=not segment.fresh)
            number = head.number if head else step_number(segment.text)
            again = bool(number) and number in self.plans.current.numbers.written
            yield from self._say(self._at_place().call(segment.apart, number, again))
        self.asides.separated = False
        if self.plans.closed:
            yield from self._refuse(segment.span)

    def note(self, repair: Repair, span: Span) -> Iterator[Event]:
        """Report a stretch of text that is dropped."""
        yield from self.plans.current.note(repair.told(span, ""))

    def give_up(self, span: Span) -> Iterator[Event]:
        """Report, once, the call at which the work that repairs may take was used up; no more are tried."""
        if not self.given_up:
            self.given_up = True
            help_ = 'write short calls as the language has them: `1. search("tides")`'
            what = "this call can be read in more ways than are tried"
            yield from self.plans.current.fail(error(AMBIGUOUS.code, what, span, help_))

    def beside(self, segment: Segment) -> Iterator[Event]:
        """Refuse what stands where no call of its own may."""
        yield from self._refuse(segment.span, "what stands beside these calls is not understood")

    def doubt(self) -> Iterator[Event]:
        """Refuse prose beside a call that may write: it may say that the call is not to be made."""
        plan, prose = self.plans.current, self.asides.prose
        if prose is not None and any(self.names.may_write(made.call.tool) for made in plan.entries):
            yield from plan.fail(error(UNREAD.code, PROSE_AND_WRITES, prose, HELP))

    def _at_place(self) -> Asides:
        plan = self.plans.current
        if self.plans.ended:
            self.asides.place = Place.ENDED
        elif plan.empty:
            self.asides.place = Place.BEFORE
        else:
            self.asides.place = Place.AMONG if plan.join is None else Place.JOINED
        return self.asides

    def _say(self, judged: list[Judged]) -> Iterator[Event]:
        for span, aside in judged:
            yield from self.note(PROSE, span) if aside else self._refuse(span)

    def _refuse(self, span: Span, message: str = _NEITHER) -> Iterator[Event]:
        yield from self.plans.current.fail(error(UNREAD.code, message, span, HELP))

    def _call(self, segment: Segment) -> Generator[Event, None, bool]:
        """Read a line that calls without parentheses; return whether it does."""
        line = segment.text
        bare, plain = JOIN_LINE.match(line), None if self.whole else PLAIN_CALL.match(line)
        if bare is not None:
            number = digits_of(bare["number"]) if bare["number"] else None
            yield from self._ready(segment)
            span = Span(segment.start + bare.start("join"), segment.start + bare.end("join"))
            report = replace(BARE_JOIN.told(Span(span.end, span.end), "()"), span=span)
            call = Call("join", number, "join", (), False, span)
            yield from self.add((Read(call, number, None, (BARE_JOIN.code,), (report,)),))
        elif plain is not None and plain["name"] in (*self.names.tools, "join"):
            number = digits_of(plain["number"])
            yield from self._ready(segment)
            read = self._spelled_out(
                plain["name"], number, plain["given"], segment.start + plain.start("given"), segment
            )
            if read is not None:
                yield from self.add((read,))
            elif self.settler.budget.exhausted:
                yield from self.give_up(segment.span)
            else:
                message = f"the arguments of `{plain['name']}` can't be read"
                help_ = f"write a call: `1. {plain['name']}(…)`"
                yield from self.plans.current.fail(error(UNREAD.code, message, segment.span, help_), number)
        return bare is not None or (plain is not None and plain["name"] in (*self.names.tools, "join"))

    def _ready(self, segment: Segment) -> Iterator[Event]:
        self.final = None
        yield from self.before_call(segment)

    def _spelled_out(self, tool: str, number: int, given: str, start: int, segment: Segment) -> Read | None:
        """Read a call whose arguments stand without parentheses, from `start` on."""
        names, span = self.plans.current.variables, segment.span
        if tool == "join":
            return self.settler.join_of(given, number, span, MISSING_PARENTHESES, names)
        found = self.settler.spelled_out(tool, given, start, span, MISSING_PARENTHESES, names)
        return None if found is None else found._replace(number=number, numbered=True)
