"""Read a model's output as it streams in, or all at once: the same machine, and the same events for every way to cut the text.

A call that is closed is given out at the end of its line, since what follows there may make another one of it. Any other call is
settled when the next statement begins, by the repairs.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import Final

from lcc.grammar.lenient.assembling.choosing import Plans
from lcc.grammar.lenient.forms.whole import Whole, read_whole
from lcc.grammar.lenient.loose_lines import HELP
from lcc.grammar.lenient.marks.dialect import ModelOutput
from lcc.grammar.lenient.marks.events import DiagnosticFound, Ended, Event
from lcc.grammar.lenient.marks.heads import read_head
from lcc.grammar.lenient.marks.lines import Line, line_of
from lcc.grammar.lenient.marks.repairs import error
from lcc.grammar.lenient.statements import Statements
from lcc.grammar.limits import DEFAULT_LIMITS, TextLimits
from lcc.grammar.reading.loose_values import NotUnderstood
from lcc.grammar.reading.thoughts import OPENS_THOUGHT
from lcc.grammar.signatures import NO_TOOLS, Tools
from lcc.grammar.source import Source, Span
from lcc.grammar.syntax.parser import Parsed, parse_plan
from lcc.grammar.syntax.scanner import Kind, Scanner, Segment
from lcc.grammar.syntax.statement import StatementParser
from lcc.grammar.tolerant.tool_names import ToolNames

_NO_TEXT: Final = re.compile("[\0\ud800-\udfff]")
_LONGEST_ASIDE: Final = 4096
"""A longer line is no aside."""
_SKIPPED: Final = frozenset([Line.NOTHING, Line.COMMENT, Line.PREFACE, Line.LABEL])
_STEPS: Final = re.compile(
    r"(?m)^[ \t]*+(?:strict[ \t]*+$|[0-9]{1,9}[ \t]*+\.[ \t]*+(?:=|for[ \t]|python[ \t]*+(?::|when[ \t])))|\)[ \t]*+(?:when|after|if failed)[ \t]"
)
"""What a plan file says that isn't a call alone."""


