"""Read a string whose end is not where its next quote is, or that has other quotes than the language's.

A quote ends a string only where an argument can end: before a comma that another argument follows, before a bracket, before
a colon behind a key. The first such quote is taken, else the first behind which only a comma is missing; in double quotes, what
lies between holds quotes in pairs. If there is none, the quote is missing: it belongs before the next quote, where an argument can end
or before a name that the tool needs; where that may be in two places, nothing is read.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from lcc.grammar.source import Span
from lcc.grammar.tolerant import oddities, sums
from lcc.grammar.tolerant.argument_walk import (
    CLOSERS,
    NEXT_KEYWORD,
    SCANNED,
    SEPARATORS,
    Refused,
    Unreadable,
    Walk,
    text_of_parts,
)
from lcc.grammar.tolerant.call_tree import Leaf

_WINDOW: Final = 20_000
"""How far the end of a string is looked for beyond the first quote that could be it, in characters."""
_OPENING: Final = re.compile(
    "(?P<prefix>[fFrRbBuU]{1,2}(?=[\"'“]))?(?P<quote>\"\"\"|'''|\\\\[\"']|&quot;|&#34;|[\"'“”„«»‘’‚‹›＂＇´「『]|`(?!``))"
)
_CLOSING: Final = {
    "“": '”“"', "”": '”"', "„": '“”"', "«": "»", "»": "«", "‘": "’'", "’": "’'", "‚": "‘’", "‹": "›", "›": "‹", "＂": '＂"', "＇": "＇'",
    "`": "`´'", "´": "´'", "「": "」", "『": "』",
}  # fmt: skip
_LONG: Final = {mark: re.compile(rf"(?:[^\\]|\\.)*?{mark}", re.DOTALL) for mark in ('"""', "'''")}
_ODD_INSIDE: Final = {mark: re.compile(rf"\\(?:\r\n|[\s\S])|({mark})|([\r\n])") for mark in "\"'"}
"""Behind a quote: an escape, or what a string of one line can't hold."""
_SPACED: Final = re.compile(r"\s([^\r\n]*)\s\Z")
"""What stands within guillemets as French sets them, with a space on either side."""
_CUT: Final = re.compile(r"(?<![ \t])[ \t]*+(?:(?P<comma>[,，])[ \t]*+|(?P<close>[)\]}）]))")


class Opening(NamedTuple):
    """The opening quote of a string: its prefix, the quote, and where the content begins."""

    start: int
    prefix: str
    quote: str
    end: int

    @property
    def raw(self) -> bool:
        """Whether backslashes are text."""
        return "r" in self.prefix


def opening(text: str, at: int) -> Opening | None:
    """Return the opening quote at `at`, or None."""
    found = _OPENING.match(text, at)
    return found and Opening(at, (found["prefix"] or "").lower(), found["quote"], found.end())


def read(walk: Walk, open_: Opening, argument: bool, alone: bool = False) -> Leaf:
    """Read the string that `open_` begins. `alone`: no other argument can follow it."""
    kind, end = ("", 0) if open_.prefix else walk.token(open_.start)
    if kind == "STRING" and _follows(walk, end, argument, False) == 2:
        return walk.leaf(kind, open_.start, end)
    begun = len(walk.nodes)
    joined = sums.read(walk, open_.start, argument, alone) if len(open_.quote) != 3 else None
    if joined is not None:
        return joined
    close = _close(walk, open_, argument, False)
    spaced = _SPACED.match(walk.region, open_.end, close.start) if open_.quote in "«‹" else None
    content = (*(spaced.span(1) if spaced else (open_.end, close.start)), open_.raw)
    parts = sums.formatted(walk, *content) if "f" in open_.prefix else walk.parts(*content)
    return Leaf(open_.start, close.end, walk.taken(begun), "", text_of_parts(parts))


def read_key(walk: Walk, open_: Opening) -> tuple[str, int]:
    """Read the string that `open_` begins as the key of a dict, where dollars mean nothing; return it and the offset past it."""
    if "f" in open_.prefix:
        raise Refused
    kind, end = ("", 0) if open_.prefix else walk.token(open_.start)
    if kind == "STRING" and _follows(walk, end, False, True) == 2:
        return walk.key(open_.start, end), end
    close = _close(walk, open_, False, True)
    return walk.decoded(open_.end, close.start, open_.raw).text, close.end


def _close(walk: Walk, open_: Opening, argument: bool, key: bool) -> Span:
    """Return where the quote stands that closes a string; nowhere, if it is missing."""
    if open_.quote in _LONG:
        found = _LONG[open_.quote].match(walk.region, open_.end)
        if found is None:
            raise Refused
        return Span(found.end() - 3, found.end())
    marks = _marks(walk, open_)
    if open_.quote == '"':
        marks = [m for m in marks if not _is_inch(walk, m, argument, key)]
    close = _end(walk, open_, marks, argument, key)
    if close is None and open_.quote == '"':
        close = _end(walk, open_, _marks(walk, open_, "”“"), argument, key)
    if close is None:
        on_line = sum(mark.start < walk.line_end(open_.end) for mark in marks)
        if key or not walk.settled or open_.prefix or (open_.quote[-1] == '"' and on_line % 2):
            raise Refused
        close = _cut(walk, open_)
    _note(walk, open_, close)
    return close


