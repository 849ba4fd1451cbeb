"""Read a string whose end is not where its next quote is, or that has other quotes than the language's.

A quote ends a string only where an argument can end: before a comma that another argument follows, before a bracket, before
a colon behind a key. The first such quote is taken first. In double quotes, what lies between holds quotes in pairs.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from lcc.grammar.ir.literals import string_literal
from lcc.grammar.lenient.budget import SCANNED
from lcc.grammar.lenient.lookahead import (
    CLOSERS,
    NEXT_KEYWORD,
    SEPARATORS,
    Refused,
    begins_well,
    skip_space,
    without_space,
)
from lcc.grammar.lenient.repairs import (
    concatenation,
    inner_quote,
    markdown_escape,
    missing_quote,
    raw_newline,
    smart_quotes,
    string_prefix,
)
from lcc.grammar.lenient.tail import Tail, judge_tail

if TYPE_CHECKING:
    from lcc.grammar.lenient.reader import Reader

_WINDOW: Final = 20_000
"""How far the end of a string is looked for beyond the first quote that could be it, in characters."""
_MOST_WAYS: Final = 6
_MOST_MARKS: Final = 200
_JUDGED: Final = 8
"""How often the rest of a line is searched to judge it as a tail."""
_NOT_SPACE: Final = re.compile(r"\S")
_OPENING: Final = re.compile(
    "(?P<prefix>[fFrRbBuU]{1,2}(?=[\"'“]))?(?P<quote>\"\"\"|'''|\\\\[\"']|&quot;|&#34;|[\"'“”„«»‘’‚‹›＂＇`´「『])"
)
_CLOSING: Final = {
    "“": '”“"',
    "”": '”"',
    "„": '“”"',
    "«": "»",
    "»": "«",
    "‘": "’'",
    "’": "’'",
    "‚": "‘’",
    "‹": "›",
    "›": "‹",
    "＂": '＂"',
    "＇": "＇'",
    "`": "`´'",
    "´": "´'",
    "「": "」",
    "『": "』",
}
_FENCE: Final = re.compile(r"```[A-Za-z0-9_+-]*+[ \t]*+\r?\n")
_BRACKETS: Final = re.compile(r"[()\[\]{}]")
_CUT: Final = re.compile(r"[ \t]*+(?:[,，][ \t]*+|[)\]}）])")


class Opening(NamedTuple):
    """The opening quote of a string: its prefix, the quote, and where the content begins."""

    start: int
    prefix: str
    quote: str
    end: int


class Way(NamedTuple):
    """One way to end a string: where its content ends, and what is past the closing quote; `missing` if there is none."""

    content_end: int
    end: int
    missing: bool = False


def opening(text: str, at: int) -> Opening | None:
    """Return the opening quote at `at`, or None."""
    found = _OPENING.match(text, at)
    if found is None:
        return None
    return Opening(at, (found["prefix"] or "").lower(), found["quote"], found.end())


def read(reader: Reader, at: int, open_: Opening, argument: bool, key: bool = False, alone: bool = False) -> int:
    """Read the string that `open_` begins and return the offset past it. `alone`: no other argument can follow it."""
    if len(open_.quote) == 3:
        return _read_long(reader, open_)
    if open_.quote == "`" and (fence := _FENCE.match(reader.region, at)):
        return _read_fenced(reader, at, fence.end())
    if not key:
        joined = concatenation.read(reader, at, argument, alone)
        if joined is not None:
            return joined
    ways = _ways(reader, open_, argument, key)
    way = ways[reader.choose(range(len(ways)))]
    _write(reader, open_, way)
    return way.end


def _read_fenced(reader: Reader, at: int, start: int) -> int:
    """Read a Markdown fence in the place of a string: the lines between are the text."""
    close = reader.region.find("```", start)
    if close < 0:
        raise Refused
    body = reader.region[start:close].rstrip(" \t").removesuffix("\n").removesuffix("\r")
    reader.change(at, close + 3, string_literal(body), smart_quotes.REPAIR.code)
    return close + 3


def _read_long(reader: Reader, open_: Opening) -> int:
    found = re.compile(rf"(?:[^\\]|\\.)*?{open_.quote}", re.DOTALL).match(reader.region, open_.end)
    if found is None:
        raise Refused
    if open_.prefix:
        body = reader.region[open_.end : found.end() - 3]
        string_prefix.rewrite(reader, open_.start, found.end(), open_.prefix, body, open_.quote)
    return found.end()


def _ways(reader: Reader, open_: Opening, argument: bool, key: bool) -> list[Way]:
    """Return the ways to end a string, the most likely first."""
    marks = _marks(reader, open_)
    if open_.quote == '"':
        marks = [m for m in marks if not _is_inch(reader, m, argument, key)]
    double = open_.quote[-1] == '"'
    ways = _ends(reader, open_, marks, argument, key)
    if not ways and open_.quote == '"':
        ways = _ends(reader, open_, _marks(reader, open_, "”“"), argument, key)
    end_of_line = reader.line_end(open_.end)
    on_line = sum(start < end_of_line for start, _ in marks)
    if not key and reader.settled and ((double and on_line % 2 == 0) or (not double and not ways)):
        ways += _cuts(reader, open_)
    return ways


def _ends(reader: Reader, open_: Opening, marks: list[tuple[int, int]], argument: bool, key: bool) -> list[Way]:
    """Return the quotes that can end the string: first those behind which nothing is missing."""
    strong: list[Way] = []
    weak: list[Way] = []
    for place, (start, end) in enumerate(marks):
        if place == 1 and not _may_hold_quotes(reader.region, open_, marks):
            break
        if open_.quote == '"' and place % 2 and reader.region[start] == '"':
            continue
        strength = _follows(reader, end, argument, key)
        if place and strength == 2 and not _is_balanced(reader, open_.end, start):
            strength = 0 if strong else 1
        if strength:
            (strong if strength == 2 else weak).append(Way(start, end))
        if len(strong) >= _MOST_WAYS:
            break
    return strong + weak[:2]


def _marks(reader: Reader, open_: Opening, closing: str = "") -> list[tuple[int, int]]:
    """Return where quotes stand that could end the string."""
    if open_.quote[0] in "\\&":
        pattern = re.compile(f"({re.escape(open_.quote)})")
    else:
        chars = re.escape(closing or _CLOSING.get(open_.quote, open_.quote))
        pattern = re.compile(rf"\\(?:\r\n|[\s\S])|([{chars}])")
    found = []
    text, at = reader.region, open_.end
    for match in pattern.finditer(text, open_.end, open_.end + _WINDOW):
        at = match.end()
        if match.group(1):
            found.append((match.start(), match.end()))
            if len(found) >= _MOST_MARKS:
                break
    searched = (at if len(found) >= _MOST_MARKS else min(len(text), open_.end + _WINDOW)) - open_.end
    reader.budget.spend(1 + len(found) + searched // SCANNED)
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


def _is_inch(reader: Reader, mark: tuple[int, int], argument: bool, key: bool) -> bool:
    """Whether a quote stands for inches: behind a digit, where no string can end."""
    return reader.region[mark[0] - 1].isdigit() and _follows(reader, mark[1], argument, key) == 0


def _is_balanced(reader: Reader, start: int, end: int) -> bool:
    """Whether the brackets of a text close one another."""
    depth = 0
    reader.budget.spend((end - start) // SCANNED)
    for found in _BRACKETS.finditer(reader.region, start, end):
        reader.budget.spend(1)
        depth += 1 if found.group() in "([{" else -1
        if depth < 0:
            return False
    return depth == 0


def _follows(reader: Reader, at: int, argument: bool, key: bool) -> int:
    """Say how well a string can end before `at`: 2 well, 1 if something is missing behind it, 0 not at all."""
    text = reader.region
    reader.look(at)
    after = skip_space(text, at)
    char = text[after : after + 1]
    if key:
        return 2 if char and char in ":：=" else 0
    if not char:
        return 2 if reader.settled else 0
    if char in CLOSERS:
        return 2
    if char in SEPARATORS:
        beyond = skip_space(text, after + 1)
        next_char = text[beyond : beyond + 1]
        return 2 if begins_well(text, beyond) or next_char in CLOSERS or next_char in SEPARATORS else 1
    newline = reader.line_end(at) < after
    if argument and after > at and NEXT_KEYWORD.match(text, after):
        return 2
    if argument and after > at and char in "\"'“$" and not newline:
        return 1
    return 1 if newline and reader.settled else 0


def _cuts(reader: Reader, open_: Opening) -> list[Way]:
    """Return the places on the string's line where its closing quote may be missing."""
    text = reader.region
    end = reader.line_end(open_.end)
    ways = []
    for found in _CUT.finditer(text, open_.end, end):
        reader.look(found.end(), _JUDGED)
        mark = found.group().strip()[0]
        if mark in ",，":
            if not (NEXT_KEYWORD.match(text, found.end()) or text[found.end() : found.end() + 1] in "\"'[{$“"):
                continue
        elif mark in ")）" and judge_tail(text[found.end() : end]) is Tail.BAD:
            continue
        ways.append(Way(found.start(), found.start(), missing=True))
        if len(ways) >= _MOST_WAYS:
            break
    if reader.settled and not ways and not _NOT_SPACE.search(text, end):
        at = without_space(text, end)
        ways.append(Way(at, at, missing=True))
    return ways


