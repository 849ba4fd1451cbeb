"""Cut any text into words: quoted texts, names, numbers, references, comments, signs, white space. Nothing is refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

_WORD: Final = re.compile(
    r"""
    [rRbBfFuU]{0,2}(?:\"\"\"(?:[^\\]|\\.)*?\"\"\"|'''(?:[^\\]|\\.)*?''')  # a quoted text of several lines
    | [rRbBfFuU]{0,2}(?:"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')          # a quoted text
    | \#[^\n]*
    | \$?[^\W\d]\w*                                                       # a name, an input
    | \$?\d+(?:\.\d+)?                                                    # a number, a reference
    | \n | [^\S\n]+
    | .
    """,
    re.VERBOSE | re.DOTALL,
)
_CLOSES: Final = {"(": ")", "[": "]", "{": "}"}


class Word(NamedTuple):
    """A piece of a text: from `start` to `end`, in code points."""

    text: str
    start: int
    end: int


def words_of(text: str) -> list[Word]:
    """Return the words of a text in order; together they are the text."""
    return [Word(match[0], match.start(), match.end()) for match in _WORD.finditer(text)]


def brackets(words: list[Word]) -> Iterator[tuple[int, int]]:
    """Yield each pair of brackets, outer ones first, by the places of the two among the words."""
    found: list[tuple[int, int]] = []
    opened: list[int] = []
    for at, word in enumerate(words):
        if word.text in _CLOSES:
            opened.append(at)
        elif opened and word.text == _CLOSES[words[opened[-1]].text]:
            found.append((opened.pop(), at))
    return iter(sorted(found))


def parts(words: list[Word], opened: int, closed: int) -> list[tuple[int, int]]:
    """Return where each part between the commas of a pair of brackets stands in the text."""
    found: list[tuple[int, int]] = []
    depth, start = 0, words[opened].end
    for word in words[opened + 1 : closed]:
        depth += (word.text in _CLOSES) - (word.text in _CLOSES.values())
        if word.text == "," and depth == 0:
            found.append((start, word.start))
            start = word.end
    found.append((start, words[closed].start))
    return found if any(end > start for start, end in found) else []
