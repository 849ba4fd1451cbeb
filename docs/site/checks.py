"""Check a built site: every link and anchor of every page leads somewhere in it, and nothing is loaded from another host."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

_LOADING = {
    "audio": "src", "embed": "src", "iframe": "src", "img": "src", "input": "src", "link": "href", "object": "data", "script": "src",
    "source": "src", "track": "src", "video": "src", "form": "action", "use": "href", "image": "href",
}  # fmt: skip
"""What a browser loads, or sends to, by itself."""
_ADDRESS = re.compile(r"(?:https?:)?//[\w-]+(?:\.[\w-]+)+[^\s\"'`)]*")
_NAMES = ("http://www.w3.org/",)
"""Names of notations, which look like addresses and are never asked."""
_STYLE = re.compile(r"(?:url\(\s*|@import\s+(?:url\()?\s*)[\"']?((?:https?:)?//[^\s\"')]+)")


class _Page(HTMLParser):
    def __init__(self, path: Path) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.scripts: list[str] = []
        self.styles: list[str] = []
        self._inside = ""
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self._inside = tag if tag == "style" or (tag == "script" and "json" not in given.get("type", "")) else ""
        self.ids |= {given[name] for name in ("id", "name") if given.get(name)}
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        elif tag in _LOADING and given.get(_LOADING[tag]):
            self.loads.append(given[_LOADING[tag]])
        self.loads += [one.split()[0] for one in given.get("srcset", "").split(",") if one.split()]
        self.styles.append(given.get("style", ""))
        if tag == "meta" and given.get("http-equiv", "").lower() == "refresh":
            self.links.append(given.get("content", "").partition("url=")[2])

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside:
            (self.scripts if self._inside == "script" else self.styles).append(data)


def faults(site: Path) -> list[str]:
    """Return what is wrong with a built site: links and anchors that lead nowhere, and what is loaded from elsewhere."""
    read = cache(_Page)
    found = []
    for path in sorted(site.rglob("*")):
        name = path.relative_to(site).as_posix()
        if path.suffix == ".html":
            page = read(path)
            found += [f"{name}: {one}" for one in (*_dead_links(site, path, page, read), *_loads(page))]
        elif path.suffix == ".js":
            found += [f"{name}: asks {one}" for one in _addresses(path.read_text(encoding="utf-8"))]
        elif path.suffix in (".css", ".svg"):
            found += [f"{name}: loads {one}" for one in _STYLE.findall(path.read_text(encoding="utf-8"))]
    return found


def _dead_links(site: Path, path: Path, page: _Page, read: Callable[[Path], _Page]) -> Iterator[str]:
    if path.name == "404.html":  # it is shown at any address, so its links are made from the site's root by its host
        return
    for link in {*page.links, *page.loads}:
        parts = urlsplit(link)
        if parts.scheme or parts.netloc:
            continue
        there = (path.parent / unquote(parts.path)).resolve() if parts.path else path
        there = there / "index.html" if there.is_dir() else there
        if not there.is_file() or not there.is_relative_to(site.resolve()):
            yield f"{link} leads nowhere"
        elif parts.fragment and there.suffix == ".html" and unquote(parts.fragment) not in read(there).ids:
            yield f"{link}: there is no such anchor"


def _loads(page: _Page) -> Iterator[str]:
    yield from (f"loads {one}" for one in page.loads if urlsplit(one).netloc)
    yield from (f"asks {one}" for script in page.scripts for one in _addresses(script))
    yield from (f"loads {one}" for style in page.styles for one in _STYLE.findall(style))


def _addresses(script: str) -> Iterator[str]:
    """Yield the addresses that a script names, outside of comments."""
    bare = re.sub(r"(?s)/\*.*?\*/", "", script)
    yield from (
        one for one in _ADDRESS.findall(bare) if one.startswith(("http:", "https:")) and not one.startswith(_NAMES)
    )
