"""Mark what a form has read in its text, so that the lines around it are judged like those around any call."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

READ: Final = "\x01"
"""What stands for every character that was read."""
_BEFORE: Final = re.compile(r"(?:[ \t,*_`]|[-+•](?=\s)|\d{1,9}[.)](?=\s)|)*+\Z")
"""What may stand before a call on its line: marks of lists."""
_BEHIND: Final = re.compile(r"(?:[ \t,;*_`]|\.(?!\.)|)*+(?:(?://|#(?!\w)).*)?\Z")
_BETWEEN: Final = re.compile(r"[\s,*_`]*+\Z")


def mark_read(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """Return a text in which what was read is replaced. Ends of lines stay."""
    out, at = [], 0
    for start, end in spans:
        out.append(text[at:start])
        out.append(re.sub(r"[^\r\n]", READ, text[start:end]))
        at = end
    out.append(text[at:])
    return "".join(out)


def stands_alone(line: str) -> bool:
    """Whether nothing stands beside what was read on a line but marks of lists and a comment."""
    rest = line.replace(READ, " ")
    before, after = rest[: line.index(READ)], rest[line.rindex(READ) :]
    found = _BEFORE.match(before) and _BEHIND.match(after) and _BETWEEN.match(rest[len(before) : -len(after)])
    return found is not None
