"""The site's pages are made of the documentation's, its reference of docstrings, and what is wrong with a built site is found. Nothing is built here."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from fences import PAGES, ROOT, read_page

import lcc
from docs.site import checks
from docs.site.diagrams import svg_of
from docs.site.pages import page_of, place_of
from docs.site.reference import LAYERS, public_names, write_reference


def in_the_menu(entry: object) -> Iterator[str]:
    match entry:
        case str():
            yield entry
        case list():
            for one in entry:
                yield from in_the_menu(one)
        case dict():
            for one in entry.values():
                yield from in_the_menu(one)


def test_the_menu_leads_to_every_page_once() -> None:
    settings = tomllib.loads((ROOT / "docs" / "site" / "zensical.toml").read_text(encoding="utf-8"))
    listed = sorted(in_the_menu(settings["project"]["nav"]))
    written = [place_of(page, ROOT) for page in PAGES if not page.is_relative_to(ROOT / "examples" / "service")]
    assert listed == sorted([*written, *(f"reference/{layer}.md" for layer in LAYERS)])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_keeps_its_words_and_links_to_what_is_on_the_site(page: Path) -> None:
    text, linked = page_of(page, ROOT)
    assert all(one.exists() for one in linked)
    assert text.count("\n# ") == page.read_text(encoding="utf-8").count("\n# ")
    for fence in read_page(page):
        if fence.language != "mermaid":
            assert fence.text in text or "\n".join(fence.text.splitlines()[:1]) in text
    prose = re.sub(r"(?s)```.*?```", "", text)
    assert not [
        code for row in re.findall(r"(?m)^\|.*", prose) for code in re.findall(r"`[^`]*`", row) if "\\|" in code
    ]
    assert not re.findall(r"\]\((?:\.\./)*(?:grammar|passes|runtime|lcc|docs)/[^)]*\)", prose)


def test_every_public_name_has_its_place_with_its_docstring(tmp_path: Path) -> None:
    write_reference(tmp_path)
    text = "".join((tmp_path / f"{layer}.md").read_text(encoding="utf-8") for layer in LAYERS)
    assert sorted(re.findall(r"(?m)^## lcc\.(\w+) \{ #lcc\.\1 \}$", text), key=str.lower) == public_names()
    assert set(public_names()) == set(lcc.__all__) - {"__version__"}
    assert "class lcc.Budget(" in text
    assert "monotonic" in text
    assert not re.search(r"= <|object at 0x", text)
    assert "async def lcc.arun(" in text
    assert "- `STOP`: `'stop'`" in text
    assert "### Run.cancel { #lcc.Run.cancel }" in text
    assert "[`Effect`](grammar.md#lcc.Effect)" in text


def test_a_flowchart_is_drawn_and_what_is_not_read_is_an_error() -> None:
    drawn = svg_of('flowchart LR\n subgraph one\n  a[first] -->|then| b["second one"]\n end\n one -.-> c\n')
    assert [words for words in ("first", "then", "second one", "one") if f">{words}</text>" not in drawn] == []
    assert "dotted" in drawn
    with pytest.raises(ValueError, match="a ==> b"):
        svg_of("flowchart LR\n a ==> b\n")


SOUND = '<html><head></head><body><h1 id="top"></h1><a href="b/#here">b</a><a href="https://example.org/">out</a></body></html>'


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Write a small site in which nothing is wrong."""
    (tmp_path / "b").mkdir()
    (tmp_path / "index.html").write_text(SOUND, encoding="utf-8")
    (tmp_path / "b" / "index.html").write_text('<p id="here"><a href="../#top">up</a></p>', encoding="utf-8")
    (tmp_path / "a.js").write_text(
        '/* https://example.org/licence */ x.namespace = "http://www.w3.org/2000/svg"', "utf-8"
    )
    assert checks.faults(tmp_path) == []
    return tmp_path


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("index.html", '<a href="c/">', "c/ leads nowhere"),
        ("index.html", '<a href="../../etc/passwd">', "../../etc/passwd leads nowhere"),
        ("index.html", '<a href="b/#gone">', "b/#gone: there is no such anchor"),
        ("index.html", '<a href="#gone">', "#gone: there is no such anchor"),
        ("index.html", '<img src="no.png">', "no.png leads nowhere"),
        ("index.html", '<meta http-equiv="refresh" content="0; url=gone/">', "gone/ leads nowhere"),
        ("index.html", '<script src="https://cdn.example.org/a.js">', "loads https://cdn.example.org/a.js"),
        ("index.html", '<link rel="stylesheet" href="//cdn.example.org/a.css">', "loads //cdn.example.org/a.css"),
        ("index.html", '<img srcset="https://a.example.org/x.png 2x">', "loads https://a.example.org/x.png"),
        ("index.html", '<script>fetch("https://a.example.org/x")</script>', "asks https://a.example.org/x"),
        ("index.html", "<style>@import url(https://a.example.org/x.css)</style>", "loads https://a.example.org/x.css"),
        ("index.html", '<p style="background: url(//a.example.org/x)">', "loads //a.example.org/x"),
        ("a.js", 'import("https://a.example.org/x.js")', "asks https://a.example.org/x.js"),
        ("a.css", "@font-face { src: url('https://a.example.org/x.woff2') }", "loads https://a.example.org/x.woff2"),
    ],
)
def test_what_is_wrong_with_a_site_is_found(site: Path, name: str, text: str, said: str) -> None:
    (site / name).write_text(text if name != "index.html" else '<h1 id="top"></h1>' + text, encoding="utf-8")
    assert checks.faults(site) == [f"{name}: {said}"]
