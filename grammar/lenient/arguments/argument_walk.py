"""Walk over the arguments of a call: what the text says next, the choices that are taken, what is noted, and what it may cost."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeAlias, TypeVar

from lcc.grammar.diagnostics import Diagnostic, Severity
from lcc.grammar.ir import Const, Input, Ref, rebuild
from lcc.grammar.lenient.marks import repairs
from lcc.grammar.lenient.marks.heads import SPACE
from lcc.grammar.lenient.marks.repairs import Change, Repair
from lcc.grammar.lenient.marks.tail import Tail, judge_tail
from lcc.grammar.lenient.marks.tool_names import INVISIBLE, ToolNames
from lcc.grammar.source import Span
from lcc.grammar.syntax.statement import Call, StatementParser
from lcc.grammar.syntax.strings import Decoded, Dollar, Template, decode_body, split_dollars

_Made = TypeVar("_Made")
Parts: TypeAlias = list["str | Dollar"]
"""A text: what it says, and the references in it."""

_PLAIN_SPACE: Final = re.compile(r"[ \t\r\n\f]*+(?:#(?!E?[0-9]+\b)[^\r\n]*+[ \t\r\n\f]*+|)*+")
"""Space and comments; `#E1` and `#1` as arguments are references in another notation."""
_ODD_SPACE: Final = re.compile(rf"[\u00a0\u2000-\u200f\u202f\u2060\u3000{INVISIBLE}]++")
_SLASHES: Final = re.compile(r"//[^\r\n]*+(?=\r?\n)")
_BACKSLASH: Final = re.compile(r"\\(?=[()\[\]{},=:])")
"""Markdown's backslash before punctuation between tokens."""
NEXT_KEYWORD: Final = re.compile(rf"[A-Za-z_][A-Za-z0-9_]*+{SPACE}*+(?:=(?![=>])|＝)")
CLOSERS: Final = {")": "(", "]": "[", "}": "{", "）": "(", "］": "[", "｝": "{"}
SEPARATORS: Final = frozenset(",，、､；;")
OPENS: Final = {"(": ")", "[": "]", "{": "}"}
LITERAL: Final = re.compile(
    r"[+-]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?(?![\w.])|(?:True|true|False|false|None|null)(?!\w)"
    r"|\$(?:\{[^{}\r\n]*+\}|(?:[0-9]+|[A-Za-z_]\w*+)(?:\.[A-Za-z_]\w*+|\[(?:-?[0-9]+|\"[^\"\\\r\n]*+\"|'[^'\\\r\n]*+')\]|)*+)",
    re.ASCII,
)
"""A value that the language has as one token: a number, a word for a value, a reference with its path."""
_BEGINS_WELL: Final = re.compile(
    rf"[\"'“‘\[{{($+\-.\d]|{NEXT_KEYWORD.pattern}|[A-Za-z_][A-Za-z0-9_]*+{SPACE}*+(?:[:：]|=>|:=){SPACE}*+[\"'“\[{{$+\-.\d]|(?:True|true|False|false|None|null|each)\b"
)
_LINE_END: Final = re.compile(r"[\r\n]")
MAX_DEPTH: Final = 32
"""How deep brackets nest in a call that is repaired."""
SCANNED: Final = 200
"""How many characters a pattern searches in the time of a step."""


class Refused(Exception):
    """This way of reading leads nowhere."""


class Exhausted(Exception):
    """The text asks for more work than is allowed."""


@dataclass(slots=True)
class Budget:
    """The steps that are left for one text."""

    left: int

    @property
    def exhausted(self) -> bool:
        """Whether the text asked for more than there was."""
        return self.left < 0

    def spend(self, steps: int) -> None:
        """Count steps; raise Exhausted where none are left."""
        self.left -= steps
        if self.left < 0:
            raise Exhausted


@dataclass(frozen=True, slots=True)
class Inner:
    """A call inside of the call, and the variable that stands for it there."""

    call: Call
    variable: str


