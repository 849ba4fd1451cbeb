"""Read a string whose end is not where its next quote is, or that has other quotes than the language's.

A quote ends a string only where an argument can end: before a comma that another argument follows, before a bracket, before
a colon behind a key. The first such quote is taken first. In double quotes, what lies between holds quotes in pairs.
"""

from __future__ import annotations

import re
from typing import Any, Final, NamedTuple

from lcc.grammar.ir import Const
from lcc.grammar.lenient.arguments import sums
from lcc.grammar.lenient.arguments.argument_walk import (
    CLOSERS,
    NEXT_KEYWORD,
    SCANNED,
    SEPARATORS,
    Refused,
    Walk,
    text_of_parts,
)
from lcc.grammar.lenient.marks import repairs

_WINDOW: Final = 20_000
"""How far the end of a string is looked for beyond the first quote that could be it, in characters."""
_MOST_WAYS: Final = 6
_MOST_MARKS: Final = 200
_JUDGED: Final = 8
"""How often the rest of a line is searched to judge it as a tail."""
_NOT_SPACE: Final = re.compile(r"\S")
_OPENING: Final = re.compile(
    "(?P<fence>```)[A-Za-z0-9_+-]*+[ \\t]*+\\r?\\n|"
    "(?P<prefix>[fFrRbBuU]{1,2}(?=[\"'“]))?(?P<quote>\"\"\"|'''|\\\\[\"']|&quot;|&#34;|[\"'“”„«»‘’‚‹›＂＇`´「『])"
)
_CLOSING: Final = {
    "“": '”“"', "”": '”"', "„": '“”"', "«": "»", "»": "«", "‘": "’'", "’": "’'", "‚": "‘’", "‹": "›", "›": "‹", "＂": '＂"', "＇": "＇'",
    "`": "`´'", "´": "´'", "「": "」", "『": "』",
}  # fmt: skip
_LONG: Final = {mark: re.compile(rf"(?:[^\\]|\\.)*?{mark}", re.DOTALL) for mark in ('"""', "'''")}
_ODD_INSIDE: Final = {mark: re.compile(rf"\\(?:\r\n|[\s\S])|({mark})|([\r\n])") for mark in "\"'"}
"""Behind a quote: an escape, or what a string of one line can't hold."""
_BRACKETS: Final = re.compile(r"[()\[\]{}]")
_CUT: Final = re.compile(r"[ \t]*+(?:[,，][ \t]*+|[)\]}）])")


class Opening(NamedTuple):
    """The opening quote of a string: its prefix, the quote, and where the content begins."""

    start: int
    prefix: str
    quote: str
    end: int

    @property
    def raw(self) -> bool:
        """Whether backslashes are text."""
        return "r" in self.prefix or self.quote == "```"


class Way(NamedTuple):
    """One way to end a string: where its content ends, and what is past the closing quote; `missing` if there is none."""

    content_end: int
    end: int
    missing: bool = False


def opening(text: str, at: int) -> Opening | None:
    """Return the opening quote at `at`, or None. A Markdown fence may stand in the place of one."""
    found = _OPENING.match(text, at)
    if found is None:
        return None
    return Opening(at, (found["prefix"] or "").lower(), found["fence"] or found["quote"], found.end())


def read(walk: Walk, open_: Opening, argument: bool, alone: bool = False) -> tuple[Any, int]:
    """Read the string that `open_` begins; return its text and the offset past it. `alone`: no other argument can follow it."""
    joined = sums.read(walk, open_.start, argument, alone) if len(open_.quote) != 3 else None
    if joined is not None:
        return joined
    way = _way(walk, open_, argument, False)
    content = open_.end, way.content_end, open_.raw
    value = text_of_parts(sums.formatted(walk, *content) if "f" in open_.prefix else walk.parts(*content))
    _note(walk, open_, way, value)
    return value, way.end


def read_key(walk: Walk, open_: Opening) -> tuple[str, int]:
    """Read the string that `open_` begins as the key of a dict, where dollars mean nothing; return it and the offset past it."""
    if "f" in open_.prefix:
        raise Refused
    way = _way(walk, open_, False, True)
    key = walk.decoded(open_.end, way.content_end, open_.raw).text
    _note(walk, open_, way, Const(key))
    return key, way.end


def _way(walk: Walk, open_: Opening, argument: bool, key: bool) -> Way:
    """Return how the string ends."""
    if len(open_.quote) != 3:
        ways = _ways(walk, open_, argument, key)
        way = ways[walk.choose(range(len(ways)))]
        if open_.prefix and (way.missing or "\n" in walk.region[open_.end : way.content_end]):
            raise Refused
        return way
    if open_.quote in _LONG:
        found = _LONG[open_.quote].match(walk.region, open_.end)
        end = found.end() if found else -1
        body = walk.region[open_.end : end - 3]
    else:
        end = walk.region.find("```", open_.end) + 3
        body = walk.region[open_.end : end - 3].rstrip(" \t").removesuffix("\n").removesuffix("\r")
    if end < open_.end:
        raise Refused
    return Way(open_.end + len(body), end)


