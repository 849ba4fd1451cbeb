"""Find the program in what a model wrote: in one fence, or bare; thoughts in tags may stand around it, a preface before it, and
nothing else.

Everything that isn't the program becomes spaces, so every place in the program is the same place in the reply. It goes by lines, as the
text arrives: what is handed out is a function of the text, never of how it was cut into pieces.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from lcc.grammar.diagnostics import Diagnostic, Rule, Severity, has_errors
from lcc.grammar.lenient.marks.prefaces import is_preface
from lcc.grammar.reading.thoughts import CLOSES_THOUGHT, OPENS_THOUGHT
from lcc.grammar.source import Span

AROUND: Final = Rule(
    "P062",
    "text-around-program",
    "something that isn't the program stands around it",
    "A reply is a program, bare or in one fence. What else it says might have been meant to be done, so nothing is.",
    "```python\nanswer(1)\n```\nThis answers with 1.\n",
    "```python\nanswer(1)  # This answers with 1.\n```\n",
    front_end="python",
)
OPEN: Final = Rule(
    "P063",
    "open-fence",
    "the fence around a program is never closed",
    "The text broke off, so the program may not be whole.",
    "```python\nanswer(1)\n",
    "```python\nanswer(1)\n```\n",
    front_end="python",
)
RULES: Final = (AROUND, OPEN)
_FENCE: Final = re.compile(r" {0,3}(?P<marks>`{3,})[ \t]*(?:python|python3|py|plan|text)?[ \t]*$", re.IGNORECASE)
_MARKS: Final = re.compile(r" {0,3}(?P<marks>`{3,})[ \t]*$")
_VISIBLE: Final = re.compile(r"[^\n\r]")
_LINE_END: Final = re.compile(r"\n|\r(?!\n|\Z)")
_HELP: Final = "write the program and nothing else; what is said to people goes into a comment"


@dataclass(frozen=True, slots=True)
class ReplyProgram:
    """The program of a reply, as long as the reply: what stood around it is spaces. `whole`: nothing that was begun is left open.

    `findings` puts what is wrong with the reply to what reading its program found.
    """

    text: str
    diagnostics: tuple[Diagnostic, ...]
    whole: bool
    findings: Callable[[Sequence[Diagnostic]], tuple[Diagnostic, ...]]

    @property
    def program(self) -> str:
        """The program without what stood around it."""
        return without_margin(self.text)


def without_margin(text: str) -> str:
    """Return a text without the empty lines before and behind it."""
    lines = text.rstrip().split("\n")
    while lines and not lines[0].strip():
        del lines[0]
    return "\n".join(lines) + "\n" if lines else ""


def program_in(reply: str) -> ReplyProgram:
    """Return the program that a reply holds. Never raises: what is wrong is a diagnostic, placed in the reply."""
    reading = ProgramInReply()
    text = reading.feed(reply) + reading.finish()
    return ReplyProgram(text, tuple(reading.diagnostics), reading.whole, reading.findings)


class _Where(Enum):
    BEFORE = "before the program"
    ASIDE = "in a thought"
    FENCED = "in the fence"
    BARE = "in a program without a fence"
    BEHIND = "behind the fence"


class ProgramInReply:
    """Take a reply as it arrives, and hand on the program in it, everything else as spaces."""

    def __init__(self, start: int = 0) -> None:
        """`start`: where the reply begins in the source that places are in."""
        self.diagnostics: list[Diagnostic] = []
        self.whole = False
        self._where = _Where.BEFORE
        self._back = _Where.BEFORE
        self._fence = ""
        self._offset = start
        self._pieces: list[str] = []
        """The line that isn't whole."""
        self._told = 0
        """How much of it was handed on: all, or nothing yet."""
        self._first = ""
        """The first of its characters that is no space, while nothing was handed on."""
        self._opened = self._begun = Span(0, 0)
        self._fenced = False

    def feed(self, piece: str) -> str:
        """Take a piece; return what of the text is known now."""
        if "\n" not in piece and "\r" not in piece and not self._waits_for_break():
            return self._more(piece)
        out: list[str] = []
        text = "".join(self._pieces) + piece
        at = 0
        for end in _LINE_END.finditer(text):
            out.append(self._take(text[at : end.end()]))
            at = end.end()
        self._pieces, self._first = [], ""
        told, self._told = self._told, 0
        return "".join(out) + self._more(text[at:])[told:]

    def _waits_for_break(self) -> bool:
        """Whether what follows says if the line has ended: a CR may be half of a line break."""
        return bool(self._pieces) and self._pieces[-1].endswith("\r")

    def _more(self, piece: str) -> str:
        """Take more of a line that isn't whole; return what is known to be the program's."""
        self._pieces.append(piece)
        if not self._told:
            self._first = self._first or piece.lstrip(" ")[:1]
            if not self._hands_on():
                return ""
            piece = "".join(self._pieces)
        self._told += len(piece)
        return piece

    def finish(self) -> str:
        """Take the end of the reply; return the rest of the text."""
        line = "".join(self._pieces)
        rest = self._take(line) if line else ""
        self._pieces = []
        if self._where is _Where.ASIDE:
            self._refuse("the thought that begins here never ends", self._opened)
        elif self._where is _Where.FENCED:
            message = "the fence that begins here is never closed, so the program may not be whole"
            self.diagnostics.append(
                Diagnostic(OPEN.code, Severity.ERROR, message, self._opened, "write the whole program")
            )
        self.whole = self._where not in (_Where.ASIDE, _Where.FENCED)
        return rest

    def findings(self, read: Sequence[Diagnostic]) -> tuple[Diagnostic, ...]:
        """Return what is wrong, with what reading the program found: prose before a fence is that, and not a mistake in each of its lines."""
        if self._fenced and has_errors(read):
            return (Diagnostic(AROUND.code, Severity.ERROR, "this stands before the program", self._begun, _HELP),)
        return (*self.diagnostics, *read)

    def _hands_on(self) -> bool:
        """Whether the unfinished line is known to be the program's."""
        return self._where is _Where.BARE or (self._where is _Where.FENCED and self._first not in ("", "`"))

    def _take(self, line: str) -> str:
        """Take a line; return it, or spaces for it, without what was handed on of it."""
        told, self._told = self._told, 0
        out = self._text_of(line, line.rstrip("\r\n"))
        self._offset += len(line)
        return out[told:]

    def _text_of(self, line: str, said: str) -> str:
        match self._where:
            case _Where.BARE:
                self._fenced = self._fenced or _FENCE.match(said) is not None
                return line
            case _Where.FENCED:
                found = _MARKS.match(said)
                if found is None or not found["marks"].startswith(self._fence):
                    return line
                self._where = _Where.BEHIND
            case _:
                rest = self._without_asides(said)
                if self._where is _Where.BEFORE and rest.rstrip(" \t*_").endswith((":", "：")) and is_preface(rest):
                    return _blank(line)
                if self._where is _Where.BEFORE and rest.strip(" \t\f\ufeff"):
                    return self._begin(line, said, rest)
                if self._where is _Where.BEHIND and rest.strip():
                    at = self._offset + len(rest) - len(rest.lstrip())
                    self._refuse("this stands behind the program", Span(at, self._offset + len(rest.rstrip())))
        return _blank(line)

    def _begin(self, line: str, said: str, rest: str) -> str:
        found = _FENCE.match(said)
        if found is None:
            self._where = _Where.BARE
            self._begun = Span(self._offset, self._offset + len(said))
            if rest != said:  # a form feed sets the column to 0: what stands behind a thought isn't indented
                program = rest.lstrip(" ")
                rest = "\f".rjust(len(rest) - len(program)) + program
            return rest + line[len(said) :]
        self._where, self._fence = _Where.FENCED, found["marks"]
        self._opened = Span(self._offset, self._offset + len(said))
        return _blank(line)

    def _without_asides(self, said: str) -> str:
        """Return what a line says outside of thoughts, with spaces for them."""
        out: list[str] = []
        at = 0
        while at < len(said):
            inside = self._where is _Where.ASIDE
            found = (CLOSES_THOUGHT if inside else OPENS_THOUGHT).search(said, at)
            end = len(said) if found is None else found.end()
            start = end if found is None else found.start()
            if not inside and self._where is _Where.BEFORE and said[at:start].strip():
                out.append(said[at:])  # the program has begun: what looks like a thought is a part of it
                break
            out.append(_blank(said[at:end]) if inside else said[at:start] + _blank(said[start:end]))
            if found is not None and inside:
                self._where = self._back
            elif found is not None:
                self._back, self._where = self._where, _Where.ASIDE
                self._opened = Span(self._offset + start, self._offset + end)
            at = end
        return "".join(out)

    def _refuse(self, message: str, span: Span) -> None:
        if not any(one.code == AROUND.code for one in self.diagnostics):
            self.diagnostics.append(Diagnostic(AROUND.code, Severity.ERROR, message, span, _HELP))


def _blank(text: str) -> str:
    return _VISIBLE.sub(" ", text)
