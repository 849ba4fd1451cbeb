"""Ask the API of a MediaWiki, politely, and keep its answers for a while in an SQLite file that many processes may use at once.

A cache that can't be read or written is an empty one: nothing fails because of it.
"""

from __future__ import annotations

import json
import os
import re
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import random
from typing import Any, Final

from anyio import sleep, to_thread
from httpx2 import URL, AsyncClient, InvalidURL, TransportError, UnsupportedProtocol

from lcc.config import cache_folder
from lcc.grammar.values import read_json
from lcc.runtime.context import Context
from lcc.runtime.failures import retry_after
from lcc.tools.fetching import ACCEPTED, BadBody, read_body, tls_context, user_agent

CACHE_SECONDS: Final = 86_400
"""How long answers are kept; LCC_SEARCH_CACHE_SECONDS sets another time, 0 for not at all."""
TRIES: Final = 3
LONGEST_WAIT: Final = 30.0
"""Seconds that a server may ask to wait before another try."""
_SILENCE: Final = 15.0
"""Seconds without a sign of the server."""
_MAX_BYTES: Final = 4 * 1024 * 1024
_PASSING: Final = frozenset({429, 500, 502, 503, 504})
_BUSY: Final = frozenset({"maxlag", "ratelimited", "readonly"})
_ENTRIES: Final = 10_000
"""How many texts are kept at most; those that expire first go first."""
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS texts (key TEXT PRIMARY KEY, expires REAL NOT NULL, text TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS by_expiry ON texts (expires);
"""


class SearchFailed(RuntimeError):
    """Wikipedia gave no answer. The message says why."""


class Busy(Exception):
    """The server can't answer now. `retry_after`: when it may, as it says itself."""

    def __init__(self, why: str, retry_after: str | None = None) -> None:
        super().__init__(why)
        self.retry_after = retry_after


async def answer(url: str, query: str, call: Context) -> Mapping[str, Any]:
    """Return the API's answer to a search, from the cache if it is there; raise SearchFailed."""
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
    given = os.environ.get("LCC_SEARCH_CACHE_SECONDS", str(CACHE_SECONDS))
    if not re.fullmatch(r"\d{1,9}", given):
        raise ValueError(f"LCC_SEARCH_CACHE_SECONDS is {given[:40]!r}, not a number of seconds")
    try:
        return DiskCache(cache_folder().with_name("wikipedia.db"), int(given)) if int(given) else None
    except RuntimeError:  # there is no home folder
        return None


async def _ask(url: str, parameters: Mapping[str, str], call: Context) -> str:
    """Ask the API, and once more where it is busy, as late as it says."""
    headers = {"User-Agent": f"{user_agent()} (a compiler for plans of tool calls)", "Accept-Encoding": ACCEPTED}
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


async def _once(client: AsyncClient, url: str, parameters: Mapping[str, str]) -> str:
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
        error = read_json(text).get("error")
    except (ValueError, RecursionError, AttributeError):
        return ""
    return str(error.get("code", "")) if isinstance(error, dict) else ""


def _read(text: str) -> Mapping[str, Any]:
    """Return the answer that a text is; raise SearchFailed for anything else."""
    try:
        found = read_json(text)
    except (ValueError, RecursionError):
        raise SearchFailed("Wikipedia's answer is not JSON") from None
    if not isinstance(found, dict):
        raise SearchFailed("Wikipedia's answer is not an object")
    error = found.get("error")
    if isinstance(error, dict):
        raise SearchFailed(f"Wikipedia refuses the search: {' '.join(str(error.get('info', error)).split())[:200]}")
    return found


@dataclass(frozen=True, slots=True)
class DiskCache:
    """Texts by key. `seconds`: how long each is kept. `clock` tells the time, as `time.time` does."""

    path: Path
    seconds: float
    clock: Callable[[], float] = time.time

    async def get(self, key: str) -> str | None:
        """Return the text of a key, if it is there and hasn't expired."""
        return await to_thread.run_sync(self._get, key)

    async def put(self, key: str, text: str) -> None:
        """Keep a text."""
        await to_thread.run_sync(self._put, key, text)

    def _get(self, key: str) -> str | None:
        try:
            with self._open() as file:
                row = file.execute(
                    "SELECT text FROM texts WHERE key = ? AND expires > ?", (key, self.clock())
                ).fetchone()
        except (sqlite3.Error, OSError):
            return None
        return row[0] if row is not None and isinstance(row[0], str) else None

    def _put(self, key: str, text: str) -> None:
        now = self.clock()
        try:
            with self._open() as file:
                file.execute("INSERT OR REPLACE INTO texts VALUES (?, ?, ?)", (key, now + self.seconds, text))
                file.execute("DELETE FROM texts WHERE expires <= ?", (now,))
                file.execute(
                    "DELETE FROM texts WHERE key IN (SELECT key FROM texts ORDER BY expires DESC LIMIT -1 OFFSET ?)",
                    (_ENTRIES,),
                )
        except (sqlite3.Error, OSError, UnicodeEncodeError):
            return

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """Open the file for one transaction; others wait for theirs."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with closing(sqlite3.connect(self.path, timeout=5)) as file, file:
            file.execute("PRAGMA journal_mode = WAL")
            file.executescript(_SCHEMA)
            yield file
