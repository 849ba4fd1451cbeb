"""Tell what stands for a value that a model left out: dots alone, or words in angle brackets.

tell(to="...", body=$1)        search("<your search terms>")        pay("<ACCOUNT>")
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from lcc.grammar.diagnostics import Diagnostic
from lcc.grammar.diagnostics.wording import brief
from lcc.grammar.ir import Arg, Const, children
from lcc.grammar.lenient.marks.repairs import UNREAD, error
from lcc.grammar.syntax.strings import Template
from lcc.grammar.tolerant.tool_names import ToolNames

_DOTS: Final = re.compile(r"\s*(?:\.{3,}|…+)\s*\Z")
_WORDS: Final = re.compile(r"<[^\W\d_](?:[^\W\d]|[ '’/-])*>\Z")
_A_TAG: Final = re.compile(r"<[a-z-]+>\Z")
"""One word in small letters, which is an element of HTML as well: as an argument of a call that only reads it may be meant."""


_TEXT: Final = ("<", ".", "…", " ")


def left_out(tool: str, args: Iterable[Arg], names: ToolNames) -> Diagnostic | None:
    """Return the error of a call that is given what only stands for a value; None where every value is there."""
    for arg in args:
        for text in _texts(arg.value):
            if text.startswith(_TEXT) and (
                _DOTS.match(text) or (_WORDS.match(text) and (not _A_TAG.match(text) or names.may_write(tool)))
            ):
                what = f"`{brief(text, 40)}` stands for a value that isn't there"
                return error(UNREAD.code, what, arg.span, "write the value itself, or the call that finds it")
    return None


def _texts(value: Any) -> Iterator[str]:
    match value:
        case Const(str(text)):
            yield text
        case Const() | Template():
            return
        case _:
            for item in children(value):
                yield from _texts(item)
