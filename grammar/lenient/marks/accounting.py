"""See to it that nothing of a text is left over: what no form has read is an aside of the closed list, or the text is not understood."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from lcc.grammar.lenient.marks.asides import PROSE_AND_WRITES, Asides, Judged, Place
from lcc.grammar.lenient.marks.dialect import LOOSE_END, THOUGHT
from lcc.grammar.lenient.marks.lines import NOTHING, Line, line_of
from lcc.grammar.lenient.marks.prefaces import is_preface
from lcc.grammar.lenient.marks.tail import END_MARK
from lcc.grammar.lenient.marks.tool_names import ToolNames
from lcc.grammar.reading.loose_values import NotUnderstood
from lcc.grammar.source import Span

READ: Final = "\x01"
"""What stands for every character that was read."""
_LINE: Final = re.compile(r"(?<![^\r\n])[^\r\n]*")
_COMMENT: Final = re.compile(r"\s*(?://|#(?!\w))")
_BEFORE: Final = re.compile(r"(?:[\s,*_`]|[-+•](?=\s)|\d{1,9}[.)](?=\s)|)*+\Z")
"""What may stand before a call on its line: marks of lists."""
_BEHIND: Final = re.compile(r"(?:[\s,;*_`]|\.(?!\.)|)*+(?:(?://|#(?!\w)).*)?\Z")
_BETWEEN: Final = re.compile(r"[\s,*_`]*+\Z")
_QUOTES: Final = re.compile(r"\s*(?:\"\"\"|\'\'\')")


_TOKEN: Final = re.compile(r"<(?:\|[^<>|\r\n]++\|?|｜[^<>｜\r\n]++｜)>\s*+")
"""A token of a model's template, which no prose holds: the first sets apart a whole sentence before it, the last what stands behind it."""
_SENTENCE: Final = re.compile(r"(?:\A|[\r\n.!?。！？…])[ \t]*\Z")


def mark_read(text: str, spans: list[tuple[int, int]]) -> str:
    """Return a text in which what was read is replaced; an empty line stands where a token sets something apart."""
    out, at = [], 0
    last = next((start for start, _ in reversed(spans) if not END_MARK.match(text, start)), -1)
    for start, end in spans:
        out.append(text[at:start])
        read = re.sub(r"[^\r\n]", READ, text[start:end])
        if start >= last and _TOKEN.fullmatch(text, start, end):
            read = f"{read[:-2]}\n\n" if start == last else "\n" * len(read)
        elif not at and _TOKEN.fullmatch(text, start, end) and _SENTENCE.search(text, 0, start):
            read = f"\n\n{read[2:]}"
        out.append(read)
        at = end
    out.append(text[at:])
    return "".join(out)


def account(text: str, names: ToolNames, tools: Iterable[str]) -> None:
    """Raise NotUnderstood for what is neither read nor an aside; beside calls of `tools` that may write, prose is none."""
    asides = Asides(separated=True)
    for found in _LINE.finditer(text):
        line, span = found[0], Span(*found.span())
        if not line.strip():
            _refuse_odd(asides.end(apart=True))
            asides.separated = True
        elif READ in line:
            _see_beside(line, span)
            _refuse_odd(asides.call(False, 0))
            asides.place, asides.separated = Place.AMONG, False
        else:
            if asides.prose is None and line.lstrip().startswith("##") and not is_preface(line):
                asides.prose = span
            _refuse_odd(asides.take(line, span, _kind(line, names), False))
    _refuse_odd(asides.end(apart=True))
    if asides.prose is not None and any(map(names.may_write, tools)):
        raise NotUnderstood(PROSE_AND_WRITES, *asides.prose)


def _refuse_odd(judged: Iterable[Judged]) -> None:
    for one in judged:
        if not one.aside:
            raise NotUnderstood("this is neither a call nor an aside", *one.span)


def _see_beside(line: str, span: Span) -> None:
    rest = line.replace(READ, " ")
    before, after = rest[: line.index(READ)], rest[line.rindex(READ) :]
    if not (_BEFORE.match(before) and _BEHIND.match(after) and _BETWEEN.match(rest[len(before) : -len(after)])):
        start = span.start + len(line) - len(line.lstrip(READ + " \t"))
        raise NotUnderstood("what stands beside this call is not understood", start, span.end)


def _kind(line: str, names: ToolNames) -> Line:
    if _QUOTES.match(line):
        return Line.ODD
    if THOUGHT.match(line) or _COMMENT.match(line):
        return Line.LABEL
    end = LOOSE_END.match(line)
    if end and NOTHING.match(line, end.end()):
        return Line.NOTHING
    return line_of(line, names)
