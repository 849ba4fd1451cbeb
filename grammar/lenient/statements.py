"""Take the segments of a model's output one by one and hand the calls that they say to the plan."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

from lcc.grammar.diagnostics import Diagnostic
from lcc.grammar.ir import Const, DictOf, InputDecl
from lcc.grammar.lenient.assembling.choosing import Plans
from lcc.grammar.lenient.calls.polish import polish
from lcc.grammar.lenient.calls.settle import Read, Settled, Settler, strict_call
from lcc.grammar.lenient.forms.whole import Whole
from lcc.grammar.lenient.loose_lines import LooseLines
from lcc.grammar.lenient.marks.accounting import READ, stands_alone
from lcc.grammar.lenient.marks.dialect import CLOSES_ASIDE, THOUGHT, is_comment
from lcc.grammar.lenient.marks.events import Event
from lcc.grammar.lenient.marks.heads import Head, read_head
from lcc.grammar.lenient.marks.lines import is_cut
from lcc.grammar.lenient.marks.repairs import (
    BARE_TEXT,
    CUT,
    EXTRA_BRACKET,
    JSON_CALL,
    NO_PLAN,
    THINK_BLOCK,
    TRAILING_TEXT,
    UNREAD,
    error,
)
from lcc.grammar.source import Span
from lcc.grammar.syntax.errors import explain, explain_open
from lcc.grammar.syntax.lalr import Unexpected
from lcc.grammar.syntax.scanner import Kind, Scanner, Segment
from lcc.grammar.syntax.statement import Call, StatementParser
from lcc.grammar.tolerant.argument_walk import Budget, line_end
from lcc.grammar.tolerant.tail import Tail, bound, judge_tail
from lcc.grammar.tolerant.tool_names import ToolNames

MOST_ERRORS = 100
"""After so many statements that can't be read, no more repairs are tried: the text is no plan."""

_ALONE: Final = frozenset([Kind.CALL, Kind.OPEN, Kind.INPUT, Kind.STEP])
"""What stands nowhere in a text whose calls were read before."""
AGAIN = "ask for the plan again, with more tokens"


class _Waiting(NamedTuple):
    """A call that was read up to its closing parenthesis, and waits for what follows on its line."""

    segment: Segment
    reads: tuple[Read, ...]


