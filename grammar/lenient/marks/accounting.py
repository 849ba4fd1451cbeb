"""Mark what a form has read in its text, so that the lines around it are judged like those around any call."""

from __future__ import annotations

import re
from typing import Final

from lcc.grammar.reading.template_marks import MARK
from lcc.grammar.tolerant.tail import END_MARK

READ: Final = "\x01"
"""What stands for every character that was read."""
_BEFORE: Final = re.compile(r"(?:[ \t,*_`]|[-+•](?=\s)|\d{1,9}[.)](?=\s)|)*+\Z")
"""What may stand before a call on its line: marks of lists."""
_BEHIND: Final = re.compile(r"(?:[ \t,;*_`]|\.(?!\.)|)*+(?:(?://|#(?!\w)).*)?\Z")
_BETWEEN: Final = re.compile(r"[\s,*_`]*+\Z")

_TOKEN: Final = re.compile(rf"(?=<[|｜])(?:{MARK})\s*+", re.IGNORECASE)
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


def stands_alone(line: str) -> bool:
    """Whether nothing stands beside what was read on a line but marks of lists and a comment."""
    rest = line.replace(READ, " ")
    before, after = rest[: line.index(READ)], rest[line.rindex(READ) :]
    found = _BEFORE.match(before) and _BEHIND.match(after) and _BETWEEN.match(rest[len(before) : -len(after)])
    return found is not None
