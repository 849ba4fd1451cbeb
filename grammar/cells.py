"""Measure text as a terminal shows it: wide characters take two cells, combining marks none."""

from __future__ import annotations

import unicodedata
from typing import Final

from lcc.grammar.diagnostics.terminal import escape

TAB: Final = 4
CUT: Final = "…"


def cell(char: str, column: int) -> tuple[str, int]:
    """Return what to show for a character at a column (from 0), and how many cells it takes: tabs expanded, all else escaped."""
    if " " <= char <= "~":
        return char, 1
    if char == "\t":
        width = TAB - column % TAB
        return " " * width, width
    shown = escape(char)
    return (shown, len(shown)) if shown != char else (char, _width(char))


def cut(text: str, limit: int) -> str:
    """Return a text, already escaped, in at most `limit` cells; the cut is visible."""
    if len(text) <= limit and text.isascii():
        return text
    used, kept = 0, 0
    for at, char in enumerate(text):
        used += _width(char)
        if used > limit:
            return text[:kept] + CUT if limit > 0 else ""
        if used < limit:
            kept = at + 1
    return text


def _width(char: str) -> int:
    if " " <= char <= "~":
        return 1
    if char in "\ufe0e\ufe0f" or unicodedata.category(char) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
