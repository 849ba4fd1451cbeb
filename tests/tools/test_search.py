"""Check `search` against a local copy of Wikipedia's API: what it finds, says, keeps, and does when the server is busy."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import anyio
import pytest
from local_web import Asked, LocalWeb, Page

import lcc
from lcc.__main__ import main
from lcc.tools.mediawiki import DiskCache

ARTICLES = {
    "Mount Everest": "Mount Everest is Earth's highest mountain above sea level.\nIts height is 8,848.86 m.",
    "K2": "At 8,611 metres, it is the second-highest mountain on Earth.",
    "Mercury (planet)": "Mercury is the first planet from the Sun.",
    "Mercury (element)": "Mercury is a chemical element; symbol Hg. " + "It is liquid. " * 100,
    "Long": "Long. " + "Words without an end. " * 5_000,
}
AMBIGUOUS = {"Mercury": "Mercury most commonly refers to:", "Void": "Void may refer to nothing:"}


def wiki(asked: Asked) -> Page:
    """Answer as `action=query&generator=search` does: pages in any order, with the rank of each."""
    assert asked.path == "/w/api.php"
    query = asked.query["gsrsearch"].casefold()
    names = [name for name in (*AMBIGUOUS, *ARTICLES) if any(word in name.casefold() for word in query.split())]
    pages: list[dict[str, Any]] = []
    for rank, name in enumerate(names[: int(asked.query["gsrlimit"])], 1):
        page: dict[str, Any] = {"pageid": rank, "ns": 0, "title": name, "index": rank}
        page["extract"] = {**ARTICLES, **AMBIGUOUS}[name]
        if name in AMBIGUOUS:
            page["pageprops"] = {"disambiguation": ""}
        pages.insert(0, page)
    return as_json({"batchcomplete": True, "query": {"pages": pages}} if pages else {"batchcomplete": True})


def as_json(value: object, **more: Any) -> Page:
    return Page(json.dumps(value).encode(), content_type="application/json; charset=utf-8", **more)


@pytest.fixture(autouse=True)
def own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for name in ("LCC_SEARCH_CACHE_SECONDS", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "cache" / "lcc" / "wikipedia.db"


Search = Callable[..., Any]


def search(web: LocalWeb, query: str, monkeypatch: pytest.MonkeyPatch, backend: str = "asyncio", **more: Any) -> Any:
    """Return the result, or the message of the failure."""
    monkeypatch.setenv("LCC_WIKIPEDIA_URL", f"{web.url}/w/api.php")
    plan = lcc.compile(f"1. search({json.dumps(query)})\n2. join($1)", tools=[lcc.tools.search]).plan

    async def use() -> lcc.RunResult:
        return await lcc.execute(plan, [lcc.tools.search], **more)

    record = anyio.run(use, backend=backend).tasks[1]
    return record.value if record.error is None else record.error


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_the_introduction_of_the_best_article_is_the_result(backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with LocalWeb(wiki) as web:
        assert search(web, " Mount  Everest ", monkeypatch, backend) == ARTICLES["Mount Everest"]
    [asked] = web.asked
    assert asked.query["gsrsearch"] == "Mount Everest"
    assert asked.headers["user-agent"].startswith(f"lcc/{lcc.__version__} ")


def test_a_text_that_does_not_begin_with_its_title_gets_it(monkeypatch: pytest.MonkeyPatch) -> None:
    with LocalWeb(wiki) as web:
        assert search(web, "k2", monkeypatch) == f"K2: {ARTICLES['K2']}"


def test_a_name_of_several_things_gives_what_it_may_mean(monkeypatch: pytest.MonkeyPatch) -> None:
    with LocalWeb(wiki) as web:
        first, *meanings = search(web, "mercury", monkeypatch).split("\n")
        assert first == "'Mercury' may mean several things. Search for one of these titles:"
        assert meanings[0] == "- Mercury (planet): Mercury is the first planet from the Sun."
        assert meanings[1].startswith("- Mercury (element): Mercury is a chemical element")
        assert len(meanings[1]) < 350
        assert search(web, "Mercury (planet)", monkeypatch) == ARTICLES["Mercury (planet)"]
        assert search(web, "void", monkeypatch) == AMBIGUOUS["Void"]


def test_a_long_introduction_is_cut_and_the_cut_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    with LocalWeb(wiki) as web:
        text = search(web, "long", monkeypatch)
    assert "characters cut…]" in text
    assert len(text) < 4_200


def test_nothing_that_fits_is_an_error_that_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    with LocalWeb(wiki) as web:
        assert "Wikipedia has no article for 'zzz'" in search(web, "zzz", monkeypatch).message


@pytest.mark.parametrize("query", ["", "  \n", "x" * 301])
def test_a_query_that_is_none_is_not_sent(query: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with LocalWeb(wiki) as web:
        assert "`query` is" in search(web, query, monkeypatch).message
    assert not web.asked


@pytest.mark.parametrize("language", ["en.evil.org/", "EN", "e", "en#", "../x", "en\n"])
def test_a_language_can_not_name_another_host(language: str) -> None:
    plan = f'1. search("x", language={json.dumps(language)})\n2. join($1)'
    error = lcc.run(plan, tools=[lcc.tools.search]).tasks[1].error
    assert error is not None
    assert "it is Wikipedia's code of a language" in error.message


def test_an_answer_is_kept_for_its_time_and_for_nothing_else(monkeypatch: pytest.MonkeyPatch, own_cache: Path) -> None:
    with LocalWeb(wiki) as web:
        first = search(web, "K2", monkeypatch)
        assert search(web, "K2", monkeypatch) == first
        assert len(web.asked) == 1
        search(web, "Everest", monkeypatch)
        assert len(web.asked) == 2
        with closing(sqlite3.connect(own_cache)) as file, file:
            file.execute("UPDATE texts SET expires = 0")
        assert search(web, "K2", monkeypatch) == first
        assert len(web.asked) == 3
        monkeypatch.setenv("LCC_SEARCH_CACHE_SECONDS", "0")
        search(web, "K2", monkeypatch)
        assert len(web.asked) == 4


def test_a_cache_that_can_not_be_used_is_no_error(monkeypatch: pytest.MonkeyPatch, own_cache: Path) -> None:
    own_cache.parent.mkdir(parents=True)
    own_cache.write_bytes(b"this is no database" * 100)
    with LocalWeb(wiki) as web:
        assert search(web, "K2", monkeypatch) == f"K2: {ARTICLES['K2']}"
        own_cache.unlink()
        own_cache.mkdir()
        assert search(web, "K2", monkeypatch) == f"K2: {ARTICLES['K2']}"


def test_many_use_the_cache_at_once(tmp_path: Path) -> None:
    cache = DiskCache(tmp_path / "a" / "texts.db", 60)
    found: list[str | None] = []

    async def use(n: int) -> None:
        await cache.put(f"k{n % 5}", f"text {n % 5}")
        found.append(await cache.get(f"k{n % 5}"))

    async def use_all() -> None:
        async with anyio.create_task_group() as group:
            for n in range(40):
                group.start_soon(use, n)

    anyio.run(use_all)
    assert sorted(found, key=str) == sorted((f"text {n % 5}" for n in range(40)), key=str)


@pytest.mark.parametrize(
    "busy",
    [
        Page(status=429, headers={"Retry-After": "0"}),
        Page(status=503, headers={"Retry-After": "0"}),
        as_json({"error": {"code": "maxlag", "info": "Waiting for a server"}}, headers={"Retry-After": "0"}),
    ],
)
def test_a_busy_server_is_asked_again(busy: Page, monkeypatch: pytest.MonkeyPatch, own_cache: Path) -> None:
    replies = [busy, busy]
    with LocalWeb(lambda asked: replies.pop() if replies else wiki(asked)) as web:
        assert search(web, "K2", monkeypatch).startswith("K2: ")
    assert len(web.asked) == 3


@pytest.mark.parametrize(
    ("page", "message", "times"),
    [
        (Page(status=429, headers={"Retry-After": "0"}), "is busy (429), 3 times", 3),
        (Page(status=429, headers={"Retry-After": "3600"}), "is busy (429), and asks to wait 3600 s", 1),
        (Page(status=403), "answers with status 403", 1),
        (Page(status=302, headers={"Location": "http://127.0.0.1:1/"}), "answers with status 302", 1),
        (Page(b"<html>"), "is not JSON", 1),
        (Page(b"[" * 100_000), "is not JSON", 1),
        (Page(b"[1]"), "is not an object", 1),
        (as_json({"error": {"code": "badvalue", "info": "Unrecognized\x1b value"}}), "refuses the search", 1),
        (as_json({"query": {"pages": [1, {"title": 3}, {"title": "T", "extract": " "}]}}), "has no article", 1),
        (Page(b"x" * 5_000_000), "longer than 4,194,304 bytes", 1),
    ],
)
def test_a_server_that_gives_no_answer_is_reported(
    page: Page, message: str, times: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with LocalWeb(lambda asked: page) as web:
        assert message in search(web, "K2", monkeypatch).message
    assert len(web.asked) == times


def test_a_server_that_is_not_there_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    with LocalWeb(wiki) as web:
        pass
    monkeypatch.setattr("lcc.tools.mediawiki.random", lambda: 0.0)
    assert "can't reach 127.0.0.1" in search(web, "K2", monkeypatch).message


@pytest.mark.parametrize("url", ["nonsense", "ftp://example.org", "file:///etc/passwd"])
def test_an_address_that_is_none_is_reported(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LCC_WIKIPEDIA_URL", url)
    error = lcc.run('1. search("x")\n2. join($1)', tools=[lcc.tools.search]).tasks[1].error
    assert error is not None
    assert "LCC_WIKIPEDIA_URL is no address" in error.message


def test_it_is_usable_from_the_command_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = tmp_path / "p.plan"
    plan.write_text('1. search(each ["Mount Everest", "K2"])\n2. join($1[1])', encoding="utf-8")
    with LocalWeb(wiki) as web:
        monkeypatch.setenv("LCC_WIKIPEDIA_URL", f"{web.url}/w/api.php")
        assert main(["run", str(plan), "--tools", "lcc.tools"]) == 0
    assert capsys.readouterr().out == f"$1[1] = K2: {ARTICLES['K2']}\n"
