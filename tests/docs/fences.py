"""Read the fenced blocks of a Markdown page. The first word after the fence is the language, the others are tags."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = tuple(sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").rglob("*.md")]))
_FENCE = re.compile(r"(?m)^( *)```(\S+)?[ \t]*([^\n]*)\n((?:.*\n)*?)\1```[ \t]*$")


@dataclass(frozen=True, slots=True)
class Fence:
    """One block: where it begins (a line from 1), its language, tags (`name` or `name=value`) and text."""

    page: Path
    line: int
    language: str
    tags: dict[str, str]
    text: str
    start: int
    """The offset of the text in the page."""

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def read_page(page: Path) -> list[Fence]:
    """Return the blocks of a page in order; raise ValueError where a fence isn't closed."""
    text = page.read_text(encoding="utf-8")
    fences = []
    for match in _FENCE.finditer(text):
        indent, language, tags, body = match.groups()
        pairs = (tag.partition("=")[::2] for tag in tags.split())
        lines = [line.removeprefix(indent) for line in body.splitlines(keepends=True)]
        number = text.count("\n", 0, match.start()) + 1
        fences.append(Fence(page, number, language or "", dict(pairs), "".join(lines), match.start(4)))
    if len(re.findall(r"(?m)^ *```", text)) != 2 * len(fences):
        raise ValueError(f"{page.relative_to(ROOT)}: a fence isn't closed")
    return fences
