"""Cut text into statements as it arrives, knowing nothing but quotes, brackets and how a statement begins.

The same machine serves files and streams: a file is a stream fed once. What it yields is a function of the text alone,
never of how the text was cut into chunks. It looks at every character once: the text of an unfinished statement is a list
of pieces, joined when the statement ends, and only what can't be judged yet (a possible statement head, a quote that may
be one of three, a backslash at the end) is carried over, at most `HEAD_LIMIT` characters of it.

A statement that begins and never ends properly becomes an OPEN segment that reaches to the next line that can only be the
beginning of another statement, so one unclosed parenthesis doesn't hide the rest of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum, auto
from typing import Final, Protocol

from lcc.grammar.dataclass import dataclass
from lcc.grammar.late_pattern import pattern
from lcc.grammar.source import Span

END_OF_PLAN: Final = "<END_OF_PLAN>"
HEAD_LIMIT: Final = 512
"""A statement's head (`12. tool(`) is at most this long; longer text is no head, so the carry is bounded."""

_NAME = r"[A-Za-z_][A-Za-z0-9_./-]*+"
_CALL: Final = re.compile(rf"(?:[0-9]++[ \t]*+\.[ \t]*+{_NAME}|join|answer)[ \t]*+\(")
_PLAIN: Final = r"""[^"'()\[\]{}#\r\n<\\]++|"(?!"")[^"\\\r\n]*+"|'(?!'')[^'\\\r\n]*+'"""
_WHOLE_CALL: Final = re.compile(
    rf"((?:[0-9]++[ \t]*+\.[ \t]*+{_NAME}|join|answer)[ \t]*+\()(?:{_PLAIN}|\[(?:{_PLAIN}|)*+\]|\{{(?:{_PLAIN}|)*+\}}|)*+\)"
)
"""A call on one line without escapes, comments or deep nesting: most calls. One match instead of a step for each quote
and bracket: 4 µs a statement against 15 µs. The machine would find the same end."""
_CALL_PREFIX: Final = pattern(
    rf"[0-9]++[ \t]*+(?:\.[ \t]*+(?:{_NAME}[ \t]*+)?)?\Z|(?:j(?:o(?:in?)?)?|a(?:n(?:s(?:w(?:er?)?)?)?)?)\Z|(?:join|answer)[ \t]*+\Z"
)
_INPUT: Final = pattern(r"(?:secret[ \t]++)?input[ \t]++[A-Za-z_]")
_INPUT_PREFIX: Final = pattern(r"(?:secret[ \t]++)?input[ \t]++\Z|secret[ \t]++(?:i(?:n(?:p(?:ut?)?)?)?)?\Z")
_STEP: Final = pattern(
    r"[0-9]++[ \t]*+\.[ \t]*+(?:=|(?:for|yield)[ \t]++(?![( \t])|(python)(?:[ \t]*+:|[ \t]++when[ \t]))"
    r"|(?P<alone>yield(?![A-Za-z0-9_])|strict[ \t]*+(?=[#\r\n]|\Z)|(python|ir)[ \t]*+:)"
)
"""How a step that is no call begins; `alone`: what has no number, and is none inside of a call."""
_STEP_PREFIX: Final = pattern(
    r"[0-9]++[ \t]*+\.[ \t]*+(?:(?:for|yield)[ \t]*+|python(?:[ \t]*+|[ \t]++w(?:h(?:en?)?)?))?\Z|strict[ \t]*+\Z|yield\Z|(?:python|ir)[ \t]*+\Z"
)
_TAIL: Final = re.compile(r"[ \t]*+(?:when|after|if|in)(?![A-Za-z0-9_])")
_NO_TAIL: Final = re.compile(r"[ \t]*+[^ \twai]")
_TAIL_PREFIX: Final = pattern(r"[ \t]*+(?:w(?:h(?:en?)?)?|a(?:f(?:t(?:er?)?)?)?|i[fn]?)?\Z")
_WORDS: Final = ("Thought:", END_OF_PLAN, "secret", "input", "strict", "yield", "python", "ir")
_INSIDE: Final = pattern(r"[\"'()\[\]{}#\r\n<]")
_CLOSES: Final = {")": "(", "]": "[", "}": "{"}
_ENDS_STRING: Final = {'"': pattern(r'["\\\r\n]'), "'": pattern(r"['\\\r\n]")}
_ENDS_LONG: Final = {'"': pattern(r'["\\]'), "'": pattern(r"['\\]")}
_LINE_END: Final = pattern(r"[\r\n]")
_BROKEN_END: Final = pattern(r"[\r\n<]")
_SPACE: Final = re.compile(r"[ \t\r\n\f]*+")