def _write(reader: Reader, open_: Opening, way: Way) -> None:
    """Record what makes a string of the language of this one."""
    text = reader.region
    plain = open_.quote if open_.quote in "\"'" else '"'
    if open_.quote.startswith("\\"):
        plain = open_.quote[1]
        reader.change(open_.start, open_.end, plain, markdown_escape.REPAIR.code)
    elif open_.prefix:
        body = text[open_.end : way.content_end]
        if way.missing or "\n" in body:
            raise Refused
        string_prefix.rewrite(reader, open_.start, way.end, open_.prefix, body, open_.quote)
        return
    elif open_.quote not in ('"', "'"):
        reader.change(open_.start, open_.end, plain, smart_quotes.REPAIR.code)
    _write_content(reader, open_.end, way.content_end, plain)
    if way.missing:
        reader.change(way.end, way.end, plain, missing_quote.REPAIR.code)
    elif text[way.content_end : way.end] != plain:
        code = markdown_escape.REPAIR.code if text[way.content_end] == "\\" else smart_quotes.REPAIR.code
        reader.change(way.content_end, way.end, plain, code)


def _write_content(reader: Reader, start: int, end: int, plain: str) -> None:
    pattern = re.compile(rf"\\(?:\r\n|[\s\S])|({plain})|(\r)|(\n)")
    reader.budget.spend((end - start) // SCANNED)
    for found in pattern.finditer(reader.region, start, end):
        if found.group(1):
            reader.change(found.start(), found.start(), "\\", inner_quote.REPAIR.code)
        elif found.group(2):
            reader.change(found.start(), found.end(), "\\r", raw_newline.REPAIR.code)
        elif found.group(3):
            reader.change(found.start(), found.end(), "\\n", raw_newline.REPAIR.code)
