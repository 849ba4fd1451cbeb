"""Offer `search`: the introductions of Wikipedia's articles, by its search, polite and from a cache where it can be.

The API is MediaWiki's `action=query`: one request searches and brings the introductions of the best five, and says which pages only
list what a name may mean.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from random import random
from typing import TYPE_CHECKING, Any, Final

from lcc.grammar.diagnostics.wording import brief
from lcc.python_tools.declare import tool
from lcc.runtime.context import Context
from lcc.runtime.tool import ArgumentError

if TYPE_CHECKING:
    from httpx2 import AsyncClient

    from lcc.tools.disk_cache import DiskCache

API: Final = "https://{language}.wikipedia.org/w/api.php"
"""LCC_WIKIPEDIA_URL names another one: a mirror, or another wiki."""
CACHE_SECONDS: Final = 86_400
"""How long answers are kept; LCC_SEARCH_CACHE_SECONDS sets another time, 0 for not at all."""
TRIES: Final = 3
LONGEST_WAIT: Final = 30.0
"""Seconds that a server may ask to wait before another try."""
RESULT_TOKENS: Final = 1_000
MAX_QUERY: Final = 300
"""Characters of a query: the API refuses more."""
_SILENCE: Final = 15.0
"""Seconds without a sign of the server."""
_MAX_BYTES: Final = 4 * 1024 * 1024
_PASSING: Final = frozenset({429, 500, 502, 503, 504})
_BUSY: Final = frozenset({"maxlag", "ratelimited", "readonly"})
_GLANCE: Final = 300
"""Characters of each article among which a name doesn't decide."""


class SearchFailed(RuntimeError):
    """Wikipedia gave no answer. The message says why."""


class NothingFound(LookupError):
    """Wikipedia has no article that fits."""


@dataclass(frozen=True, slots=True)
class Article:
    """A page: its title, its introduction, and whether it only lists what its title may mean."""

    title: str
    text: str
    ambiguous: bool


@tool(effect="read", resource="wikipedia", cost=0.5, concurrency=5)
async def search(query: str, language: str = "en", *, call: Context) -> str:
    """Search Wikipedia; return the introduction of the best article, or what the name may mean if it means several things.

    Args:
        query: a name or a few words, not a sentence
        language: Wikipedia's code of the language: en, de, simple
    """
    query = " ".join(query.split())
    if not query:
        raise ArgumentError("`query` is empty")
    if len(query) > MAX_QUERY:
        raise ArgumentError(f"`query` is longer than {MAX_QUERY} characters: search for a name or a few words")
    articles = _articles(await _answer(_address(language), query, call))
    if not articles:
        raise NothingFound(f"Wikipedia has no article for {query!r}: try another name, or fewer words")
    return _shown(query, articles)


def _address(language: str) -> str:
    """Return the API's address. A language is a part of a host's name, so it can't be anything."""
    if not re.fullmatch(r"[a-z]{2,12}(-[a-z]{2,12}){0,2}", language):
        raise ArgumentError(f"`language` is {language[:40]!r}: it is Wikipedia's code of a language, such as `en`")
    return (os.environ.get("LCC_WIKIPEDIA_URL") or API).replace("{language}", language)


def _shown(query: str, articles: list[Article]) -> str:
    from lcc.models.tokens import cut_tokens

    best = next((a for a in articles if a.title.casefold() == query.casefold()), articles[0])
    if not best.ambiguous:
        name = re.sub(r" \([^()]*\)\Z", "", best.title)  # of `Mercury (planet)`
        named = best.text.casefold().startswith(name.casefold())
        return cut_tokens(best.text if named else f"{best.title}: {best.text}", RESULT_TOKENS)
    meanings = [a for a in articles if not a.ambiguous]
    if not meanings:
        return cut_tokens(best.text, RESULT_TOKENS)
    listed = "\n".join(f"- {a.title}: {_glance(a.text)}" for a in meanings)
    return f"{best.title!r} may mean several things. Search for one of these titles:\n{listed}"


def _glance(text: str) -> str:
    return brief(" ".join(text.split()), _GLANCE)


async def _answer(url: str, query: str, call: Context) -> Mapping[str, Any]:
    """Return the API's answer, from the cache if it is there."""
    parameters = {
        "action": "query",
        "format": "json",
        "formatversion": "2",
        "generator": "search",
        "gsrsearch": query,
        "gsrlimit": "5",
        "gsrnamespace": "0",
        "redirects": "1",
        "prop": "extracts|pageprops",
        "exintro": "1",
        "explaintext": "1",
        "exlimit": "5",
        "ppprop": "disambiguation",
        "maxlag": "5",
    }
    cache, key = _cache(), json.dumps([url, parameters], sort_keys=True)
    known = await cache.get(key) if cache is not None else None
    if known is not None:
        try:
            return _read(known)
        except SearchFailed:
            pass  # what is in the cache is no answer any more, so it is asked for
    text = await _ask(url, parameters, call)
    found = _read(text)
    if cache is not None:
        await cache.put(key, text)
    return found


