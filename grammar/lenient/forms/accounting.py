"""See to it that nothing of a text is left over: what no form has read is an aside of the closed list, or the text is not understood."""

from __future__ import annotations

import re
from typing import Final

from lcc.grammar.lenient.dialect import LOOSE_END, THOUGHT
from lcc.grammar.lenient.lines import NOTHING, Line, ends_in_colon, line_of, mentions_step
from lcc.grammar.lenient.prefaces import is_preface
from lcc.grammar.lenient.tool_names import ToolNames
from lcc.grammar.reading.loose_values import NotUnderstood

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


def account(text: str, names: ToolNames) -> None:
    """Raise NotUnderstood for what is neither read nor an aside."""
    paragraph: list[tuple[int, str]] = []
    apart, open_at = True, -1
    for found in _LINE.finditer(text):
        line, at = found[0], found.start()
        if not line and at < len(text) and text[at - 1 : at] not in ("\n", "\r", ""):
            continue
        read = READ in line
        rest = line.replace(READ, " ")
        if not line.strip():
            _judge(paragraph, True)
            open_at = _opens(paragraph, open_at)
            paragraph, apart = [], True
            continue
        if read:
            before, after = rest[: line.index(READ)], rest[line.rindex(READ) :]
            if not (_BEFORE.match(before) and _BEHIND.match(after) and _BETWEEN.match(rest[len(before) : -len(after)])):
                start = at + len(line) - len(line.lstrip(READ + " \t"))
                raise NotUnderstood("what stands beside this call is not understood", start, at + len(line))
            _judge(paragraph, False)
            open_at = _opens(paragraph, open_at)
            if open_at >= 0:
                raise NotUnderstood("what announces this call is not understood", open_at)
            paragraph, apart = [], False
            continue
        kind = _kind(line, names)
        if kind is Line.PROSE:
            if not paragraph and not apart:
                raise NotUnderstood("this is neither a call nor an aside", at, found.end())
            paragraph.append((at, line))
            continue
        if kind is Line.ODD:
            raise NotUnderstood("this is neither a call nor an aside", at, found.end())
        _judge(paragraph, kind in (Line.PREFACE, Line.NOTHING))
        paragraph, apart = [], kind is Line.NOTHING
    _judge(paragraph, True)


def _kind(line: str, names: ToolNames) -> Line:
    if _QUOTES.match(line):
        return Line.ODD
    if THOUGHT.match(line) or _COMMENT.match(line):
        return Line.COMMENT
    end = LOOSE_END.match(line)
    if end and NOTHING.match(line, end.end()):
        return Line.NOTHING
    return line_of(line, names)


def _judge(paragraph: list[tuple[int, str]], apart: bool) -> None:
    if not paragraph:
        return
    at, last = paragraph[-1]
    odd = next(((a, line) for a, line in paragraph if mentions_step(line)), None)
    if odd is not None:
        raise NotUnderstood("this speaks of a step and is no call", odd[0], odd[0] + len(odd[1]))
    if not apart and not is_preface(last):
        raise NotUnderstood("this is neither a call nor an aside", paragraph[0][0], at + len(last))


def _opens(paragraph: list[tuple[int, str]], before: int) -> int:
    if not paragraph:
        return before
    at, last = paragraph[-1]
    return at if ends_in_colon(last) and not is_preface(last) else -1
