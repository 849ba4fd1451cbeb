"""Take lines that no statement begins with: calls without parentheses, asides, and what is not understood."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from typing import Final

from lcc.grammar.lenient.assembling.choosing import Plans
from lcc.grammar.lenient.calls.settle import Read, Settler
from lcc.grammar.lenient.marks.dialect import JOIN_LINE, LOOSE_END
from lcc.grammar.lenient.marks.events import Event
from lcc.grammar.lenient.marks.heads import digits_of, read_head
from lcc.grammar.lenient.marks.lines import (
    CONTINUATION,
    ENDS_IN_COLON,
    NOTHING,
    PLAIN_CALL,
    PROSE_AND_WRITES,
    SPEAKS_OF_STEP,
    Line,
    line_of,
    step_number,
)
from lcc.grammar.lenient.marks.prefaces import is_preface
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
from lcc.grammar.source import Span
from lcc.grammar.syntax.scanner import Segment
from lcc.grammar.syntax.statement import Call
from lcc.grammar.tolerant.tool_names import ToolNames

HELP: Final = "write one call for each step, and nothing else on its line"
_NEITHER: Final = "this is neither a call nor an aside, so the plan around it is not understood"
_REMARKS: Final = {Line.FENCE: FENCE, Line.OBSERVATION: OBSERVATION, Line.PREFACE: PROSE, Line.LABEL: PROSE}
"""What is said about a line that is dropped."""


class Place(Enum):
    """Where in a plan a line stands."""

    BEFORE = auto()
    AMONG = auto()
    JOINED = auto()
    ENDED = auto()


@dataclass(slots=True)
class LooseLines:
    """The lines beside calls, one after the other. `add` takes the calls that some of them turn out to be.

    Prose is an aside only as a paragraph that stands apart: an empty line, a fence or an end of the text above and below it. Between
    calls there is no room for it, and none of it may announce a call.

    `whole`: the calls were read before, and no line is one. `prose`: the first paragraph or heading that says something and stands apart.
    `separated`: what follows stands apart from what was before. `given_up`: no more repairs are tried. `final` is the last line, as long as
    nothing follows it: the text may have been cut in it.
    """

    names: ToolNames
    plans: Plans
    settler: Settler
    add: Callable[[tuple[Read, ...]], Iterator[Event]]
    whole: bool = False
    prose: Span | None = None
    separated: bool = False
    given_up: bool = False
    final: Segment | None = None
    _lines: list[Segment] = field(default_factory=list)
    _starts_apart: bool = True
    _barrier: Span | None = None  # no call may follow it
    _behind_join: Span | None = None  # no call may follow it that doesn't begin another plan
    _steps: tuple[int, Span] | None = None  # the largest number of a step in words

    def take(self, segment: Segment) -> Iterator[Event]:
        """Take a line that no statement begins with."""
        line = segment.text
        self.final = segment
        ended = LOOSE_END.match(line)
        if ended and NOTHING.match(line, ended.end()):
            yield from self.end(apart=True)
            yield from self.plans.end()
            self.separated = True
        elif self.plans.ended and CONTINUATION.match(line):
            self.plans.over = True
            yield from self.plans.say("the text goes on with another question; the first plan is read", segment.span)
        elif not (yield from self._call(segment)):
            kind = line_of(line, self.names) if segment.fresh or NOTHING.match(line) else Line.ODD
            if kind is Line.NOTHING:
                self.plans.close(line)
            yield from self._line(segment, kind)
            if kind in _REMARKS:
                yield from self.note(_REMARKS[kind], segment.span)

    def comment(self, segment: Segment) -> Iterator[Event]:
        """Take a comment."""
        self.plans.close(segment.text)
        yield from self._line(segment, Line.COMMENT)

    def _line(self, segment: Segment, kind: Line) -> Iterator[Event]:
        apart = segment.apart or self.separated
        if kind in (Line.NOTHING, Line.FENCE, Line.COMMENT):
            yield from self.end(apart or (kind is Line.NOTHING and segment.fresh))
            if kind is Line.NOTHING:
                self.separated = segment.fresh
            elif kind is Line.COMMENT and segment.fresh and not is_preface(segment.text):
                self._heading(segment)
            return
        if apart:
            yield from self.end(True)
        self.separated = False
        if kind is Line.PROSE:
            self._starts_apart = self._starts_apart if self._lines else apart
            self._lines.append(segment)
            return
        yield from self.end(kind is Line.PREFACE)
        if kind is Line.ODD:
            yield from self._refuse(segment.span)

    def _heading(self, comment: Segment) -> None:
        """Take a comment that may announce something, or be a heading: among calls it is followed by none."""
        heading, place = comment.text.lstrip().startswith("##"), self._place()
        if heading and self.prose is None:
            self.prose = comment.span
        if heading and place is Place.JOINED:
            self._behind_join = comment.span
        elif (heading and place is Place.AMONG) or ENDS_IN_COLON.search(comment.text):
            self._barrier = comment.span

    def end(self, apart: bool) -> Iterator[Event]:
        """Judge the paragraph that ends here; `apart`: nothing stands directly below it."""
        lines, self._lines = self._lines, []
        if not lines:
            return
        span, last, place = lines[0].span.cover(lines[-1].span), lines[-1], self._place()
        announces = not is_preface(last.text)
        numbers = [number for number in (step_number(line.text) for line in lines) if number is not None]
        if (
            (announces and not apart)
            or not self._starts_apart
            or any(SPEAKS_OF_STEP.search(line.text) for line in lines)
            or (numbers and place is Place.AMONG)
        ):
            yield from self._refuse(span)
            return
        if numbers:
            self._steps = max(numbers), span
        if announces and (place is Place.AMONG or ENDS_IN_COLON.search(last.text)):
            self._barrier = last.span
        elif announces and place is Place.JOINED:
            self._behind_join = last.span
        if self.prose is None and not all(is_preface(line.text) for line in lines):
            self.prose = span
        yield from self.note(PROSE, span)

    def before_call(self, segment: Segment) -> Iterator[Event]:
        """Judge what stands before a call."""
        if self._lines or self._barrier or self._behind_join or self._steps:
            head = None if self.whole else read_head(segment.text, 0, self.names, same_line=not segment.fresh)
            number = 0 if self.whole else head.number if head else step_number(segment.text)
            yield from self.end(segment.apart or self.separated)
            barrier, self._barrier = self._barrier, None
            steps, self._steps = self._steps, None
            if barrier is None and not (number and number in self.plans.current.numbers.written):
                barrier, self._behind_join = self._behind_join, None
            if barrier is None and steps and self._place() is Place.BEFORE and (number is None or number > steps[0]):
                barrier = steps[1]
            if barrier is not None:
                yield from self._refuse(barrier)
        self.separated = False
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

    def forget(self, segment: Segment) -> None:
        """Take a line out of the paragraph: it is a statement that was cut."""
        self._lines = [line for line in self._lines if line is not segment]

    def doubt(self) -> Iterator[Event]:
        """Refuse prose beside a call that may write: it may say that the call is not to be made."""
        plan = self.plans.current
        if self.prose is not None and any(self.names.may_write(made.call.tool) for made in plan.entries):
            yield from plan.fail(error(UNREAD.code, PROSE_AND_WRITES, self.prose, HELP))

    def _place(self) -> Place:
        if self.plans.ended:
            return Place.ENDED
        if self.plans.current.empty:
            return Place.BEFORE
        return Place.AMONG if self.plans.current.join is None else Place.JOINED

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