def _cache() -> DiskCache | None:
    from lcc.text_files import cache_folder
    from lcc.tools.disk_cache import DiskCache

    given = os.environ.get("LCC_SEARCH_CACHE_SECONDS", str(CACHE_SECONDS))
    if not re.fullmatch(r"\d{1,9}", given):
        raise ValueError(f"LCC_SEARCH_CACHE_SECONDS is {given[:40]!r}, not a number of seconds")
    try:
        return DiskCache(cache_folder().with_name("wikipedia.db"), int(given)) if int(given) else None
    except RuntimeError:  # there is no home folder
        return None


async def _ask(url: str, parameters: Mapping[str, str], call: Context) -> str:
    """Ask the API, and once more where it is busy, as late as it says."""
    from anyio import sleep
    from httpx2 import AsyncClient

    from lcc import __version__
    from lcc.runtime.failures import retry_after
    from lcc.tools.bodies import ACCEPTED, tls_context

    headers = {"User-Agent": f"lcc/{__version__} (a compiler for plans of tool calls)", "Accept-Encoding": ACCEPTED}
    async with AsyncClient(timeout=_SILENCE, headers=headers, verify=tls_context()) as client:
        for attempt in range(1, TRIES + 1):
            try:
                return await _once(client, url, parameters)
            except Busy as busy:
                if attempt == TRIES:
                    raise SearchFailed(f"{busy}, {TRIES} times") from None
                asked = retry_after(busy)
                wait = random() * 2.0 ** (attempt - 1) / 2 if asked is None else asked  # noqa: S311 - no secret
                if wait > min(LONGEST_WAIT, call.remaining):
                    raise SearchFailed(f"{busy}, and asks to wait {wait:.0f} s") from None
                call.report(f"{busy}: trying again")
            await sleep(wait)
    raise AssertionError("unreachable")


class Busy(Exception):
    """The server can't answer now. `retry_after`: when it may, as it says itself."""

    def __init__(self, why: str, retry_after: str | None = None) -> None:
        super().__init__(why)
        self.retry_after = retry_after


async def _once(client: AsyncClient, url: str, parameters: Mapping[str, str]) -> str:
    from httpx2 import URL, InvalidURL, TransportError, UnsupportedProtocol

    from lcc.tools.bodies import BadBody, read_body

    host = "Wikipedia"
    try:
        host = URL(url).host
        async with client.stream("GET", url, params=dict(parameters)) as response:
            status, later = response.status_code, response.headers.get("retry-after")
            if status in _PASSING:
                raise Busy(f"{host} is busy ({status})", later)
            if status != 200:
                raise SearchFailed(f"{host} answers with status {status}")
            text = (await read_body(response, _MAX_BYTES)).decode("utf-8", "replace")
    except (InvalidURL, UnsupportedProtocol) as error:
        raise SearchFailed(f"LCC_WIKIPEDIA_URL is no address: {error}") from None
    except TransportError as error:
        raise Busy(f"can't reach {host}: {error or type(error).__name__}") from None
    except BadBody as error:
        raise SearchFailed(f"{host}: {error}") from None
    if _error_code(text) in _BUSY:
        raise Busy(f"{host} is busy ({_error_code(text)})", later)
    return text


def _error_code(text: str) -> str:
    try:
        error = json.loads(text).get("error")
    except (ValueError, RecursionError, AttributeError):
        return ""
    return str(error.get("code", "")) if isinstance(error, dict) else ""


def _read(text: str) -> Mapping[str, Any]:
    """Return the answer that a text is; raise SearchFailed for anything else."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise SearchFailed("Wikipedia's answer is not JSON") from None
    if not isinstance(found, dict):
        raise SearchFailed("Wikipedia's answer is not an object")
    error = found.get("error")
    if isinstance(error, dict):
        raise SearchFailed(f"Wikipedia refuses the search: {' '.join(str(error.get('info', error)).split())[:200]}")
    return found


def _articles(answer: Mapping[str, Any]) -> list[Article]:
    """Return the pages of an answer, best first; what isn't as documented is left out."""
    query = answer.get("query")
    pages = query.get("pages") if isinstance(query, dict) else None
    found: list[tuple[int, Article]] = []
    for page in pages if isinstance(pages, list) else ():
        title, text = (page.get("title"), page.get("extract")) if isinstance(page, dict) else (None, None)
        if not isinstance(title, str) or not isinstance(text, str) or not text.strip():
            continue
        index, facts = page.get("index"), page.get("pageprops")
        ambiguous = isinstance(facts, dict) and "disambiguation" in facts
        found.append((index if isinstance(index, int) else len(found), Article(title, text.strip(), ambiguous)))
    return [article for _, article in sorted(found, key=lambda pair: pair[0])]