class Kind(Enum):
    """What a segment is. STEP is a call with a condition behind it, or a step that is no call; TEXT is a line that no statement
    begins with; OPEN what isn't closed; ASIDE a stretch of a model's output between tags, which only a dialect for models knows."""

    COMMENT = auto()
    THOUGHT = auto()
    INPUT = auto()
    CALL = auto()
    STEP = auto()
    END = auto()
    TEXT = auto()
    OPEN = auto()
    ASIDE = auto()


class Fault(Enum):
    """Why a segment is OPEN."""

    PAREN = auto()
    STRING = auto()
    LONG_STRING = auto()
    NESTING = auto()
    REFUSED = auto()


@dataclass(frozen=True, slots=True)
class Segment:
    """One statement, comment or stray line.

    `start` is its offset in the whole text. For an OPEN segment `fault` says why, `fault_at` where (an offset in the whole
    text: the opening quote or bracket), and `at_end` whether the text ended in it. `fresh`: nothing stands before it on its
    line. `apart`: nor on the line before it.
    """

    kind: Kind
    start: int
    text: str
    fault: Fault | None = None
    fault_at: int = 0
    at_end: bool = False
    fresh: bool = True
    apart: bool = False

    @property
    def end(self) -> int:
        """The offset past its last character."""
        return self.start + len(self.text)

    @property
    def span(self) -> Span:
        """Its place in the whole text."""
        return Span(self.start, self.end)


class Place(Enum):
    """Where a dialect is asked what begins: on a line of its own, after a statement on its line, or at the beginning of a
    line inside of a call; INDENTED also where the line may be part of a string."""

    LINE = auto()
    SAME_LINE = auto()
    INSIDE = auto()
    INDENTED = auto()


class Dialect(Protocol):
    """What a scanner needs to know about a way to write plans."""

    @property
    def steps(self) -> bool:
        """Whether a condition may follow a call on its line."""
        ...

    def begins(self, text: str, at: int, final: bool, place: Place) -> tuple[Kind | None, int]:
        """Return which statement begins at `at` and the offset past its head; None if the text ends before that is known.

        A call's head ends with its bracket. A TEXT or ASIDE whose end is past `at` is the whole segment; an ASIDE whose end
        is `at` reaches to what `closes` finds. Inside of a call any kind but TEXT and COMMENT says that the call is over.
        """
        ...

    def line_end(self, text: str, at: int, kind: Kind, final: bool) -> tuple[int, bool]:
        """Return where the line that goes on at `at` ends, and whether that is known; otherwise from where to wait."""
        ...

    def closes(self, text: str, at: int, final: bool) -> tuple[int, bool]:
        """Return the offset past the tag that closes an aside, and whether it was found; otherwise from where to wait."""
        ...


class _Mode(Enum):
    START = auto()  # between statements
    LINE = auto()  # in a comment, a thought or a stray line
    INSIDE = auto()  # in a call or an input, outside strings
    STRING = auto()
    LONG = auto()
    COMMENT = auto()  # in a comment inside a call
    LINE_START = auto()  # at the beginning of a line inside a call
    BROKEN = auto()  # in a call that can't be closed any more
    ASIDE = auto()
    TAIL = auto()  # behind a call's closing bracket
    BLOCK = auto()  # at the beginning of a line below `python:`
    BLOCK_LINE = auto()


_QUIET: Final = {_Mode.INSIDE: _INSIDE, _Mode.COMMENT: _LINE_END, _Mode.BROKEN: _BROKEN_END}
"""What ends a stretch of text that the machine only collects."""