@dataclass(slots=True)
class Walk:
    """One walk over the arguments in `region`, which stands at `base` in the source, with the ways that `decisions` take.

    `settled`: another statement follows, so what is missing at the end may be inserted. `taken` records, for each choice,
    which way was taken and how many there are. `notes`: what is written otherwise than in the language, the calls inside of
    the call, and what the language's own rules say about the values; with an error of theirs nothing is read.
    """

    region: str
    base: int
    parser: StatementParser
    names: ToolNames
    variables: Collection[str]
    settled: bool
    decisions: Sequence[int]
    budget: Budget
    taken: list[tuple[int, int]] = field(default_factory=list)
    notes: list[Change | Inner | Diagnostic] = field(default_factory=list)
    depth: int = 0
    _line_end: int = -1
    _line_from: int = 0

    def span(self, start: int, end: int) -> Span:
        """Return where a stretch of the region stands in the source."""
        return Span(self.base + start, self.base + end)

    def line_end(self, at: int) -> int:
        """Return where the line that `at` is on ends."""
        if not self._line_from <= at <= self._line_end:
            self._line_from, self._line_end = at, line_end(self.region, at)
        return self._line_end

    def without_space(self, at: int) -> int:
        """Return where the space that ends at `at` begins."""
        while at and self.region[at - 1].isspace():
            at -= 1
        return at

    def begins_well(self, at: int) -> bool:
        """Whether an argument can begin here without being repaired."""
        return _BEGINS_WELL.match(self.region, at) is not None

    def may_end_at(self, at: int) -> bool:
        """Whether nothing but an aside follows on the line of a bracket at `at`, so that it can be the call's last one."""
        return judge_tail(self.region[at + 1 : self.line_end(at)]) is not Tail.BAD

    def look(self, at: int, times: int = 1) -> None:
        """Count a look at what follows on the line."""
        self.budget.spend(1 + times * (self.line_end(at) - at) // SCANNED)

    def choose(self, ways: Sequence[int]) -> int:
        """Take one of several ways; without any, the walk fails."""
        place = len(self.taken)
        wanted = self.decisions[place] if place < len(self.decisions) else 0
        self.taken.append((wanted, len(ways)))
        if wanted >= len(ways):
            raise Refused
        return ways[wanted]

    def change(
        self, start: int, end: int, text: Any, repair: Repair, cost: int = 1, whole: tuple[int, int] | None = None
    ) -> None:
        """Note that the language has `text` at a place, or that it has the value `text` in the place of `whole`."""
        self.budget.spend(cost + (end - start) // SCANNED)
        self.notes.append(Change(start, end, text, repair.code, cost, whole))

    def deeper(self) -> None:
        """Count a bracket that opens; the walk fails where they nest too deeply."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise Refused

    def wrong(self, message: str, start: int, end: int) -> None:
        """Note that no strict reader would take a value."""
        self.notes.append(Diagnostic("R045", Severity.ERROR, message, self.span(start, end)))

    def attempt(self, read: Callable[[], _Made]) -> _Made | None:
        """Read something; where that fails, forget its notes and return None. Choices inside it stay taken."""
        before, depth = len(self.notes), self.depth
        try:
            return read()
        except Refused:
            del self.notes[before:]
            self.depth = depth
            return None

    def space(self, at: int) -> int:
        """Return the offset past space, comments and invisible characters, which are dropped."""
        while True:
            self.budget.spend(1)
            at, odd = self._past_space(at)
            remark = None if odd else _SLASHES.match(self.region, at)
            if remark:
                odd = Change(at, remark.end(), "", repairs.TRAILING_TEXT.code)
            if odd is None:
                return at
            self.notes.append(odd)
            at = odd.end

    def skip_space(self, at: int) -> int:
        """Return the offset past space, comments and invisible characters; nothing is noted."""
        at, odd = self._past_space(at)
        while odd is not None:
            at, odd = self._past_space(odd.end)
        return at

    def _past_space(self, at: int) -> tuple[int, Change | None]:
        """Return the offset past space and comments, and what stands there that is dropped as well."""
        found = _PLAIN_SPACE.match(self.region, at)
        at = found.end() if found else at
        odd = _ODD_SPACE.match(self.region, at)
        if odd:
            return at, Change(at, odd.end(), " ", repairs.ODD_CHARACTER.code)
        escape = _BACKSLASH.match(self.region, at)
        return at, Change(at, at + 1, "", repairs.MARKDOWN_ESCAPE.code) if escape else None

    def ends_value(self, at: int, argument: bool) -> bool:
        """Whether a value may end here: a separator, a bracket, the end, or the next keyword follows."""
        next_at = self.skip_space(at)
        char = self.region[next_at : next_at + 1]
        if not char or char in CLOSERS or char in SEPARATORS:
            return True
        if self.settled and _LINE_END.search(self.region, at, next_at):
            return True
        return argument and next_at > at and NEXT_KEYWORD.match(self.region, next_at) is not None

    def scalar(self, token: str, start: int, end: int) -> Any:
        """Return the value that a token of the language says; it stands for what is written from `start` to `end`."""
        value, found = self.parser.scalar(token, self.base + start)
        self.notes += found
        return standing_at(value, self.span(start, end))

    def parts(self, start: int, end: int, raw: bool = False) -> Parts:
        """Return the text at a place, with the references in it. `raw`: it has no escapes."""
        decoded = self.decoded(start, end, raw)
        text = split_dollars(decoded)
        return list(text.parts) if isinstance(text, Template) else [text]

    def decoded(self, start: int, end: int, raw: bool = False) -> Decoded:
        """Return the text at a place without its escapes."""
        body, span = self.region[start:end], self.span(start, end)
        self.budget.spend(len(body) // SCANNED)
        if raw:
            return Decoded(body, frozenset(), ((0, span.start),), ())
        if (len(body) - len(body.rstrip("\\"))) % 2:
            self.wrong("what closes the text is escaped", start, end)
        decoded = decode_body(body, span.start, span)
        for fault in decoded.faults:
            severity = Severity.WARNING if fault.usable else Severity.ERROR
            self.notes.append(Diagnostic("P008", severity, fault.message, fault.span, fault.help))
        return decoded


def text_of_parts(parts: Iterable[str | Dollar]) -> Any:
    """Return a text as a value: a constant where no reference is in it."""
    made: Parts = []
    for part in parts:
        if made and isinstance(part, str) and isinstance(made[-1], str):
            made[-1] += part
        elif part != "":
            made.append(part)
    match made:
        case []:
            return Const("")
        case [str(text)]:
            return Const(text)
        case _:
            return Template(tuple(made))


def standing_at(value: Any, span: Span) -> Any:
    """Return a value whose references stand at a place."""
    match value:
        case Ref(task, path):
            return Ref(task, path, span)
        case Input(name, path):
            return Input(name, path, span)
        case Template(parts):
            return Template(tuple(replace(part, span=span) if isinstance(part, Dollar) else part for part in parts))
        case _:
            return rebuild(value, lambda item: standing_at(item, span))


def line_end(text: str, at: int) -> int:
    """Return where the line that `at` is on ends."""
    found = _LINE_END.search(text, at)
    return found.start() if found else len(text)