class StreamParser:
    """Parse a plan while a model writes it.

    `feed` takes text, or bytes of UTF-8, in any chunks, and returns the events that they cause; `close` ends the text. What
    stands then is what `parse_model` returns for the whole text. Nothing that the text holds raises.

    The first statement or line that is no aside shows whether the text is a plan of numbered calls, which is read while it streams, or
    something that is read as a whole.
    """

    def __init__(
        self, tools: Tools = NO_TOOLS, limits: TextLimits = DEFAULT_LIMITS, *, earlier: frozenset[int] = frozenset()
    ) -> None:
        """Begin a text. `earlier`: the ids of plans before it, whose results it may name."""
        self._names, self._limits = ToolNames(tools), limits
        self._plans = Plans(self._names, limits.tasks, earlier)
        self._begin()
        self._numbered: bool | None = None  # whether the text is a plan of numbered calls, once that is known
        self._held: list[Segment] = []
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._chunks: list[str] = []
        self._room = limits.size  # bytes that may still come
        self._odd = False

    def _begin(self, whole: Whole | None = None) -> None:
        self._scanner = Scanner(self._limits.nesting, ModelOutput(self._names))
        self._statements = Statements(StatementParser(self._limits), self._names, self._plans, self._scanner, whole)

    def feed(self, chunk: str | bytes) -> list[Event]:
        """Read some more of the text; return what it says."""
        text = chunk if isinstance(chunk, str) else self._decoder.decode(chunk)
        size = len(text)
        if size <= self._room and text.isascii() and "\0" not in text:
            self._room -= size
            self._chunks.append(text)
            return self._read(text)
        return self._odd_text(text)

    def _read(self, text: str) -> list[Event]:
        """Read some more of what may be a plan of numbered calls."""
        if self._numbered is False:
            return []
        events: list[Event] = []
        statements = self._statements
        for segment in self._scanner.feed(text):
            events.extend(statements.take(segment) if self._numbered else self._first(segment))
        if statements.last is not None and self._scanner.fresh:
            events.extend(statements.line_over())
        return events

    def _first(self, segment: Segment) -> Iterator[Event]:
        """Hold a segment until one has shown what the text is."""
        if self._numbered is None:
            self._held.append(segment)
            self._numbered = self._shows_numbers(segment)
            if self._numbered:
                for held in self._held:
                    yield from self._statements.take(held)

    def _shows_numbers(self, segment: Segment) -> bool | None:
        """Return whether a segment belongs to a plan of numbered calls; None for an aside."""
        text, kind = segment.text, segment.kind
        if kind in (Kind.CALL, Kind.OPEN):
            head = read_head(text, 0, self._names, same_line=not segment.fresh)
            return head is not None and (head.numbered or text.startswith("#E"))
        aside = (
            kind in (Kind.THOUGHT, Kind.INPUT, Kind.COMMENT)
            or (kind is Kind.ASIDE and OPENS_THOUGHT.match(text))
            or (kind is Kind.TEXT and len(text) <= _LONGEST_ASIDE and line_of(text, self._names) in _SKIPPED)
        )
        return None if aside else False

    def close(self, finish_reason: str = "stop") -> list[Event]:
        """End the text; return what was left open, and whether the plan is whole."""
        events = self.feed(self._decoder.decode(b"", True))
        if self._numbered is not False:
            for segment in self._scanner.close():
                events += self._statements.take(segment) if self._numbered else self._first(segment)
        if not self._numbered:
            text = "".join(self._chunks)
            events += self._as_a_whole(f" {text[1:]}" if text.startswith("\ufeff") else text)
        else:
            events += self._statements.finish()
        events += self._plans.finish()
        events.append(self._ended(finish_reason))
        return events

    def _as_a_whole(self, text: str) -> list[Event]:
        """Read a text that doesn't begin as a plan of numbered calls."""
        plan = self._plans.current
        try:
            plain, whole = read_whole(text, self._names, self._limits)
        except NotUnderstood as odd:
            return list(plan.fail(error(odd.code, odd.message, odd.span, HELP)))
        if whole is not None and whole.diagnostics:
            return [event for found in whole.diagnostics for event in plan.fail(found)]
        self._begin(whole)
        segments = (one for part in (self._scanner.feed(plain), self._scanner.close()) for one in part)
        events = [event for segment in segments for event in self._statements.take(segment)]
        events += self._statements.finish()
        plan = self._plans.current
        if whole is not None and plan.failed:
            events = [event for event in (*events, *plan.withdraw()) if isinstance(event, DiagnosticFound)]
        return events

    def parsed(self, path: str = "<model>") -> Parsed:
        """Return what the text says, once it is closed."""
        return self._plans.current.parsed(Source(path, "".join(self._chunks)))

    def _odd_text(self, text: str) -> list[Event]:
        """Read a chunk that has to be looked at first, and report what is wrong with it where it is."""
        odd = None if self._odd else _NO_TEXT.search(text)
        if odd is None:
            return self._counted(_NO_TEXT.sub("\ufffd", text))
        events = self._counted(text[: odd.start()])
        self._odd = True
        if self._room >= 0:
            events += self._report("P016", "characters that text can't have are dropped")
        return events + self._counted(_NO_TEXT.sub("\ufffd", text[odd.start() :]))

    def _counted(self, text: str) -> list[Event]:
        """Read as much of a chunk as the limit allows."""
        if self._room < 0:
            return []
        data = text.encode()
        kept = data[: self._room].decode("utf-8", "ignore") if len(data) > self._room else text
        self._room -= len(data)
        self._chunks.append(kept)
        events = self._read(kept)
        if self._room < 0:
            events += self._report("P015", f"the text is larger than {self._limits.size:,} bytes")
        return events

    def _report(self, code: str, message: str) -> list[Event]:
        at = sum(map(len, self._chunks))
        return list(self._plans.current.fail(error(code, message, Span(at, at + 1))))

    def _ended(self, finish_reason: str) -> Ended:
        plans = self._plans
        if plans.current.empty or (self._numbered is not True and plans.current.failed):
            return Ended(False, "there is no plan")
        if plans.ended:
            return Ended(True, "the plan has its end")
        if finish_reason != "stop":
            return Ended(False, f"the model stopped early: {finish_reason}")
        if plans.current.join is None:
            return Ended(False, "the plan has no join")
        return Ended(True, "the text ended after the join")


def parse_model(
    text: str, *, path: str = "<model>", tools: Tools = NO_TOOLS, limits: TextLimits = DEFAULT_LIMITS
) -> Parsed:
    """Parse a model's whole output. Never raises for what the text holds: errors and repairs are diagnostics.

    Conditions, loops, and values with an id are read where the whole text is a plan file; everywhere else they are refused.
    """
    if _STEPS.search(text):
        strict = parse_plan(text, path=path, limits=limits)
        if strict.ok and strict.plan.body is not None:
            return strict
    parser = StreamParser(tools, limits)
    parser.feed(text)
    parser.close()
    return parser.parsed(path)
