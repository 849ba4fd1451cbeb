"""Tell a planner's answer in words from a plan that can't be read: a greeting, a question back, a refusal hold nothing like a call.

Whatever might be a call, a list of steps or a part of either is a plan that can't be read, and goes back to the model.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from lcc.ask.typed import AnswerType, NotOfType
from lcc.grammar.reading.headings import sections
from lcc.grammar.reading.thoughts import spoken
from lcc.grammar.signatures import Tools

_LIKE_A_CALL: Final = re.compile(
    r"\w[(\[{（［]"  # f(…), f[…], f{…}
    r"|[`{}<>＜＞｛｝]|\[\[|◁|\$[\w{]|#E\d"  # code, objects, tags, references
    r"|^[ \t]*(?:[\[#]|(?:[#*_\-•(][*_#\-•( ]*)?\d{1,6}[ \t]*[.):：、）])"  # numbered steps, lists
    r"|\b\w+[ \t]*=[ \t]*\S"  # x = …
    r"|[:：][ \t]*\Z",  # something was to follow
    re.MULTILINE,
)
_LIKE_A_WORD: Final = re.compile(r"[A-Za-z]?[a-z]+\Z")
_PLAN_LIKE: Final = frozenset({"action", "input", "observation"})


@dataclass(frozen=True, slots=True)
class Prose:
    """What a planner says instead of a plan. `value`: the same as a value of the wanted type, if there is one."""

    text: str
    value: Any = None


def prose_of(reply: str, tools: Tools, answer_type: AnswerType | None) -> Prose | None:
    """Return what a reply says in words alone, as an answer of the type that is wanted; None if it isn't one."""
    said = answer_in_prose(reply, tools)
    if said is None or answer_type is None:
        return None if said is None else Prose(said)
    try:
        return Prose(said, answer_type.read(said))
    except NotOfType:
        return None


def answer_in_prose(reply: str, tools: Tools) -> str | None:
    """Return what a reply says, if that is words alone and holds nothing like a call of a tool; else None."""
    text = spoken(reply)
    if not re.search(r"\w", text) or _LIKE_A_CALL.search(text):
        return None
    if any(section.kind in _PLAN_LIKE for section in sections(text)):
        return None
    words = set(re.findall(r"[\w./-]+", text))
    named = {word.strip("./-") for word in words} | words
    if any(name in named and not _LIKE_A_WORD.match(name) for name in tools):
        return None
    called = rf"(?:^|[\s\"'“‘«「*_])(?:{'|'.join(map(re.escape, tools))})(?:[\"'”’»」*_]|[ \t]*[(\[{{:：（［])"
    return None if tools and re.search(called, text, re.MULTILINE) else text