class Scanner:
    """Cut text into segments. Feed it any number of chunks, then close it; take the segments as they come.

    `reopen` tells it that the call it yielded last isn't one after all: the call becomes the beginning of an OPEN segment.
    """

    def __init__(self, nesting: int = 64, dialect: Dialect | None = None, *, start: int = 0) -> None:
        """`start`: the offset of what is fed, in the text that places are in."""
        self._nesting = nesting
        self._dialect: Dialect = dialect or PlanFile()
        self._fresh = True  # nothing but space stands before what comes next on its line
        self._indented = False  # space stands before what comes next on its line, inside of a call
        self._feeds, self._returns = 2, 2  # the line ends since the last segment
        self._apart = True
        self._mode = _Mode.START
        self._kind = Kind.TEXT
        self._parts: list[str] = []  # the unfinished statement, without the carry
        self._carry = ""
        self._offset = start  # of the first character that is not in _parts
        self._start = 0  # of the unfinished statement
        self._open: list[str] = []
        self._open_at: list[int] = []
        self._quote = ""
        self._quote_at = 0
        self._fault: tuple[Fault, int] | None = None
        self._long_quotes = {'"', "'"}
        self._tails = self._dialect.steps
        self._line_start = start  # where the line begins on which the last statement did
        self._block_column = -1  # of the `python:` whose lines are read; -1 where none is

    @property
    def fresh(self) -> bool:
        """Whether what is read now, or next, is the first on its line."""
        return self._fresh

    def feed(self, chunk: str) -> Iterator[Segment]:
        """Yield the segments that are certain once `chunk` is read. They must be taken before the next chunk is fed."""
        if not self._carry:
            # Most chunks of a stream hold nothing that the machine looks for: 0.5 µs instead of 2.5.
            quiet = _ENDS_STRING[self._quote] if self._mode is _Mode.STRING else _QUIET.get(self._mode)
            if quiet is not None and quiet.search(chunk) is None:
                self._parts.append(chunk)
                self._offset += len(chunk)
                return iter(())
        return self._scan(self._carry + chunk if self._carry else chunk, False)

    def close(self) -> Iterator[Segment]:
        """Yield what is left at the end of the text."""
        text = self._carry
        while True:
            yield from self._scan(text, final=True)
            left = self._finish()
            if left is None:
                return
            segment, text = left
            if segment is not None:
                yield segment

    def reopen(self, segment: Segment) -> None:
        """Take the CALL segment just yielded for the beginning of an OPEN one, which ends before the next statement."""
        self._parts.append(segment.text)
        self._start = segment.start
        self._fresh = segment.fresh
        self._apart = segment.apart
        self._fault = (Fault.REFUSED, segment.start)
        self._kind = Kind.CALL
        self._mode = _Mode.BROKEN

    def _scan(self, text: str, final: bool) -> Iterator[Segment]:
        """Run the machine over `text`, whose first character is at `self._offset`."""
        # Longer than 40 lines because it is the hot loop over statements: its state is in local names.
        base, at, taken = self._offset, 0, 0  # text[taken:at] belongs to the unfinished statement
        self._carry = ""
        length = len(text)
        while at < length:
            mode = self._mode
            if mode is _Mode.START:
                found = _SPACE.match(text, at)
                if found and found.end() > at:
                    self._count_lines(text, at, found.end())
                    self._passes_line(text, at, found.end(), base)
                    at = taken = found.end()
                if at >= length:
                    break
                whole = _WHOLE_CALL.match(text, at) if self._nesting > 1 else None
                if whole and whole.end(1) - at <= HEAD_LIMIT and (not self._tails or _NO_TAIL.match(text, whole.end())):
                    taken = whole.end()
                    fresh, self._fresh = self._fresh, False
                    yield Segment(Kind.CALL, base + at, text[at:taken], fresh=fresh, apart=self._is_apart())
                    at = taken
                    continue
                begun = self._begin(text, at, final)
                if begun is None:
                    break
                self._apart = self._is_apart()
                self._start, taken, at = base + at, at, begun
                if self._mode is _Mode.START:
                    fresh, self._fresh = self._fresh, False
                    yield Segment(self._kind, self._start, text[taken:at], fresh=fresh, apart=self._apart)
                    taken = at
                continue
            next_at, done = self._STEPS[mode](self, text, at, base, final)
            if done is not None:
                yield self._segment(text, taken, base, done)
                # `reopen` may have put the segment back while the caller held it.
                at = taken = next_at
            elif next_at == at and self._mode is mode:
                break
            else:
                at = next_at
        if self._mode is not _Mode.START:
            self._parts.append(text[taken:at])
        self._carry = text[at:]
        self._offset = base + at

    def _segment(self, text: str, taken: int, base: int, done: int) -> Segment:
        """Build the segment that ends at `done` and go back to START."""
        parts = self._parts
        body = text[taken:done] if done >= taken else ""
        if parts:
            body = "".join(parts) + body if done >= taken else "".join(parts)
            parts.clear()
        kind, fault = self._kind, self._fault
        self._mode = _Mode.START
        fresh, self._fresh = self._fresh, False
        if self._block_column >= 0 and fault is None:
            self._block_column = -1
            kept = body.rstrip()
            self._fresh = _LINE_END.search(body, len(kept)) is not None
            return Segment(kind, self._start, kept, fresh=fresh)
        if fault is None:
            ends_line = kind is Kind.INPUT or kind is Kind.STEP
            kept = body.rstrip(" \t") if ends_line else body
            return Segment(kind, self._start, kept, fresh=fresh, apart=self._apart)
        self._fault = None
        self._block_column = -1
        self._passes_line(body, 0, len(body), self._start)
        kept = body.rstrip(" \t\r\n\f")
        self._count_lines(body, len(kept), len(body))
        return Segment(Kind.OPEN, self._start, kept, fault[0], fault[1], fresh=fresh, apart=self._apart)

    def _count_lines(self, text: str, start: int, end: int) -> None:
        """Count the line ends in the space between two segments."""
        self._feeds += text.count("\n", start, end)
        self._returns += text.count("\r", start, end)
        self._fresh = self._fresh or bool(self._feeds or self._returns)

    def _is_apart(self) -> bool:
        """Return whether an empty line, or nothing, stands before the segment that begins; a new count begins."""
        apart = self._feeds > 1 or self._returns > 1
        self._feeds = self._returns = 0
        return apart

    def _passes_line(self, text: str, start: int, end: int, base: int) -> bool:
        """Whether a line begins in a stretch of text; `base` is the offset of the text."""
        cut = text.rfind("\n", start, end)
        if cut < 0:
            cut = text.rfind("\r", start, end)
        if cut >= 0:
            self._line_start = base + cut + 1
        return cut >= 0

    def _begin(self, text: str, at: int, final: bool) -> int | None:
        """Decide what begins at `at`, set mode and kind, and return where to go on; None if more text is needed."""
        kind, end = self._dialect.begins(text, at, final, Place.LINE if self._fresh else Place.SAME_LINE)
        if kind is None:
            return None
        self._kind = kind
        if kind is Kind.CALL or kind is Kind.INPUT:
            self._mode = _Mode.INSIDE
            self._open = [text[end - 1] if text[end - 1] in "[{" else "("] if kind is Kind.CALL else []
            self._open_at = [self._offset + end - 1] if kind is Kind.CALL else []
            self._fault = None
        elif kind is Kind.STEP:
            self._mode, self._open, self._open_at, self._fault = _Mode.INSIDE, [], [], None
            block = _STEP.match(text, at)
            if block and (block[1] or block[3]):
                self._block_column = self._offset + at - self._line_start
        elif kind is Kind.ASIDE and end == at:
            self._mode = _Mode.ASIDE
        elif kind is not Kind.END and (end == at or kind is Kind.COMMENT or kind is Kind.THOUGHT):
            self._mode = _Mode.LINE
        return end

    def _step_line(self, text: str, at: int, base: int, final: bool) -> tuple[int, int | None]:
        end, found = self._dialect.line_end(text, at, self._kind, final)
        return end, end if found else None

    def _step_aside(self, text: str, at: int, base: int, final: bool) -> tuple[int, int | None]:
        end, found = self._dialect.closes(text, at, final)
        return end, end if found else None

    def _step_inside(self, text: str, at: int, base: int, final: bool) -> tuple[int, int | None]:
        # Longer than 40 lines because it is the hot loop over quotes and brackets: its state is in local names.
        search, length = _INSIDE.search, len(text)
        opened, opened_at = self._open, self._open_at
        while True:
            found = search(text, at)
            if found is None:
                return length, None
            at = found.start()
            char = text[at]
            if char == '"' or char == "'":
                long = self._is_long(text, at, char, final)
                if long is None:
                    return at, None
                self._quote, self._quote_at = char, base + at
                if long:
                    self._mode = _Mode.LONG
                    return at + 3, None
                self._mode = _Mode.STRING
                closed = self._close_string(text, at + 1)
                if closed is None:
                    return at + 1, None
                self._mode = _Mode.INSIDE
                at = closed
            elif char in "([{":
                if len(opened) >= self._nesting:
                    self._break(Fault.NESTING, base + at)
                    return at + 1, None
                opened.append(char)
                opened_at.append(base + at)
                at += 1
            elif char in ")]}":
                at += 1
                if _CLOSES[char] in opened:
                    while opened.pop() != _CLOSES[char]:
                        opened_at.pop()
                    opened_at.pop()
                    if not opened and self._kind is Kind.CALL:
                        self._mode = _Mode.TAIL if self._tails else self._mode
                        return at, None if self._tails else at
            elif char == "#":
                if not opened and self._block_column < 0:
                    return at, at
                self._mode = _Mode.COMMENT
                return at + 1, None
            elif char == "<":
                if not final and length - at < len(END_OF_PLAN) and END_OF_PLAN.startswith(text[at:]):
                    return at, None
                if text.startswith(END_OF_PLAN, at):
                    return self._unclosed(at) if opened else (at, at)
                at += 1
            elif not opened:
                if self._block_column >= 0:
                    self._mode = _Mode.BLOCK
                    return at, None
                return at, at  # an input or a step ends with its line
            else:
                self._mode = _Mode.LINE_START
                self._indented = False
                return at, None

    def _step_tail(self, text: str, at: int, base: int, final: bool) -> tuple[int, int | None]:
        found = _TAIL.match(text, at)
        if found and (final or found.end() < len(text)):
            self._kind, self._mode = Kind.STEP, _Mode.INSIDE
            return found.end(), None
        if not final and _TAIL_PREFIX.match(text, at):
            return at, None
        return at, at

    def _step_block(self, text: str, at: int, base: int, final: bool) -> tuple[int, int | None]:
        found = _SPACE.match(text, at)
        end = found.end() if found else at
        self._passes_line(text, at, end, base)
        if end == len(text):
            return end, None
        if base + end - self._line_start <= self._block_column:
            return end, end
        self._mode = _Mode.BLOCK_LINE
        return end, None

    def _step_block_line(self, text: str, at: int, base: int, final: bool) -> tuple[int, int | None]:
        found = _LINE_END.search(text, at)
        if found is None:
            return len(text), None
        self._mode = _Mode.BLOCK
        return found.start(), None

    def _close_string(self, text: str, at: int) -> int | None:
        """Return the offset past the string's end if it has neither escapes nor line breaks before it, else None."""
        found = _ENDS_STRING[self._quote].search(text, at)
        return found.end() if found and found.group() == self._quote else None

    def _step_string(self, text: str, at: int, base: int, final: bool) -> tuple[int, int | None]:
        pattern, quote, length = _ENDS_STRING[self._quote], self._quote, len(text)
        while True:
            found = pattern.search(text, at)
            if found is None:
                return length, None
            at, char = found.start(), found.group()
            if char == quote:
                self._mode = _Mode.INSIDE
                return at + 1, None
            if char == "\\":
                skipped = _escape(text, at, final)
                if skipped is None:
                    return at, None
                at = skipped
            else:
                self._break(Fault.STRING, self._quote_at)
                return at, None

    def _step_long(self, text: str, at: int, base: int, final: bool) -> tuple[int, int | None]:
        pattern, quote, length = _ENDS_LONG[self._quote], self._quote, len(text)
        while True:
            found = pattern.search(text, at)
            if found is None:
                return length, None
            at = found.start()
            if found.group() == "\\":
                skipped = _escape(text, at, final)
                if skipped is None:
                    return at, None
                at = skipped
                continue
            long = self._is_long(text, at, quote, final)
            if long is None:
                return at, None
            if long:
                self._mode = _Mode.INSIDE
                return at + 3, None
            at += 1

    def _step_comment(self, text: str, at: int, base: int, final: bool) -> tuple[int, int | None]:
        found = _LINE_END.search(text, at)
        if found is None:
            return len(text), None
        self._mode = _Mode.INSIDE
        return found.start(), None

    def _step_line_start(self, text: str, at: int, base: int, final: bool) -> tuple[int, int | None]:
        found = _SPACE.match(text, at)
        end = found.end() if found else at
        if end > at:
            self._indented = text[end - 1] not in "\r\n"
        if end >= len(text):
            return end, None
        # In a string that goes over its line, a line may look like a statement more easily than elsewhere.
        strict = self._indented or (self._fault is not None and self._fault[0] is Fault.STRING)
        kind, _ = self._dialect.begins(text, end, final, Place.INDENTED if strict else Place.INSIDE)
        if kind is None:
            return end, None
        if kind not in (Kind.TEXT, Kind.COMMENT):
            return self._unclosed(end)
        self._mode = _Mode.INSIDE if self._fault is None else _Mode.BROKEN
        return end, None

    def _step_broken(self, text: str, at: int, base: int, final: bool) -> tuple[int, int | None]:
        while True:
            found = _BROKEN_END.search(text, at)
            if found is None:
                return len(text), None
            at = found.start()
            if found.group() != "<":
                self._mode = _Mode.LINE_START
                self._indented = False
                return at, None
            if not final and len(text) - at < len(END_OF_PLAN) and END_OF_PLAN.startswith(text[at:]):
                return at, None
            if text.startswith(END_OF_PLAN, at):
                return self._unclosed(at)
            at += 1

    _STEPS: Final = {
        _Mode.LINE: _step_line,
        _Mode.INSIDE: _step_inside,
        _Mode.STRING: _step_string,
        _Mode.LONG: _step_long,
        _Mode.COMMENT: _step_comment,
        _Mode.LINE_START: _step_line_start,
        _Mode.BROKEN: _step_broken,
        _Mode.ASIDE: _step_aside,
        _Mode.TAIL: _step_tail,
        _Mode.BLOCK: _step_block,
        _Mode.BLOCK_LINE: _step_block_line,
    }

    def _is_long(self, text: str, at: int, quote: str, final: bool) -> bool | None:
        """Whether three quotes stand at `at`; None if the text ends before that is known."""
        if quote not in self._long_quotes:
            return False
        three = text[at : at + 3]
        if len(three) < 3 and not final and three == quote * len(three):
            return None
        return three == quote * 3

    def _break(self, fault: Fault, at: int) -> None:
        self._fault = (fault, at)
        self._mode = _Mode.BROKEN

    def _unclosed(self, at: int) -> tuple[int, int]:
        if self._fault is None:
            self._fault = (Fault.PAREN, self._open_at[-1] if self._open_at else self._start)
        return at, at

    def _finish(self) -> tuple[Segment | None, str] | None:
        """End the text: return the last segment and the text still to scan, or None when all is said."""
        mode, self._mode = self._mode, _Mode.START
        text = "".join(self._parts) + self._carry
        self._parts.clear()
        self._carry = ""
        if mode is _Mode.START:
            return None
        fresh, self._fresh = self._fresh, False
        if mode is _Mode.ASIDE:
            return Segment(Kind.ASIDE, self._start, text, at_end=True, fresh=fresh, apart=self._apart), ""
        block, self._block_column = self._block_column >= 0, -1
        if mode in (_Mode.TAIL, _Mode.BLOCK, _Mode.BLOCK_LINE) or (block and not self._open and mode is _Mode.COMMENT):
            kept = text.rstrip() if block else text
            return Segment(self._kind, self._start, kept, fresh=fresh, apart=self._apart), ""
        ends_line = self._kind is Kind.INPUT or self._kind is Kind.STEP
        if mode is _Mode.LINE or (ends_line and mode is _Mode.INSIDE and not self._open):
            return Segment(self._kind, self._start, text, fresh=fresh, apart=self._apart), ""
        if mode is _Mode.LONG:
            return self._cut_long(text, fresh)
        if mode is _Mode.STRING:
            self._break(Fault.STRING, self._quote_at)
        fault, fault_at = self._fault or (Fault.PAREN, self._open_at[-1] if self._open_at else self._start)
        self._fault = None
        self._mode = _Mode.START
        body = text.rstrip(" \t\r\n\f")
        return Segment(Kind.OPEN, self._start, body, fault, fault_at, at_end=True, fresh=fresh, apart=self._apart), ""

    def _cut_long(self, text: str, fresh: bool) -> tuple[Segment, str]:
        """Cut a call at the end of the line on which a long string begins: the rest may hold whole statements.

        This kind of quote is never long again, so the text is read at most once more for each of the two.
        """
        self._long_quotes.discard(self._quote)
        found = _LINE_END.search(text, self._quote_at - self._start)
        cut = found.start() if found else len(text)
        self._offset = self._start + cut
        head, fault = text[:cut].rstrip(" \t"), Fault.LONG_STRING
        cut_off = Segment(
            Kind.OPEN, self._start, head, fault, self._quote_at, at_end=True, fresh=fresh, apart=self._apart
        )
        return cut_off, text[cut:]