@dataclass(slots=True)
class Statements:
    """The state between segments. `last`: the call that waits for the end of its line."""

    parser: StatementParser
    names: ToolNames
    plans: Plans
    scanner: Scanner
    whole: Whole | None = None
    budget: Budget = field(init=False)
    settler: Settler = field(init=False)
    lines: LooseLines = field(init=False)
    thoughts: list[str] = field(default_factory=list)
    errors: int = 0
    last: _Waiting | None = None

    def __post_init__(self) -> None:
        self.budget = Budget(self.parser.limits.repairs)
        self.settler = Settler(self.parser, self.names, self.budget)
        self.lines = LooseLines(self.names, self.plans, self.settler, self._add)
        if self.whole is not None:
            self.lines.whole, self.lines.prose = True, self.whole.prose

    def take(self, segment: Segment) -> Iterator[Event]:
        """Take the next segment."""
        if self.plans.over:
            return
        kind = segment.kind
        if self.whole is not None and (READ in segment.text or kind in _ALONE or is_comment(segment.text)):
            yield from self._placed(segment, self.whole)
            return
        self.lines.final = None
        if kind is Kind.TEXT and not segment.fresh and self.last is not None:
            yield from self._tail(segment)
            return
        yield from self.line_over()
        if kind is Kind.TEXT:
            yield from self.lines.take(segment)
            return
        if kind in (Kind.CALL, Kind.OPEN):
            yield from self.lines.before_call(segment)
        else:
            yield from self.lines.end(segment.apart or kind is Kind.END)
        match kind:
            case Kind.CALL:
                self._call(segment)
            case Kind.OPEN:
                yield from self._open(segment)
            case Kind.THOUGHT:
                self._thought(segment)
            case Kind.INPUT:
                yield from self._input(segment)
            case Kind.END:
                yield from self.plans.end()
                self.lines.separated = True
            case Kind.ASIDE:
                yield from self._aside(segment)
            case Kind.STEP:
                yield from self._step(segment)
            case Kind.COMMENT:
                yield from self.lines.comment(segment)

    def _placed(self, segment: Segment, whole: Whole) -> Iterator[Event]:
        """Take a line of what was read as a whole. Its calls come at the first; beside them no other is read but a join."""
        call = self._strict(segment) if segment.kind is Kind.CALL else None
        if call is not None and call.call.kind == "join" and not call.call.args:
            return
        yield from self.lines.before_call(segment)
        if READ not in segment.text or not stands_alone(segment.text):
            yield from self.lines.beside(segment)
        elif not self.plans.current.entries and not self.plans.current.failed:
            yield from self.plans.current.note(
                JSON_CALL.told(whole.first, None, f"the plan is written as {whole.form}")
            )
            for read in whole.reads:
                yield from self._add((read,))
            if self.plans.current.entries and self.plans.current.join is None:
                at = whole.reads[-1].call.span.end
                implied = Call("join", None, "join", (), False, Span(at, at))
                yield from self._add((Read(implied, None, None, (), ()),))

    def _thought(self, segment: Segment) -> None:
        found = THOUGHT.match(segment.text)
        self.thoughts.append(segment.text[found.end() if found else 8 :].strip())
        self.lines.final = segment

    def _step(self, segment: Segment) -> Iterator[Event]:
        """Refuse what changes the meaning of all that follows."""
        what = "this step is read only in a text that is a plan file throughout"
        found = error(UNREAD.code, what, segment.span, "write calls only, or a plan file alone")
        yield from self.plans.current.fail(found)

    def line_over(self) -> Iterator[Event]:
        """Hand over the call whose line is over."""
        last, self.last = self.last, None
        if last is not None:
            yield from self._add(last.reads)

    def finish(self, length: int) -> Iterator[Event]:
        """End the text, which has `length` characters."""
        final = self.lines.final
        yield from self.line_over()
        if not self.plans.over:
            yield from self._finish(final, length)
        yield from self.lines.doubt()

    def _finish(self, final: Segment | None, length: int) -> Iterator[Event]:
        current = self.plans.current
        cut = final is not None and not self.plans.ended and current.join is None and self._is_cut(final, length)
        if final is not None and cut:
            self.lines.forget(final)
        yield from self.lines.end(apart=True)
        if final is not None and cut:
            yield from current.fail(error(CUT.code, "the text ends inside of a statement", final.span, AGAIN))
        loosely_joined = current.join is not None and current.join.read.codes
        if current.empty or (loosely_joined and not current.entries):
            help_ = 'a plan looks like this: 1. search("tides")'
            yield from current.fail(error(NO_PLAN.code, "there is no call in this text", Span(0, 0), help_))

    def _is_cut(self, final: Segment, length: int) -> bool:
        if final.kind is Kind.THOUGHT:
            return final.end == length and not final.text.rstrip().endswith((".", "!", "?", ":", ")", '"', "…", "。"))
        return is_cut(final.text)

    def _call(self, segment: Segment) -> None:
        read = self._strict(segment)
        if read is not None:
            self.last = _Waiting(segment, (read,))
            return
        if self.errors < MOST_ERRORS and not self.lines.given_up:
            head = self._head(segment)
            if head is not None:
                found = self.settler.call(segment.text, segment.start, head)
                mended = found if isinstance(found, Settled) else None
                if mended is not None and head.tool == "join" and not _names_results(mended.reads[-1].call):
                    mended = self.settler.join(
                        segment.text, segment.start, head, len(segment.text), self.plans.current.variables
                    )
                if mended is not None and mended.end == len(segment.text):
                    self.last = _Waiting(segment, mended.reads)
                    return
        self.scanner.reopen(segment)

    def _strict(self, segment: Segment) -> Read | None:
        """Read a call that the strict parser accepts as it stands."""
        parsed = strict_call(self.parser, segment.text, segment.start)
        if parsed is None:
            return None
        call, found = parsed
        if call.kind == "task" and call.tool not in self.names.tools and self.names.find(call.tool):
            return None
        return Read(call, call.id, None, (), found)

    def _head(self, segment: Segment) -> Head | None:
        return read_head(segment.text, 0, self.names, same_line=not segment.fresh)

    def _open(self, segment: Segment) -> Iterator[Event]:
        """Settle a region that ended before the next statement, or with the text."""
        if self.errors >= MOST_ERRORS or self.lines.given_up:
            return
        head = self._head(segment)
        text = segment.text
        settled = None
        if head is not None:
            if head.tool == "join":
                settled = self._join(segment, head)
            else:
                found = self.settler.call(text, segment.start, head, not segment.at_end, self.plans.current.variables)
                if not isinstance(found, Settled):
                    yield from self._refuse(segment, head, found)
                    return
                settled = found
        if settled is None:
            yield from self._refuse(segment, head, None)
            return
        end = line_end(text, settled.end)
        yield from self._add_with(text[settled.end : end], segment.start + settled.end, settled.reads)
        for start, stop in _lines(text, end + 1):
            line = Segment(Kind.OPEN, segment.start + start, text[start:stop])
            head = self._head(line)
            if head is None:
                yield from self.lines.take(replace(line, kind=Kind.TEXT))
            else:
                yield from self.lines.before_call(line)
                yield from self._open(line)

    def _join(self, segment: Segment, head: Head) -> Settled:
        """Read a join that can't be parsed as the results that it names."""
        text = segment.text
        found = self.settler.call(text, segment.start, head, True, self.plans.current.variables)
        if isinstance(found, Settled) and len(found.reads) == 1:
            read = found.reads[0]
            if _names_results(read.call) and BARE_TEXT.code not in read.codes:
                return found
        end = line_end(text, head.end)
        return self.settler.join(text, segment.start, head, end, self.plans.current.variables)

    def _add(self, reads: tuple[Read, ...]) -> Iterator[Event]:
        thought, self.thoughts = "\n".join(self.thoughts), []
        polished = tuple(polish(read, self.names) for read in reads)
        yield from self.plans.add(polished, thought)

    def _tail(self, segment: Segment) -> Iterator[Event]:
        """Judge what follows a call on its line; the two may be another call."""
        last = self.last
        if last is None:
            return
        self.last = None
        if judge_tail(segment.text) is not Tail.BAD:
            yield from self._add_with(segment.text, segment.start, last.reads)
            return
        gap = " " * (segment.start - last.segment.end)
        region = Segment(
            Kind.OPEN, last.segment.start, last.segment.text + gap + segment.text, fresh=last.segment.fresh
        )
        yield from self._open(region)

    def _add_with(self, text: str, at: int, reads: tuple[Read, ...]) -> Iterator[Event]:
        """Add calls with what stands behind the last of them on its line, at a place: its name, the calls before it, or nothing to them."""
        self.plans.close(text)
        verdict, binding = judge_tail(text), bound(text)
        if binding is not None:
            read = reads[-1]._replace(variable=binding.name or reads[-1].variable, after=binding.after)
            reads = (*reads[:-1], read)
        yield from self._add(reads)
        if verdict is Tail.CLEAN or binding is not None:
            return
        repair = EXTRA_BRACKET if verdict is Tail.BRACKETS else TRAILING_TEXT
        stripped = text.strip()
        start = at + text.index(stripped)
        yield from self.lines.note(repair, Span(start, start + len(stripped)))

    def _refuse(self, segment: Segment, head: Head | None, odd: Diagnostic | None) -> Iterator[Event]:
        """Report a region that can't be read, or drop it as prose if it was no call in the first place."""
        text = segment.text
        if self.budget.exhausted:
            yield from self.lines.give_up(segment.span)
            return
        if head is None or self._is_prose(head):
            for start, end in _lines(text):
                at = segment.start + start
                first = start == 0
                yield from self.lines.take(
                    Segment(
                        Kind.TEXT, at, text[start:end], fresh=segment.fresh or not first, apart=first and segment.apart
                    )
                )
            return
        self.errors += 1
        number = head.number
        if odd is not None:
            found = odd
        elif segment.at_end and not self.plans.ended:
            found = error(CUT.code, "the text ends inside of this call", segment.span, AGAIN)
        else:
            found = self._explain(segment, head)
        yield from self.plans.current.fail(found, number)

    def _is_prose(self, head: Head) -> bool:
        return self.names.find(head.tool) is None and not (head.numbered or head.variable)

    def _explain(self, segment: Segment, head: Head) -> Diagnostic:
        try:
            self.parser.parse(segment.text, segment.start)
        except Unexpected as refused:
            if segment.fault is None or segment.fault.name == "REFUSED":
                found = explain(refused, segment)
            else:
                found = explain_open(segment)
        else:
            found = error(UNREAD.code, "what follows this call on its line can't be dropped", segment.span)
        errors = [d for d in self.parser.diagnostics if d.is_error]
        self.parser.diagnostics.clear()
        return errors[0] if errors else found

    def _input(self, segment: Segment) -> Iterator[Event]:
        try:
            declared = self.parser.parse(segment.text, segment.start)
        except Unexpected as refused:
            yield from self.plans.current.fail(explain(refused, segment))
            return
        found = list(self.parser.diagnostics)
        self.parser.diagnostics.clear()
        for diagnostic in found:
            if diagnostic.is_error:
                yield from self.plans.current.fail(diagnostic)
            else:
                yield from self.plans.current.note(diagnostic)
        if isinstance(declared, InputDecl):
            yield from self.plans.declare(declared)

    def _aside(self, segment: Segment) -> Iterator[Event]:
        comment = is_comment(segment.text)
        if CLOSES_ASIDE.match(segment.text):
            self.thoughts.clear()
            yield from self.plans.void()
            yield from self.lines.note(THINK_BLOCK, Span(0, segment.end))
        elif segment.at_end and not self.plans.ended and (comment or self.plans.current.join is None):
            span = Span(segment.start, segment.start + 1)
            what = "comment" if comment else "thought"
            yield from self.plans.current.fail(error(CUT.code, f"the {what} is never closed", span, AGAIN))
        elif not comment:
            yield from self.lines.note(THINK_BLOCK, segment.span)
        if not comment:
            self.lines.separated = True


def _names_results(join: Call) -> bool:
    """Whether every argument of a join names a result, as far as its form says."""
    return all(arg.name is None and not isinstance(arg.value, Const | DictOf) for arg in join.args)


def _lines(text: str, start: int = 0) -> Iterator[tuple[int, int]]:
    while start < len(text):
        end = line_end(text, start)
        if text[start:end].strip():
            yield start, end
        start = end + 1
