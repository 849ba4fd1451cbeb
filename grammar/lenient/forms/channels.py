"""Take away what is not the plan: thoughts, comments and the channels of analysis. What is left stands where it stood.

Every character that is taken away becomes a space, so that places stay; ends of lines stay ends of lines.
"""

from __future__ import annotations

import re
from typing import Final

from lcc.grammar.lenient.marks.dialect import OPENS_THOUGHT
from lcc.grammar.reading.loose_values import NotUnderstood
from lcc.grammar.reading.thoughts import COMMENTS, THOUGHT_MARKS, either

_HEADER: Final = re.compile(
    r"<\|start\|>(?P<role>[a-z]*)(?P<to1>[^<]{0,200})|<\|channel\|>(?P<channel>[a-z]*)(?P<to2>[^<]{0,200})",
    re.IGNORECASE,
)
_END: Final = re.compile(r"<\|(?:end|return|call)\|>|(?=<\|start\|>)|(?=<\|channel\|>)")
_MESSAGE: Final = re.compile(r"(?:<\|constrain\|>\s*\w*|[^<]*)*?<\|message\|>")
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
_NOT_SPACE: Final = re.compile(r"[^\s]")
CALL: Final = "<|message|>"


def blank(text: str, start: int, end: int) -> str:
    """Return a stretch of text as space."""
    return _NOT_SPACE.sub(" ", text[start:end])


def without_thoughts(text: str) -> str:
    """Return a text without thoughts and comments in tags. What stands in strings is left alone."""
    out, at = list[str](), 0
    lower = text.lower() if len(text.lower()) == len(text) else text
    while (found := _THOUGHTS.search(text, at)) is not None:
        out.append(text[at : found.start()])
        if found["strings"]:
            out.append(found[0])
            at = found.end()
            continue
        opening = found["open"].lower()
        close = _PAIRS.get(opening) or f"</{opening[1:]}"
        end = lower.find(close.lower(), found.end()) if close.isascii() else text.find(close, found.end())
        if end < 0:
            raise NotUnderstood("what is opened here is never closed", found.start(), found.end(), "R043")
        out.append(blank(text, found.start(), end + len(close)))
        at = end + len(close)
    out.append(text[at:])
    return "".join(out)


def plan_channel(text: str) -> str:
    """Return the text of the channel that holds the plan, if a text has channels: `final`, or calls in `commentary`."""
    if "<|channel|>" not in text and "<|start|>" not in text:
        return _glued(text)
    out, at, calls, finals = list[str](), 0, 0, 0
    while at < len(text):
        header = _HEADER.search(text, at)
        if header is None:
            out.append(text[at:])
            break
        out.append(_without_role(text[at : header.start()]))
        at, channel, to = header.end(), (header["channel"] or "").lower(), header["to1"] or header["to2"] or ""
        role = (header["role"] or "").lower()
        while (more := _HEADER.match(text, at)) is not None:
            channel = (more["channel"] or channel).lower()
            to += f" {more['to1'] or more['to2'] or ''}"
            at = more.end()
        body = message.end() if (message := _MESSAGE.match(text, at)) else at
        ending = _END.search(text, body)
        end = ending.start() if ending else len(text)
        if role not in ("", "assistant") and text[body:end].strip():
            raise NotUnderstood("this turn is not the assistant's", header.start(), end)
        out.append(blank(text, header.start(), body))
        tool = _TO.search(text[header.start() : body])
        if tool and channel != "analysis":
            calls += 1
            out[-1] = _naming(tool[1], text, header.start(), body)
            out.append(text[body:end])
        elif channel == "final" or (not channel and message):
            finals += bool(text[body:end].strip())
            out.append(text[body:end])
        else:
            out.append(blank(text, body, end))
        at = ending.end() if ending else len(text)
        out.append(blank(text, end, at))
    if not (calls and finals):
        return "".join(out)
    raise NotUnderstood("calls stand in two channels", 0)


def _naming(tool: str, text: str, start: int, end: int) -> str:
    """Return a header as space that ends in the tool that it names, if there is room."""
    mark, room = f"{tool}{CALL}", end - start
    return (" " * (room - len(mark)) + mark)[-room:] if room >= len(mark) else blank(text, start, end)


def _without_role(text: str) -> str:
    """Return what stands before a channel, without the role whose mark the template has taken."""
    return blank(text, 0, len(text)) if text.strip() == "assistant" else text


def _glued(text: str) -> str:
    """Read channels whose marks were lost: `analysis…assistantfinal…`."""
    if not _GLUED.match(text):
        return text
    ends = [found.end() for found in _FINAL.finditer(text)]
    return blank(text, 0, ends[-1]) + text[ends[-1] :] if ends else text
