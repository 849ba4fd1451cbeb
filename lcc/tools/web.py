"""Offer `http_get`: a page or a JSON document from a host that the person who runs the plan allows.

It discloses: an address can carry what is in it to whoever owns the host. So a call with a result in its address waits until the
plan is whole and verified, and only allowed hosts are asked at all.
"""

from __future__ import annotations

import codecs
import html
import re
from typing import Any, Final

from lcc.grammar.values import read_json
from lcc.python_tools.declare import tool
from lcc.runtime.context import Context
from lcc.tools.allowed_hosts import allowed_hosts

_TEXT: Final = re.compile(r"text/.+|application/(xml|xhtml\+xml|javascript|yaml|x-ndjson|.+\+xml)")
_JSON: Final = re.compile(r"application/(json|.+\+json)|text/json")
_CHARSETS: Final = re.compile(
    r"utf-8(-sig)?|utf-(16|32).*|ascii|iso8859-\d+|cp\d+|koi8-\w|shift_jis\w*|euc_\w+|gb\w+|big5\w*"
)
"""Names that Python gives to character sets; its other codecs, some slow without measure, are not for pages."""


@tool(effect="read", resource="web", discloses=True, cost=1.0)
async def http_get(url: str, *, call: Context) -> Any:
    """Fetch a page of the web: the text of a page, the value of a JSON document. Only hosts that the user allows are asked.

    Args:
        url: an address that begins with https:// or http://
    """
    from anyio import to_thread

    from lcc.tools.fetching import SECONDS, Fetcher

    fetcher = Fetcher(allowed_hosts(call.settings), seconds=max(0.001, min(SECONDS, call.remaining)))
    page = await fetcher.fetch(url)
    return await to_thread.run_sync(read_page, page.media_type, page.charset, page.body)  # a large page takes a second


class Unreadable(ValueError):
    """A page that is no text. The message says what it is."""


def read_page(media_type: str, charset: str, body: bytes) -> Any:
    """Return what a page says: JSON as a value, HTML as its readable text, other text as it stands. Raises Unreadable."""
    is_json = _JSON.fullmatch(media_type) is not None
    if not is_json and not _TEXT.fullmatch(media_type):
        raise Unreadable(
            f"the page is {media_type[:60]!r}, which is no text" if media_type else "the page doesn't say what it is"
        )
    text = body.decode(_codec(charset), "replace")
    if not is_json:
        return readable(text) if media_type in ("text/html", "application/xhtml+xml") else text
    try:
        return read_json(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"the page is not the JSON that it says it is: {error}") from None


def _codec(charset: str) -> str:
    try:
        name = codecs.lookup(charset or "utf-8").name
    except (LookupError, ValueError):
        return "utf-8"
    return name if _CHARSETS.fullmatch(name) else "utf-8"


_TAG: Final = re.compile(r"/?([a-zA-Z][a-zA-Z0-9]{0,30})")
_UNSEEN: Final = {
    name: re.compile(f"</{name}", re.IGNORECASE)
    for name in ("script", "style", "noscript", "template", "svg", "iframe")
}
_INLINE: Final = re.compile(
    r"a|abbr|b|bdi|bdo|cite|code|data|dfn|em|font|i|kbd|mark|q|s|samp|small|span|strong|sub|sup|time|u|var|wbr",
    re.IGNORECASE,
)


def readable(page: str) -> str:
    """Return the text of a page: scripts, styles and tags taken out, a line for each block, entities as characters.

    The time is linear in the page's length, whatever it holds.
    """
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
                pieces.append("" if _INLINE.fullmatch(tag[1]) else "\n")
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
