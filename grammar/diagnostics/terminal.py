"""Make hostile text fit for a terminal or a log.

Model text and tool output may hold escape sequences that rewrite a screen, bidirectional overrides that reorder it, and
characters that nobody sees. All of them are shown as Python writes them: `\\x1b`, `\\u202e`, `\\U000e0041`. The result is for
people: it is not meant to be read back, so a backslash stays as it is.
"""

from __future__ import annotations

import json
import re
import unicodedata
from typing import Final

from lcc.grammar.late_pattern import pattern
from lcc.grammar.values import Json, standard_json

_UNSAFE: Final = (
    "\x00-\x1f\x7f-\x9f"  # controls, ESC and the 8-bit CSI among them
    "\u00ad\u034f\u061c\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2"  # soft hyphen, joiners, format marks
    "\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\uffa0"  # fillers and selectors without a glyph
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f"  # zero width, line separators, bidirectional controls
    "\ud800-\udfff"  # lone surrogates, which no encoder takes
    "\ufe00-\ufe0d\ufeff\ufff0-\ufffb\ufffe\uffff"  # selectors (but those of emoji), byte order mark, annotations
    "\U000110bd\U000110cd\U00013430-\U0001345f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff"  # tags and selectors, used to smuggle text
)
UNSAFE: Final = pattern(f"[{_UNSAFE}]")
_UNSAFE_IN_LINES: Final = pattern(rf"(?![\n])[{_UNSAFE}]")
_SHORT: Final = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def escape(text: str) -> str:
    """Return a text on one line, with nothing in it that a terminal acts on or that can't be seen."""
    return UNSAFE.sub(_shown, text)


def escape_lines(text: str) -> str:
    """Escape a text of several lines: line feeds stay, CRLF becomes a line feed, a tab four spaces."""
    return _UNSAFE_IN_LINES.sub(_shown, text.replace("\r\n", "\n").expandtabs(4))


def _shown(match: re.Match[str]) -> str:
    return escaped(match[0])


def escaped(char: str) -> str:
    """Return the escape that Python has for a character: `\\n`, `\\x1b`, `\\u200b`."""
    code = ord(char)
    if char in _SHORT:
        return _SHORT[char]
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def dump_json(value: object, indent: int | None = 2) -> str:
    """Return JSON text that reads back to `value` and is as safe to print as `escape` makes a text.

    Letters of all scripts stay readable; only what `escape` would replace is written as `\\uXXXX`.
    NaN and infinities, which JSON doesn't have, are written as texts.
    """
    try:
        text = json.dumps(value, ensure_ascii=False, indent=indent, allow_nan=False)
    except ValueError:
        plain = standard_json(value)  # type: ignore[arg-type]
        text = json.dumps(plain, ensure_ascii=False, indent=indent, allow_nan=False)
    return _UNSAFE_IN_LINES.sub(_json_escape, text)


def _json_escape(match: re.Match[str]) -> str:
    return json.dumps(match[0])[1:-1]


def shorten(value: Json, limit: int) -> str:
    """Return a value on one line in at most `limit` characters: a text as it is, anything else as JSON, escaped."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    line = escape(" ".join(text[: 4 * limit].split()))
    if len(line) <= limit and len(text) <= 4 * limit:
        return line
    return line[: limit - 1] + "…"


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
