"""The explorer in a real browser: type, see the finding, apply the fix, switch tabs, run, share the address."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from browsing import SKIP, Opened, launched, sync_api

from lcc.cli.explorer.explorer_http import Explorer
from lcc.cli.explorer.opening import explorer_page
from lcc.cli.explorer.worker import Setup
from lcc.grammar.source import Source
from lcc.pages.highlight import tokens

pytestmark = [pytest.mark.slow, SKIP]

TOOLS = '''\
import lcc

@lcc.tool(effect="read", cost=0.2)
def find(text: str) -> str:
    """Find a text."""
    return f"{text}: </pre><script>window.evil = 1</script><img src=x onerror='window.evil = 1'>\\u202e" + "x" * 1_000_000

@lcc.tool(effect="write")
def send(text: str) -> None: ...
'''
TEXT = '1. find("</script><b>")\n2. find("</script><b>")\n3. join($1, $2)\n'
HOSTILE = "x" * 300 + '\n"\ngröße(1) äif ä12 ٣ x٣ if 𝒳 $1.ä ${b} # c\n  Thought: d\n 12. e(\n' + "'''if \"" + "\\"
"""Words of other scripts, and quotes that aren't closed."""


@pytest.fixture(scope="module")
def explorer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Explorer]:
    """Serve the explorer."""
    folder = tmp_path_factory.mktemp("explored")
    (folder / "tools.py").write_text(TOOLS)
    page = explorer_page(Source("a.plan", TEXT), "plan", 2)
    with (
        pytest.MonkeyPatch.context() as patch,
        Explorer(page, Setup((str(folder / "tools.py"),), str(folder))) as server,
    ):
        patch.setattr("lcc.cli.explorer.explorer_http.LOOK_LIMIT", 100.0)  # a slow machine may need it
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def browser(explorer: Explorer) -> Iterator[sync_api.Browser]:
    """Start the browser that is installed."""
    with launched() as one:
        yield one


def said(opened: Opened, words: str) -> None:
    """Wait until the page says how the text stands."""
    opened.page.locator("#state", has_text=words).wait_for()


def test_a_text_is_written_mended_looked_at_and_run(browser: sync_api.Browser, explorer: Explorer) -> None:
    opened = Opened(browser, explorer.address)
    page = opened.page
    said(opened, "compiles, 1 finding")
    page.fill("#text", '1. find("a"\n2. join($1)\n')
    said(opened, "has errors")
    assert page.locator("#marks .u-error").count() >= 1
    page.click("#findings .fix")
    said(opened, "compiles")
    assert page.input_value("#text") == '1. find("a")\n2. join($1)\n'
    for name, words in (
        ("graph", "critical path"),
        ("python", "fail independently"),
        ("prompt", "END_OF_PLAN"),
        ("estimate", "makespan"),
        ("passes", "bind"),
    ):
        page.click(f"#tab-{name}")
        page.locator("#pane", has_text=words).wait_for()
    page.click("#tab-run")
    page.click("#run")
    page.locator("#run:enabled").wait_for()  # else what is shown is replaced
    page.locator("#pane .calls summary").first.click()
    assert "<script>window.evil = 1</script>" in page.locator("#pane .calls pre").first.text_content()
    assert page.evaluate("window.evil") is None
    opened.check()


def test_a_fix_can_be_undone(browser: sync_api.Browser, explorer: Explorer) -> None:
    page = Opened(browser, explorer.address).page
    page.locator("#findings .fix").click()
    page.locator("#findings .fix").wait_for(state="detached")
    for _ in range(2):
        page.keyboard.press("Control+z")
    assert page.input_value("#text") == TEXT


def test_the_address_holds_all_of_it(browser: sync_api.Browser, explorer: Explorer) -> None:
    opened = Opened(browser, explorer.address)
    opened.page.fill("#text", "x = find('a # b')\nanswer(x)\n")
    opened.page.select_option("#front-end", "python")
    opened.page.select_option("#level", "own")
    opened.page.check('[value="eliminate-dead-tasks"]')
    opened.page.click("#tab-plan")
    said(opened, "compiles")
    shared = Opened(browser, opened.page.evaluate("location.href"))
    said(shared, "compiles")
    assert shared.page.input_value("#text") == "x = find('a # b')\nanswer(x)\n"
    assert shared.page.input_value("#front-end") == "python"
    assert shared.page.is_checked('[value="eliminate-dead-tasks"]')
    assert shared.page.get_attribute("#tab-plan", "aria-selected") == "true"
    shared.page.locator("#pane", has_text="answer($1)").wait_for()
    assert shared.complaints == []


def test_what_may_write_is_not_run(browser: sync_api.Browser, explorer: Explorer) -> None:
    opened = Opened(browser, explorer.address)
    opened.page.fill("#text", '1. send("a")\n2. join()\n')
    opened.page.click("#tab-run")
    opened.page.click("#run")
    opened.page.locator('#pane [role="alert"]', has_text="may write").wait_for()
    opened.check()


def test_tabs_are_reached_by_keys(browser: sync_api.Browser, explorer: Explorer) -> None:
    page = Opened(browser, explorer.address).page
    page.focus("#tab-ir")
    page.keyboard.press("ArrowRight")
    assert page.get_attribute("#tab-passes", "aria-selected") == "true"
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    assert page.get_attribute("#tab-run", "aria-selected") == "true"


@pytest.mark.parametrize(
    "text", [TEXT, HOSTILE, "'" * 20_000, "${" * 5_000], ids=["plan", "hostile", "quotes", "braces"]
)
def test_the_layer_below_shows_the_same_words(browser: sync_api.Browser, explorer: Explorer, text: str) -> None:
    opened = Opened(browser, explorer.address)
    opened.page.fill("#text", text)
    spans = "[...document.querySelectorAll('#marks span')].map((one) => [one.className.replace(/ ?u-.*/, ''), one.textContent])"
    seen: list[list[str]] = []
    for name, part in opened.page.evaluate(spans):  # a finding cuts a word in two
        if seen and seen[-1][0] == name and name:
            seen[-1][1] += part
        else:
            seen.append([name, part])
    joined = "".join(part for _, part in seen)
    assert joined == text
    wanted = [f"w-{name}" for name, part in tokens(text) if name for _ in part]
    assert [name for name, part in seen if name for _ in part] == wanted


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_explorer_fits_a_phone_and_has_no_barrier(
    browser: sync_api.Browser, explorer: Explorer, scheme: str
) -> None:
    opened = Opened(browser, explorer.address, 390, scheme)
    said(opened, "compiles")
    for pane in ("ir", "passes", "graph", "run"):
        opened.page.click(f"#tab-{pane}")
        if pane == "run":
            opened.page.click("#run")
            opened.page.locator("#run:enabled").wait_for()
            opened.page.locator("#pane .calls").wait_for()
        opened.page.locator("#pane > *").first.wait_for()
        assert opened.barriers() == []
        assert opened.fits(390)
    assert opened.complaints == []


def test_a_server_that_has_ended_is_said(
    browser: sync_api.Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lcc.cli.explorer.explorer_http.LOOK_LIMIT", 100.0)
    with Explorer(explorer_page(Source("", TEXT), "plan", 2), Setup((), str(tmp_path))) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        opened = Opened(browser, server.address)
        said(opened, "compiles")
        server.shutdown()
        thread.join()
    opened.page.fill("#text", "1. f()")
    said(opened, "has ended")
