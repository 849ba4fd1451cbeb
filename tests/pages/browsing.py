"""Open pages in the browser that is installed, and notice what they complain of, ask for and hide from people who can't see or point."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

sync_api = pytest.importorskip("playwright.sync_api", reason="the package playwright is not installed")
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
SKIP = pytest.mark.skipif(CHROMIUM is None, reason="no chromium is installed")


PATIENCE = 200_000
"""Milliseconds that a slow machine has for whatever a page or the browser does."""


@contextmanager
def launched() -> Iterator[Any]:
    """Start the browser, and end it."""
    with sync_api.sync_playwright() as playwright:
        one = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"], timeout=PATIENCE)
        yield one
        one.close()


class Opened:
    """A page that was opened at an address, with what it complained of and asked for."""

    def __init__(self, browser: Any, address: str | Path, width: int = 1280, scheme: str = "light") -> None:
        self.page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
        self.page.set_default_timeout(PATIENCE)
        self.complaints: list[str] = []
        self.asked: list[str] = []
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.own = address.as_uri() if isinstance(address, Path) else address
        self.page.goto(self.own)

    def _said(self, message: Any) -> None:
        """Keep what is wrong; what a browser merely tells or warns of by itself hangs on its version, and on who was faster."""
        by_the_page = bool(message.args)
        if message.type == "error" or (message.type in ("warning", "assert") and by_the_page):
            self.complaints.append(message.text)

    def check(self) -> None:
        """Check that nothing went wrong, and that nobody else was asked for anything."""
        assert self.complaints == []
        assert {one.partition("#")[0] for one in self.asked} <= {
            self.own,
            *(self.own + name for name in ("look", "run", "stop")),
        }

    def fits(self, width: int) -> bool:
        """Whether nothing stands beyond a width."""
        return bool(self.page.evaluate("document.documentElement.scrollWidth") <= width)

    def barriers(self) -> list[str]:
        """Return what axe-core finds that is serious: the rule and the first element."""
        self.page.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8"))
        found = self.page.evaluate("axe.run()")
        assert found["passes"], "nothing was looked at"
        return [
            f"{one['id']}: {one['nodes'][0]['html'][:200]}: {one['nodes'][0]['failureSummary']}"
            for one in found["violations"]
            if one["impact"] in ("serious", "critical")
        ]
