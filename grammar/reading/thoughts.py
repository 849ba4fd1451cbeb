"""Tell what a model said from what it only thought: reasoning in known tags and channels, comments, and what stands behind the end.

    <think>Perhaps 41.</think>Action: Finish(42)<|im_end|>      =>      Action: Finish(42)

The tables are closed: a tag that isn't among them is text. One that is quoted, or stands in brackets on its line, is text as well. One that
is never closed holds the rest if its line begins with it, else it is text; what is never opened, as templates leave it, closes what stands
before it. Thoughts in thoughts end with the first of them. Of channels, `final` is said, and what goes to a tool. Linear.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Final, NamedTuple

from lcc.grammar.reading.loose_values import NotUnderstood
from lcc.grammar.reading.template_marks import BEGINS, ENDS

THOUGHT_TAGS: Final = (
    "think|thinking|thought|thoughts|reasoning|reason|analysis|planning|scratchpad|reflection|reflect|cot|monologue|"
    "inner_monologue|inner_thoughts|internal|internal_monologue|chain_of_thought|seed:think|antthinking|thinking_process|deliberation|"
    "rationale|thought_process|brainstorm|notes"
)
"""Names of tags in which a model thinks: alternatives of a pattern. The one list of them."""
THOUGHT_MARKS: Final = {
    "[think]": "[/think]", "[thinking]": "[/thinking]", "[reasoning]": "[/reasoning]", "◁think▷": "◁/think▷",
    "<|start_thinking|>": "<|end_thinking|>", "<|begin_of_thought|>": "<|end_of_thought|>", "<|channel>thought": "<channel|>",
    "<unused94>": "<unused95>",
}  # fmt: skip
"""What opens a thought that has no tag, and what closes it."""
COMMENTS: Final = {"<!--": "-->", "{#": "#}", "{/*": "*/}", "/*": "*/", '"""': '"""', "'''": "'''"}
"""What opens a comment, and what closes it."""


def either(texts: Iterable[str]) -> str:
    """Return the pattern of any of some texts."""
    return "|".join(map(re.escape, texts))


OPENS_THOUGHT: Final = re.compile(rf"<(?:{THOUGHT_TAGS})>|{either(THOUGHT_MARKS)}", re.IGNORECASE)
CLOSES_THOUGHT: Final = re.compile(rf"</(?:{THOUGHT_TAGS})>|{either(THOUGHT_MARKS.values())}", re.IGNORECASE)
_COMMENTS: Final = {opening: COMMENTS[opening] for opening in ("<!--", "{#", "{/*")}
"""Those that no program and no data has."""
_PAIRS: Final = THOUGHT_MARKS | _COMMENTS
_OPENS: Final = rf"{OPENS_THOUGHT.pattern}|(?!\{{#[A-Z]?\d)(?:{either(_COMMENTS)})"
_TAG: Final = re.compile(
    rf"(?P<open>{_OPENS})|(?P<close>{CLOSES_THOUGHT.pattern})|\"\"\"|'''|(?P<quote>[\"`“«「]|(?<!\w)[frb]{{0,2}}')",
    re.IGNORECASE,
)
_QUOTED: Final = {mark: re.compile(rf"(?:[^{close}\\\r\n]|\\.|)*+{close}") for mark, close in ('""', "''")} | {
    mark: re.compile(rf"[^{close}\r\n]*+{close}") for mark, close in ("``", "“”", "«»", "「」")
}
"""What stands behind an opening quote up to the closing one, on its line."""
_LINE_END: Final = re.compile(r"[\r\n]|\Z")
_HEADER: Final = re.compile(
    r"(?:<\|start\|>(?P<role>\w*+)[^<]{0,200}+)?(?:<\|channel\|>\s*+(?P<channel>\w++)[^<]{0,200}+)?"
    r"(?:<\|constrain\|>[^<]{0,200}+)?<\|message\|>",
    re.IGNORECASE,
)
_TURN_ENDS: Final = re.compile(r"<\|(?:end|return|call)\|>|(?=<\|(?:start|channel)\|>)", re.IGNORECASE)
_TO: Final = re.compile(r"\bto=")
_GLUED: Final = re.compile(
    r"\s*+analysis(?=[^a-z])[\s\S]*assistant\s*(?:final|commentary(?:\s+to=[\w.-]++)?(?:\s*+json)?)(?=[^a-z]|[a-z_]{1,80}+\()"
)
"""Channels whose marks were lost: `analysis…assistantfinal…`."""
_BEGIN: Final = re.compile(
    rf"(?:\s|assistant(?=<\|channel\|>)|<s>|{BEGINS}|<\|start\|>(?!\w*+[^<]{{0,200}}+<\|(?:channel|message))(?:assistant)?|)*+",
    re.IGNORECASE,
)
_END: Final = re.compile(rf"(?:<END_OF_\w+>|{ENDS})(?=[ \t]*(?:[\r\n<]|\Z))", re.IGNORECASE)
_AS_A_REPLY: Final = re.compile(r"[\s*_#>`-]*(?:[{<\[【]|[^\W\d_][\w ]{0,30}[*_` ]{0,4}[:：(（\[])")
_LINE: Final = 200
"""How much of a line before a tag is looked at."""


class Aside(NamedTuple):
    """What is no part of what is said. `closed`: the text that closes it is there."""

    start: int
    end: int
    closed: bool = True


def spoken(text: str) -> str:
    """Return a text without thoughts, comments and marks of the template, up to its end mark."""
    for asides in _ASIDES:
        text = blank_out(text, asides(text), keep=False)
    return text.strip()


def blanked(text: str) -> str:
    """Return a text of the same length with spaces where `spoken` has nothing; line breaks stay."""
    for asides in _ASIDES:
        text = blank_out(text, asides(text))
    return text


def blank_out(text: str, spans: Iterable[tuple[int, int] | Aside], keep: bool = True) -> str:
    """Return a text with spaces in some places, which stand in order; without them if they are not to `keep` their room."""
    out, at = list[str](), 0
    for start, end, *_ in spans:
        out += (text[at:start], blank(text[start:end]) if keep else "")
        at = end
    return "".join((*out, text[at:]))


def blank(text: str) -> str:
    """Return a text as space; ends of lines stay."""
    return re.sub(r"[^\s]", " ", text)


def holds_thought(text: str) -> bool:
    """Whether something that opens a thought, a comment or a channel stands in a text, closed or not."""
    return _MAY_OPEN.search(text) is not None


def channels(text: str) -> Iterator[Aside]:
    """Yield the marks of a text's beginning, channels that are thoughts, and the marks of `final`. What a tool is told stays with those that name it.

    Raises NotUnderstood where a tool is told something beside `final`, or somebody else than the assistant speaks.
    """
    begun = _GLUED.match(text) or _BEGIN.match(text)
    at, said = begun.end() if begun else 0, set[bool]()
    yield Aside(0, at)
    while (header := _HEADER.search(text, at)) is not None:
        ending = _TURN_ENDS.search(text, header.end())
        end, at = ending.span() if ending else (len(text), len(text))
        channel, told = (header["channel"] or "final").lower(), _TO.search(header[0]) is not None
        if (header["role"] or "assistant").lower() != "assistant":
            raise NotUnderstood("this turn is not the assistant's", header.start(), end)
        if channel == "analysis" or not (told or channel == "final"):
            yield Aside(header.start(), at)
        else:
            said |= {told} if text[header.end() : end].strip() else set()
            yield Aside(header.start(), header.start() if told else header.end())
            yield Aside(end, at)
    if len(said) > 1:
        raise NotUnderstood("calls stand in two channels", 0)


def thoughts(text: str, reply: bool = False) -> Iterator[Aside]:
    """Yield the thoughts and comments in tags, each with its tags. `reply`: what begins as a reply does is none, whatever is closed behind it."""
    at = begun = 0
    never, unclosed = set[str](), dict[str, int]()
    while (tag := _TAG.search(text, at)) is not None:
        at = tag.end()
        if tag["quote"]:
            at = _unquoted(text, at, unclosed)
            continue
        before = text[max(begun, tag.start() - _LINE) : tag.start()].rpartition("\n")[2]
        if tag.lastgroup is None or _in_brackets(before):
            continue
        if tag["close"]:
            yield Aside(tag.start() if reply and _AS_A_REPLY.match(text, begun) else begun, at)
            begun = at
            continue
        closer = _PAIRS.get(tag["open"].lower()) or f"</{tag['open'][1:].lower()}"
        closed = None if closer in never else re.compile(re.escape(closer), re.IGNORECASE).search(text, at)
        if closed is None:
            never.add(closer)
        if closed or not before.strip(" \t*_#>-"):
            at = begun = closed.end() if closed else len(text)
            yield Aside(tag.start(), at, closed is not None)


def _unquoted(text: str, at: int, unclosed: dict[str, int]) -> int:
    """Return the end of the quoted text that begins at a place, behind its mark; that place, where it isn't closed on its line.

    `unclosed`: up to where no quote of a mark is closed, so that a line is searched once.
    """
    mark = text[at - 1]
    quoted = _QUOTED[mark].match(text, at) if at >= unclosed.get(mark, 0) else None
    if quoted is None and at >= unclosed.get(mark, 0):
        end = _LINE_END.search(text, at)
        unclosed[mark] = end.start() if end else len(text)
    return quoted.end() if quoted else at


def _in_brackets(before: str) -> bool:
    """Whether a bracket is open behind the beginning of a line."""
    return any(before.count(opening) > before.count(closing) for opening, closing in ("()", "[]", "{}", "（）"))


def _channels(text: str) -> Iterator[Aside]:
    with suppress(NotUnderstood):
        yield from channels(text)


def _behind(text: str) -> Iterator[Aside]:
    ended = _END.search(text)
    if ended:
        yield Aside(ended.start(), len(text))


_ASIDES: Final = (_channels, lambda text: thoughts(text, reply=True), _behind)
"""What is taken away, one after the other."""
_MAY_OPEN: Final = re.compile(rf"{_OPENS}|<\|channel\|>", re.IGNORECASE)
