"""See to it that nothing of a text is left over: what no form has read is an aside of the closed list, or the text is not understood."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from lcc.grammar.lenient.marks.dialect import LOOSE_END, THOUGHT
from lcc.grammar.lenient.marks.lines import NOTHING, Line, ends_in_colon, line_of, mentions_step
from lcc.grammar.lenient.marks.prefaces import is_preface
from lcc.grammar.lenient.marks.tool_names import ToolNames
from lcc.grammar.reading.loose_values import NotUnderstood
from lcc.grammar.source import Span

PROSE_AND_WRITES: Final = "prose beside a call that writes, or that is not declared to read, is not understood: it may say that the call is not to be made"
READ: Final = "\x01"
"""What stands for every character that was read."""
_LINE: Final = re.compile(r"[^\r\n]*")
_COMMENT: Final = re.compile(r"\s*(?://|#(?!\w))")
_BEFORE: Final = re.compile(r"(?:[\s,*_`]|[-+•](?=\s)|\d{1,9}[.)](?=\s)|)*+\Z")
"""What may stand before a call on its line: marks of lists."""
_BEHIND: Final = re.compile(r"(?:[\s,;*_`]|\.(?!\.)|)*+(?:(?://|#(?!\w)).*)?\Z")
_BETWEEN: Final = re.compile(r"[\s,*_`]*+\Z")
_QUOTES: Final = re.compile(r"\s*(?:\"\"\"|\'\'\')")


def mark_read(text: str, spans: list[tuple[int, int]]) -> str:
    """Return a text in which what was read is replaced."""
    out, at = [], 0
    for start, end in spans:
        out.append(text[at:start])
        out.append(re.sub(r"[^\r\n]", READ, text[start:end]))
        at = end
    out.append(text[at:])
    return "".join(out)


def account(text: str, names: ToolNames, tools: Iterable[str]) -> None:
    """Raise NotUnderstood for what is neither read nor an aside; beside calls of `tools` that may write, prose is none."""
    lines = _Lines(names)
    for found in _LINE.finditer(text):
        if found[0] or found.start() == len(text) or text[found.start() - 1 : found.start()] in ("\n", "\r", ""):
            lines.take(found[0], found.start())
    lines.end_paragraph(apart=True)
    if lines.prose is not None and any(map(names.may_write, tools)):
        raise NotUnderstood(PROSE_AND_WRITES, *lines.prose)


@dataclass(slots=True)
class _Lines:
    """The lines so far. `prose`: the first paragraph or heading that says something and stands apart. `odd`: where a paragraph began that no call may follow; it announces something, or stands between calls."""

    names: ToolNames
    prose: Span | None = None
    _paragraph: list[tuple[int, str]] = field(default_factory=list)
    _apart: bool = True
    _begun: bool = False
    _odd: Span | None = None

    def take(self, line: str, at: int) -> None:
        """Take the next line."""
        if not line.strip():
            self.end_paragraph(apart=True)
            self._apart = True
        elif READ in line:
            self._read(line, at)
        else:
            self._loose(line, at, _kind(line, self.names))

    def _read(self, line: str, at: int) -> None:
        rest = line.replace(READ, " ")
        before, after = rest[: line.index(READ)], rest[line.rindex(READ) :]
        if not (_BEFORE.match(before) and _BEHIND.match(after) and _BETWEEN.match(rest[len(before) : -len(after)])):
            start = at + len(line) - len(line.lstrip(READ + " \t"))
            raise NotUnderstood("what stands beside this call is not understood", start, at + len(line))
        self.end_paragraph(apart=False)
        if self._odd is not None:
            raise NotUnderstood("what stands above this call is not understood", *self._odd)
        self._apart, self._begun = False, True

    def _loose(self, line: str, at: int, kind: Line) -> None:
        if kind is Line.ODD or (kind is Line.PROSE and not self._paragraph and not self._apart):
            raise NotUnderstood("this is neither a call nor an aside", at, at + len(line))
        if kind is Line.PROSE:
            self._paragraph.append((at, line))
            return
        if self.prose is None and line.lstrip().startswith("##") and not is_preface(line):
            self.prose = Span(at, at + len(line))
        self.end_paragraph(apart=kind in (Line.PREFACE, Line.NOTHING))
        self._apart = kind is Line.NOTHING

    def end_paragraph(self, apart: bool) -> None:
        """Judge the paragraph that ends here; `apart`: nothing stands directly below it."""
        lines, self._paragraph = self._paragraph, []
        if not lines:
            return
        (first, _), (at, last) = lines[0], lines[-1]
        step = next(((place, line) for place, line in lines if mentions_step(line)), None)
        if step is not None:
            raise NotUnderstood("this speaks of a step and is no call", step[0], step[0] + len(step[1]))
        if self.prose is None and not all(is_preface(line) for _, line in lines):
            self.prose = Span(first, at + len(last))
        if is_preface(last):
            return
        if not apart:
            raise NotUnderstood("this is neither a call nor an aside", first, at + len(last))
        if self._begun or ends_in_colon(last):
            self._odd = Span(first, at + len(last))


def _kind(line: str, names: ToolNames) -> Line:
    if _QUOTES.match(line):
        return Line.ODD
    if THOUGHT.match(line) or _COMMENT.match(line):
        return Line.COMMENT
    end = LOOSE_END.match(line)
    if end and NOTHING.match(line, end.end()):
        return Line.NOTHING
    return line_of(line, names)
