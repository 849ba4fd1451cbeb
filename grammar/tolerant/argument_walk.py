"""Walk over a call: what the text says next, the nodes that are made of it, and what that may cost."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeAlias, TypeVar

from lcc.grammar.diagnostics import Diagnostic, Severity
from lcc.grammar.ir import Const, Input, Ref, rebuild
from lcc.grammar.signatures import Signature
from lcc.grammar.source import Span
from lcc.grammar.syntax.statement import StatementParser, language
from lcc.grammar.syntax.strings import Decoded, Dollar, Template, decode_body, split_dollars
from lcc.grammar.tolerant import oddities
from lcc.grammar.tolerant.call_tree import Comment, Fault, Leaf, Node
from lcc.grammar.tolerant.oddities import Change
from lcc.grammar.tolerant.parameters import parameter_at, takes_commas
from lcc.grammar.tolerant.tail import Tail, judge_tail
from lcc.grammar.tolerant.tool_names import INVISIBLE, SPACE, ToolNames, plain

_Made = TypeVar("_Made")
Parts: TypeAlias = list["str | Dollar"]
"""A text: what it says, and the references in it."""

_PLAIN_SPACE: Final = re.compile(r"[ \t\r\n\f]*+(?:#[^\r\n]*+[ \t\r\n\f]*+|)*+")
_OTHER_SPACE: Final = re.compile(r"[ \t\r\n\f]*+(?:#(?!E?[0-9]+\b)[^\r\n]*+[ \t\r\n\f]*+|)*+")
"""Space and comments; in another dialect `#E1` and `#1` as arguments are references."""
_COMMENT: Final = re.compile(r"#[^\r\n]*+")
_ODD_SPACE: Final = re.compile(rf"[\u00a0\u2000-\u200f\u202f\u2060\u3000{INVISIBLE}]++")
_BACKSLASH: Final = re.compile(r"\\(?=[()\[\]{},=:])")
"""Markdown's backslash before punctuation between tokens."""
_GAP: Final = rf"(?:[ \t\r\n]*+(?==(?![=>]))|{SPACE}*+)"
"""What may stand before the sign of a keyword."""
NEXT_KEYWORD: Final = re.compile(rf"[A-Za-z_][A-Za-z0-9_]*+{_GAP}(?:=(?![=>])|＝)")
_KEYWORD: Final = re.compile(
    rf"(?P<name>[A-Za-z_](?:[A-Za-z0-9_]|\\_|)*+){_GAP}(?P<sign>=>|:=|=(?!=)|＝|:(?!//|=)|：){SPACE}*+"
)
CLOSERS: Final = {")": "(", "]": "[", "}": "{", "）": "(", "］": "[", "｝": "{"}
SEPARATORS: Final = frozenset(",，、､；;")
OPENS: Final = {"(": ")", "[": "]", "{": "}"}
SCALARS: Final = frozenset({"NUMBER", "TRUE", "FALSE", "NULL", "REFERENCE"})
"""The tokens of the language that are values, but for its texts."""
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


@dataclass(slots=True)
class Walk:
    """The walk over the call in `region`, which stands at `base` in the source.

    `settled`: another statement follows, so what is missing at the end may be inserted. `dialect`: `#1` may be a reference.
    `nodes`: what was read and stands in no node yet. `signature`: the declaration of the tool whose arguments are read.
    `close`: the bracket that closes what is read.
    """

    region: str
    base: int
    parser: StatementParser
    names: ToolNames
    variables: Collection[str]
    settled: bool
    budget: Budget
    dialect: bool = True
    nodes: list[Node] = field(default_factory=list)
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
        self.nodes.append(Change(start, end, code))

    def report(self, found: Iterable[Diagnostic], start: int, end: int) -> None:
        """Note what the language says of a token."""
        self.nodes += (Fault(start, end, one) for one in found)

    def taken(self, begun: int) -> tuple[Node, ...]:
        """Return the nodes from the one of a number on: they stand in a node that is made of them."""
        nodes = tuple(self.nodes[begun:])
        del self.nodes[begun:]
        return nodes

    def deeper(self) -> None:
        """Count a bracket that opens; the walk fails where they nest too deeply."""
        self.depth += 1
        if self.depth > self.parser.limits.nesting:
            raise Unreadable

    def attempt(self, read: Callable[[], _Made]) -> _Made | None:
        """Read something; where that leads nowhere, forget its nodes and return None."""
        begun, depth, close = len(self.nodes), self.depth, self.close
        try:
            return read()
        except Refused:
            if any(isinstance(node, Fault) and node.found.is_error for node in self.nodes[begun:]):
                raise Unreadable from None
            del self.nodes[begun:]
            self.depth, self.close = depth, close
            return None

    def space(self, at: int) -> int:
        """Return the offset past space, comments and invisible characters, which are dropped."""
        while True:
            self.budget.spend(1)
            begun = at
            at, odd = self._past_space(begun)
            if "#" in self.region[begun:at]:
                self.nodes += (Comment(*found.span()) for found in _COMMENT.finditer(self.region, begun, at))
            if odd is None:
                return at
            self.nodes.append(odd)
            at = odd.end

    def skip_space(self, at: int) -> int:
        """Return the offset past space, comments and invisible characters; nothing is noted."""
        at, odd = self._past_space(at)
        while odd is not None:
            at, odd = self._past_space(odd.end)
        return at

    def _past_space(self, at: int) -> tuple[int, Change | None]:
        """Return the offset past space and comments, and what stands there that is dropped as well."""
        found = (_OTHER_SPACE if self.dialect else _PLAIN_SPACE).match(self.region, at)
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

    def token(self, at: int) -> tuple[str, int]:
        """Return the terminal of the language's token that begins at a place, and where it ends; "" where none does."""
        found = language().match(self.region, at)
        if found is None:
            return "", at
        self.budget.spend((found.end() - at) // SCANNED)
        return found.lastgroup or "", found.end()

    def scalar(self, token: str, start: int, end: int) -> Any:
        """Return the value that a token of the language says; it stands for what is written from `start` to `end`."""
        value, found = self.parser.scalar(token, self.base + start)
        self.report(found, start, end)
        return standing_at(value, self.span(start, end))

    def leaf(self, kind: str, start: int, end: int) -> Leaf:
        """Return the value that a token of the language is."""
        value, found = self.parser.scalar(self.region[start:end], self.base + start)
        return Leaf(start, end, tuple(Fault(start, end, one) for one in found), kind, value)

    def key(self, start: int, end: int) -> str:
        """Return what a text of the language says as a key, where dollars mean nothing."""
        said, found = self.parser.key(self.region[start:end], self.base + start)
        self.report(found, start, end)
        return said

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
        self.report(
            (Diagnostic("P008", Severity.WARNING, f.message, f.span, f.help) for f in decoded.faults), start, end
        )
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
