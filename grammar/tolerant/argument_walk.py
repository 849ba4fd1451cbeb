"""Walk over the arguments of a call: what the text says next, what is noted, and what it may cost."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeAlias, TypeVar

from lcc.grammar.diagnostics import Diagnostic, Severity, has_errors
from lcc.grammar.ir import Const, Input, Ref, rebuild
from lcc.grammar.signatures import Signature
from lcc.grammar.source import Span
from lcc.grammar.syntax.statement import Call, StatementParser
from lcc.grammar.syntax.strings import Decoded, Dollar, Template, decode_body, split_dollars
from lcc.grammar.tolerant import oddities
from lcc.grammar.tolerant.oddities import Change
from lcc.grammar.tolerant.parameters import parameter_at, takes_commas
from lcc.grammar.tolerant.tail import Tail, judge_tail
from lcc.grammar.tolerant.tool_names import INVISIBLE, SPACE, ToolNames, plain

_Made = TypeVar("_Made")
Parts: TypeAlias = list["str | Dollar"]
"""A text: what it says, and the references in it."""

_PLAIN_SPACE: Final = re.compile(r"[ \t\r\n\f]*+(?:#(?!E?[0-9]+\b)[^\r\n]*+[ \t\r\n\f]*+|)*+")
"""Space and comments; `#E1` and `#1` as arguments are references in another notation."""
_ODD_SPACE: Final = re.compile(rf"[\u00a0\u2000-\u200f\u202f\u2060\u3000{INVISIBLE}]++")
_BACKSLASH: Final = re.compile(r"\\(?=[()\[\]{},=:])")
"""Markdown's backslash before punctuation between tokens."""
NEXT_KEYWORD: Final = re.compile(rf"[A-Za-z_][A-Za-z0-9_]*+{SPACE}*+(?:=(?![=>])|＝)")
_KEYWORD: Final = re.compile(
    rf"(?P<name>[A-Za-z_](?:[A-Za-z0-9_]|\\_|)*+){SPACE}*+(?P<sign>=>|:=|=(?!=)|＝|:(?!//|=)|：){SPACE}*+"
)
CLOSERS: Final = {")": "(", "]": "[", "}": "{", "）": "(", "］": "[", "｝": "{"}
SEPARATORS: Final = frozenset(",，、､；;")
OPENS: Final = {"(": ")", "[": "]", "{": "}"}
LITERAL: Final = re.compile(
    r"[+-]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?(?![\w.])|(?:True|true|False|false|None|null)(?!\w)"
    r"|\$(?:\{[^{}\r\n]*+\}|(?:[0-9]+|[A-Za-z_]\w*+)(?:\.[A-Za-z_]\w*+|\[(?:-?[0-9]+|\"[^\"\\\r\n]*+\"|'[^'\\\r\n]*+')\]|)*+)",
    re.ASCII,
)
"""A value that the language has as one token: a number, a word for a value, a reference with its path."""
_OPENING: Final = "\"'“‘„«‹「『＂＇\\[{$+\\-.\\d"
"""What a value may begin with, for a set of characters in a pattern."""
_BEGINS_WELL: Final = re.compile(
    rf"[({_OPENING}]|[fFrRbBuU]{{1,2}}[\"'“]|{NEXT_KEYWORD.pattern}|[A-Za-z_][A-Za-z0-9_]*+{SPACE}*+(?:[:：]|=>|:=){SPACE}*+[{_OPENING}]|(?:True|true|False|false|None|null|each)\b"
)
_DROPPED: Final = ((_ODD_SPACE, oddities.ODD_CHARACTER), (_BACKSLASH, oddities.MARKDOWN_ESCAPE))
"""What is dropped between tokens."""
_JUDGED: Final = 8
"""How often the rest of a line is searched to judge it as a tail."""
_LINE_END: Final = re.compile(r"[\r\n]")
MAX_DEPTH: Final = 32
"""How deep brackets nest in a call that is repaired."""
SCANNED: Final = 200
"""How many characters a pattern searches in the time of a step."""


