"""Turn an HTML page into the text that a reader sees, in time linear in its length whatever it holds."""

from __future__ import annotations

import html
import re
from typing import Final

_TAG: Final = re.compile(r"/?([a-zA-Z][a-zA-Z0-9]{0,30})")
_UNSEEN: Final = {
    name: re.compile(f"</{name}", re.IGNORECASE)
    for name in ("script", "style", "noscript", "template", "svg", "iframe")
}
_INLINE: Final = frozenset(
    [
        "a",
        "abbr",
        "b",
        "bdi",
        "bdo",
        "cite",
        "code",
        "data",
        "dfn",
        "em",
        "font",
        "i",
        "kbd",
        "mark",
        "q",
        "s",
        "samp",
        "small",
        "span",
        "strong",
        "sub",
        "sup",
        "time",
        "u",
        "var",
        "wbr",
    ]
)


def readable(page: str) -> str:
    """Return the text of a page: scripts, styles and tags taken out, a line for each block, entities as characters."""
    pieces: list[str] = []
    at = 0
    while (start := page.find("<", at)) >= 0:
        pieces.append(html.unescape(page[at:start]))
        tag = _TAG.match(page, start + 1)
        if page.startswith("<!--", start):
            at = _after(page, "-->", start + 4)
        elif tag is None and not page.startswith(("<!", "<?"), start):
            pieces.append("<")
            at = start + 1
        else:
            at = _after(page, ">", start)
            if tag is not None:
                at = _seen(page, tag, at)
                pieces.append("" if tag[1].lower() in _INLINE else "\n")
    pieces.append(html.unescape(page[at:]))
    lines = (" ".join(line.split()) for line in "".join(pieces).split("\n"))
    return "\n".join(line for line in lines if line)


def _after(page: str, mark: str, at: int) -> int:
    found = page.find(mark, at)
    return len(page) if found < 0 else found + len(mark)


def _seen(page: str, tag: re.Match[str], at: int) -> int:
    """Return where what a reader sees goes on: behind an element that isn't shown."""
    ending = _UNSEEN.get(tag[1].lower())
    if ending is None or tag[0].startswith("/"):
        return at
    found = ending.search(page, at)
    return len(page) if found is None else found.start()
