"""Take the lines beside calls: asides, and what is not understood."""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from typing import Final

from lcc.grammar.lenient.assembling.choosing import Plans
from lcc.grammar.lenient.marks.events import Event
from lcc.grammar.lenient.marks.heads import read_head
from lcc.grammar.lenient.marks.lines import (
    CONTINUATION,
    ENDS_IN_COLON,
    NOTHING,
    PROSE_AND_WRITES,
    SPEAKS_OF_STEP,
    Line,
    line_of,
    step_number,
)
from lcc.grammar.lenient.marks.prefaces import is_preface
from lcc.grammar.lenient.marks.repairs import FENCE, OBSERVATION, PROSE, UNREAD, Repair, error
from lcc.grammar.source import Span
from lcc.grammar.syntax.scanner import Kind, Segment
from lcc.grammar.tolerant.call_tree import Head
from lcc.grammar.tolerant.tool_names import ToolNames

HELP: Final = "write one call for each step, and nothing else on its line"
_NEITHER: Final = "this is neither a call nor an aside, so the plan around it is not understood"
_REMARKS: Final = {Line.FENCE: FENCE, Line.OBSERVATION: OBSERVATION, Line.PREFACE: PROSE, Line.LABEL: PROSE}
"""What is said about a line that is dropped."""


@dataclass(slots=True)
class LooseLines:
    """The lines beside calls, one after the other.

    Prose is an aside only as a paragraph that stands apart: an empty line or an end of the text above and below it, or a known preface
    below. Between calls there is no room for it, and none of it may announce a call.

    `prose`: the first paragraph or heading that says something and stands apart. `separated`: what follows stands apart from what was before.
    """

    names: ToolNames
    plans: Plans
    prose: Span | None = None
    separated: bool = False
    _lines: list[Segment] = field(default_factory=list)
    _starts_apart: bool = True
    _barrier: tuple[Span, Container[int | None]] | None = None
    """What may be meant for the next call, and the numbers of the calls that it can't be meant for."""

    def take(self, segment: Segment) -> Iterator[Event]:
        """Take a line that no statement begins with, or a comment."""
        line = segment.text
        if self.plans.ended and CONTINUATION.match(line):
            self.plans.over = True
            yield from self.plans.say("the text goes on with another question; the first plan is read", segment.span)
            return
        self.plans.close(line)
        kind = self._kind(segment)
        apart = segment.apart or self.separated
        if apart or kind is not Line.PROSE:
            yield from self.end(apart or kind is Line.PREFACE or (kind is Line.NOTHING and segment.fresh))
        if kind is Line.NOTHING:
            self.separated = segment.fresh
        elif kind is not Line.FENCE and kind is not Line.COMMENT:
            self.separated = False
        if kind is Line.PROSE:
            self._starts_apart = self._starts_apart if self._lines else apart
            self._lines.append(segment)
        elif kind is Line.COMMENT:
            self._comment(segment)
        elif kind is Line.ODD:
            yield from self.refuse(segment.span)
        elif kind in _REMARKS:
            yield from self.note(_REMARKS[kind], segment.span)

    def _kind(self, segment: Segment) -> Line:
        if segment.kind is Kind.COMMENT:
            return Line.COMMENT
        return line_of(segment.text, self.names) if segment.fresh or NOTHING.match(segment.text) else Line.ODD

    def _comment(self, comment: Segment) -> None:
        """Take a comment, which may announce something, or be a heading."""
        heading = comment.text.lstrip().startswith("##")
        if not comment.fresh or is_preface(comment.text) or not (heading or ENDS_IN_COLON.search(comment.text)):
            return
        if heading and self.prose is None:
            self.prose = comment.span
        self._bar(comment, comment.span)

    def end(self, apart: bool) -> Iterator[Event]:
        """Judge the paragraph that ends here; `apart`: nothing stands directly below it."""
        lines, self._lines = self._lines, []
        if not lines:
            return
        span = lines[0].span.cover(lines[-1].span)
        numbers = [number for line in lines if (number := step_number(line.text)) is not None]
        understood = apart and self._starts_apart and not (numbers and self._among())
        if not understood or any(SPEAKS_OF_STEP.search(line.text) for line in lines):
            yield from self.refuse(span)
            return
        self._bar(lines[-1], span, range(max(numbers) + 1) if numbers else None)
        self.prose = self.prose or span
        yield from self.note(PROSE, span)

    def _bar(self, last: Segment, span: Span, steps: Container[int | None] | None = None) -> None:
        """Let no call follow that a paragraph or a heading may be meant for, by its last line. `steps`: the numbers of the steps in it."""
        plan = self.plans.current
        if self._among() or ENDS_IN_COLON.search(last.text):
            self._barrier = span, ()
        elif self._barrier is None and not self.plans.ended and not (plan.empty and steps is None):
            self._barrier = span, plan.numbers.written if plan.join else steps or ()

    def before_call(self, segment: Segment, head: Head | None = None) -> Iterator[Event]:
        """Judge what stands before a call. `head`: how it begins, if that is known."""
        if self._lines or self._barrier:
            yield from self.end(segment.apart or self.separated)
            if self._barrier is not None:
                span, others = self._barrier
                head = head or read_head(segment.text, 0, self.names, same_line=not segment.fresh)
                refused = (head.number if head else 0) not in others
                if refused or self.plans.current.empty:
                    self._barrier = None
                if refused:
                    yield from self.refuse(span)
        self.separated = False
        if self.plans.closed:
            yield from self.refuse(segment.span)

    def note(self, repair: Repair, span: Span) -> Iterator[Event]:
        """Report a stretch of text that is dropped."""
        yield from self.plans.current.note(repair.told(span, ""))

    def refuse(self, span: Span, message: str = _NEITHER) -> Iterator[Event]:
        """Report something that is not understood."""
        yield from self.plans.current.fail(error(UNREAD.code, message, span, HELP))

    def doubt(self) -> Iterator[Event]:
        """Refuse prose beside a call that may write: it may say that the call is not to be made."""
        plan = self.plans.current
        if self.prose is not None and any(self.names.may_write(made.call.tool) for made in plan.entries):
            yield from plan.fail(error(UNREAD.code, PROSE_AND_WRITES, self.prose, HELP))

    def _among(self) -> bool:
        """Whether calls came, and the plan goes on."""
        plan = self.plans.current
        return not (self.plans.ended or plan.empty or plan.join)
