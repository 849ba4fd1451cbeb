"""Read a string whose end is not where its next quote is, or that has other quotes than the language's.

A quote ends a string only where an argument can end: before a comma that another argument follows, before a bracket, before
a colon behind a key. The first such quote is taken first. In double quotes, what lies between holds quotes in pairs.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from lcc.grammar.ir.literals import string_literal
from lcc.grammar.lenient.arguments import concatenation
from lcc.grammar.lenient.arguments.argument_walk import (
    CLOSERS,
    NEXT_KEYWORD,
    SCANNED,
    SEPARATORS,
    Refused,
    Walk,
    begins_well,
    skip_space,
    without_space,
)
from lcc.grammar.lenient.arguments.references import reference
from lcc.grammar.lenient.marks.repairs import (
    INNER_QUOTE,
    MARKDOWN_ESCAPE,
    MISSING_QUOTE,
    RAW_NEWLINE,
    SMART_QUOTES,
    STRING_PREFIX,
)
from lcc.grammar.lenient.marks.tail import Tail, judge_tail

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


def read(walk: Walk, at: int, open_: Opening, argument: bool, key: bool = False, alone: bool = False) -> int:
    """Read the string that `open_` begins and return the offset past it. `alone`: no other argument can follow it."""
    if len(open_.quote) == 3:
        return _read_long(walk, open_)
    if open_.quote == "`" and (fence := _FENCE.match(walk.region, at)):
        return _read_fenced(walk, at, fence.end())
    if not key:
        joined = concatenation.read(walk, at, argument, alone)
        if joined is not None:
            return joined
    ways = _ways(walk, open_, argument, key)
    way = ways[walk.choose(range(len(ways)))]
    _write(walk, open_, way)
    return way.end


def _read_fenced(walk: Walk, at: int, start: int) -> int:
    """Read a Markdown fence in the place of a string: the lines between are the text."""
    close = walk.region.find("```", start)
    if close < 0:
        raise Refused
    body = walk.region[start:close].rstrip(" \t").removesuffix("\n").removesuffix("\r")
    walk.change(at, close + 3, string_literal(body), SMART_QUOTES.code)
    return close + 3


def _read_long(walk: Walk, open_: Opening) -> int:
    found = re.compile(rf"(?:[^\\]|\\.)*?{open_.quote}", re.DOTALL).match(walk.region, open_.end)
    if found is None:
        raise Refused
    if open_.prefix:
        body = walk.region[open_.end : found.end() - 3]
        _rewrite_prefixed(walk, open_.start, found.end(), open_.prefix, body, open_.quote)
    return found.end()


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
    after = skip_space(text, at)
    char = text[after : after + 1]
    if key:
        return 2 if char and char in ":：=" else 0
    if not char:
        return 2 if walk.settled else 0
    if char in CLOSERS:
        return 2
    if char in SEPARATORS:
        beyond = skip_space(text, after + 1)
        next_char = text[beyond : beyond + 1]
        return 2 if begins_well(text, beyond) or next_char in CLOSERS or next_char in SEPARATORS else 1
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
        elif mark in ")）" and judge_tail(text[found.end() : end]) is Tail.BAD:
            continue
        ways.append(Way(found.start(), found.start(), missing=True))
        if len(ways) >= _MOST_WAYS:
            break
    if walk.settled and not ways and not _NOT_SPACE.search(text, end):
        at = without_space(text, end)
        ways.append(Way(at, at, missing=True))
    return ways


def _write(walk: Walk, open_: Opening, way: Way) -> None:
    """Record what makes a string of the language of this one."""
    text = walk.region
    plain = open_.quote if open_.quote in "\"'" else '"'
    if open_.quote.startswith("\\"):
        plain = open_.quote[1]
        walk.change(open_.start, open_.end, plain, MARKDOWN_ESCAPE.code)
    elif open_.prefix:
        body = text[open_.end : way.content_end]
        if way.missing or "\n" in body:
            raise Refused
        _rewrite_prefixed(walk, open_.start, way.end, open_.prefix, body, open_.quote)
        return
    elif open_.quote not in ('"', "'"):
        walk.change(open_.start, open_.end, plain, SMART_QUOTES.code)
    _write_content(walk, open_.end, way.content_end, plain)
    if way.missing:
        walk.change(way.end, way.end, plain, MISSING_QUOTE.code)
    elif text[way.content_end : way.end] != plain:
        code = MARKDOWN_ESCAPE.code if text[way.content_end] == "\\" else SMART_QUOTES.code
        walk.change(way.content_end, way.end, plain, code)


def _write_content(walk: Walk, start: int, end: int, plain: str) -> None:
    pattern = re.compile(rf"\\(?:\r\n|[\s\S])|({plain})|(\r)|(\n)")
    walk.budget.spend((end - start) // SCANNED)
    for found in pattern.finditer(walk.region, start, end):
        if found.group(1):
            walk.change(found.start(), found.start(), "\\", INNER_QUOTE.code)
        elif found.group(2):
            walk.change(found.start(), found.end(), "\\r", RAW_NEWLINE.code)
        elif found.group(3):
            walk.change(found.start(), found.end(), "\\n", RAW_NEWLINE.code)


_FIELD: Final = re.compile(r"\{\{|\}\}|\{([^{}\r\n]*+)\}|[{}]")


def _rewrite_prefixed(walk: Walk, start: int, end: int, prefix: str, body: str, quote: str) -> None:
    """Replace a string that has a prefix by one without."""
    if "f" in prefix:
        body = _prefixed_fields(walk, body)
    if "r" in prefix:
        body = body.replace("\\", "\\\\")
    mark = quote if quote in ('"', "'", '"""', "'''") else '"'
    if mark != quote:
        body = body.replace('"', '\\"')
    walk.change(start, end, f"{mark}{body}{mark}", STRING_PREFIX.code)


def _prefixed_fields(walk: Walk, body: str) -> str:
    """Return an f-string's text with its fields as references; a field that is anything else can't be read."""

    def field(found: re.Match[str]) -> str:
        piece = found.group()
        if piece in ("{{", "}}"):
            return piece[0]
        inner = (found.group(1) or "").strip()
        written = reference(inner, walk.variables)
        if written is None:
            raise Refused
        return written

    return _FIELD.sub(field, body)