class PlanFile:
    """The dialect of plan files: the language as plan.lark has it."""

    steps = True

    def begins(self, text: str, at: int, final: bool, place: Place) -> tuple[Kind | None, int]:
        """Return which statement begins at `at`; see `begins`."""
        return begins(text, at, final, place)

    def line_end(self, text: str, at: int, kind: Kind, final: bool) -> tuple[int, bool]:
        """Return where the line ends."""
        found = _LINE_END.search(text, at)
        return (found.start(), True) if found else (len(text), False)

    def closes(self, text: str, at: int, final: bool) -> tuple[int, bool]:
        """Return the end of the text: plan files have no asides."""
        return len(text), True


def begins(text: str, at: int, final: bool, place: Place | None = None) -> tuple[Kind | None, int]:
    """Return which statement begins at `at` and the offset past its head; None if the text ends before that is known.

    Steps that are no calls begin only where a `place` is given.
    """
    char = text[at]
    if char == "#":
        return Kind.COMMENT, at + 1
    if char in "Tisyp<ja0123456789":
        found = _CALL.match(text, at, at + HEAD_LIMIT)
        if found:
            return Kind.CALL, found.end()
        if text.startswith("Thought:", at):
            return Kind.THOUGHT, at + 8
        if text.startswith(END_OF_PLAN, at):
            return Kind.END, at + len(END_OF_PLAN)
        found = _INPUT.match(text, at, at + HEAD_LIMIT)
        if found:
            return Kind.INPUT, found.end()
        step = _STEP.match(text, at, at + HEAD_LIMIT) if place is not None else None
        if step and (not step["alone"] or place is Place.LINE):
            return (Kind.STEP, step.end()) if final or step.end() < len(text) else (None, at)
        if not final and len(text) - at < HEAD_LIMIT and _may_begin(text, at):
            return None, at
    return Kind.TEXT, at


def _may_begin(text: str, at: int) -> bool:
    """Whether more text could make a statement's head of what stands at the end."""
    if _CALL_PREFIX.match(text, at) or _INPUT_PREFIX.match(text, at) or _STEP_PREFIX.match(text, at):
        return True
    rest = text[at:] if len(text) - at < 16 else ""
    return bool(rest) and any(word.startswith(rest) for word in _WORDS)


def _escape(text: str, at: int, final: bool) -> int | None:
    """Return the offset past the escape at `at`, a backslash; None if the text ends before that is known."""
    if len(text) - at < 2:
        return at + 1 if final else None
    if text[at + 1] == "\r":
        if len(text) - at < 3 and not final:
            return None
        return at + 3 if text.startswith("\n", at + 2) else at + 2
    return at + 2
