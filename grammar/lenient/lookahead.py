"""Look ahead in the text of a call: what separates arguments, what closes, what begins the next one."""

from __future__ import annotations

import re
from typing import Final

from lcc.grammar.lenient.heads import SPACE
from lcc.grammar.lenient.tool_names import INVISIBLE

PLAIN_SPACE: Final = re.compile(r"[ \t\r\n\f]*+(?:#(?!E?[0-9]+\b)[^\r\n]*+[ \t\r\n\f]*+|)*+")
"""Space and comments; `#E1` and `#1` as arguments are references in another notation."""
ODD_SPACE: Final = re.compile(rf"[\u00a0\u2000-\u200f\u202f\u2060\u3000{INVISIBLE}]++")
NEXT_KEYWORD: Final = re.compile(rf"[A-Za-z_][A-Za-z0-9_]*+{SPACE}*+(?:=(?![=>])|＝)")
CLOSERS: Final = {")": "(", "]": "[", "}": "{", "）": "(", "］": "[", "｝": "{"}
SEPARATORS: Final = {",": ",", "，": ",", "、": ",", "､": ",", "；": ",", ";": ","}
OPENS: Final = {"(": ")", "[": "]", "{": "}"}


MAX_DEPTH: Final = 32
"""How deep brackets nest in a call that is repaired."""
LITERAL: Final = re.compile(
    r"[+-]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?(?![\w.])|(?:True|true|False|false|None|null)(?!\w)"
    r"|\$(?:\{[^{}\r\n]*+\}|(?:[0-9]+|[A-Za-z_]\w*+)(?:\.[A-Za-z_]\w*+|\[(?:-?[0-9]+|\"[^\"\\\r\n]*+\"|'[^'\\\r\n]*+')\]|)*+)",
    re.ASCII,
)
"""A value that the language has as one token: a number, a word for a value, a reference with its path."""
BACKSLASH: Final = re.compile(r"\\(?=[()\[\]{},=:])")
"""Markdown's backslash before punctuation between tokens."""
_BEGINS_WELL: Final = re.compile(
    rf"[\"'“‘\[{{($+\-.\d]|{NEXT_KEYWORD.pattern}|[A-Za-z_][A-Za-z0-9_]*+{SPACE}*+(?:[:：]|=>|:=){SPACE}*+[\"'“\[{{$+\-.\d]|(?:True|true|False|false|None|null|each)\b"
)


_LINE_END: Final = re.compile(r"[\r\n]")


class Refused(Exception):
    """This way of reading leads nowhere."""


def line_end(text: str, at: int) -> int:
    """Return where the line that `at` is on ends."""
    found = _LINE_END.search(text, at)
    return found.start() if found else len(text)


def without_space(text: str, at: int) -> int:
    """Return where the space that ends at `at` begins."""
    while at and text[at - 1].isspace():
        at -= 1
    return at


def begins_well(text: str, at: int) -> bool:
    """Whether an argument can begin here without being repaired."""
    return _BEGINS_WELL.match(text, at) is not None


def skip_space(text: str, at: int) -> int:
    """Return the offset past space, comments and invisible characters."""
    while True:
        found = PLAIN_SPACE.match(text, at)
        at = found.end() if found else at
        odd = ODD_SPACE.match(text, at) or BACKSLASH.match(text, at)
        if odd is None:
            return at
        at = odd.end()
