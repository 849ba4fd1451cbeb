"""Judge what follows a call on its line: nothing, a remark, or something that changes what the call is."""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import Final

from lcc.grammar.lenient.heads import SPACE, has_control_flow


class Tail(Enum):
    """What follows a call: nothing that matters, closing brackets too many, a remark, or something that can't be dropped."""

    CLEAN = auto()
    BRACKETS = auto()
    REMARK = auto()
    BAD = auto()


_CLEAN: Final = re.compile(rf"{SPACE}*+(?:#[^\r\n]*+)?\Z")
_DECORATION: Final = re.compile(
    rf"(?:{SPACE}|[;,.，；。`|]|\*\*|__|</(?:tool_call|function_call|plan|tool|code)s?>|<\|[A-Za-z_0-9]{{1,30}}\|>|</s>|[✅✓✔]|)*+"
)
_BRACKETS: Final = re.compile(rf"(?:{SPACE}|[)\]}}）;.,`]|)*+\Z")
_REMARK: Final = re.compile(
    r"//|/\*|--|[-–—](?=\s)|→|←|<-|->|=>|=(?=\s)|\[[A-Za-z][A-Za-z ,;-]*+\]|\(|（|<!--|%%|:\s|[A-Za-z]{2,}[ ,.]"
)
_ACTS: Final = re.compile(r"\$[\d{]|[\w\]]\s*\(|\)\s*[.\[]")
_OWN_RESULT: Final = re.compile(r"(?:->|=>|→)\s*\(?(?:\$|#E|#)?\w{1,20}\)?[.;]?\s*\Z")


def judge_tail(text: str) -> Tail:
    """Judge the rest of the line behind a call's closing parenthesis."""
    if _CLEAN.match(text):
        return Tail.CLEAN
    if _BRACKETS.match(text) and any(char in ")]}）" for char in text):
        return Tail.BRACKETS
    found = _DECORATION.match(text)
    at = found.end() if found else 0
    if _CLEAN.match(text, at):
        return Tail.REMARK
    rest = text[at:]
    if _goes_on(rest):
        return Tail.BAD
    if rest.startswith(("//", "/*", "<!--", "#")) or _OWN_RESULT.match(rest):
        return Tail.REMARK
    if not _REMARK.match(rest) or _ACTS.search(rest) or has_control_flow(rest):
        return Tail.BAD
    return Tail.REMARK


def _goes_on(rest: str) -> bool:
    """Whether brackets or quotes that were opened before close here: the call was not over."""
    return rest.count(")") > rest.count("(") or rest.count('"') % 2 == 1