class Refused(Exception):
    """This way of reading leads nowhere; another may be tried."""


class Unreadable(Exception):
    """The call can't be read, whatever else is tried. `ambiguous`: what may be meant in two ways, and where in the region."""

    def __init__(self, ambiguous: str = "", at: int = 0) -> None:
        super().__init__(ambiguous)
        self.ambiguous, self.at = ambiguous, at


class Exhausted(Unreadable):
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
    start: int


@dataclass(slots=True)
class Walk:
    """The walk over the arguments in `region`, which stands at `base` in the source.

    `settled`: another statement follows, so what is missing at the end may be inserted. `notes`: what is written otherwise than
    in the language, the calls inside of the call, and the warnings of the language's own rules. `signature`: the declaration of
    the tool whose arguments are read. `close`: the bracket that closes what is read.
    """

    region: str
    base: int
    parser: StatementParser
    names: ToolNames
    variables: Collection[str]
    settled: bool
    budget: Budget
    notes: list[Change | Inner | Diagnostic] = field(default_factory=list)
    signature: Signature | None = None
    close: str = ")"
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

    def keyword(self, at: int) -> re.Match[str] | None:
        """Return the name of an argument and the sign behind it that stand here, if they do."""
        found = _KEYWORD.match(self.region, at)
        signature = self.signature
        if found is None or (signature and signature.parameter(plain(found["name"]))):
            return found
        if signature is None:
            named = found["sign"] in "=＝" or self.begins_well(found.end())
        else:
            named = found["sign"] in "=＝" and not takes_commas(signature, parameter_at(signature, 0))
        return found if named else None

    def needs(self, name: str) -> bool:
        """Whether the tool must be given an argument of this name."""
        parameter = self.signature.parameter(name) if self.signature else None
        return parameter is not None and parameter.required

    @property
    def in_call(self) -> bool:
        """Whether arguments are read, and not a list or a dict among them."""
        return self.close == ")"

    def may_end_at(self, at: int) -> bool:
        """Whether nothing but an aside follows on the line of a bracket at `at`, so that it can be the call's last one."""
        self.look(at, _JUDGED)
        return judge_tail(self.region[at + 1 : self.line_end(at)]) is not Tail.BAD

    def look(self, at: int, times: int = 1) -> None:
        """Count a look at what follows on the line."""
        self.budget.spend(1 + times * (self.line_end(at) - at) // SCANNED)

    def note(self, code: str, start: int, end: int) -> None:
        """Note what is written otherwise at a place."""
        self.budget.spend(1 + (end - start) // SCANNED)
        self.notes.append(Change(start, end, code))

    def deeper(self) -> None:
        """Count a bracket that opens; the walk fails where they nest too deeply."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise Unreadable

    def attempt(self, read: Callable[[], _Made]) -> _Made | None:
        """Read something; where that leads nowhere, forget its notes and return None."""
        before, depth, close = len(self.notes), self.depth, self.close
        try:
            return read()
        except Refused:
            del self.notes[before:]
            self.depth, self.close = depth, close
            return None

    def space(self, at: int) -> int:
        """Return the offset past space, comments and invisible characters, which are dropped."""
        while True:
            self.budget.spend(1)
            at, odd = self._past_space(at)
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
        for pattern, code in _DROPPED:
            odd = pattern.match(self.region, at)
            if odd:
                return at, Change(at, odd.end(), code)
        return at, None

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
        if has_errors(found):
            raise Unreadable
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
        decoded = decode_body(body, span.start, span)
        if (len(body) - len(body.rstrip("\\"))) % 2 or not all(fault.usable for fault in decoded.faults):
            raise Unreadable
        self.notes += (Diagnostic("P008", Severity.WARNING, f.message, f.span, f.help) for f in decoded.faults)
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
