"""Take the segments of a model's output one by one and hand the calls that they say to the plan."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from lcc.grammar.diagnostics import Diagnostic
from lcc.grammar.ir import Const, DictOf, InputDecl
from lcc.grammar.lenient.assembling.choosing import Plans
from lcc.grammar.lenient.calls.polish import polish
from lcc.grammar.lenient.calls.settle import Read, Settled, Settler, strict_call
from lcc.grammar.lenient.forms.whole import Whole
from lcc.grammar.lenient.loose_lines import LooseLines
from lcc.grammar.lenient.marks.accounting import READ, stands_alone
from lcc.grammar.lenient.marks.dialect import THOUGHT, is_comment
from lcc.grammar.lenient.marks.events import Event
from lcc.grammar.lenient.marks.heads import read_head, read_spelled
from lcc.grammar.lenient.marks.repairs import (
    AMBIGUOUS,
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
from lcc.grammar.reading.thoughts import CLOSES_THOUGHT
from lcc.grammar.source import Span
from lcc.grammar.syntax.errors import explain, explain_open
from lcc.grammar.syntax.lalr import Unexpected
from lcc.grammar.syntax.scanner import Fault, Kind, Scanner, Segment
from lcc.grammar.syntax.statement import Call, Statement, StatementParser
from lcc.grammar.tolerant.argument_walk import Budget, line_end
from lcc.grammar.tolerant.call_tree import Head
from lcc.grammar.tolerant.tail import Tail, bound, judge_tail
from lcc.grammar.tolerant.tool_names import ToolNames

MOST_ERRORS: Final = 100
"""After so many statements that can't be read, no more repairs are tried: the text is no plan."""

_ALONE: Final = frozenset([Kind.CALL, Kind.OPEN, Kind.INPUT, Kind.STEP])
"""What stands nowhere in a text whose calls were read before."""
AGAIN: Final = "ask for the plan again, with more tokens"


class _Waiting(NamedTuple):
    """A call that was read up to its closing parenthesis, and waits for what follows on its line."""

    segment: Segment
    reads: tuple[Read, ...]


