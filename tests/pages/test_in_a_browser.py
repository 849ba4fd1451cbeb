"""Pages in a real browser: no errors, nothing loaded from elsewhere, and what a person does has an effect."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from test_report import reported

sync_api = pytest.importorskip("playwright.sync_api", reason="the package playwright is not installed")
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = [pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason="no chromium is installed")]


@pytest.fixture(scope="module")
def text() -> str:
    """Return a page about a run whose tools are hostile. It is made before the browser is started, which has an event loop of its own."""
    return reported()


@pytest.fixture(scope="module")
def browser(text: str) -> Iterator[sync_api.Browser]:
    """Start the browser that is installed."""
    with sync_api.sync_playwright() as playwright:
        one = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield one
        one.close()


class Opened:
    """A page that was opened from a file, with what it complained of and asked for."""

    def __init__(self, browser: sync_api.Browser, path: Path, width: int = 1280, scheme: str = "light") -> None:
        self.page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
        self.complaints: list[str] = []
        self.asked: list[str] = []
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.goto(path.as_uri())
        self.own = path.as_uri()

    def check(self) -> None:
        """Check that nothing went wrong."""
        assert self.complaints == []
        assert self.asked == [self.own]


@pytest.fixture
def report(tmp_path: Path, text: str) -> Path:
    """Write the page to a file."""
    path = tmp_path / "run.html"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_report_is_read(browser: sync_api.Browser, report: Path) -> None:
    opened = Opened(browser, report)
    page = opened.page
    page.hover("#lcc-t2")
    assert page.locator(".graph .lcc-graph.on").count() == 1
    assert page.locator(".node.near").count() == 3
    assert not page.locator("#call-2 pre").first.is_visible()
    page.click("#lcc-t2")
    assert page.locator("#call-2 pre").first.is_visible()
    assert "alert(1)" in page.locator("#call-1 pre").first.text_content()
    opened.check()


def test_a_timeline_is_made_longer_and_fits_again(browser: sync_api.Browser, report: Path) -> None:
    opened = Opened(browser, report)
    rows = opened.page.locator(".rows")
    narrow = rows.bounding_box()["width"]
    opened.page.click('[data-time="time1"][data-by="2"]')
    assert rows.bounding_box()["width"] == pytest.approx(2 * narrow, rel=0.01)
    opened.page.click('[data-time="time1"][data-by="0"]')
    assert rows.bounding_box()["width"] == pytest.approx(narrow, rel=0.01)
    assert "running" in opened.page.locator(".lane i").first.get_attribute("title")
    opened.check()


def test_a_graph_is_moved_by_keys_and_made_smaller(browser: sync_api.Browser, report: Path) -> None:
    opened = Opened(browser, report)
    opened.page.focus("#lcc-t1")
    assert opened.page.locator(".node.near").count() >= 1
    before = opened.page.locator(".graph svg").bounding_box()["width"]
    opened.page.click('[data-zoom="0.8"]')
    assert opened.page.locator(".graph svg").bounding_box()["width"] < before
    opened.check()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_report_fits_a_phone(browser: sync_api.Browser, report: Path, scheme: str) -> None:
    opened = Opened(browser, report, 390, scheme)
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= 390
    light = opened.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert light is (scheme == "light")
    opened.check()
