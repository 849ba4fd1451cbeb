"""Judge what follows a call on its line: nothing, a mark or a comment, a name for its result, or something that is not understood."""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import Final, NamedTuple

from lcc.grammar.reading.template_marks import ENDS, MARK
from lcc.grammar.tolerant.tool_names import SPACE


class Tail(Enum):
    """What follows a call: nothing, closing brackets too many, an aside, or something that can't be dropped."""

    CLEAN = auto()
    BRACKETS = auto()
    REMARK = auto()
    BAD = auto()


class Binding(NamedTuple):
    """What a line says behind a call: the name of the result, or the numbers of the calls before it."""

    name: str | None
    after: tuple[int, ...]


END_MARK: Final = re.compile(ENDS, re.IGNORECASE)
"""What ends a whole text: no call stands behind it."""
_CLEAN: Final = re.compile(rf"(?:{SPACE}|\f|)*+(?:#(?!E?\d)[^\r\n]*+)?\Z")
_DECORATION: Final = re.compile(
    rf"(?:{SPACE}|[;,.，；。`|]|\*\*|__|{MARK}|)*+[\"']?(?={SPACE}*+(?:\Z|#|//|/\*|<!--|->|=>|→|[\[({{（]|as{SPACE}))"
)
_ELISION: Final = re.compile(r"(?:(?!\.\.|…)[^\w#/]|)*+(?:\.\.|…)")
_BRACKETS: Final = re.compile(rf"(?:{SPACE}|[)\]}}）;.,`]|)*+\Z")
_COMMENT: Final = re.compile(
    rf"{SPACE}*+(?:(?://|#)[^\r\n]*+|/\*(?:(?!\*/)[^\r\n]|)*+\*/{SPACE}*+|<!--(?:(?!-->)[^\r\n]|)*+-->{SPACE}*+|)*+\Z"
)
_OWN_RESULT: Final = re.compile(
    rf"{SPACE}*+(?:->|=>|→|as\b){SPACE}*+[(`]?[$#]?(?P<name>[A-Za-z_]\w{{0,40}}|\d{{1,9}})[)`]?[.;]?{SPACE}*+(?:#[^\r\n]*+)?\Z"
)
AFTER: Final = (
    "deps?|dependenc(?:y|ies)|depends?(?:[_ ]on)?|needs|requires|after|uses|inputs?|abhängig von|hängt ab von|benötigt|nach|dépend de|après|"
    "depende de|después de|requer|dipende da|dopo|зависит от|после|依赖|依賴|取决于|依存|의존|يعتمد على"
)
"""What says which calls stand before one."""
_AFTER: Final = re.compile(
    rf"{SPACE}*+[\[({{（]{SPACE}*+(?:{AFTER}){SPACE}*+[:：=]?{SPACE}*+\[?"
    rf"(?P<numbers>(?:[$#E]*\d{{1,6}}|[-–—]|none|null|nothing|keine?|aucune?|ninguna?|nessuna?|нет|无|無|なし|없음|\[\])(?:[ ,;、]{{1,8}}(?:(?:and|und|et|y|e)[ ])?[$#E]*\d{{1,6}}|)*+|){SPACE}*+\]?{SPACE}*+[\])}}）][.;]?{SPACE}*+\Z",
    re.IGNORECASE,
)
_DIGITS: Final = re.compile(r"\d+")


def judge_tail(text: str) -> Tail:
    """Judge the rest of the line behind a call's closing parenthesis."""
    if _CLEAN.match(text):
        return Tail.CLEAN
    if _ELISION.match(text):
        return Tail.BAD
    if _BRACKETS.match(text) and any(char in ")]}）" for char in text):
        return Tail.BRACKETS
    found = _DECORATION.match(text)
    rest = text[found.end() :] if found else text
    if _COMMENT.match(rest) or bound(rest) is not None:
        return Tail.REMARK
    return Tail.BAD


def bound(text: str) -> Binding | None:
    """Return what a line says behind a call about its result and what comes before it, if it says nothing else."""
    found = _OWN_RESULT.match(text)
    if found:
        return Binding(None if found["name"].isdigit() else found["name"], ())
    after = _AFTER.match(text)
    return None if after is None else Binding(None, tuple(int(n) for n in _DIGITS.findall(after["numbers"]) if int(n)))
