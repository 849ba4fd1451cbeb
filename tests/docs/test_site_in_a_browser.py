"""The built site: two versions in one folder, whose links lead somewhere; in a real browser nothing is asked of other hosts, and search and versions work."""

from __future__ import annotations

import functools
import http.server
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from fences import ROOT
from pages.browsing import SKIP, Opened, launched, sync_api

from docs.site.checks import faults

pytestmark = [
    pytest.mark.slow,
    pytest.mark.xdist_group("site"),
    pytest.mark.skipif(find_spec("zensical") is None, reason="`make docs` installs what builds the site"),
]


def build(site: Path, *versions: str) -> subprocess.CompletedProcess[str]:
    """Build versions into a folder."""
    command = [sys.executable, "-m", "docs.site", str(site), *versions]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=1_000, check=False)


@pytest.fixture(scope="module")
def older(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a checkout that has other pages and another docstring than this one."""
    tree = tmp_path_factory.mktemp("older") / "lcc"
    left_out = shutil.ignore_patterns(".*", "build", "node_modules", "__pycache__")
    shutil.copytree(ROOT, tree, symlinks=True, ignore=left_out)
    page = tree / "docs" / "see.md"
    page.write_text(page.read_text(encoding="utf-8") + "\n## Only here before\n\nGone since.\n", encoding="utf-8")
    module = tree / "runtime" / "limits" / "budget.py"
    text = module.read_text(encoding="utf-8")
    assert "What a whole run may spend" in text
    module.write_text(text.replace("What a whole run may spend", "What a run could spend in former times"), "utf-8")
    return tree


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, older: Path) -> Path:
    """Build two versions, one of them of other sources, into one folder."""
    folder = tmp_path_factory.mktemp("built") / "site"
    done = build(folder, "0.0.1=" + str(older), "dev")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "warning" not in (done.stdout + done.stderr).lower()
    return folder


def test_two_versions_stand_side_by_side_and_all_links_in_both_lead_somewhere(site: Path) -> None:
    assert [one["version"] for one in json.loads((site / "versions.json").read_text())] == ["0.0.1", "dev"]
    assert "url=0.0.1/" in (site / "index.html").read_text()
    assert faults(site) == []
    for version, there in (("0.0.1", True), ("dev", False)):
        assert ('id="only-here-before"' in (site / version / "see" / "index.html").read_text("utf-8")) is there
        reference = (site / version / "reference" / "runtime" / "index.html").read_text("utf-8")
        assert ("in former times" in reference) is there
    assert len(list((site / "dev").rglob("*.html"))) > 40


def test_a_link_that_leads_nowhere_fails_the_build(older: Path, tmp_path: Path) -> None:
    page = older / "docs" / "see.md"
    before = page.read_text(encoding="utf-8")
    try:
        page.write_text(before + "\n[gone](gone.md)\n", encoding="utf-8")
        done = build(tmp_path / "site", f"0.0.1={older}")
    finally:
        page.write_text(before, encoding="utf-8")
    assert done.returncode != 0
    assert "gone.md" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args: Any) -> None:
        """Keep the tests' output quiet."""


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    """Serve the site on this machine."""
    handler = functools.partial(_Quiet, directory=os.fspath(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def browser(address: str) -> Iterator[sync_api.Browser]:
    """Start the browser that is installed."""
    with launched() as one:
        yield one


def only_asked(opened: Opened, address: str) -> None:
    """Check that nothing went wrong, and that nobody but the site was asked."""
    assert opened.complaints == []
    assert [one for one in opened.asked if not one.startswith(address)] == []


@SKIP
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
@pytest.mark.parametrize("name", ["", "tutorials/ten-minutes/", "see/", "reference/runtime/", "benchmarks/speeds/"])
def test_a_page_fits_asks_nobody_else_and_has_no_barrier(
    browser: sync_api.Browser, address: str, name: str, width: int, scheme: str
) -> None:
    opened = Opened(browser, f"{address}dev/{name}", width, scheme)
    opened.page.locator("h1").first.wait_for()
    assert opened.fits(width)
    assert opened.barriers() == []
    only_asked(opened, address)
    opened.page.close()


@SKIP
def test_a_word_is_searched_for_and_another_version_chosen(browser: sync_api.Browser, address: str) -> None:
    opened = Opened(browser, f"{address}dev/see/")
    page = opened.page
    page.locator(".md-version__current").wait_for()  # then the page's scripts have begun
    page.keyboard.press("Control+k")
    page.locator("input[aria-label='Search']").fill("budget")
    page.locator("a[role=option]", has_text="lcc.BudgetRequest").first.click()
    page.wait_for_url("**/dev/reference/runtime/**")
    page.goto(f"{address}dev/see/")
    page.locator(".md-version__current").focus()
    page.locator(".md-version__link", has_text="0.0.1").click()
    page.wait_for_url(f"{address}0.0.1/")
    only_asked(opened, address)


@SKIP
def test_the_explorer_on_the_site_shows_passes_and_graph_and_runs_nothing(
    browser: sync_api.Browser, address: str
) -> None:
    opened = Opened(browser, f"{address}dev/explorer/plan.html")
    page = opened.page
    page.locator("#state", has_text="compiles").wait_for()
    page.click("#tab-passes")
    page.locator("#pane .pass").first.wait_for()
    page.select_option("#level", "0")
    page.click("#tab-graph")
    page.locator("#pane svg .node").first.wait_for()
    assert page.locator("#tab-run").count() == 0
    assert page.evaluate("document.querySelector('#text').readOnly")
    assert opened.barriers() == []
    only_asked(opened, address)
