"""Pages in a real browser: no errors, nothing loaded from elsewhere, and what a person does has an effect."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from browsing import SKIP, Opened, launched, sync_api
from test_report import TEXT, fails, fetch, reported

import lcc
from lcc.pages.pictures import graph_page, plan_picture

pytestmark = [pytest.mark.slow, SKIP]


@pytest.fixture(scope="module")
def text() -> str:
    """Return a page about a run whose tools are hostile. It is made before the browser is started, which has an event loop of its own."""
    return reported()


@pytest.fixture(scope="module")
def looped() -> str:
    """Return a page about a run of a plan with a loop."""
    return reported('1. for x in ["a", "b"]:\n    2. fetch(x)\n    yield $2\n3. fetch("c")\n4. join($1, $3)\n')


@pytest.fixture(scope="module")
def browser(text: str, looped: str) -> Iterator[sync_api.Browser]:
    """Start the browser that is installed."""
    with launched() as one:
        yield one


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


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_a_node_opens_its_call_by_the_keyboard(browser: sync_api.Browser, report: Path, key: str) -> None:
    opened = Opened(browser, report)
    opened.page.focus("#lcc-t2")
    opened.page.keyboard.press(key)
    assert opened.page.locator("#call-2 pre").first.is_visible()
    assert opened.page.evaluate("document.activeElement.parentElement.id") == "call-2"
    opened.check()


def test_a_node_in_a_loop_opens_the_calls_of_its_turns(browser: sync_api.Browser, looped: str, tmp_path: Path) -> None:
    path = tmp_path / "loop.html"
    path.write_text(looped, encoding="utf-8")
    opened = Opened(browser, path)
    opened.page.click("#lcc-t2")
    shown = opened.page.locator("details[open]")
    assert [one.get_attribute("id") for one in shown.all()] == ["call-2[0]", "call-2[1]"]
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
    assert opened.fits(390)
    light = opened.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert light is (scheme == "light")
    opened.check()


@pytest.fixture
def graph(tmp_path: Path) -> Path:
    """Write the page of a graph to a file."""
    path = tmp_path / "graph.html"
    plan = lcc.compile(TEXT, tools=[fetch, fails]).plan
    path.write_text(graph_page(plan_picture(plan), "</script> a graph"), encoding="utf-8")
    return path


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["report", "graph"])
def test_who_can_not_see_or_point_finds_no_barrier(
    browser: sync_api.Browser, request: pytest.FixtureRequest, name: str, scheme: str
) -> None:
    opened = Opened(browser, request.getfixturevalue(name), scheme=scheme)
    assert opened.barriers() == []


def test_a_graph_page_shows_what_a_node_is_joined_to(browser: sync_api.Browser, graph: Path) -> None:
    opened = Opened(browser, graph, 390, "dark")
    opened.page.focus("#lcc-t2")
    assert opened.page.locator(".node.near").count() == 3
    assert opened.fits(390)
    opened.check()


def test_a_dragged_graph_moves_and_lets_go(browser: sync_api.Browser, graph: Path) -> None:
    opened = Opened(browser, graph, 390)
    opened.page.click('[data-zoom="1.25"]', click_count=8)
    pane = opened.page.locator(".graph")
    box = pane.bounding_box()
    x, y = box["x"] + 200, box["y"] + 60
    opened.page.mouse.move(x, y)
    opened.page.mouse.down()
    opened.page.mouse.move(x - 80, y)
    opened.page.mouse.up()
    moved = pane.evaluate("(pane) => pane.scrollLeft")
    assert moved > 0
    opened.page.mouse.move(x - 150, y)
    assert pane.evaluate("(pane) => pane.scrollLeft") == moved


def test_nothing_in_a_page_is_run_but_its_own_scripts(browser: sync_api.Browser, report: Path) -> None:
    report.write_text(
        report.read_text("utf-8").replace(
            "<main>", '<main><img src=x onerror="window.evil = 1"><script>window.evil = 1</script>'
        ),
        "utf-8",
    )
    page = Opened(browser, report).page
    assert page.evaluate("window.evil") is None
