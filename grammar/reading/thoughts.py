"""Tell what a model said from what it only thought: reasoning in known tags and channels, comments, and what stands behind the end.

    <think>Perhaps 41.</think>Action: Finish(42)<|im_end|>      =>      Action: Finish(42)

The tables are closed: a tag that isn't among them is text. A tag that is quoted, or stands in brackets, is text as well. A tag that is
never closed holds the rest; one that is never opened, as templates leave it, closes what stands before it, unless the text begins as a
reply does. Linear.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from lcc.grammar.source import Span

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


_PAIRS: Final = THOUGHT_MARKS | {"<!--": "-->"}
_CHANNEL: Final = r"(?:<\|start\|>assistant)?<\|channel\|>\s*(?P<channel>\w+)(?P<to>[^<\n]*)<\|message\|>"
_OPEN: Final = rf"<(?P<tag>{THOUGHT_TAGS})(?:\s[^<>]*)?>|(?P<pair>{either(_PAIRS)})|{_CHANNEL}"
_TAG: Final = re.compile(
    rf"{_OPEN}|(?P<close></(?:{THOUGHT_TAGS})\s*>|{either(THOUGHT_MARKS.values())})", re.IGNORECASE
)
_CHANNEL_ENDS: Final = re.compile(r"<\|(?:end|return|call)\|>|(?=<\|(?:start|channel)\|>)", re.IGNORECASE)
_WITHOUT_TOKENS: Final = re.compile(r"\s*analysis(?=\S)[\s\S]*?assistantfinal", re.IGNORECASE)
_BEGIN: Final = re.compile(
    r"\s*(?:<s>|<\|(?:begin_of_text|im_start|start|start_header_id|end_header_id)\|>(?:assistant)?\s*|)*+",
    re.IGNORECASE,
)
_END: Final = re.compile(
    r"(?:<END_OF_\w+>|</s>|<eos>|<end_of_turn>|<\|(?:im_end|eot_id|eom_id|end|return|endoftext|end_of_text|END_OF_TURN_TOKEN)\|>"
    r"|<[|｜]end▁of▁sentence[|｜]>)(?=[ \t]*(?:[\r\n<]|\Z))",
    re.IGNORECASE,
)
_QUOTED: Final = frozenset("\"'`([{（「“«")
_AS_A_REPLY: Final = re.compile(r"[\s*_#>`-]*(?:[{<\[【]|[^\W\d_][\w ]{0,30}[*_` ]{0,4}[:：(（\[])")
_LINE: Final = 200
"""How much of a line before a tag is looked at."""


def spoken(text: str) -> str:
    """Return a text without thoughts, comments and marks of the template, up to its end mark."""
    spans = tuple(asides(text))
    parts = [
        text[a:b] for a, b in zip((0, *(s.end for s in spans)), (*(s.start for s in spans), len(text)), strict=True)
    ]
    return "".join(parts).strip()


def blanked(text: str) -> str:
    """Return a text of the same length with spaces where `spoken` has nothing; line breaks stay."""
    return blank_out(text, asides(text))


def blank_out(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """Return a text with spaces in some places, which stand in order."""
    out, at = list[str](), 0
    for start, end in spans:
        out += (text[at:start], blank(text[start:end]))
        at = end
    return "".join((*out, text[at:]))


def blank(text: str) -> str:
    """Return a text as space; ends of lines stay."""
    return re.sub(r"[^\s]", " ", text)


def holds_thought(text: str) -> bool:
    """Whether a tag of thought stands in a text, closed or not."""
    return any(not found["close"] for found in _TAG.finditer(text))


def asides(text: str) -> Iterator[Span]:
    """Yield what was not said, in order."""
    first = _WITHOUT_TOKENS.match(text) or _BEGIN.match(text)
    at = first.end() if first else 0
    if at:
        yield Span(0, at)
    for span in _thoughts(text, at):
        end = _END.search(text, at, span.start)
        if end:
            break
        yield span
        at = span.end
    else:
        end = _END.search(text, at)
    if end:
        yield Span(end.start(), len(text))


def _thoughts(text: str, at: int) -> Iterator[Span]:
    """Yield the thoughts from `at` on, each with its tags. A tag that is quoted, or in brackets on its line, is text."""
    never: set[str] = set()
    for tag in _TAG.finditer(text, at):
        line = max(text.rfind("\n", at, tag.start()) + 1, at, tag.start() - _LINE)
        if tag.start() < at or not _QUOTED.isdisjoint(text[line : tag.start()]):
            continue
        if tag["close"]:
            yield Span(tag.start() if _AS_A_REPLY.match(text, at) else at, tag.end())
            at = tag.end()
        else:
            end = _end_of(text, tag, at, never)
            if end:
                yield Span(tag.start(), end)
            at = end or tag.end()


def _end_of(text: str, opened: re.Match[str], since: int, never: set[str]) -> int:
    """Return where a thought ends, and 0 if what looks like its beginning is text. `never`: what is known not to come any more."""
    if opened["channel"]:
        thought = opened["channel"].lower() == "analysis" or (
            opened["channel"].lower() == "commentary" and not opened["to"]
        )
        end = _CHANNEL_ENDS.search(text, opened.end()) if thought else None
        return end.end() if end else len(text) if thought else opened.end()
    closer = rf"</{re.escape(opened['tag'])}\s*>" if opened["tag"] else re.escape(_PAIRS[opened["pair"].lower()])
    closed = None if closer.lower() in never else re.compile(closer, re.IGNORECASE).search(text, opened.end())
    if closed:
        return closed.end()
    never.add(closer.lower())
    line = max(text.rfind("\n", since, opened.start()) + 1, since)
    return 0 if text[line : opened.start()].strip(" \t*_#>-") else len(text)
