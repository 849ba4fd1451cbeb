"""Offer `search`: the introductions of Wikipedia's articles, by its search.

The API is MediaWiki's `action=query`: one request searches and brings the introductions of the best five, and says which pages only
list what a name may mean.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any, Final

from lcc.grammar.dataclass import dataclass
from lcc.grammar.diagnostics.wording import brief
from lcc.models.tokens import cut_tokens
from lcc.python_tools.declare import tool
from lcc.runtime.context import Context
from lcc.runtime.tool import ArgumentError

API: Final = "https://{language}.wikipedia.org/w/api.php"
"""LCC_WIKIPEDIA_URL names another one: a mirror, or another wiki."""
RESULT_TOKENS: Final = 1_000
MAX_QUERY: Final = 300
"""Characters of a query: the API refuses more."""
_GLANCE: Final = 300
"""Characters of each article among which a name doesn't decide."""


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
    from lcc.tools.mediawiki import answer

    query = " ".join(query.split())
    if not query:
        raise ArgumentError("`query` is empty")
    if len(query) > MAX_QUERY:
        raise ArgumentError(f"`query` is longer than {MAX_QUERY} characters: search for a name or a few words")
    articles = _articles(await answer(_address(language), query, call))
    if not articles:
        raise NothingFound(f"Wikipedia has no article for {query!r}: try another name, or fewer words")
    return _shown(query, articles)


def _address(language: str) -> str:
    """Return the API's address. A language is a part of a host's name, so it can't be anything."""
    if not re.fullmatch(r"[a-z]{2,12}(-[a-z]{2,12}){0,2}", language):
        raise ArgumentError(f"`language` is {language[:40]!r}: it is Wikipedia's code of a language, such as `en`")
    return (os.environ.get("LCC_WIKIPEDIA_URL") or API).replace("{language}", language)


def _shown(query: str, articles: list[Article]) -> str:
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