def _note(walk: Walk, open_: Opening, close: Span) -> None:
    """Note what the language writes otherwise of this string."""
    plain = next((mark for mark in "\"'" if mark in open_.quote), '"')
    if open_.prefix:
        walk.note(oddities.STRING_PREFIX, open_.start, close.end)
    elif open_.quote != plain:
        walk.note(oddities.SMART_QUOTES, open_.start, open_.end)
    if not open_.prefix or open_.quote in "\"'":
        for found in _ODD_INSIDE[plain].finditer(walk.region, open_.end, close.start):
            if open_.prefix and (found.lastindex or (open_.raw and plain in found[0])):
                raise Unreadable
            if found.lastindex:
                walk.note(oddities.INNER_QUOTE if found[1] else oddities.RAW_NEWLINE, found.start(), found.end())
    if close.start == close.end:
        walk.note(oddities.MISSING_QUOTE, *close)
    elif not open_.prefix and walk.region[close.start : close.end] != plain:
        walk.note(oddities.SMART_QUOTES, *close)


def _end(walk: Walk, open_: Opening, marks: list[Span], argument: bool, key: bool) -> Span | None:
    """Return the first quote that ends the string and behind which nothing is missing, else the first other one."""
    weak: Span | None = None
    for place, mark in enumerate(marks):
        if place == 1 and not _may_hold_quotes(walk.region, open_, marks):
            break
        if open_.quote == '"' and place % 2 and walk.region[mark.start] == '"':
            continue
        strength = _follows(walk, mark.end, argument, key)
        if strength == 2:
            return mark
        weak = weak or (mark if strength else None)
    return weak


def _marks(walk: Walk, open_: Opening, closing: str = "") -> list[Span]:
    """Return where quotes stand that could end the string."""
    if open_.quote[0] in "\\&":
        pattern = re.compile(f"({re.escape(open_.quote)})")
    else:
        chars = re.escape(closing or _CLOSING.get(open_.quote, open_.quote))
        pattern = re.compile(rf"\\(?:\r\n|[\s\S])|([{chars}])")
    found = pattern.finditer(walk.region, open_.end, open_.end + _WINDOW)
    marks = [Span(*mark.span()) for mark in found if mark[1]]
    searched = min(len(walk.region) - open_.end, _WINDOW)
    walk.budget.spend(1 + len(marks) + searched // SCANNED)
    return marks


def _may_hold_quotes(text: str, open_: Opening, marks: list[Span]) -> bool:
    """Whether the first quote behind the opening one can be text: not if it looks like the end of a word in quotes."""
    start, end = marks[0]
    before, after = text[start - 1 : start], text[end : end + 1]
    return not after.isspace() or before.isspace() or start == open_.end


def _is_inch(walk: Walk, mark: Span, argument: bool, key: bool) -> bool:
    """Whether a quote stands for inches: behind a digit, where no string can end."""
    return walk.region[mark.start - 1].isdigit() and _follows(walk, mark.end, argument, key) == 0


def _follows(walk: Walk, at: int, argument: bool, key: bool) -> int:
    """Say how well a string can end before `at`: 2 well, 1 if something is missing behind it, 0 not at all."""
    text = walk.region
    walk.look(at)
    after = walk.skip_space(at)
    char = text[after : after + 1]
    if key:
        return 2 if char and char in ":：=" else 0
    if not char:
        return 2 if walk.settled else 0
    if char in CLOSERS:
        return 2
    if char in SEPARATORS:
        beyond = walk.skip_space(after + 1)
        next_char = text[beyond : beyond + 1]
        return 2 if walk.begins_well(beyond) or next_char in CLOSERS or next_char in SEPARATORS else 1
    newline = walk.line_end(at) < after
    if argument and after > at and NEXT_KEYWORD.match(text, after):
        return 2
    if argument and after > at and char in "\"'“$" and not newline:
        return 1
    return 1 if newline and walk.settled else 0


def _cut(walk: Walk, open_: Opening) -> Span:
    """Return the place where a string's closing quote is missing: on its line, before the next quote."""
    text = walk.region
    line = walk.line_end(open_.end)
    quote = text.find(open_.quote, open_.end, line)
    end = line if quote < 0 else quote
    places: list[int] = []
    for found in _CUT.finditer(text, open_.end + 1, min(end + 1, line)):
        walk.budget.spend(1)
        if found["close"]:
            likely = found["close"] == walk.close and (walk.depth > 1 or walk.may_end_at(found.end() - 1))
        elif walk.in_call and (keyword := walk.keyword(found.end())):
            likely = True
            if walk.needs(keyword["name"]):
                return Span(found.start(), found.start())
        else:
            likely = text[found.end() : found.end() + 1] in ('"', "'", "[", "{", "$", "“")
        if likely:
            places.append(found.start())
    if not places and quote < 0 and not text[end:].strip():
        places.append(open_.end + len(text[open_.end : end].rstrip(" \t,，")))
    if len(places) > 1:
        raise Unreadable("the closing quote of this text may be missing in two places", open_.start)
    if not places:
        raise Refused
    return Span(places[0], places[0])