@dataclass(slots=True)
class Statements:
    """The state between segments. `errors`: how many statements can't be read. `last`: the call that waits for the end of its line."""

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
        self.lines = LooseLines(self.names, self.plans, self.whole.prose if self.whole else None)

    def take(self, segment: Segment) -> Iterator[Event]:
        """Take the next segment."""
        if self.plans.over:
            return
        kind = segment.kind
        if self.whole is not None and (READ in segment.text or kind in _ALONE or is_comment(segment.text)):
            yield from self._placed(segment, self.whole)
            return
        if kind is Kind.TEXT and not segment.fresh and self.last is not None:
            yield from self._tail(segment, self.last)
            return
        yield from self.line_over()
        match kind:
            case Kind.CALL:
                yield from self.lines.before_call(segment)
                self._call(segment)
            case Kind.OPEN:
                yield from self._open(segment)
            case Kind.TEXT:
                yield from self._line(segment)
            case Kind.COMMENT:
                yield from self.lines.take(segment)
            case _:
                yield from self.lines.end(segment.apart or kind is Kind.END)
                yield from self._other(segment)

    def _other(self, segment: Segment) -> Iterator[Event]:
        """Take what is neither a call nor a line beside calls."""
        match segment.kind:
            case Kind.THOUGHT:
                self.thoughts.append(THOUGHT.sub("", segment.text, count=1).strip())
            case Kind.INPUT:
                yield from self._input(segment)
            case Kind.END:
                yield from self.plans.end()
                self.lines.separated = True
            case Kind.ASIDE:
                yield from self._aside(segment)
            case Kind.STEP:
                yield from self.lines.refuse(
                    segment.span, "this step is read only in a text that is a plan file throughout"
                )

    def _placed(self, segment: Segment, whole: Whole) -> Iterator[Event]:
        """Take a line of what was read as a whole. Its calls come at the first; beside them no other is read but a join."""
        call = self._strict(segment) if segment.kind is Kind.CALL else None
        if call is not None and call.call.kind == "join" and not call.call.args:
            return
        yield from self.lines.before_call(segment)
        if READ not in segment.text or not stands_alone(segment.text):
            yield from self.lines.refuse(segment.span, "what stands beside these calls is not understood")
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

    def line_over(self) -> Iterator[Event]:
        """Hand over the call whose line is over."""
        last, self.last = self.last, None
        if last is not None:
            yield from self._add(last.reads)

    def finish(self) -> Iterator[Event]:
        """End the text."""
        yield from self.line_over()
        current = self.plans.current
        if not self.plans.over:
            yield from self.lines.end(apart=True)
            odd = current.join is not None and (current.join.read.codes or self.lines.prose is not None)
            if current.empty or (odd and not current.entries):
                help_ = 'a plan looks like this: 1. search("tides")'
                yield from current.fail(error(NO_PLAN.code, "there is no call in this text", Span(0, 0), help_))
        yield from self.lines.doubt()

    def _strict(self, segment: Segment) -> Read | None:
        """Read a call that the strict parser accepts as it stands."""
        parsed = strict_call(self.parser, segment.text, segment.start)
        if parsed is None:
            return None
        call, found = parsed
        if call.kind == "task" and call.tool not in self.names.tools and self.names.find(call.tool):
            return None
        return Read(call, call.id, None, (), found)

    def _call(self, segment: Segment) -> None:
        """Read a call that is closed; where its arguments have to be mended, it waits for the next statement."""
        read = self._strict(segment)
        settled: Settled | Diagnostic | None = None
        if read is not None:
            settled = Settled((read,), len(segment.text))
        elif self.errors < MOST_ERRORS:
            settled = self._settle(segment, self._head(segment), mends=False)
        if isinstance(settled, Settled) and settled.end == len(segment.text):
            self.last = _Waiting(segment, settled.reads)
        else:
            self.scanner.reopen(segment)

    def _head(self, segment: Segment) -> Head | None:
        return read_head(segment.text, 0, self.names, same_line=not segment.fresh)

    def _settle(self, segment: Segment, head: Head | None, mends: bool = True) -> Settled | Diagnostic | None:
        """Read what a region says that begins with a head, and `mends` it; the error where that may be done in two ways."""
        if head is None:
            return None
        text, variables = segment.text, self.plans.current.variables if mends else ()
        join = head.tool == "join"
        settled = (join or not segment.at_end) if mends else None
        found = self.settler.call(text, segment.start, head, settled, variables) if head.bracket or not join else None
        if join and (mends or found is not None) and not (isinstance(found, Settled) and _names_results(found)):
            return self.settler.join(text, segment.start, head, variables)
        return found

    def _open(self, segment: Segment, head: Head | None = None) -> Iterator[Event]:
        """Settle a region that ended before the next statement, or with the text. `head`: how it begins, if that is known."""
        yield from self.lines.before_call(segment, head)
        if self.errors >= MOST_ERRORS:
            return
        head = head or self._head(segment)
        found = self._settle(segment, head)
        if isinstance(found, Settled):
            yield from self._settled(segment, found)
        elif self.budget.exhausted:
            self.errors = MOST_ERRORS
            what, help_ = "this call can be read in more ways than are tried", 'write short calls: `1. search("tides")`'
            yield from self.plans.current.fail(error(AMBIGUOUS.code, what, segment.span, help_))
        elif head is None or not (head.numbered or head.variable or self.names.find(head.tool)):
            for line in _lines(segment):
                yield from self._line(line)
        else:
            self.errors += 1
            yield from self.plans.current.fail(found or self._explain(segment, head), head.number)

    def _settled(self, segment: Segment, found: Settled) -> Iterator[Event]:
        """Take the calls of a region, what stands behind them on their line, and the lines below that."""
        text = segment.text
        end = line_end(text, found.end)
        yield from self._add_with(text[found.end : end], segment.start + found.end, found.reads)
        for line in _lines(segment, end + 1):
            yield from (self._line(line) if self._head(line) is None else self._open(line))

    def _line(self, segment: Segment) -> Iterator[Event]:
        """Take a line that no call with brackets begins."""
        head = read_spelled(segment.text, 0, self.names)
        if head is not None and (self.whole is None or head.tool == "join"):
            yield from self._open(segment, head)
        else:
            yield from self.lines.take(segment)

    def _add(self, reads: tuple[Read, ...]) -> Iterator[Event]:
        thought, self.thoughts = "\n".join(self.thoughts), []
        polished = tuple(polish(read, self.names) for read in reads)
        yield from self.plans.add(polished, thought)

    def _tail(self, segment: Segment, last: _Waiting) -> Iterator[Event]:
        """Judge what follows a call on its line; the two may be another call."""
        self.last = None
        start, text = last.segment.start, last.segment.text
        region = Segment(
            Kind.OPEN, start, text + " " * (segment.start - last.segment.end) + segment.text, fresh=last.segment.fresh
        )
        if judge_tail(segment.text) is Tail.BAD:
            yield from self._open(region)
        else:
            yield from self._settled(region, Settled(last.reads, len(text)))

    def _add_with(self, text: str, at: int, reads: tuple[Read, ...]) -> Iterator[Event]:
        """Add calls with what stands behind the last of them on its line, at a place: its name, the calls before it, or nothing to them."""
        self.plans.close(text)
        verdict, binding = judge_tail(text), bound(text)
        if binding is not None:
            read = reads[-1]._replace(variable=binding.name or reads[-1].variable, after=binding.after)
            reads = (*reads[:-1], read)
        yield from self._add(reads)
        if verdict is not Tail.CLEAN and binding is None:
            stripped = text.strip()
            start = at + text.index(stripped)
            repair = EXTRA_BRACKET if verdict is Tail.BRACKETS else TRAILING_TEXT
            yield from self.lines.note(repair, Span(start, start + len(stripped)))

    def _explain(self, segment: Segment, head: Head) -> Diagnostic:
        """Return the error of a call that can't be read."""
        if segment.at_end and not self.plans.ended:
            return error(CUT.code, "the text ends inside of this call", segment.span, AGAIN)
        errors = (found for found in self._parsed(segment)[1] if found.is_error)
        return next(errors, error(UNREAD.code, "what follows this call on its line can't be dropped", segment.span))

    def _parsed(self, segment: Segment) -> tuple[Statement | None, list[Diagnostic]]:
        """Return what the strict parser reads in a segment, and what it says about it."""
        said: Statement | None = None
        refusal: tuple[Diagnostic, ...] = ()
        try:
            said = self.parser.parse(segment.text, segment.start)
        except Unexpected as refused:
            strict = segment.fault is None or segment.fault is Fault.REFUSED
            refusal = (explain(refused, segment) if strict else explain_open(segment),)
        found = [*self.parser.diagnostics, *refusal]
        self.parser.diagnostics.clear()
        return said, found

    def _input(self, segment: Segment) -> Iterator[Event]:
        declared, found = self._parsed(segment)
        for one in found:
            yield from (self.plans.current.fail(one) if one.is_error else self.plans.current.note(one))
        if isinstance(declared, InputDecl):
            yield from self.plans.declare(declared)

    def _aside(self, segment: Segment) -> Iterator[Event]:
        comment = is_comment(segment.text)
        if CLOSES_THOUGHT.match(segment.text) and self.whole is not None:
            yield from self.lines.refuse(segment.span, "no thought ends here")
        elif CLOSES_THOUGHT.match(segment.text):
            self.thoughts.clear()
            yield from self.plans.void()
            yield from self.lines.note(THINK_BLOCK, Span(0, segment.end))
        elif segment.at_end and not self.plans.ended and (comment or self.plans.current.join is None):
            span = Span(segment.start, segment.start + 1)
            yield from self.plans.current.fail(error(CUT.code, "what is opened here is never closed", span, AGAIN))
        elif not comment:
            yield from self.lines.note(THINK_BLOCK, segment.span)
        if not comment:
            self.lines.separated = True


def _names_results(settled: Settled) -> bool:
    """Whether every argument of a join names a result, as far as its form says."""
    read, *others = settled.reads
    named = all(arg.name is None and not isinstance(arg.value, Const | DictOf) for arg in read.call.args)
    return named and not others and BARE_TEXT.code not in read.codes


def _lines(segment: Segment, start: int = 0) -> Iterator[Segment]:
    """Yield the lines of a region from a place on."""
    text = segment.text
    while start < len(text):
        end, first = line_end(text, start), start == 0
        if text[start:end].strip():
            fresh, apart = segment.fresh or not first, segment.apart and first
            yield Segment(Kind.TEXT, segment.start + start, text[start:end], fresh=fresh, apart=apart)
        start = end + 1
