"""Show how one text became another, as a unified diff."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Final

from lcc.grammar.diagnostics.terminal import escape

_COLORS: Final = {"+": "\x1b[32m", "-": "\x1b[31m", "@": "\x1b[36m"}
_HEADING: Final = "\x1b[1m"
_RESET: Final = "\x1b[0m"
_NO_LINE_FEED: Final = "\\ No newline at end of file\n"


def unified(before: str, after: str, old: str, new: str) -> str:
    """Return a unified diff that `patch` reads; empty if the texts are equal."""
    lines = difflib.unified_diff(_lines(before), _lines(after), fromfile=old, tofile=new)
    return "".join(line if line.endswith("\n") else f"{line}\n{_NO_LINE_FEED}" for line in lines)


def _lines(text: str) -> list[str]:
    lines = text.split("\n")
    last = lines.pop()
    return [f"{line}\n" for line in lines] + ([last] if last else [])


def for_terminal(diff: str, *, color: bool) -> str:
    """Return a diff that is safe to print, with the colours that `git diff` gives it."""
    return "".join(_for_terminal(diff, color))


def _for_terminal(diff: str, color: bool) -> Iterator[str]:
    for place, line in enumerate(diff.split("\n")[:-1]):
        style = (_HEADING if place < 2 else _COLORS.get(line[:1], "")) if color else ""
        yield f"{style}{escape(line)}{_RESET}\n" if style else f"{escape(line)}\n"
