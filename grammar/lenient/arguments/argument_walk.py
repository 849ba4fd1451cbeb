"""Walk over the arguments of a call: what the text says next, the choices that are taken, the changes that are made, and what it may cost."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Final

from lcc.grammar.lenient.marks.draft import Change
from lcc.grammar.lenient.marks.heads import SPACE
from lcc.grammar.lenient.marks.repairs import MARKDOWN_ESCAPE, ODD_CHARACTER, TRAILING_TEXT
from lcc.grammar.lenient.marks.tool_names import INVISIBLE, ToolNames
from lcc.grammar.signatures import Parameter, Signature

_SLASHES: Final = re.compile(r"//[^\r\n]*+")
PLAIN_SPACE: Final = re.compile(r"[ \t\r\n\f]*+(?:#(?!E?[0-9]+\b)[^\r\n]*+[ \t\r\n\f]*+|)*+")
"""Space and comments; `#E1` and `#1` as arguments are references in another notation."""
ODD_SPACE: Final = re.compile(rf"[\u00a0\u2000-\u200f\u202f\u2060\u3000{INVISIBLE}]++")
NEXT_KEYWORD: Final = re.compile(rf"[A-Za-z_][A-Za-z0-9_]*+{SPACE}*+(?:=(?![=>])|＝)")
CLOSERS: Final = {")": "(", "]": "[", "}": "{", "）": "(", "］": "[", "｝": "{"}
SEPARATORS: Final = {",": ",", "，": ",", "、": ",", "､": ",", "；": ",", ";": ","}
OPENS: Final = {"(": ")", "[": "]", "{": "}"}


MAX_DEPTH: Final = 32
"""How deep brackets nest in a call that is repaired."""
LITERAL: Final = re.compile(
    r"[+-]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?(?![\w.])|(?:True|true|False|false|None|null)(?!\w)"
    r"|\$(?:\{[^{}\r\n]*+\}|(?:[0-9]+|[A-Za-z_]\w*+)(?:\.[A-Za-z_]\w*+|\[(?:-?[0-9]+|\"[^\"\\\r\n]*+\"|'[^'\\\r\n]*+')\]|)*+)",
    re.ASCII,
)
"""A value that the language has as one token: a number, a word for a value, a reference with its path."""
BACKSLASH: Final = re.compile(r"\\(?=[()\[\]{},=:])")
"""Markdown's backslash before punctuation between tokens."""
_BEGINS_WELL: Final = re.compile(
    rf"[\"'“‘\[{{($+\-.\d]|{NEXT_KEYWORD.pattern}|[A-Za-z_][A-Za-z0-9_]*+{SPACE}*+(?:[:：]|=>|:=){SPACE}*+[\"'“\[{{$+\-.\d]|(?:True|true|False|false|None|null|each)\b"
)


_LINE_END: Final = re.compile(r"[\r\n]")


class Refused(Exception):
    """This way of reading leads nowhere."""


def line_end(text: str, at: int) -> int:
    """Return where the line that `at` is on ends."""
    found = _LINE_END.search(text, at)
    return found.start() if found else len(text)


def without_space(text: str, at: int) -> int:
    """Return where the space that ends at `at` begins."""
    while at and text[at - 1].isspace():
        at -= 1
    return at


def begins_well(text: str, at: int) -> bool:
    """Whether an argument can begin here without being repaired."""
    return _BEGINS_WELL.match(text, at) is not None


def skip_space(text: str, at: int) -> int:
    """Return the offset past space, comments and invisible characters."""
    while True:
        found = PLAIN_SPACE.match(text, at)
        at = found.end() if found else at
        odd = ODD_SPACE.match(text, at) or BACKSLASH.match(text, at)
        if odd is None:
            return at
        at = odd.end()


SCANNED: Final = 200
"""How many characters a pattern searches in the time of a step."""


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
    """A call inside of the call: where its name begins and where it ends, in the region."""

    start: int
    end: int
    tool: str
    name_end: int
    variable: str


@dataclass(slots=True)
class Walk:
    """One walk over the arguments that begin at an offset of `region`, with the ways that `decisions` take.

    `settled`: another statement follows, so what is missing at the end may be inserted. `taken` records, for each choice,
    which way was taken and how many there are.
    """

    region: str
    names: ToolNames
    variables: Collection[str]
    settled: bool
    decisions: Sequence[int]
    budget: Budget
    taken: list[tuple[int, int]] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    inner: list[Inner] = field(default_factory=list)
    depth: int = 0
    _line_end: int = -1
    _line_from: int = 0

    def value(self, at: int, parameter: Parameter | None, argument: bool, greedy: bool = False) -> int:
        """Read one value; `argument`: it stands directly in the call. `greedy`: text takes commas, too."""
        raise NotImplementedError

    def arguments(self, at: int, bracket: str, signature: Signature | None, inner: bool = False) -> int:
        """Read arguments from behind the opening bracket; return the offset past the closing one."""
        raise NotImplementedError

    def line_end(self, at: int) -> int:
        """Return where the line that `at` is on ends."""
        if not self._line_from <= at <= self._line_end:
            self._line_from, self._line_end = at, line_end(self.region, at)
        return self._line_end

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

    def change(self, start: int, end: int, text: str, code: str) -> None:
        """Record a change."""
        self.budget.spend(1 + (end - start) // SCANNED)
        self.changes.append(Change(start, end, text, code))

    def attempt(self, read: Callable[[], int]) -> int | None:
        """Read something; where that fails, undo its changes and return None. Choices inside it stay taken."""
        before = len(self.changes), len(self.inner), self.depth
        try:
            return read()
        except Refused:
            del self.changes[before[0] :], self.inner[before[1] :]
            self.depth = before[2]
            return None

    def space(self, at: int) -> int:
        """Return the offset past space, comments and invisible characters, which are dropped."""
        while True:
            self.budget.spend(1)
            found = PLAIN_SPACE.match(self.region, at)
            at = found.end() if found else at
            odd = ODD_SPACE.match(self.region, at)
            if odd:
                self.change(at, odd.end(), " ", ODD_CHARACTER.code)
                at = odd.end()
                continue
            backslash = BACKSLASH.match(self.region, at)
            if backslash:
                self.change(at, at + 1, "", MARKDOWN_ESCAPE.code)
                at += 1
                continue
            remark = _SLASHES.match(self.region, at)
            if remark and "\n" in self.region[remark.end() : remark.end() + 2]:
                self.change(at, remark.end(), "", TRAILING_TEXT.code)
                at = remark.end()
                continue
            return at

    def ends_value(self, at: int, argument: bool) -> bool:
        """Whether a value may end here: a separator, a bracket, the end, or the next keyword follows."""
        next_at = skip_space(self.region, at)
        char = self.region[next_at : next_at + 1]
        if not char or char in CLOSERS or char in SEPARATORS:
            return True
        newline = "\n" in self.region[at:next_at] or "\r" in self.region[at:next_at]
        if newline and self.settled:
            return True
        return argument and next_at > at and NEXT_KEYWORD.match(self.region, next_at) is not None

    def ended(self, end: int, argument: bool) -> int:
        """Return the end of a value; the walk fails if no value can end there."""
        if not self.ends_value(end, argument):
            raise Refused
        return end
