"""Take lines that no statement begins with: calls without parentheses, asides, and what is not understood.

Prose is an aside only as a paragraph that stands apart: an empty line, a fence or an end of the text above and below it.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from typing import Final

from lcc.grammar.diagnostics import Diagnostic, Edit, Fix, Severity
from lcc.grammar.lenient.assembling.choosing import Plans
from lcc.grammar.lenient.calls.settle import Read, Settler
from lcc.grammar.lenient.marks.accounting import PROSE_AND_WRITES
from lcc.grammar.lenient.marks.dialect import JOIN_LINE, LOOSE_END
from lcc.grammar.lenient.marks.events import Event
from lcc.grammar.lenient.marks.heads import digits_of
from lcc.grammar.lenient.marks.lines import (
    NOTHING,
    PLAIN_CALL,
    Line,
    ends_in_colon,
    is_continuation,
    line_of,
    mentions_step,
    step_number,
)
from lcc.grammar.lenient.marks.prefaces import is_preface
from lcc.grammar.lenient.marks.repairs import BARE_JOIN, FENCE, MISSING_PARENTHESES, OBSERVATION, PROSE, UNREAD, Repair
from lcc.grammar.lenient.marks.tail import END_MARK
from lcc.grammar.lenient.marks.tool_names import ToolNames
from lcc.grammar.lenient.remarks import Remarks, error
from lcc.grammar.source import Span
from lcc.grammar.syntax.scanner import Segment
from lcc.grammar.syntax.statement import Call

_HELP: Final = "write one call for each step, and nothing else on its line"


@dataclass(frozen=True, slots=True)
class _Spelled:
    """A call without parentheses: its tool and number, the arguments and where they begin, and all that it takes up."""

    tool: str
    number: int | None
    given: str
    start: int
    whole: Span


@dataclass(slots=True)
class LooseLines:
    """The lines between statements. `add` takes the calls that some of them turn out to be.

    `final` is the last line, as long as nothing follows it: the text may have been cut in it. `prose` is the first paragraph or
    heading that says something and stands apart.
    """

    names: ToolNames
    plans: Plans
    settler: Settler
    remarks: Remarks
    add: Callable[[tuple[Read, ...]], Iterator[Event]]
    final: Segment | None = None
    prose: Span | None = None
    _lines: list[Segment] = field(default_factory=list)
    _starts_apart: bool = True
    _separated: bool = False
    _open: Segment | None = None
    _steps: int = 0
    _behind_join: Segment | None = None

    def take(self, segment: Segment) -> Iterator[Event]:
        """Take a line that no statement begins with."""
        line = segment.text
        self.final = segment
        if JOIN_LINE.match(line):
            self.final = None
            yield from self.before_call(segment, None)
            yield from self.remarks.end_block()
            yield from self._bare_join(segment)
            return
        ended = LOOSE_END.match(line)
        if ended and NOTHING.match(line, ended.end()):
            yield from self.end(apart=True)
            yield from self.plans.end()
            self.separate()
            return
        if self.plans.ended and is_continuation(line):
            self.plans.over = True
            yield from self.plans.say("the text goes on with another question; the first plan is read", segment.span)
            return
        if (yield from self._call(segment)):
            return
        kind = line_of(line, self.names) if segment.fresh or NOTHING.match(line) else Line.ODD
        apart = segment.apart or self._separated
        if kind is Line.FENCE:
            yield from self.end(apart)
            yield from self.remarks.extend(FENCE, segment, join=False)
            return
        if kind is Line.COMMENT:
            yield from self.end(apart)
            return
        if kind is Line.NOTHING:
            self.plans.closed = self.plans.closed or END_MARK.search(line) is not None
            yield from self.end(apart or segment.fresh)
            self._separated = segment.fresh
            return
        yield from self._aside(segment, kind, apart)

    def _aside(self, segment: Segment, kind: Line, apart: bool) -> Iterator[Event]:
        """Take a line with words: a paragraph is judged when it ends, the others at once."""
        if apart:
            yield from self.end(apart=True)
        self._separated = False
        if self._lines and kind is Line.PREFACE and not apart:
            kind = Line.PROSE  # it ends the paragraph
        if kind is Line.PROSE:
            self._starts_apart = apart if not self._lines else self._starts_apart
            self._lines.append(segment)
            return
        yield from self.end(apart=False)
        if kind is Line.ODD:
            yield from self._refuse(segment, segment.end)
            return
        repair = OBSERVATION if kind is Line.OBSERVATION else PROSE
        yield from self.remarks.extend(repair, segment)

    def end(self, apart: bool) -> Iterator[Event]:
        """Judge the paragraph that ends here; `apart`: nothing stands directly below it. Between calls there is no room for prose."""
        lines, self._lines = self._lines, []
        if lines:
            first, last = lines[0], lines[-1]
            open_ = ends_in_colon(last.text) and not is_preface(last.text)
            begun = not self.plans.current.empty
            over = self.plans.ended or self.plans.current.join is not None
            steps = [n for n in (step_number(line.text) for line in lines) if n is not None]
            odd = (
                not (apart or is_preface(last.text))
                or not (self._starts_apart)
                or any(mentions_step(line.text) for line in lines)
                or (begun and bool(steps) and not over)
            )
            if odd:
                yield from self._refuse(first, last.end)
                return
            self._steps = max([self._steps, *steps])
            self._open = last if open_ or (begun and not over and not is_preface(last.text)) else None
            behind = begun and over and not self.plans.ended and not is_preface(last.text)
            self._behind_join = last if behind else self._behind_join
            if self.prose is None and not all(is_preface(line.text) for line in lines):
                self.prose = Span(first.start, last.end)
            for line in lines:
                yield from self.remarks.extend(PROSE, line)

    def doubt(self) -> Iterator[Event]:
        """Refuse prose beside a call that writes: it may say that the call is not to be made."""
        plan = self.plans.current
        if self.prose is not None and any(self.names.writes(made.call.tool) for made in plan.entries):
            yield from plan.fail(error(UNREAD.code, PROSE_AND_WRITES, self.prose, _HELP))

    def forget(self, line: Segment) -> None:
        """Take a line out of the paragraph: it is a statement that was cut."""
        self._lines = [other for other in self._lines if other is not line]

    def comment(self, segment: Segment) -> None:
        """Take a comment of a line's own: one that announces something, or is a heading among calls, must be a known preface."""
        self.plans.closed = self.plans.closed or END_MARK.search(segment.text) is not None
        if not segment.fresh or is_preface(segment.text):
            return
        if self.prose is None and segment.text.lstrip().startswith("##"):
            self.prose = segment.span
        heading = segment.text.lstrip().startswith("##") and not self.plans.current.empty and not self.plans.ended
        if heading and self.plans.current.join is not None:
            self._behind_join = segment
        elif heading or ends_in_colon(segment.text):
            self._open = segment

    def separate(self) -> None:
        """Let what follows stand apart from what was before."""
        self._separated = True

    def before_call(self, segment: Segment, number: int | None) -> Iterator[Event]:
        """Judge what stands before a call."""
        yield from self.end(apart=segment.apart or self._separated)
        self._separated = False
        open_, self._open = self._open, None
        steps, self._steps = self._steps, 0
        if open_ is None and self._behind_join and not (number and self.plans.current.numbers.is_written(number)):
            open_, self._behind_join = self._behind_join, None
        if self.plans.closed:
            open_ = segment
        if open_ is not None:
            yield from self._refuse(open_, open_.end)
        elif steps and (number is None or number > steps) and self.plans.current.empty:
            span = Span(segment.start, segment.start)
            message = "steps stand before this call that are no calls"
            yield from self.plans.current.fail(error(UNREAD.code, message, span, _HELP))

    def _refuse(self, segment: Segment, end: int) -> Iterator[Event]:
        message = "this is neither a call nor an aside, so the plan around it is not understood"
        yield from self.remarks.end_block()
        yield from self.plans.current.fail(error(UNREAD.code, message, Span(segment.start, end), _HELP), None)

    def _call(self, segment: Segment) -> Generator[Event, None, bool]:
        """Read a line that calls without parentheses; return whether it does."""
        line = segment.text
        plain = PLAIN_CALL.match(line)
        if plain and plain["name"] in (*self.names.tools, "join"):
            self.final = None
            number = digits_of(plain["number"])
            start, whole = segment.start + plain.start("given"), Span(segment.start, segment.end)
            yield from self._ready(segment, number)
            spelled = _Spelled(plain["name"], number, plain["given"], start, whole)
            yield from self._spelled_out(spelled, MISSING_PARENTHESES)
            return True
        return False

    def _ready(self, segment: Segment, number: int | None = None) -> Iterator[Event]:
        yield from self.before_call(segment, number)
        yield from self.remarks.end_block()

    def _spelled_out(self, spelled: _Spelled, repair: Repair) -> Iterator[Event]:
        """Add a call whose arguments stand without parentheses."""
        if spelled.tool == "join":
            read: Read | None = self.settler.join_of(
                spelled.given, spelled.number, spelled.whole, repair, self.plans.variables
            )
        else:
            found = self.settler.spelled_out(
                spelled.tool, spelled.given, spelled.start, spelled.whole, repair, self.plans.variables
            )
            read = None if found is None else found._replace(number=spelled.number, numbered=spelled.number is not None)
        if read is not None:
            yield from self.add((read,))
            return
        if self.settler.budget.exhausted:
            yield from self.remarks.give_up(spelled.whole)
            return
        message = f"the arguments of `{spelled.tool}` can't be read"
        help_ = f"write a call: `1. {spelled.tool}(…)`"
        yield from self.plans.current.fail(error(UNREAD.code, message, spelled.whole, help_), spelled.number)

    def _bare_join(self, segment: Segment) -> Iterator[Event]:
        found = JOIN_LINE.match(segment.text)
        if found is None:
            return
        digits = "".join(char for char in found["number"] or "" if char.isdecimal())
        number = digits_of(digits) if digits else None
        span = Span(segment.start + found.start("join"), segment.start + found.end("join"))
        fix = Fix(BARE_JOIN.fix, (Edit(Span(span.end, span.end), "()"),), BARE_JOIN.safe)
        report = Diagnostic(BARE_JOIN.code, Severity.WARNING, BARE_JOIN.message, span, None, fix=fix)
        call = Call("join", number, "join", (), False, span)
        yield from self.add((Read(call, number, None, (BARE_JOIN.code,), (report,)),))
