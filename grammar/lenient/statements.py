"""Take the segments of a model's output one by one and hand the calls that they say to the plan."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from lcc.grammar.diagnostics import Diagnostic, Edit, Fix, Severity, has_errors
from lcc.grammar.ir import Const, DictOf, InputDecl
from lcc.grammar.lalr import Unexpected
from lcc.grammar.lenient.choosing import Plans
from lcc.grammar.lenient.dialect import BARE_JOIN, REACT_TOOL, THOUGHT
from lcc.grammar.lenient.events import Event
from lcc.grammar.lenient.heads import Head, digits_of, read_head
from lcc.grammar.lenient.lines import (
    FENCE,
    NOTHING,
    REACT_INPUT,
    is_condition,
    is_cut,
    is_observation,
    is_unreadable_step,
    step_number,
)
from lcc.grammar.lenient.lookahead import line_end
from lcc.grammar.lenient.polish import polish
from lcc.grammar.lenient.repairs import (
    bare_join,
    bare_text,
    extra_bracket,
    fence,
    observation,
    prose,
    think_block,
    trailing_text,
)
from lcc.grammar.lenient.repairs.refusals import AMBIGUOUS, CUT, NO_PLAN, UNREAD
from lcc.grammar.lenient.repairs.repair import Repair
from lcc.grammar.lenient.settle import Read, Settled, Settler
from lcc.grammar.lenient.tail import Tail, judge_tail
from lcc.grammar.lenient.tool_names import ToolNames
from lcc.grammar.scanner import Kind, Scanner, Segment
from lcc.grammar.source import Span
from lcc.grammar.statement import Call, StatementParser
from lcc.grammar.syntax_errors import explain, explain_open

MOST_ERRORS = 100
"""After so many statements that can't be read, no more repairs are tried: the text is no plan."""


class _Last(NamedTuple):
    """A call that was read up to its closing parenthesis; `given`: it was handed over already."""

    segment: Segment
    settled: Settled
    given: bool


class _Block(NamedTuple):
    """Neighbouring lines of one kind."""

    repair: Repair
    start: int
    end: int


