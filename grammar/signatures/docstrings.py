"""Take from a docstring what a planner is shown: the first paragraph, and what it says about each parameter.

Google's, NumPy's and Sphinx's sections are understood where they are simple; anything else is left out, never guessed.
"""

from __future__ import annotations

from dataclasses import field
from inspect import cleandoc
from typing import Final

from lcc.grammar.dataclass import dataclass
from lcc.grammar.late_pattern import pattern

_SPHINX: Final = pattern(r":(?:param|parameter|arg|argument)\s+(?:[^:]*\s)?\*{0,2}(\w+)\s*:\s*(.*)")
_GOOGLE_HEAD: Final = pattern(r"(?:Args|Arguments|Parameters|Params):\s*$")
_GOOGLE_ITEM: Final = pattern(r"\*{0,2}(\w+)\s*(?:\([^)]*\))?\s*:\s*(.*)")
_NUMPY_ITEM: Final = pattern(r"\*{0,2}(\w+)\s*(?::.*)?$")
_SECTION: Final = pattern(r"(?:[A-Z]\w*(?: \w+)?:\s*$|:\w+[^:]*:)")


@dataclass(frozen=True, slots=True)
class Docstring:
    """The first paragraph on one line, and the description of each parameter that has one."""

    summary: str = ""
    parameters: dict[str, str] = field(default_factory=dict)


def read_docstring(text: str | None) -> Docstring:
    """Read a docstring; None is an empty one."""
    if not text:
        return Docstring()
    lines = cleandoc(text).splitlines()
    return Docstring(_summary(lines), {**_google(lines), **_numpy(lines), **_sphinx(lines)})


def _summary(lines: list[str]) -> str:
    paragraph: list[str] = []
    for line in lines:
        if not line.strip() or _SECTION.match(line):
            break
        paragraph.append(line.strip())
    return " ".join(paragraph)


def _sphinx(lines: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for place, line in enumerate(lines):
        match = _SPHINX.match(line)
        if match:
            found[match[1]] = _paragraph(match[2], lines[place + 1 :], 1)
    return found


def _google(lines: list[str]) -> dict[str, str]:
    start = next((place for place, line in enumerate(lines) if _GOOGLE_HEAD.match(line)), None)
    if start is None:
        return {}
    found: dict[str, str] = {}
    width = _indent(lines[start + 1]) if start + 1 < len(lines) else 0
    for place in range(start + 1, len(lines)):
        line = lines[place]
        if line.strip() and _indent(line) == 0:
            break
        match = _GOOGLE_ITEM.match(line.strip())
        if match and _indent(line) == width:
            found[match[1]] = _paragraph(match[2], lines[place + 1 :], width + 1)
    return found


def _numpy(lines: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    start = next(
        (
            place
            for place, line in enumerate(lines[:-1])
            if line.strip() == "Parameters" and lines[place + 1].startswith("---")
        ),
        None,
    )
    if start is None:
        return {}
    for place in range(start + 2, len(lines)):
        line = lines[place]
        if place + 1 < len(lines) and lines[place + 1].startswith("---"):
            break
        match = _NUMPY_ITEM.match(line)
        if match and line.strip() and _indent(line) == 0:
            found[match[1]] = _paragraph("", lines[place + 1 :], 1)
    return found


def _paragraph(first: str, rest: list[str], width: int) -> str:
    """Join a description's first line and the lines after it that are indented by at least `width`."""
    words = [first.strip()] if first.strip() else []
    for line in rest:
        if not line.strip() or _indent(line) < width:
            break
        words.append(line.strip())
    return " ".join(words)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
