"""Take away what is not the plan: thoughts, comments and the channels of analysis. What is left stands where it stood.

Every character that is taken away becomes a space, so that places stay; ends of lines stay ends of lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from lcc.grammar.lenient.marks.dialect import OPENS_THOUGHT
from lcc.grammar.reading.loose_values import NotUnderstood
from lcc.grammar.reading.thoughts import COMMENTS, THOUGHT_MARKS, blank, blank_out, either

_HEADER: Final = re.compile(
    r"(?:<\|start\|>(?P<role>[a-z]*)[^<]{0,200}|<\|channel\|>(?P<channel>[a-z]*)[^<]{0,200})+(?:(?:<\|constrain\|>|[^<]++|)*+(?P<message><\|message\|>))?",
    re.IGNORECASE,
)
_END: Final = re.compile(r"<\|(?:end|return|call)\|>|(?=<\|start\|>)|(?=<\|channel\|>)")
_TO: Final = re.compile(r"to=(?:functions\.)?([\w.-]+)")
_GLUED: Final = re.compile(r"\s*analysis(?=[A-Z\s])")
_FINAL: Final = re.compile(
    r"assistant\s*(?:final|commentary(?:\s+to=(?:functions\.)?[\w.-]+)?(?:\s*json)?)(?=[^a-z]|[a-z_]+\()"
)
_COMMENTS: Final = {opening: COMMENTS[opening] for opening in ("<!--", "{#", "{/*")}
"""Those that no program and no data has."""
_THOUGHTS: Final = re.compile(
    rf"(?P<open>{OPENS_THOUGHT.pattern}|{either(_COMMENTS)})|"
    r"(?P<strings>\"\"\"|'''|\"(?:[^\"\\\r\n]|\\.|)*+\"|'(?:[^'\\\r\n]|\\.|)*+')",
    re.IGNORECASE,
)
_PAIRS: Final = THOUGHT_MARKS | _COMMENTS
CALL: Final = "<|message|>"


def without_thoughts(text: str) -> str:
    """Return a text without thoughts and comments in tags. What stands in strings is left alone."""
    return blank_out(text, _thoughts(text))


def _thoughts(text: str) -> Iterator[tuple[int, int]]:
    at = 0
    while (found := _THOUGHTS.search(text, at)) is not None:
        at = found.end()
        if found["open"]:
            close = _PAIRS.get(found["open"].lower()) or f"</{found['open'][1:]}"
            closed = re.compile(re.escape(close), re.IGNORECASE).search(text, at)
            if closed is None:
                raise NotUnderstood("what is opened here is never closed", found.start(), at, "R043")
            at = closed.end()
            yield found.start(), at


def plan_channel(text: str) -> str:
    """Return the text of the channel that holds the plan, if a text has channels: `final`, or calls in `commentary`."""
    if "<|channel|>" not in text and "<|start|>" not in text:
        return _glued(text)
    out, at, kinds = list[str](), 0, set[str]()
    for header in _HEADER.finditer(text):
        # The template may have taken the mark of the role before the first channel.
        before = text[at : header.start()]
        out.append(blank(before) if before.strip() == "assistant" else before)
        ending = _END.search(text, header.end())
        end, at = ending.span() if ending else (len(text), len(text))
        said, channel = text[header.end() : end], (header["channel"] or "").lower()
        if (header["role"] or "").lower() not in ("", "assistant") and said.strip():
            raise NotUnderstood("this turn is not the assistant's", header.start(), end)
        tool = _TO.search(header[0]) if channel != "analysis" else None
        if tool:
            out.append(_naming(tool[1], len(header[0])) + said)
            kinds.add("calls")
        elif channel == "final" or (not channel and header["message"]):
            out.append(blank(header[0]) + said)
            kinds |= {"final"} if said.strip() else set()
        else:
            out.append(blank(header[0] + said))
        out.append(blank(text[end:at]))
    if len(kinds) > 1:
        raise NotUnderstood("calls stand in two channels", 0)
    return "".join((*out, text[at:]))


def _naming(tool: str, room: int) -> str:
    """Return a header as space that ends in the tool that it names, if there is room."""
    mark = f"{tool}{CALL}"
    return mark.rjust(room) if room >= len(mark) else " " * room


def _glued(text: str) -> str:
    """Read channels whose marks were lost: `analysis…assistantfinal…`."""
    if not _GLUED.match(text):
        return text
    ends = [found.end() for found in _FINAL.finditer(text)]
    return blank_out(text, [(0, ends[-1])]) if ends else text
