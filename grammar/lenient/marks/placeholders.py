"""Tell what stands for a value that a model left out: dots alone, words in angle brackets, or outside of
quotes the name of what belongs there.

tell(to="...", body=$1)        search("<your search terms>")        pay("<ACCOUNT>")
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence
from typing import Any, Final

from lcc.grammar.diagnostics import Diagnostic
from lcc.grammar.diagnostics.wording import brief
from lcc.grammar.ir import Arg, Const, children
from lcc.grammar.lenient.marks.prefaces import LABELS
from lcc.grammar.lenient.marks.repairs import UNREAD, error
from lcc.grammar.syntax.strings import Template
from lcc.grammar.tolerant.parameters import parameter_at
from lcc.grammar.tolerant.tool_names import ToolNames

_DOTS: Final = re.compile(r"\s*(?:\.{3,}|…+)\s*\Z")
_WORDS: Final = re.compile(r"<[^\W\d_](?:[^\W\d]|[ '’/-])*>\Z")
_A_TAG: Final = re.compile(r"<[a-z-]+>\Z")
"""One word in small letters, which is an element of HTML as well: as an argument of a call that only reads it may be meant."""
_STEP: Final = re.compile(rf"(?<!\w)(?:{LABELS})\s?#?(\d{{1,9}})(?!\d)", re.IGNORECASE)
"""What names a step in words, where no quotes say that it is a text."""
_TEXT: Final = ("<", ".", "…", " ")


def left_out(tool: str, args: Sequence[Arg], names: ToolNames, calls: Container[int] = ()) -> Diagnostic | None:
    """Return the error of a call that is given what only stands for a value; None where every value is there.

    `calls`: the numbers of the plan's calls, where texts of this one stand outside of quotes.
    """
    signature = names.signature(tool)
    for place, arg in enumerate(args):
        parameter = parameter_at(signature, place)
        name = arg.name or (parameter.name if parameter else "")
        for text in _texts(arg.value):
            step = _STEP.search(text) if calls else None
            if (
                (text.startswith(_TEXT) and _is_placeholder(text, tool, names))
                or (calls and text.casefold() == name.casefold())
                or (step and int(step[1]) in calls)
            ):
                what = f"`{brief(text, 40)}` stands for a value that isn't there"
                return error(UNREAD.code, what, arg.span, "write the value itself, or the call that finds it")
    return None


def _is_placeholder(text: str, tool: str, names: ToolNames) -> bool:
    words = _WORDS.match(text) and (not _A_TAG.match(text) or names.may_write(tool))
    return bool(words or _DOTS.match(text))


def _texts(value: Any) -> Iterator[str]:
    match value:
        case Const(str(text)):
            yield text
        case Const() | Template():
            return
        case _:
            for item in children(value):
                yield from _texts(item)