def _note(walk: Walk, open_: Opening, way: Way, value: Any) -> None:
    """Note what the language writes otherwise of this string."""
    text, whole = walk.region, (open_.start, way.end)
    plain = next((mark for mark in "\"'" if mark in open_.quote), '"')
    if open_.prefix or open_.quote == "```":
        walk.change(*whole, value, repairs.STRING_PREFIX if open_.prefix else repairs.SMART_QUOTES, 1, whole)
    elif open_.quote not in ('"', "'", *_LONG):
        odd = repairs.MARKDOWN_ESCAPE if open_.quote[0] == "\\" else repairs.SMART_QUOTES
        walk.change(open_.start, open_.end, value, odd, 1, whole)
    if len(open_.quote) == 3 or (open_.prefix and open_.quote not in "\"'"):
        return
    for found in _ODD_INSIDE[plain].finditer(text, open_.end, way.content_end):
        if open_.prefix and (found.lastindex or (open_.raw and plain in found[0])):
            walk.wrong("a quote or a line break stands in a string with a prefix", *found.span())
        elif found.lastindex == 1:
            walk.change(found.start(), found.start(), value, repairs.INNER_QUOTE, 1, whole)
        elif found.lastindex == 2:
            walk.change(*found.span(), value, repairs.RAW_NEWLINE, 1, whole)
    if way.missing:
        walk.change(way.end, way.end, value, repairs.MISSING_QUOTE, 1, whole)
    elif not open_.prefix and text[way.content_end : way.end] != plain:
        odd = repairs.MARKDOWN_ESCAPE if text[way.content_end] == "\\" else repairs.SMART_QUOTES
        walk.change(way.content_end, way.end, value, odd, 1, whole)


def _ways(walk: Walk, open_: Opening, argument: bool, key: bool) -> list[Way]:
    """Return the ways to end a string, the most likely first."""
    marks = _marks(walk, open_)
    if open_.quote == '"':
        marks = [m for m in marks if not _is_inch(walk, m, argument, key)]
    double = open_.quote[-1] == '"'
    ways = _ends(walk, open_, marks, argument, key)
    if not ways and open_.quote == '"':
        ways = _ends(walk, open_, _marks(walk, open_, "”“"), argument, key)
    end_of_line = walk.line_end(open_.end)
    on_line = sum(start < end_of_line for start, _ in marks)
    if not key and walk.settled and ((double and on_line % 2 == 0) or (not double and not ways)):
        ways += _cuts(walk, open_)
    return ways


def _ends(walk: Walk, open_: Opening, marks: list[tuple[int, int]], argument: bool, key: bool) -> list[Way]:
    """Return the quotes that can end the string: first those behind which nothing is missing."""
    strong: list[Way] = []
    weak: list[Way] = []
    for place, (start, end) in enumerate(marks):
        if place == 1 and not _may_hold_quotes(walk.region, open_, marks):
            break
        if open_.quote == '"' and place % 2 and walk.region[start] == '"':
            continue
        strength = _follows(walk, end, argument, key)
        if place and strength == 2 and not _is_balanced(walk, open_.end, start):
            strength = 0 if strong else 1
        if strength:
            (strong if strength == 2 else weak).append(Way(start, end))
        if len(strong) >= _MOST_WAYS:
            break
    return strong + weak[:2]


def _marks(walk: Walk, open_: Opening, closing: str = "") -> list[tuple[int, int]]:
    """Return where quotes stand that could end the string."""
    if open_.quote[0] in "\\&":
        pattern = re.compile(f"({re.escape(open_.quote)})")
    else:
        chars = re.escape(closing or _CLOSING.get(open_.quote, open_.quote))
        pattern = re.compile(rf"\\(?:\r\n|[\s\S])|([{chars}])")
    found = []
    text, at = walk.region, open_.end
    for match in pattern.finditer(text, open_.end, open_.end + _WINDOW):
        at = match.end()
        if match.group(1):
            found.append((match.start(), match.end()))
            if len(found) >= _MOST_MARKS:
                break
    searched = (at if len(found) >= _MOST_MARKS else min(len(text), open_.end + _WINDOW)) - open_.end
    walk.budget.spend(1 + len(found) + searched // SCANNED)
    return found


def _may_hold_quotes(text: str, open_: Opening, marks: list[tuple[int, int]]) -> bool:
    """Whether the first quote behind the opening one can be text: not if it looks like the end of a word in quotes."""
    start, end = marks[0]
    before, after = text[start - 1 : start], text[end : end + 1]
    if not after.isspace() or before.isspace() or start == open_.end:
        return True
    if open_.quote != "'":
        return False
    return not any(text[s - 1 : s].isspace() and text[e : e + 1].isalnum() for s, e in marks[1:])


def _is_inch(walk: Walk, mark: tuple[int, int], argument: bool, key: bool) -> bool:
    """Whether a quote stands for inches: behind a digit, where no string can end."""
    return walk.region[mark[0] - 1].isdigit() and _follows(walk, mark[1], argument, key) == 0


def _is_balanced(walk: Walk, start: int, end: int) -> bool:
    """Whether the brackets of a text close one another."""
    depth = 0
    walk.budget.spend((end - start) // SCANNED)
    for found in _BRACKETS.finditer(walk.region, start, end):
        walk.budget.spend(1)
        depth += 1 if found.group() in "([{" else -1
        if depth < 0:
            return False
    return depth == 0


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


def _cuts(walk: Walk, open_: Opening) -> list[Way]:
    """Return the places on the string's line where its closing quote may be missing."""
    text = walk.region
    end = walk.line_end(open_.end)
    ways = []
    for found in _CUT.finditer(text, open_.end, end):
        walk.look(found.end(), _JUDGED)
        mark = found.group().strip()[0]
        if mark in ",，":
            if not (NEXT_KEYWORD.match(text, found.end()) or text[found.end() : found.end() + 1] in "\"'[{$“"):
                continue
        elif mark in ")）" and not walk.may_end_at(found.end() - 1):
            continue
        ways.append(Way(found.start(), found.start(), missing=True))
        if len(ways) >= _MOST_WAYS:
            break
    if walk.settled and not ways and not _NOT_SPACE.search(text, end):
        at = walk.without_space(end)
        ways.append(Way(at, at, missing=True))
    return ways
