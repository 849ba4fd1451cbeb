"""Take lines that no statement begins with: fences, calls without parentheses, made-up results, prose."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from typing import Final

from lcc.grammar.diagnostics import Diagnostic, Edit, Fix, Severity
from lcc.grammar.lenient.choosing import Plans
from lcc.grammar.lenient.dialect import BARE_JOIN, REACT_TOOL
from lcc.grammar.lenient.events import Event
from lcc.grammar.lenient.heads import digits_of
from lcc.grammar.lenient.lines import (
    FENCE,
    NOTHING,
    PLAIN_CALL,
    REACT_INPUT,
    is_condition,
    is_observation,
    is_unreadable_step,
    step_number,
)
from lcc.grammar.lenient.remarks import Remarks, error
from lcc.grammar.lenient.repairs import bare_join, fence, missing_parentheses, observation, prose, react
from lcc.grammar.lenient.repairs.refusals import UNREAD
from lcc.grammar.lenient.repairs.repair import Repair
from lcc.grammar.lenient.settle import Read, Settler
from lcc.grammar.lenient.tool_names import ToolNames
from lcc.grammar.signatures import RESERVED_TOOLS
from lcc.grammar.source import Span
from lcc.grammar.syntax.scanner import Segment
from lcc.grammar.syntax.statement import Call

_ELISION: Final = re.compile(r"[ \t]*+(?:\.{3,9}|…)[ \t]*+\Z")
"""A line that stands for others, which were left out."""


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

    `final` is the last line, as long as nothing follows it: the text may have been cut in it.
    """

    names: ToolNames
    plans: Plans
    settler: Settler
    remarks: Remarks
    add: Callable[[tuple[Read, ...]], Iterator[Event]]
    final: Segment | None = None
    action: tuple[str, int | None, Segment] | None = None

    def take(self, segment: Segment) -> Iterator[Event]:
        """Take a line that no statement begins with."""
        line = segment.text
        self.final = segment
        if FENCE.match(line):
            yield from self.remarks.extend(fence.REPAIR, segment, join=False)
        elif NOTHING.match(line) and not _ELISION.match(line):
            self.plans.prose(line)
        elif BARE_JOIN.match(line):
            self.final = None
            yield from self.remarks.end_block()
            yield from self._bare_join(segment)
        elif not (yield from self._call(segment)):
            self.plans.prose(line)
            yield from self._prose(segment)

    def _prose(self, segment: Segment) -> Iterator[Event]:
        """Drop a line, if it can be dropped."""
        line, span = segment.text, Span(segment.start, segment.end)
        number = step_number(line)
        if number is not None and not self.plans.ended and (is_unreadable_step(line) or self._names_tool(line)):
            message = "this step names a call or a result, but it is no call"
            yield from self.remarks.doubt(number, error(UNREAD.code, message, span, "write one call for each step"))
        elif is_condition(line) and not self.plans.current.empty and not self.plans.ended:
            message = "what follows depends on a condition, which a plan can't say"
            help_ = "plan the calls that are needed anyway"
            yield from self.plans.current.fail(error(UNREAD.code, message, span, help_))
        else:
            repair = observation.REPAIR if is_observation(line) else prose.REPAIR
            yield from self.remarks.extend(repair, segment)

    def _names_tool(self, line: str) -> bool:
        found = PLAIN_CALL.match(line)
        return found is not None and found["name"] in self.names.tools

    def _call(self, segment: Segment) -> Generator[Event, None, bool]:
        """Read a line that calls without parentheses; return whether it does."""
        line = segment.text
        tool = REACT_TOOL.match(line)
        name = tool["name"] if tool else ""
        if tool and (not self.names.known or self.names.find(name)):
            yield from self.remarks.end_block()
            name = self.names.find(name) or name
            number = digits_of(tool["number"]) if tool["number"] else None
            self.action = name, number, segment
            if name in RESERVED_TOOLS:
                self.action, self.final = None, None
                whole = Span(segment.start, segment.end)
                yield from self._spelled_out(_Spelled(name, number, "", segment.end, whole), react.REPAIR)
            return True
        given = REACT_INPUT.match(line)
        if given and self.action is not None:
            (name, number, first), self.action, self.final = self.action, None, None
            whole = Span(first.start, segment.end)
            start = segment.start + given.end()
            yield from self._spelled_out(_Spelled(name, number, line[given.end() :], start, whole), react.REPAIR)
            return True
        plain = PLAIN_CALL.match(line)
        if plain and plain["mark"] and plain["given"] and plain["name"] in (*self.names.tools, "join"):
            self.final = None
            number = digits_of(plain["number"])
            start, whole = segment.start + plain.start("given"), Span(segment.start, segment.end)
            yield from self.remarks.end_block()
            spelled = _Spelled(plain["name"], number, plain["given"], start, whole)
            yield from self._spelled_out(spelled, missing_parentheses.REPAIR)
            return True
        return False

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
        yield from self.remarks.doubt(spelled.number, error(UNREAD.code, message, spelled.whole, help_))

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
        yield from self.add((Read(call, number, None, (bare_join.REPAIR.code,), (report,), "join()"),))