@dataclass(slots=True)
class Statements:
    """The state between segments."""

    parser: StatementParser
    names: ToolNames
    plans: Plans
    scanner: Scanner
    settler: Settler = field(init=False)
    thoughts: list[str] = field(default_factory=list)
    errors: int = 0
    _last: _Last | None = None
    _tail_end: int = 0
    _block: _Block | None = None
    _action: tuple[str, Segment] | None = None
    _doubts: list[tuple[int, Diagnostic]] = field(default_factory=list)
    _final_line: Segment | None = None

    def __post_init__(self) -> None:
        self.settler = Settler(self.parser, self.names)

    def take(self, segment: Segment) -> Iterator[Event]:
        """Take the next segment."""
        if self.plans.over:
            return
        kind = segment.kind
        self._final_line = None
        if kind is Kind.TEXT and not segment.fresh and self._last is not None:
            yield from self._tail(segment)
            return
        yield from self._hand_over()
        self._last = None
        if kind is Kind.TEXT:
            yield from self._line(segment)
            return
        yield from self._end_block()
        match kind:
            case Kind.CALL:
                yield from self._call(segment)
            case Kind.OPEN:
                yield from self._open(segment)
            case Kind.THOUGHT:
                found = THOUGHT.match(segment.text)
                thought = segment.text[found.end() if found else 8 :].strip()
                self.thoughts.append(thought)
                self._final_line = segment
            case Kind.INPUT:
                yield from self._input(segment)
            case Kind.END:
                yield from self._doubt_all()
                yield from self.plans.end()
            case Kind.ASIDE:
                yield from self._aside(segment)
            case _:
                return

    @property
    def waits(self) -> bool:
        """Whether a call waits for the end of its line."""
        return self._last is not None and not self._last.given

    def line_over(self) -> Iterator[Event]:
        """Take note that nothing more can follow the last call on its line."""
        if self._last is not None and not self.plans.over:
            yield from self._hand_over()

    def finish(self, length: int) -> Iterator[Event]:
        """End the text, which has `length` characters."""
        final = self._final_line
        yield from self._hand_over()
        yield from self._end_block()
        if self.plans.over:
            return
        yield from self._doubt_all()
        current = self.plans.current
        if final is not None and not self.plans.ended and current.join is None and self._is_cut(final, length):
            span = Span(final.start, final.end)
            yield from current.fail(_error(CUT.code, "the text ends inside of a statement", span, _AGAIN))
        if current.empty:
            help_ = 'a plan looks like this: 1. search("tides")'
            yield from current.fail(_error(NO_PLAN.code, "there is no call in this text", Span(0, 0), help_))

    def _is_cut(self, final: Segment, length: int) -> bool:
        if final.kind is Kind.THOUGHT:
            return final.end == length and not final.text.rstrip().endswith((".", "!", "?", ":", ")", '"', "…", "。"))
        return is_cut(final.text)

    # Calls

    def _call(self, segment: Segment) -> Iterator[Event]:
        read = self._strict(segment)
        if read is not None:
            settled = Settled((read,), len(segment.text))
            self._last = _Last(segment, settled, given=True)
            yield from self._add(settled.reads)
            return
        if self.errors < MOST_ERRORS:
            head = self._head(segment)
            if head is not None:
                if head.json:
                    mended = self.settler.json(segment.text, segment.start, head, True)
                else:
                    mended = self.settler.at_once(segment.text, segment.start, head, len(segment.text))
                if mended is not None and head.tool == "join" and not _names_results(mended.reads[-1].call):
                    mended = self.settler.join(
                        segment.text, segment.start, head, len(segment.text), self.plans.variables
                    )
                if mended is not None and mended.end == len(segment.text):
                    self._last = _Last(segment, mended, given=False)
                    return
        self.scanner.reopen(segment)

    def _strict(self, segment: Segment) -> Read | None:
        """Read a call that the strict parser accepts as it stands."""
        before = len(self.parser.diagnostics)
        try:
            call = self.parser.parse(segment.text, segment.start)
        except Unexpected:
            del self.parser.diagnostics[before:]
            return None
        found = tuple(self.parser.diagnostics[before:])
        del self.parser.diagnostics[before:]
        if not isinstance(call, Call) or has_errors(found):
            return None
        if call.kind == "task" and call.tool not in self.names.tools and self.names.find(call.tool):
            return None
        return Read(call, call.id, None, (), found, segment.text)

    def _head(self, segment: Segment) -> Head | None:
        return read_head(segment.text, 0, self.names, same_line=not segment.fresh)

    def _open(self, segment: Segment) -> Iterator[Event]:
        """Settle a region that ended before the next statement, or with the text."""
        if self.errors >= MOST_ERRORS:
            return
        head = self._head(segment)
        text = segment.text
        settled = None
        if head is not None:
            if head.tool == "join":
                settled = self._join(segment, head)
            elif head.json:
                settled = self.settler.json(text, segment.start, head, not segment.at_end)
            else:
                found = self.settler.region(text, segment.start, head, not segment.at_end, self.plans.variables)
                if not isinstance(found, Settled):
                    yield from self._refuse(segment, head, found.readings)
                    return
                settled = found
        if settled is None:
            yield from self._refuse(segment, head, None)
            return
        yield from self._add(settled.reads)
        yield from self._behind(segment, settled.end)

    def _behind(self, segment: Segment, at: int) -> Iterator[Event]:
        """Take what a region holds behind its call: the rest of the line, then lines."""
        text = segment.text
        end = line_end(text, at)
        yield from self._remark(text[at:end], segment.start + at)
        while end < len(text):
            start = end + 1
            end = line_end(text, start)
            if text[start:end].strip():
                yield from self._line(Segment(Kind.TEXT, segment.start + start, text[start:end]))

    def _join(self, segment: Segment, head: Head) -> Settled:
        """Read a join that can't be parsed as the results that it names."""
        text = segment.text
        found = self.settler.region(text, segment.start, head, True, self.plans.variables)
        if isinstance(found, Settled) and found.reads[-1].call.kind == "join" and len(found.reads) == 1:
            if _names_results(found.reads[-1].call) and bare_text.REPAIR.code not in found.reads[-1].codes:
                return found
        end = line_end(text, head.end)
        return self.settler.join(text, segment.start, head, end, self.plans.variables)

    def _add(self, reads: tuple[Read, ...]) -> Iterator[Event]:
        thought, self.thoughts = "\n".join(self.thoughts), []
        self._action = None
        yield from self._weigh_doubts(reads[-1])
        polished = tuple(polish(read, self.names) for read in reads)
        if len(polished) > 1 and all(read.nested is None for read in polished):
            for read in polished:
                yield from self.plans.add((read,), thought)
                thought = ""
            return
        yield from self.plans.add(polished, thought)

    def _hand_over(self) -> Iterator[Event]:
        """Hand over a call that waited for what follows it."""
        last = self._last
        if last is not None and not last.given:
            self._last = last._replace(given=True)
            yield from self._add(last.settled.reads)

    def _tail(self, segment: Segment) -> Iterator[Event]:
        """Judge what follows a call on its line; it may take the call back."""
        last = self._last
        if last is None:
            return
        verdict = judge_tail(segment.text)
        if verdict is not Tail.BAD:
            yield from self._hand_over()
            yield from self._remark(segment.text, segment.start)
            return
        if last.given:
            yield from self.plans.current.undo()
        self._last = None
        gap = " " * (segment.start - last.segment.end)
        region = Segment(
            Kind.OPEN, last.segment.start, last.segment.text + gap + segment.text, fresh=last.segment.fresh
        )
        yield from self._open(region)

    def _remark(self, text: str, at: int) -> Iterator[Event]:
        verdict = judge_tail(text)
        if verdict is Tail.CLEAN:
            return
        repair = (extra_bracket if verdict is Tail.BRACKETS else trailing_text).REPAIR
        stripped = text.strip()
        start = at + text.index(stripped)
        yield from self._note(repair, start, start + len(stripped))

    def _refuse(self, segment: Segment, head: Head | None, readings: tuple[str, str] | None) -> Iterator[Event]:
        """Report a region that can't be read, or drop it as prose if it was no call in the first place."""
        text = segment.text
        if head is None or self._is_prose(head, text):
            for start, end in _lines(text):
                yield from self._line(Segment(Kind.TEXT, segment.start + start, text[start:end]))
            return
        self.errors += 1
        number = head.number
        if readings:
            what = f"this call can be read as `{_short(readings[0])}` or as `{_short(readings[1])}`"
            found = _error(AMBIGUOUS.code, what, Span(segment.start, segment.end), "write the one that is meant")
        elif segment.at_end and not self.plans.ended:
            found = _error(CUT.code, "the text ends inside of this call", Span(segment.start, segment.end), _AGAIN)
        else:
            found = self._explain(segment, head)
        yield from self._doubt_or_fail(number, found)

    def _is_prose(self, head: Head, text: str) -> bool:
        if head.json:
            return False
        known = self.names.find(head.tool) is not None
        if known:
            return False
        spaced = text[head.end - 2 : head.end - 1].isspace()
        return spaced or not head.numbered

    def _explain(self, segment: Segment, head: Head) -> Diagnostic:
        try:
            self.parser.parse(segment.text, segment.start)
        except Unexpected as error:
            if segment.fault is None or segment.fault.name == "REFUSED":
                found = explain(error, segment)
            else:
                found = explain_open(segment)
        else:
            found = _error(
                UNREAD.code, "what follows this call on its line can't be dropped", Span(segment.start, segment.end)
            )
        errors = [d for d in self.parser.diagnostics if d.is_error]
        self.parser.diagnostics.clear()
        return errors[0] if errors else found

    # Everything else

    def _input(self, segment: Segment) -> Iterator[Event]:
        try:
            declared = self.parser.parse(segment.text, segment.start)
        except Unexpected as error:
            yield from self.plans.current.fail(explain(error, segment))
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
        if segment.text.startswith(("</", "◁/", "<|end")):
            self._doubts.clear()
            self.thoughts.clear()
            self._block = None
            yield from self.plans.void()
            yield from self._note(think_block.REPAIR, 0, segment.end)
            return
        if segment.at_end:
            span = Span(segment.start, segment.start + segment.text.index(">" if ">" in segment.text else "▷") + 1)
            if self.plans.ended or self.plans.current.join is not None:
                yield from self._note(think_block.REPAIR, segment.start, segment.end)
                return
            yield from self.plans.current.fail(_error(CUT.code, "the thought is never closed", span, _AGAIN))
            return
        yield from self._note(think_block.REPAIR, segment.start, segment.end)

    def _line(self, segment: Segment) -> Iterator[Event]:
        """Take a line that no statement begins with."""
        line = segment.text
        self._final_line = segment
        if FENCE.match(line):
            yield from self._extend(fence.REPAIR, segment, join=False)
            return
        if NOTHING.match(line):
            self.plans.prose(line)
            return
        if BARE_JOIN.match(line):
            self._final_line = None
            yield from self._end_block()
            yield from self._bare_join(segment)
            return
        tool = REACT_TOOL.match(line)
        if tool and (not self.names.known or self.names.find(tool["name"])):
            yield from self._end_block()
            self._action = self.names.find(tool["name"]) or tool["name"], segment
            return
        if self._action is not None:
            given = REACT_INPUT.match(line)
            if given:
                self._final_line = None
                yield from self._react(segment, given.end())
                return
        self.plans.prose(line)
        number = step_number(line)
        if number is not None and is_unreadable_step(line) and not self.plans.ended:
            span = Span(segment.start, segment.end)
            message = "this step names a call or a result, but it is no call"
            yield from self._doubt_or_fail(number, _error(UNREAD.code, message, span, "write one call for each step"))
            return
        if is_condition(line) and not self.plans.current.empty and not self.plans.ended:
            span = Span(segment.start, segment.end)
            message = "what follows depends on a condition, which a plan can't say"
            yield from self.plans.current.fail(
                _error(UNREAD.code, message, span, "plan the calls that are needed anyway")
            )
            return
        repair = observation.REPAIR if is_observation(line) else prose.REPAIR
        yield from self._extend(repair, segment)

    def _bare_join(self, segment: Segment) -> Iterator[Event]:
        found = BARE_JOIN.match(segment.text)
        if found is None:
            return
        digits = "".join(char for char in found["number"] or "" if char.isdecimal())
        number = digits_of(digits) if digits else None
        span = Span(segment.start + found.start("join"), segment.start + found.end("join"))
        fix = Fix(bare_join.REPAIR.fix, (Edit(Span(span.end, span.end), "()"),), bare_join.REPAIR.safe)
        report = Diagnostic(bare_join.REPAIR.code, Severity.WARNING, bare_join.REPAIR.message, span, None, fix=fix)
        call = Call("join", number, "join", (), False, span)
        yield from self._add((Read(call, number, None, (bare_join.REPAIR.code,), (report,), "join()"),))

    def _react(self, segment: Segment, at: int) -> Iterator[Event]:
        """Read the input of the action that the line before named."""
        if self._action is None:
            return
        tool, action = self._action
        read = self.settler.react(tool, action, segment, at, self.plans.variables)
        self._action = None
        if read is None:
            message = f"the input of `{tool}` can't be read"
            help_ = f"write a call: `1. {tool}(…)`"
            self.errors += 1
            span = Span(action.start, segment.end)
            yield from self.plans.current.fail(_error(UNREAD.code, message, span, help_))
            return
        yield from self._add((read,))

    def _extend(self, repair: Repair, segment: Segment, join: bool = True) -> Iterator[Event]:
        """Count a line to a block of its kind."""
        if self._block is not None and self._block.repair is repair and join:
            self._block = self._block._replace(end=segment.end)
            return
        yield from self._end_block()
        self._block = _Block(repair, segment.start, segment.end)

    def _end_block(self) -> Iterator[Event]:
        block, self._block = self._block, None
        if block is not None:
            yield from self._note(block.repair, block.start, block.end)

    def _note(self, repair: Repair, start: int, end: int) -> Iterator[Event]:
        span = Span(start, end)
        fix = Fix(repair.fix, (Edit(span, ""),), repair.safe)
        report = Diagnostic(repair.code, Severity.WARNING, repair.message, span, None, fix=fix)
        yield from self.plans.current.note(report)

    # Steps that look like calls before the plan begins may be a description of it

    def _doubt_or_fail(self, number: int | None, found: Diagnostic) -> Iterator[Event]:
        if number is not None and self.plans.current.empty and len(self._doubts) < MOST_ERRORS:
            self._doubts.append((number, found))
            return
        yield from self.plans.current.fail(found, number)

    def _weigh_doubts(self, read: Read) -> Iterator[Event]:
        """Drop the doubts if the numbers begin again: what stood there described the plan. Else they are errors."""
        doubts, self._doubts = self._doubts, []
        if not doubts:
            return
        again = read.number is not None and read.number <= max(number for number, _ in doubts)
        for number, found in doubts:
            if again and found.span is not None:
                yield from self._note(prose.REPAIR, *found.span)
            elif not again:
                yield from self.plans.current.fail(found, number)

    def _doubt_all(self) -> Iterator[Event]:
        doubts, self._doubts = self._doubts, []
        for number, found in doubts:
            yield from self.plans.current.fail(found, number)


_AGAIN = "ask for the plan again, with more tokens"


def _error(code: str, message: str, span: Span, help_: str | None = None) -> Diagnostic:
    return Diagnostic(code, Severity.ERROR, message, span, help_)


def _names_results(join: Call) -> bool:
    """Whether every argument of a join names a result, as far as its form says."""
    return all(arg.name is None and not isinstance(arg.value, Const | DictOf) for arg in join.args)


def _lines(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    while start < len(text):
        end = line_end(text, start)
        if text[start:end].strip():
            yield start, end
        start = end + 1


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= 80 else f"{flat[:79]}…"
