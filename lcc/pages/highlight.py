"""Mark what the words of a plan or program are. TOKENS is the one list of them, for pages and for editors."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from lcc.pages.page import block

_KEYWORDS: Final = "and|answer|after|as|assert|async|await|break|continue|def|del|each|elif|else|except|failed|finally|for|from|if|import|in|input|is|join|lambda|not|ok|or|pass|raise|return|secret|strict|try|when|while|yield"
TOKENS: Final[tuple[tuple[str, str], ...]] = (
    ("comment", r"#[^\n]*|(?<![^\n])[ \t]*Thought:[^\n]*"),
    (
        "string",
        r'[fFrRuU]{0,2}(?:"""(?:[^"\\]|\\(?:.|(?![\s\S]))|"(?!""))*(?:"""|(?![\s\S]))|\'\'\'(?:[^\'\\]|\\(?:.|(?![\s\S]))|\'(?!\'\'))*(?:\'\'\'|(?![\s\S])))',
    ),
    ("string", r'[fFrRuU]{0,2}(?:"(?:[^"\\\n]|\\(?:.|(?![\s\S])))*"?|\'(?:[^\'\\\n]|\\(?:.|(?![\s\S])))*\'?)'),
    ("reference", r"\$(?:\w+|\{[^}\n]*\}?)(?:\.\w+|\[[^\]\n]{0,80}\])*"),
    ("label", r"(?<![^\n])[ \t]*\d+\.(?=[ \t])"),
    ("number", r"\b\d[\w.]*"),
    ("constant", r"\b(?:True|False|None|true|false|null)\b"),
    ("keyword", rf"\b(?:{_KEYWORDS})\b"),
    ("function", r"\b(?!\d)\w[\w./-]{0,80}(?=\()"),
)
"""Names of what is marked, each with its regular expression; the first that fits is it. What they look ahead for is near: the time is linear in a text of any shape.
What stands in them means the same in Python and, by `for_scripts`, in JavaScript."""
_WORD: Final = r"\p{L}\p{N}_"
_CLASS: Final = re.compile(r"\[(?:\\.|[^\]\\])*\]")


@cache
def _pattern() -> re.Pattern[str]:
    return re.compile("|".join(f"(?P<t{at}>{pattern})" for at, (_, pattern) in enumerate(TOKENS)), re.DOTALL)


def for_scripts() -> list[list[str]]:
    """Return TOKENS for JavaScript, whose own `\\w`, `\\d` and `\\b` know ASCII only: for the flags `s` and `u`."""
    return [[name, _for_scripts(pattern)] for name, pattern in TOKENS]


def _for_scripts(pattern: str) -> str:
    classes = _CLASS.sub(lambda found: found[0].replace(r"\w", _WORD), pattern)
    edge = rf"(?:(?<![{_WORD}])(?=[{_WORD}])|(?<=[{_WORD}])(?![{_WORD}]))"
    words = classes.replace(r"\w", f"[{_WORD}]").replace(r"\b", edge)
    return words.replace(r"\d", r"\p{Nd}").replace(r"\'", "'")


def tokens(text: str) -> Iterator[tuple[str, str]]:
    """Yield the parts of a text, each with its name, which is empty for what isn't marked; joined they are the text."""
    at = 0
    for found in _pattern().finditer(text):
        if found.start() > at:
            yield "", text[at : found.start()]
        assert found.lastgroup is not None
        yield TOKENS[int(found.lastgroup[1:])][0], found[0]
        at = found.end()
    if at < len(text):
        yield "", text[at:]


def highlighted(text: str) -> str:
    """Return a text as HTML."""
    return "".join(
        f'<span class="w-{name}">{block(part)}</span>' if name else block(part) for name, part in tokens(text)
    )
