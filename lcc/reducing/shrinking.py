"""Shrink a text as long as a test holds: lines first, with what stands below them, then arguments, then single words.

It works on the text as it stands, so that what can't be read is shrunk too. A smaller text has fewer words, or as many and fewer
characters, or else comes earlier in the alphabet: `0` for `7`. Each step makes it smaller, so that there is an end.

The greedy search over chunks that are halved is that of delta debugging (Zeller and Hildebrandt, 2002).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Final, NamedTuple

from lcc.reducing.words import Word, brackets, parts, words_of

Test = Callable[[str], bool]
"""Whether a text still goes wrong in the same way."""

MOST_TRIES: Final = 2_000

_NUMBERED: Final = re.compile(r"\s*(\d+)\s*[.)]")
_BOUND: Final = re.compile(r"\s*([A-Za-z_]\w*)\s*=(?!=)")
_PATH: Final = r"(?:\.[A-Za-z_]\w*|\[[^\]\[]*\])*"
_HOLE: Final = re.compile(r"\$?\{[^{}]*\}|\$\w+(?:\.\w+)*")
"""What stands in a quoted text for a value."""
_SIMPLE: Final = ('""', "0", "[]")


@dataclass(slots=True)
class Reduced:
    """What became of a text. `tries`: how many others were tested; `ended`: nothing smaller goes wrong alike, as far as was looked."""

    text: str
    tries: int = 0
    ended: bool = True
    _seen: set[str] = field(default_factory=set, repr=False)


class Line(NamedTuple):
    """A statement's lines, up to where its brackets close, and how far it is indented."""

    text: str
    indent: int


def reduce_text(text: str, holds: Test, tries: int = MOST_TRIES) -> Reduced:
    """Return the smallest text found for which `holds` is true, after at most so many tests. It has to be true of the text itself."""
    found = Reduced(text)
    while True:
        before = found.text
        for way in (_fewer_lines, _simpler_parts):
            if not _shrink(found, way, holds, tries):
                found.ended = False
                return found
        if found.text == before:
            return found


def _shrink(found: Reduced, way: Callable[[str], Iterator[str]], holds: Test, tries: int) -> bool:
    """Try what a way offers, over and over while it helps; false if the tests are used up."""
    shrunk = True
    while shrunk:
        shrunk = False
        for other in way(found.text):
            if other in found._seen or _size(other) >= _size(found.text):
                continue
            if found.tries >= tries:
                return False
            found._seen.add(other)
            found.tries += 1
            if holds(other):
                found.text, shrunk = other, True
                break
    return True


def _size(text: str) -> tuple[int, int, str]:
    return sum(not word.text.isspace() for word in words_of(text)), len(text), text


def _fewer_lines(text: str) -> Iterator[str]:
    """Yield the text without runs of lines, long ones first; without a line and what it defines; without a head above lines."""
    lines = lines_of(text)
    size = len(lines)
    while size > 1:
        size = (size + 1) // 2
        for at in range(0, len(lines), size):
            yield _joined(lines[:at], lines[at + size :])
    for at in reversed(range(len(lines))):
        end = _below(lines, at)
        rest = _joined(lines[:at], lines[end:])
        yield rest
        for simple in _SIMPLE:
            yield _without_reads(rest, lines[at].text, simple)
        if end > at + 1:
            less = lines[at + 1].indent - lines[at].indent
            inner = [Line(_dedented(line.text, less), line.indent - less) for line in lines[at + 1 : end]]
            yield _joined(lines[:at], inner, lines[end:])


def lines_of(text: str) -> list[Line]:
    """Cut a text into statements' lines: what is in open brackets, or in a text of several lines, stays together."""
    found: list[Line] = []
    start = depth = at = 0
    for word in words_of(text):
        at = word.end
        depth += (word.text in ("(", "[", "{")) - (word.text in (")", "]", "}"))
        if word.text == "\n" and depth <= 0:
            found.append(_line(text[start:at]))
            start, depth = at, 0
    if start < len(text):
        found.append(_line(text[start:]))
    return found


def _line(text: str) -> Line:
    return Line(text, len(text) - len(text.lstrip(" \t")))


def _below(lines: list[Line], at: int) -> int:
    """Return where what stands below a line ends."""
    end = at + 1
    while end < len(lines) and (lines[end].indent > lines[at].indent or not lines[end].text.strip()):
        end += 1
    return end


def _dedented(text: str, less: int) -> str:
    return "".join(line[less:] if line[:less].isspace() else line for line in text.splitlines(keepends=True))


def _joined(*groups: list[Line]) -> str:
    return "".join(line.text for line in chain(*groups))


def _without_reads(text: str, line: str, simple: str) -> str:
    """Return a text without the references to what a line defines: a value stands in their place, in quoted texts a letter."""
    if number := _NUMBERED.match(line):
        reads = re.compile(rf"\$(?:{number[1]}(?!\d){_PATH}|\{{{number[1]}(?!\d){_PATH}\}})")
    elif name := _BOUND.match(line):
        reads = re.compile(rf"(?<![\w.]){name[1]}(?!\w)(?!\s*=[^=])")
    else:
        return text
    quoted = [(word.start, word.end) for word in words_of(text) if word.text.endswith(('"', "'"))]

    def instead(match: re.Match[str]) -> str:
        return "x" if any(start < match.start() < end for start, end in quoted) else simple

    return reads.sub(instead, text)


def _simpler_parts(text: str) -> Iterator[str]:
    """Yield the text with less in one pair of brackets, or with one simpler word."""
    words = words_of(text)
    for opened, closed in brackets(words):
        inside = parts(words, opened, closed)
        for at, (start, end) in enumerate(inside):
            after = inside[at + 1][0] if at + 1 < len(inside) else end
            before = inside[at - 1][1] if at and at + 1 == len(inside) else start
            yield text[:before] + text[after:]
        begin = _begin(words, opened)
        for start, end in inside:
            yield text[:begin] + text[start:end] + text[words[closed].end :]
        yield text[: words[opened].start] + text[words[closed].end :]
        for simple in _SIMPLE:
            yield text[:begin] + simple + text[words[closed].end :]
    for at, word in enumerate(words):
        for simple in _simpler(word, words[at - 1].text if at else ""):
            yield text[: word.start] + simple + text[word.end :]


def _begin(words: list[Word], opened: int) -> int:
    """Return where what a bracket belongs to begins: the name of a call, with the names before its dots."""
    at = opened
    while at and (words[at - 1].text == "." or re.fullmatch(r"\$?\w+", words[at - 1].text)):
        at -= 1
    return words[at].start


def _simpler(word: Word, before: str) -> Iterator[str]:
    """Yield what may stand in a word's place."""
    text = word.text
    if text.isspace() or text in "()[]{}":
        return
    yield ""
    if text.startswith("#") or before == ".":
        return
    if text[-1] in "\"'":
        quote, prefix = text[-1], text[: text.index(text[-1])]
        inner = text[len(prefix) :].strip(quote)
        half = len(inner) // 2
        yield quote * 2
        for hole in _HOLE.finditer(inner):
            yield f"{prefix}{quote}{hole[0]}{quote}"
            yield f"{prefix}{quote}{inner[: hole.start()]}{inner[hole.end() :]}{quote}"
        if half:
            yield f"{prefix}{quote}{inner[:half]}{quote}"
            yield f"{prefix}{quote}{inner[half:]}{quote}"
        return
    if text[0].isdigit():
        yield from ("0", "1")
    elif text[0].isalpha() or text[0] in "$_":
        yield from ("0", '""')
