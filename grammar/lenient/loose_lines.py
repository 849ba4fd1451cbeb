"""Take lines that no statement begins with: fences, a bare `join`, actions and their inputs, made-up results, prose."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from lcc.grammar.diagnostics import Diagnostic, Edit, Fix, Severity
from lcc.grammar.lenient.choosing import Plans
from lcc.grammar.lenient.dialect import BARE_JOIN, REACT_TOOL
from lcc.grammar.lenient.events import Event
from lcc.grammar.lenient.heads import digits_of
from lcc.grammar.lenient.lines import (
    FENCE,
    NOTHING,
    REACT_INPUT,
    is_condition,
    is_observation,
    is_unreadable_step,
    step_number,
)
from lcc.grammar.lenient.remarks import Remarks, error
from lcc.grammar.lenient.repairs import bare_join, fence, observation, prose
from lcc.grammar.lenient.repairs.refusals import UNREAD
from lcc.grammar.lenient.settle import Read, Settler
from lcc.grammar.lenient.tool_names import ToolNames
from lcc.grammar.scanner import Segment
from lcc.grammar.source import Span
from lcc.grammar.statement import Call


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
    action: tuple[str, Segment] | None = None
    errors: int = 0

    def take(self, segment: Segment) -> Iterator[Event]:
        """Take a line that no statement begins with."""
        line = segment.text
        self.final = segment
        if FENCE.match(line):
            yield from self.remarks.extend(fence.REPAIR, segment, join=False)
            return
        if NOTHING.match(line):
            self.plans.prose(line)
            return
        if BARE_JOIN.match(line):
            self.final = None
            yield from self.remarks.end_block()
            yield from self._bare_join(segment)
            return
        tool = REACT_TOOL.match(line)
        if tool and (not self.names.known or self.names.find(tool["name"])):
            yield from self.remarks.end_block()
            self.action = self.names.find(tool["name"]) or tool["name"], segment
            return
        if self.action is not None:
            given = REACT_INPUT.match(line)
            if given:
                self.final = None
                yield from self._react(segment, given.end())
                return
        self.plans.prose(line)
        number = step_number(line)
        if number is not None and is_unreadable_step(line) and not self.plans.ended:
            span = Span(segment.start, segment.end)
            message = "this step names a call or a result, but it is no call"
            yield from self.remarks.doubt(number, error(UNREAD.code, message, span, "write one call for each step"))
            return
        if is_condition(line) and not self.plans.current.empty and not self.plans.ended:
            span = Span(segment.start, segment.end)
            message = "what follows depends on a condition, which a plan can't say"
            yield from self.plans.current.fail(
                error(UNREAD.code, message, span, "plan the calls that are needed anyway")
            )
            return
        repair = observation.REPAIR if is_observation(line) else prose.REPAIR
        yield from self.remarks.extend(repair, segment)

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

    def _react(self, segment: Segment, at: int) -> Iterator[Event]:
        """Read the input of the action that the line before named."""
        if self.action is None:
            return
        tool, action = self.action
        read = self.settler.react(tool, action, segment, at, self.plans.variables)
        self.action = None
        if read is None:
            message = f"the input of `{tool}` can't be read"
            help_ = f"write a call: `1. {tool}(…)`"
            self.errors += 1
            span = Span(action.start, segment.end)
            yield from self.plans.current.fail(error(UNREAD.code, message, span, help_))
            return
        yield from self.add((read,))
