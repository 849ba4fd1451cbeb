"""Say, as a text arrives, whether it is a plan of numbered calls, which is read while it streams, or something that is read as a whole.

The first line that is no aside decides. What is decided, and at which character, depends on the text alone.
"""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import Final

from lcc.grammar.lenient.marks.dialect import CLOSES_ASIDE, OPENS_ASIDE, THOUGHT, is_comment
from lcc.grammar.lenient.marks.heads import read_head
from lcc.grammar.lenient.marks.lines import Line, line_of
from lcc.grammar.lenient.marks.tool_names import ToolNames

_NUMBERED: Final = re.compile(r"[ \t\ufeff]*+[0-9]{1,9}[ \t]*+[.)][ \t]*+[A-Za-z_][A-Za-z0-9_./-]{0,200}[ \t]*+\(")
_INPUT: Final = re.compile(r"(?:secret[ \t]++)?input[ \t]++[A-Za-z_]\w*+[ \t]*+:")
_PIECES: Final = re.compile(r"[^\r\n]*[\r\n]|[^\r\n]+")
_SKIPPED: Final = frozenset([Line.NOTHING, Line.COMMENT, Line.PREFACE, Line.LABEL])
_DECIDES: Final = re.compile(r"[\r\n(>▷\]]")
_LONGEST: Final = 4096
"""A longer line is no aside."""
_TAG: Final = 32
_BEGIN: Final = re.compile(r"\A\s*<s>")


def without_begin_mark(text: str) -> str:
    """Return a text with space for the mark of its beginning, which is a mark nowhere else."""
    return _BEGIN.sub(lambda found: " " * len(found[0]), text, count=1)


class Route(Enum):
    """How a text is read."""

    NUMBERED = auto()
    WHOLE = auto()


class Router:
    """Collect a text until it is known how it is read. `held` is all of it so far."""

    def __init__(self, names: ToolNames) -> None:
        self.held: list[str] = []
        self._names = names
        self._line: list[str] = []
        self._tail: str | None = None  # the end of the thought so far, in which its closing tag may have begun
        self._first = True

    def take(self, chunk: str) -> Route | None:
        """Take some more of the text; return how it is read once that is known."""
        self.held.append(chunk)
        for found in _PIECES.finditer(chunk):
            route = self._piece(found[0])
            if route is not None:
                return route
        return None

    def _piece(self, piece: str) -> Route | None:
        if self._tail is not None:
            text = self._tail + piece
            closed = CLOSES_ASIDE.search(text)
            if closed is None:
                self._tail = text[-_TAG:]
                return None
            self._tail, piece = None, text[closed.end() :]
            self._line = []
        self._line.append(piece)
        if _DECIDES.search(piece) is None:
            return None
        line = without_begin_mark("".join(self._line)) if self._first else "".join(self._line)
        if _NUMBERED.match(line):
            return Route.NUMBERED
        if len(line) > _LONGEST:
            return Route.WHOLE
        opened = OPENS_ASIDE.match(line.lstrip())
        if opened and not is_comment(opened[0]):
            rest = line.lstrip()[opened.end() :]
            self._line, self._tail = [], ""
            return self._piece(rest) if rest else None
        if line[-1] not in "\r\n":
            return None
        self._line, self._first = [], False
        return self._whole_line(line.rstrip("\r\n"))

    def _whole_line(self, line: str) -> Route | None:
        bare = line.strip(" \t\ufeff\u200b")
        if not bare or bare.startswith("#") or _INPUT.match(bare):
            return Route.NUMBERED if bare.startswith("#E") else None
        head = read_head(line, 0, self._names)
        if head is not None and head.numbered and not head.json:
            return Route.NUMBERED
        if head is None and (THOUGHT.match(line) or line_of(line, self._names) in _SKIPPED):
            return None
        return Route.WHOLE
